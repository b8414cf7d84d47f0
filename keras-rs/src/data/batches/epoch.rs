//! The batches of one epoch.

use super::prefetch::{Make, Prefetch};
use crate::data::{Batch, Dataset};
use crate::error::{Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// How the batches of an epoch are made: on demand, or ahead of their use.
pub(super) enum Source {
    Direct { make: Make, step: usize },
    Ahead(Arc<Prefetch>),
}

impl Source {
    /// A source with as many threads as were asked for, at most one for each batch.
    pub(super) fn new(make: Make, workers: usize, queue: usize, count: Option<usize>) -> Result<Self> {
        Ok(match workers.min(count.unwrap_or(workers)) {
            0 => Self::Direct { make, step: 0 },
            workers => Self::Ahead(Arc::new(Prefetch::start(make, workers, queue)?)),
        })
    }
}

/// Iterates over the batches of an epoch; see [`Batches::epoch`](super::Batches::epoch).
///
/// An error or a panic of user code is returned instead of its batch. If it is dropped early, it stops its
/// threads and waits for the batches that are being made.
pub struct EpochIter {
    source: Option<Source>,
    dataset: Option<Arc<dyn Dataset>>,
}

impl EpochIter {
    pub(super) fn new(source: Source, dataset: Option<Arc<dyn Dataset>>) -> Self {
        Self { source: Some(source), dataset }
    }

    /// Number of batches that are ready; 0 if batches are made on demand.
    pub fn ready(&self) -> usize {
        match &self.source {
            Some(Source::Ahead(prefetch)) => prefetch.ready(),
            _ => 0,
        }
    }

    /// Stops the threads, then calls the dataset's `on_epoch_end`.
    fn end(&mut self) -> Result<()> {
        self.source = None;
        match self.dataset.take() {
            Some(dataset) => guarded_call("on_epoch_end", || dataset.on_epoch_end()),
            None => Ok(()),
        }
    }
}

impl Iterator for EpochIter {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = match self.source.as_mut()? {
            Source::Direct { make, step } => {
                *step += 1;
                guarded(make, *step - 1)
            }
            Source::Ahead(prefetch) => prefetch.next(),
        };
        batch.or_else(|| self.end().err().map(Err))
    }
}

impl std::iter::FusedIterator for EpochIter {}

impl Drop for EpochIter {
    fn drop(&mut self) {
        // A drop cannot report the error.
        drop(self.end());
    }
}

impl std::fmt::Debug for EpochIter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EpochIter").field("ready", &self.ready()).finish_non_exhaustive()
    }
}

/// Makes a batch; a panic becomes an error.
pub(super) fn guarded(make: &Make, step: usize) -> Option<Result<Batch>> {
    match catch_unwind(AssertUnwindSafe(|| make(step))) {
        Ok(batch) => batch,
        Err(payload) => Some(Err(Error::panicked(format!("batch {step}"), payload.as_ref()))),
    }
}

/// Calls user code; a panic becomes an error.
pub(super) fn guarded_call<T>(what: &str, call: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| Error::panicked(what, payload.as_ref()))
}
