//! The sources of batches.

use super::epoch::Source;
use super::prefetch::{Make, Prefetch};
use crate::data::{Batch, Dataset, Samples};
use crate::error::Result;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) type BatchIter = Box<dyn Iterator<Item = Result<Batch>> + Send>;
pub(super) type MakeIter = Box<dyn FnMut() -> Result<BatchIter> + Send>;

pub(super) enum Origin {
    Samples(Arc<dyn Samples>),
    Dataset(Arc<dyn Dataset>),
    Iterators(MakeIter),
    Generator(Generator),
}

/// One stream over all epochs; its background thread outlives an epoch, so that no batch is lost.
pub(super) enum Generator {
    Unread(BatchIter),
    Direct(Make),
    Ahead(Arc<Prefetch>),
}

impl Generator {
    pub(super) fn source(&mut self, workers: usize, queue: usize) -> Result<Source> {
        if let Self::Unread(iter) = self {
            let iter = std::mem::replace(iter, Box::new(std::iter::empty()));
            let make = from_iter(iter);
            *self = if workers == 0 {
                Self::Direct(make)
            } else {
                Self::Ahead(Arc::new(Prefetch::start(make, 1, queue)?.detached()))
            };
        }
        Ok(match self {
            Self::Unread(_) => Source::new(from_iter(Box::new(std::iter::empty())), 0, queue, None)?,
            Self::Direct(make) => Source::new(Arc::clone(make), 0, queue, None)?,
            Self::Ahead(prefetch) => Source::Ahead(Arc::clone(prefetch)),
        })
    }
}

/// The first `count` batches of samples, in their own or another order.
pub(super) fn from_samples(
    samples: Arc<dyn Samples>,
    size: usize,
    count: usize,
    order: Option<Vec<usize>>,
) -> Make {
    Arc::new(move |step| {
        if step >= count {
            return None;
        }
        let range = step * size..samples.num_samples().min((step + 1) * size);
        Some(match &order {
            None => samples.range(range),
            Some(order) => samples.batch(order.get(range)?),
        })
    })
}

/// The batches of a dataset in an order.
pub(super) fn from_dataset(dataset: Arc<dyn Dataset>, count: usize, order: Option<Vec<usize>>) -> Make {
    Arc::new(move |step| {
        let index = order.as_ref().map_or(Some(step), |order| order.get(step).copied())?;
        (index < count).then(|| dataset.get(index))
    })
}

/// The items of an iterator, which is not used any more after a panic.
pub(super) fn from_iter(iter: BatchIter) -> Make {
    let iter = Mutex::new(Some(iter));
    Arc::new(move |_| {
        let taken = iter.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut taken = taken?;
        let item = taken.next()?;
        *iter.lock().unwrap_or_else(PoisonError::into_inner) = Some(taken);
        Some(item)
    })
}
