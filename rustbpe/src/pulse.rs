//! A sign of life from long work, and the way to stop it.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{BpeError, Result};

/// Called again and again by long work. An error from it ends the work.
///
/// A beat must be cheap: work calls it every millisecond or so.
pub trait Pulse {
    /// Say that the work goes on.
    fn beat(&self) -> Result<()>;

    /// Say that `done` of `total` merges are learned.
    fn learned(&self, _done: usize, _total: usize) -> Result<()> {
        self.beat()
    }
}

/// Never stops the work.
#[derive(Debug)]
pub struct Steady;

impl Pulse for Steady {
    fn beat(&self) -> Result<()> {
        Ok(())
    }
}

/// Stops the work once the flag is up.
#[derive(Debug)]
pub struct Flag<'a>(pub &'a AtomicBool);

impl Pulse for Flag<'_> {
    fn beat(&self) -> Result<()> {
        if self.0.load(Ordering::Relaxed) {
            Err(BpeError::Interrupted)
        } else {
            Ok(())
        }
    }
}

/// For tests: counts beats.
#[cfg(test)]
#[derive(Debug, Default)]
pub struct Count(std::cell::Cell<usize>);

#[cfg(test)]
impl Count {
    /// How many beats there were.
    pub fn beats(&self) -> usize {
        self.0.get()
    }
}

#[cfg(test)]
impl Pulse for Count {
    fn beat(&self) -> Result<()> {
        self.0.set(self.0.get() + 1);
        Ok(())
    }

    fn learned(&self, _done: usize, _total: usize) -> Result<()> {
        Ok(())
    }
}
