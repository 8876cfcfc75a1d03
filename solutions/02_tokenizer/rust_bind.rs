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
    let num_merges = usize::try_from(num_merges)
        .map_err(|_| PyValueError::new_err("the number of merges cannot be negative"))?;
    let (words, weights) = words_of(chunks);
    // nothing in there touches a Python object: let other threads of Python run meanwhile
    let pairs = py
        .detach(|| rust_train::train(words, weights, num_merges))
        .map_err(PyValueError::new_err)?;
    // a dict keeps the order in which it was filled: that of learning
    let merges = PyDict::new(py);
    for (pair, new_id) in pairs.into_iter().zip(256u32..) {
        merges.set_item(pair, new_id)?;
    }
    Ok(merges)
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
        Ok(rust_train::encode_chunk(chunk, &self.merges))
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
