//! A source of batches, which can be started again for each epoch.

mod epoch;
mod order;
mod origin;
mod prefetch;

pub use epoch::EpochIter;

use super::samples::Arrays;
use super::{Batch, Columns, Dataset, Samples};
use crate::error::{Error, Result};
use epoch::{Source, guarded_call};
use order::permutation;
use origin::{BatchIter, Generator, Origin, from_dataset, from_iter, from_samples};
use prefetch::Make;
use std::sync::Arc;

/// Default number of samples in a batch, as in Keras.
const DEFAULT_BATCH_SIZE: usize = 32;

/// Default number of batches that background threads make ahead.
const DEFAULT_QUEUE_SIZE: usize = 10;

/// The same for shuffled arrays: copying is fast, so two batches suffice, and need less memory.
const ARRAYS_QUEUE_SIZE: usize = 2;

/// A source of batches that `fit`, `evaluate` and `predict` read, epoch by epoch.
///
/// ```
/// use keras_rs::{Tensor, data::Batches};
///
/// let x = Tensor::from_vec((0..5).map(|v| v as f32).collect(), [5])?;
/// let mut batches = Batches::from_arrays(&x, (), ())?.batch_size(2);
/// assert_eq!((batches.num_batches(), batches.num_samples()), (Some(3), Some(5)));
/// let sizes: Vec<usize> =
///     batches.epoch(0)?.map(|b| b.unwrap().num_samples().unwrap()).collect();
/// assert_eq!(sizes, [2, 2, 1]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub struct Batches {
    from: Origin,
    /// All data, if it is in memory.
    arrays: Option<Batch>,
    /// Whether making a batch of consecutive samples costs time.
    copies: bool,
    batch_size: Option<usize>,
    drop_remainder: bool,
    shuffle: Option<bool>,
    seed: Option<u64>,
    workers: Option<usize>,
    max_queue_size: Option<usize>,
}

impl Batches {
    fn new(from: Origin) -> Self {
        Self {
            from,
            arrays: None,
            copies: true,
            batch_size: None,
            drop_remainder: false,
            shuffle: None,
            seed: None,
            workers: None,
            max_queue_size: None,
        }
    }

    /// From tensors, `ndarray` arrays or [`TensorData`](crate::TensorData) with one axis of samples
    /// first; `()` for no targets or no sample weights.
    ///
    /// Batches have 32 samples unless [`Batches::batch_size`] says otherwise. Without shuffling they
    /// are views, which copy nothing.
    ///
    /// # Errors
    /// [`Error::Shape`] that names the array which has another number of samples than the first;
    /// [`Error::Argument`] where there are no inputs or no samples; those of the conversion.
    pub fn from_arrays(
        x: impl TryInto<Columns, Error: Into<Error>>,
        y: impl TryInto<Columns, Error: Into<Error>>,
        sample_weight: impl TryInto<Columns, Error: Into<Error>>,
    ) -> Result<Self> {
        Self::from_batch(Batch {
            x: x.try_into().map_err(Into::into)?,
            y: y.try_into().map_err(Into::into)?,
            sample_weight: sample_weight.try_into().map_err(Into::into)?,
        })
    }

    /// From all data in one [`Batch`], as [`Batches::from_arrays`].
    ///
    /// # Errors
    /// Those of [`Batch::num_samples`].
    pub fn from_batch(all: Batch) -> Result<Self> {
        let arrays = Self::from_samples(Arrays::new(all.clone())?);
        Ok(Self { copies: false, arrays: Some(all), ..arrays })
    }

    /// All data, if it is in memory, so that it can be checked before training.
    pub(crate) fn arrays(&self) -> Option<&Batch> {
        self.arrays.as_ref()
    }

    /// From random access to samples, of which background threads make batches ahead.
    pub fn from_samples(samples: impl Samples + 'static) -> Self {
        Self::new(Origin::Samples(Arc::new(samples)))
    }

