//! What Python sees: arguments in, results out, errors as the exceptions that a caller would guess.
//! The only file that names pyo3. What it offers is documented in `rustbpe.pyi`.

use std::cell::Cell;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyKeyError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use pyo3::types::{
    IntoPyDict, PyByteArray, PyBytes, PyDict, PyInt, PyList, PyMemoryView, PyString, PyTuple,
};

use crate::count::{Counts, count};
use crate::encode::{Encoded, Encoder};
use crate::error::{BpeError, Result};
use crate::parallel::available;
use crate::pulse::Pulse;
use crate::split::{DEFAULT_PATTERN, Splitter};
use crate::train::{BYTES, train};
use crate::vocab::Vocab;
use crate::{huggingface, ranks};

/// How much text is held at most before it is counted, in bytes, but for a single longer one.
const BUFFER_BYTES: usize = 1 << 25;

/// The ids below are made into Python objects once.
const MOST_IDS: u32 = 1 << 18;

/// How often Python may answer Ctrl-C, and hear how far a training is.
const ANSWER: Duration = Duration::from_millis(50);
const NEWS: Duration = Duration::from_secs(1);

/// Byte-pair encoding: train a tokenizer, and use it.
#[pymodule]
mod rustbpe {
    #[pymodule_export]
    use super::Tokenizer;
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}

/// A byte-pair encoding: trained, or read from a file.
#[pyclass(frozen, module = "rustbpe")]
#[derive(Debug, Default)]
struct Tokenizer {
    /// Replaced as a whole, so that a training that fails changes nothing.
    trained: RwLock<Option<Arc<Trained>>>,
}

/// What a training gives, and the ids as Python has them.
#[derive(Debug)]
struct Trained {
    encoder: Encoder,
    ids: OnceLock<Vec<Py<PyInt>>>,
}

