//! Byte-pair encoding, importable from Python as `rustbpe`.

mod python;