    /// From random access to batches, which background threads make ahead.
    pub fn from_dataset(dataset: impl Dataset + 'static) -> Self {
        Self::new(Origin::Dataset(Arc::new(dataset)))
    }

    /// From a function that gives a new iterator for each epoch; one background thread reads it.
    pub fn from_iterator(make: impl FnMut() -> Result<BatchIter> + Send + 'static) -> Self {
        Self::new(Origin::Iterators(Box::new(make)))
    }

    /// From one stream over all epochs; one background thread reads it.
    ///
    /// An endless stream needs `steps_per_epoch`. A stream may block, so dropping the batches does not
    /// wait for its thread, which ends after the next item of the stream.
    pub fn from_generator(iter: impl Iterator<Item = Result<Batch>> + Send + 'static) -> Self {
        Self::new(Origin::Generator(Generator::Unread(Box::new(iter))))
    }

    /// Samples in a batch (default: 32); for arrays and [`Samples`] only, other sources make their own
    /// batches.
    #[must_use]
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = Some(batch_size);
        self
    }

    /// Whether to leave out a last batch of fewer samples; for arrays and [`Samples`] only (default: no).
    #[must_use]
    pub fn drop_remainder(mut self, drop_remainder: bool) -> Self {
        self.drop_remainder = drop_remainder;
        self
    }

    /// Whether to shuffle for each epoch: the samples of arrays and [`Samples`],
    /// of batches in a [`Dataset`]; iterators keep their order (default: no).
    ///
    /// The order depends only on the seed and the number of the epoch, so that a resumed training has the same
    /// order.
    #[must_use]
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = Some(shuffle);
        self
    }

    /// Whether to shuffle where [`Batches::shuffle`] was not called; `fit` shuffles by default.
    pub fn set_default_shuffle(&mut self, shuffle: bool) {
        self.shuffle.get_or_insert(shuffle);
    }

    /// Seed of the shuffling (default: drawn from the process' stream of seeds).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The seed of the shuffling, drawn now if none was set; `None` without shuffling.
    pub(crate) fn fix_seed(&mut self) -> Option<u64> {
        (self.shuffle == Some(true)).then(|| *self.seed.get_or_insert_with(crate::random::next_seed))
    }

    pub(crate) fn set_seed(&mut self, seed: u64) {
        self.seed = Some(seed);
    }

    /// Number of background threads that make batches ahead; with 0, batches are made on demand.
    ///
    /// Only a [`Dataset`] and [`Samples`] can use more than one. Default: one; none for arrays that are not shuffled,
    /// as their batches cost nothing.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = Some(workers);
        self
    }

    /// Largest number of batches that are being made or ready at a time (default: 10; 2 for arrays).
    #[must_use]
    pub fn max_queue_size(mut self, max_queue_size: usize) -> Self {
        self.max_queue_size = Some(max_queue_size);
        self
    }

    /// Number of batches in an epoch, where it is known beforehand.
    pub fn num_batches(&self) -> Option<usize> {
        match &self.from {
            Origin::Samples(samples) => Some(match (self.samples_per_batch(), self.drop_remainder) {
                (0, _) => 0,
                (size, true) => samples.num_samples() / size,
                (size, false) => samples.num_samples().div_ceil(size),
            }),
            Origin::Dataset(dataset) => Some(dataset.num_batches()),
            Origin::Iterators(_) | Origin::Generator(_) => None,
        }
    }

    /// Number of samples in an epoch, where it is known beforehand: for arrays and
    /// [`Samples`].
    pub fn num_samples(&self) -> Option<usize> {
        match &self.from {
            Origin::Samples(samples) => Some(samples.num_samples()),
            _ => None,
        }
    }

    /// Whether the source is one stream over all epochs, which cannot be started again.
    pub fn is_generator(&self) -> bool {
        matches!(self.from, Origin::Generator(_))
    }

    fn samples_per_batch(&self) -> usize {
        self.batch_size.unwrap_or(DEFAULT_BATCH_SIZE)
    }

    /// Checks the settings, as [`Batches::epoch`] does, without starting an epoch.
    ///
    /// # Errors
    /// [`Error::Argument`] for a batch size or queue size of zero, a batch size for a source that
    /// makes its own batches, several workers for one that cannot be read by several, or a source
    /// without any batch.
    pub fn check(&self) -> Result<()> {
        let refused = |argument: &str, expected: &str, got: usize| {
            Err(Error::argument("Batches", argument, expected, got))
        };
        if self.batch_size == Some(0) {
            return refused("batch_size", "at least 1", 0);
        }
        if self.max_queue_size == Some(0) {
            return refused("max_queue_size", "at least 1", 0);
        }
        let samples = matches!(self.from, Origin::Samples(_));
        if let (Some(size), false) = (self.batch_size, samples) {
            return refused("batch_size", "none, as the source makes its own batches", size);
        }
        let one_reader = matches!(self.from, Origin::Iterators(_) | Origin::Generator(_));
        if let (Some(workers @ 2..), true) = (self.workers, one_reader) {
            return refused("workers", "at most 1 for an iterator, which only one thread can read", workers);
        }
        match (self.num_batches(), self.num_samples()) {
            (Some(0), Some(0)) => refused("num_samples", "at least one sample", 0),
            (Some(0), Some(n)) => {
                let expected = format!("at most the {n} samples, as a smaller batch is dropped");
                refused("batch_size", &expected, self.samples_per_batch())
            }
            (Some(0), None) => refused("num_batches", "at least one batch", 0),
            _ => Ok(()),
        }
    }

    /// Starts an epoch; `epoch` is its number, which decides the order if it is shuffled.
    ///
    /// # Errors
    /// Those of [`Batches::check`]; what an iterator's function reports; [`Error::Data`] where no
    /// thread can be started.
    pub fn epoch(&mut self, epoch: usize) -> Result<EpochIter> {
        self.check()?;
        let shuffled = self.shuffle == Some(true);
        let seed = self.fix_seed().unwrap_or_default();
        let order = |count: usize| shuffled.then(|| permutation(count, seed, epoch));
        let batch_size = self.samples_per_batch();
        let batches = self.num_batches();
        let (default_workers, default_queue) = match self.copies {
            true => (1, DEFAULT_QUEUE_SIZE),
            false => (usize::from(shuffled), ARRAYS_QUEUE_SIZE),
        };
        let workers = self.workers.unwrap_or(default_workers);
        let queue = self.max_queue_size.unwrap_or(default_queue);
        let ahead = |make: Make, count: Option<usize>| Source::new(make, workers, queue, count);
        match &mut self.from {
            Origin::Samples(samples) => {
                let order = order(samples.num_samples());
                let make = from_samples(Arc::clone(samples), batch_size, batches.unwrap_or(0), order);
                Ok(EpochIter::new(ahead(make, batches)?, None))
            }
            Origin::Dataset(dataset) => {
                guarded_call("on_epoch_begin", || dataset.on_epoch_begin())?;
                let count = dataset.num_batches();
                let source = ahead(from_dataset(Arc::clone(dataset), count, order(count)), Some(count))?;
                Ok(EpochIter::new(source, Some(Arc::clone(dataset))))
            }
            Origin::Iterators(make) => {
                let iter = guarded_call("the iterator's function", make)??;
                Ok(EpochIter::new(ahead(from_iter(iter), None)?, None))
            }
            Origin::Generator(generator) => Ok(EpochIter::new(generator.source(workers, queue)?, None)),
        }
    }
}

impl std::fmt::Debug for Batches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let from = match self.from {
            Origin::Samples(_) => "samples",
            Origin::Dataset(_) => "dataset",
            Origin::Iterators(_) => "iterators",
            Origin::Generator(_) => "generator",
        };
        f.debug_struct("Batches")
            .field("from", &from)
            .field("num_batches", &self.num_batches())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