#[pymethods]
impl Tokenizer {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    #[pyo3(
        signature = (iterator, vocab_size, buffer_size=None, pattern=None, *, num_threads=None),
        text_signature = "($self, iterator, vocab_size, buffer_size=8192, pattern=None, *, num_threads=None)"
    )]
    fn train_from_iterator(
        &self,
        iterator: &Bound<'_, PyAny>,
        vocab_size: &Bound<'_, PyAny>,
        buffer_size: Option<&Bound<'_, PyAny>>,
        pattern: Option<&str>,
        num_threads: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let py = iterator.py();
        let vocab_size = number("vocab_size", vocab_size, BYTES)?;
        let buffer_size = buffer_size.map_or(Ok(8192), |size| number("buffer_size", size, 1))?;
        let splitter = Splitter::new(pattern.unwrap_or(DEFAULT_PATTERN))?;
        let mut tables = Vec::new();
        tables.resize_with(threads(num_threads)?, Counts::default);
        let mut texts = Texts::new(iterator)?;
        while let Some(batch) = texts.next(buffer_size)? {
            let batch: Vec<&str> = batch.iter().map(PyBackedStr::as_str).collect();
            long(py, |pulse| count(&splitter, &batch, &mut tables, pulse))?;
        }
        let vocab = long(py, |pulse| {
            let counts = tables.into_iter().reduce(Counts::sum).unwrap_or_default();
            Vocab::from_merges(&train(counts, vocab_size, pulse)?)
        })?;
        self.set(Encoder::new(splitter, vocab));
        Ok(())
    }

    fn get_pattern(&self) -> PyResult<String> {
        Ok(self.get()?.pattern().to_owned())
    }

    fn get_mergeable_ranks<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<Vec<(Bound<'py, PyBytes>, u32)>> {
        let trained = self.get()?;
        let bytes = |id| PyBytes::new(py, trained.vocab().get(id).unwrap_or_default());
        Ok(trained.vocab().ids().map(|id| (bytes(id), id)).collect())
    }

    #[getter]
    fn vocab_size(&self) -> PyResult<usize> {
        Ok(self.get()?.vocab().len())
    }

    fn encode<'py>(&self, py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyList>> {
        let trained = self.get()?;
        let ids = long(py, |pulse| trained.encoder.encode(text, pulse))?;
        trained.list(py, &ids)
    }

    fn encode_to_buffer<'py>(&self, py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
        let trained = self.get()?;
        let ids = long(py, |pulse| trained.encoder.encode(text, pulse))?;
        let bytes = PyByteArray::new_with(py, ids.len() * 4, |bytes| {
            for (bytes, id) in bytes.chunks_exact_mut(4).zip(&ids) {
                bytes.copy_from_slice(&id.to_ne_bytes());
            }
            Ok(())
        })?;
        PyMemoryView::from(&bytes)?.call_method1("cast", ("I",))
    }

    #[pyo3(signature = (texts, *, num_threads=None))]
    fn encode_batch(
        &self,
        texts: &Bound<'_, PyAny>,
        num_threads: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyList>> {
        let (trained, threads, py) = (self.get()?, threads(num_threads)?, texts.py());
        let texts = Texts::new(texts)?.all()?;
        let all: Vec<&str> = texts.iter().map(PyBackedStr::as_str).collect();
        let mut lists = Lists::new(&trained, texts.len());
        let outcome = long(py, |pulse| {
            trained
                .encoder
                .encode_batch(&all, threads, pulse, &mut |encoded| lists.keep(encoded))
        });
        lists.finish(py, outcome)
    }

    fn decode_bytes<'py>(&self, ids: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let (trained, mut list) = (self.get()?, Vec::new());
        for id in ids.try_iter()? {
            list.push(id_of(&id?)?);
        }
        Ok(PyBytes::new(ids.py(), &trained.encoder.decode(&list)?))
    }

    #[pyo3(signature = (ids, errors="replace"))]
    fn decode<'py>(&self, ids: &Bound<'py, PyAny>, errors: &str) -> PyResult<Bound<'py, PyAny>> {
        self.decode_bytes(ids)?
            .call_method1("decode", ("utf-8", errors))
    }

    #[pyo3(signature = (name="rustbpe", special_tokens=None))]
    fn to_tiktoken<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        special_tokens: Option<Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let ranks = self.get_mergeable_ranks(py)?.into_py_dict(py)?;
        let options = PyDict::new(py);
        options.set_item("pat_str", self.get_pattern()?)?;
        options.set_item("mergeable_ranks", ranks)?;
        options.set_item(
            "special_tokens",
            special_tokens.unwrap_or_else(|| PyDict::new(py)),
        )?;
        py.import("tiktoken")?
            .getattr("Encoding")?
            .call((name,), Some(&options))
    }

    fn to_huggingface(&self) -> PyResult<String> {
        let trained = self.get()?;
        Ok(huggingface::format(trained.pattern(), trained.vocab()))
    }

    #[staticmethod]
    #[pyo3(signature = (data, pattern=None))]
    fn from_huggingface(data: &Bound<'_, PyAny>, pattern: Option<&str>) -> PyResult<Self> {
        let (own, vocab) = huggingface::parse(&content(data)?)?;
        let splitter = pattern.map_or(Ok(own), Splitter::new)?;
        Ok(Self::of(Encoder::new(splitter, vocab)))
    }

    fn to_ranks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(
            py,
            ranks::format(self.get()?.vocab()).as_bytes(),
        ))
    }

    #[staticmethod]
    #[pyo3(signature = (data, pattern=None))]
    fn from_ranks(data: &Bound<'_, PyAny>, pattern: Option<&str>) -> PyResult<Self> {
        let splitter = Splitter::new(pattern.unwrap_or(DEFAULT_PATTERN))?;
        let vocab = ranks::parse(&content(data)?)?;
        Ok(Self::of(Encoder::new(splitter, vocab)))
    }

    /// For pickle and copy.
    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (py, class) = (slf.py(), slf.get_type());
        match slf.get().to_huggingface() {
            Ok(file) => Ok((
                class.getattr("from_huggingface")?,
                PyTuple::new(py, [file, slf.get().get_pattern()?])?,
            )),
            Err(_) => Ok((class.into_any(), PyTuple::empty(py))),
        }
    }

    fn __repr__(&self) -> String {
        match self.get() {
            Ok(trained) => format!("<rustbpe.Tokenizer of {} tokens>", trained.vocab().len()),
            Err(_) => "<rustbpe.Tokenizer, untrained>".to_owned(),
        }
    }
}

