//! Byte-pair encoding, importable from Python as `rustbpe`.
//!
//! Training goes `split` → `count` → `train`; encoding `split` → `encode`, with a `vocab`.

pub mod classes;
pub mod count;
pub mod encode;
pub mod error;
pub mod hash;
pub mod huggingface;
pub mod merge;
pub mod pairs;
pub mod parallel;
pub mod pulse;
pub mod ranks;
pub mod split;
pub mod table;
pub mod train;
pub mod vocab;

mod python;
