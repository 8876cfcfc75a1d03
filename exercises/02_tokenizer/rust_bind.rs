//! Bind your Rust to Python with PyO3, as nanochat does with its tokenizer.
//!
//! Until now nanolab carried values to your Rust and back. Here you do it yourself: attributes say
//! what Python sees, and PyO3 writes the code that converts.
//!
//! Lesson: README.md, "Binding it". Source: nanochat, `rustbpe/src/lib.rs`, `#[pymethods]`.

use std::collections::HashMap;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::rust_merge::Pair;
use crate::rust_train;

/// Each distinct chunk as ids, and how often it occurs.
fn words_of(chunks: Vec<String>) -> (Vec<Vec<u32>>, Vec<i64>) {
    let mut weights: HashMap<String, i64> = HashMap::new();
    for chunk in chunks {
        *weights.entry(chunk).or_default() += 1;
    }
    let words = weights
        .keys()
        .map(|chunk| chunk.bytes().map(u32::from).collect());
    (words.collect(), weights.values().copied().collect())
}

/// Learn merges from chunks of text: what `train` of `train.py` does, and gives.
///
/// Raises ValueError if `num_merges` is negative.
#[pyfunction]
fn train(py: Python<'_>, chunks: Vec<String>, num_merges: i64) -> PyResult<Bound<'_, PyDict>> {
    // TODO: refuse a negative number, make words of the chunks, train on them with Python released
    // (py.detach), and fill a dict with the pairs and their new ids. (11 lines)
    Err(pyo3::exceptions::PyNotImplementedError::new_err("train"))
}

/// Encodes chunks with merges that it was given once: they stay in Rust, call after call.
#[pyclass]
struct Encoder {
    merges: HashMap<Pair, u32>,
}

#[pymethods]
impl Encoder {
    /// `Encoder(merges)`, with what `train` gave.
    #[new]
    fn new(merges: HashMap<Pair, u32>) -> Self {
        Encoder { merges }
    }

    /// The tokens of a chunk, given as bytes.
    fn encode_chunk(&self, chunk: &[u8]) -> PyResult<Vec<u32>> {
        // TODO: hand the chunk and the merges that were kept to rust_train. (1 line)
        Err(pyo3::exceptions::PyNotImplementedError::new_err(
            "encode_chunk",
        ))
    }

    /// How many ids there are: `len(encoder)`.
    fn __len__(&self) -> usize {
        256 + self.merges.len()
    }
}

/// The module, as Python imports it.
#[pymodule]
fn rust_bind(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(train, module)?)?;
    module.add_class::<Encoder>()
}