impl Tokenizer {
    fn of(encoder: Encoder) -> Self {
        let tokenizer = Self::default();
        tokenizer.set(encoder);
        tokenizer
    }

    fn set(&self, encoder: Encoder) {
        let trained = Trained {
            encoder,
            ids: OnceLock::new(),
        };
        *self.trained.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(trained));
    }

    fn get(&self) -> PyResult<Arc<Trained>> {
        let trained = self
            .trained
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let message = "the tokenizer is not trained yet: call train_from_iterator first";
        trained.ok_or_else(|| PyValueError::new_err(message))
    }
}

impl Trained {
    fn vocab(&self) -> &Vocab {
        self.encoder.vocab()
    }

    fn pattern(&self) -> &str {
        self.encoder.splitter().pattern()
    }

    /// A list of ids. Equal ids are one object: a quarter of the memory, and of the time.
    fn list<'py>(&self, py: Python<'py>, ids: &[u32]) -> PyResult<Bound<'py, PyList>> {
        let known = self.ids.get_or_init(|| {
            let last = self.vocab().ids().take_while(|id| *id < MOST_IDS).last();
            (0..=last.unwrap_or(0))
                .map(|id| PyInt::new(py, id).unbind())
                .collect()
        });
        let object = |&id: &u32| match known.get(id as usize) {
            Some(object) => object.bind(py).clone(),
            None => PyInt::new(py, id),
        };
        PyList::new(py, ids.iter().map(object))
    }
}

/// Where each error becomes a Python exception.
impl From<BpeError> for PyErr {
    fn from(error: BpeError) -> Self {
        match error {
            BpeError::UnknownId(_) => PyKeyError::new_err(error.to_string()),
            _ => PyValueError::new_err(error.to_string()),
        }
    }
}

/// A whole number from `least` on.
fn number(name: &str, value: &Bound<'_, PyAny>, least: usize) -> PyResult<usize> {
    match value.extract() {
        Ok(number) if number >= least => Ok(number),
        Err(error) if !error.is_instance_of::<PyOverflowError>(value.py()) => Err(error),
        _ => Err(PyValueError::new_err(format!(
            "{name} is {value}; it must be {least} or more"
        ))),
    }
}

fn threads(value: Option<&Bound<'_, PyAny>>) -> PyResult<usize> {
    value.map_or_else(
        || Ok(available()),
        |value| Ok(number("num_threads", value, 1)?.min(256)),
    )
}

fn id_of(value: &Bound<'_, PyAny>) -> PyResult<u32> {
    value.extract().map_err(|error: PyErr| {
        let too_large = error.is_instance_of::<PyOverflowError>(value.py());
        if too_large {
            BpeError::UnknownId(value.to_string()).into()
        } else {
            error
        }
    })
}

/// The content of a file, as `bytes` or as `str`.
fn content(data: &Bound<'_, PyAny>) -> PyResult<PyBackedBytes> {
    match data.cast::<PyString>() {
        Ok(text) => Ok(PyBackedBytes::from(text.encode_utf8()?)),
        Err(_) => data.extract().map_err(Into::into),
    }
}

/// Strings from Python, by the buffer.
struct Texts<'py> {
    items: Box<dyn Iterator<Item = (usize, PyResult<Bound<'py, PyAny>>)> + 'py>,
}

impl<'py> Texts<'py> {
    fn new(iterable: &Bound<'py, PyAny>) -> PyResult<Self> {
        if iterable.is_instance_of::<PyString>() {
            let message = "this is one str, which would be taken letter by letter: pass [text]";
            return Err(PyTypeError::new_err(message));
        }
        Ok(Self {
            items: Box::new(iterable.try_iter()?.enumerate()),
        })
    }

    fn all(mut self) -> PyResult<Vec<PyBackedStr>> {
        self.items
            .by_ref()
            .map(|(number, item)| text(number, &item?))
            .collect()
    }

