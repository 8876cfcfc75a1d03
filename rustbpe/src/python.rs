//! What Python sees. The only file that names pyo3.

use pyo3::prelude::*;

/// Byte-pair encoding: train a tokenizer, and use it.
#[pymodule]
mod rustbpe {
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