    /// The next `most` texts, or fewer if they are long; nothing at the end.
    fn next(&mut self, most: usize) -> PyResult<Option<Vec<PyBackedStr>>> {
        let (mut texts, mut bytes) = (Vec::new(), 0);
        while texts.len() < most && bytes < BUFFER_BYTES {
            let Some((number, item)) = self.items.next() else {
                break;
            };
            let text = text(number, &item?)?;
            bytes += text.len();
            texts.push(text);
        }
        Ok(Some(texts).filter(|texts| !texts.is_empty()))
    }
}

fn text(number: usize, item: &Bound<'_, PyAny>) -> PyResult<PyBackedStr> {
    let Ok(text) = item.cast::<PyString>() else {
        let kind = item.get_type().name()?;
        let message = format!("item {number} is not a str but {kind}");
        return Err(PyTypeError::new_err(message));
    };
    PyBackedStr::try_from(text.clone()).map_err(|error| {
        let py = item.py();
        let better = PyValueError::new_err(format!("item {number}: {}", error.value(py)));
        better.set_cause(py, Some(error));
        better
    })
}

/// Lists of ids in the making: they fill while other threads encode.
struct Lists<'a> {
    trained: &'a Trained,
    done: Vec<Option<Py<PyList>>>,
    error: Option<PyErr>,
}

impl<'a> Lists<'a> {
    fn new(trained: &'a Trained, length: usize) -> Self {
        let mut done = Vec::new();
        done.resize_with(length, || None);
        Self {
            trained,
            done,
            error: None,
        }
    }

    fn keep(&mut self, encoded: Vec<Encoded>) -> Result<()> {
        let kept = Python::attach(|py| {
            for (number, ids) in encoded {
                self.done[number] = Some(self.trained.list(py, &ids)?.unbind());
            }
            Ok(())
        });
        kept.map_err(|error| {
            self.error = Some(error);
            BpeError::Interrupted
        })
    }

    fn finish(self, py: Python<'_>, outcome: PyResult<()>) -> PyResult<Py<PyList>> {
        self.error.map_or(outcome, Err)?;
        Ok(PyList::new(py, self.done)?.unbind())
    }
}

/// Do work without the GIL, and stop it if Python says so.
fn long<T: Send>(py: Python<'_>, work: impl FnOnce(&dyn Pulse) -> Result<T> + Send) -> PyResult<T> {
    let raised = Mutex::new(None);
    let outcome = py.detach(|| {
        let now = Instant::now();
        work(&Live {
            answer: Cell::new(now + ANSWER),
            news: Cell::new(now),
            raised: &raised,
        })
    });
    match raised.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(outcome?),
    }
}

/// The pulse of a thread that Python called.
struct Live<'a> {
    answer: Cell<Instant>,
    news: Cell<Instant>,
    /// What Python raised.
    raised: &'a Mutex<Option<PyErr>>,
}

impl Live<'_> {
    /// Call Python if it is time again.
    fn ask(
        &self,
        due: &Cell<Instant>,
        every: Duration,
        call: impl FnOnce(Python<'_>) -> PyResult<()>,
    ) -> Result<()> {
        let now = Instant::now();
        if now < due.get() {
            return Ok(());
        }
        due.set(now + every);
        Python::attach(call).map_err(|error| {
            *self.raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            BpeError::Interrupted
        })
    }
}

/// Let Python handle signals; of Ctrl-C it makes an exception.
fn answer(py: Python<'_>) -> PyResult<()> {
    py.check_signals()
}

impl Pulse for Live<'_> {
    fn beat(&self) -> Result<()> {
        self.ask(&self.answer, ANSWER, answer)
    }

    fn learned(&self, done: usize, total: usize) -> Result<()> {
        self.beat()?;
        self.ask(&self.news, NEWS, |py| {
            let logger = py
                .import("logging")?
                .call_method1("getLogger", ("rustbpe",))?;
            let message = "learned %d of %d merges";
            logger
                .call_method1("info", (message, done, total))
                .map(drop)
        })
    }
}
