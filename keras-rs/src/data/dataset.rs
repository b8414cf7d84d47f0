//! Random access to batches.

use super::Batch;
use crate::error::Result;

/// Random access to batches that may be slow to make; Keras' `PyDataset`.
///
/// Background threads ask for batches ahead of their use, several at a time if told so, therefore
/// `&self` and `Sync`: change state behind a lock. Errors of one's own travel as
/// [`Error::data`](crate::Error::data). A panic in [`Dataset::get`] becomes an error, too.
///
/// ```
/// use keras_rs::{DType, Result, Tensor};
/// use keras_rs::data::{Batch, Batches, Dataset};
///
/// struct Squares;
///
/// impl Dataset for Squares {
///     fn num_batches(&self) -> usize {
///         3
///     }
///
///     fn get(&self, index: usize) -> Result<Batch> {
///         let x = Tensor::full([4, 1], index as f64, DType::F32)?;
///         Ok(Batch::new(&x, x.square()?))
///     }
/// }
///
/// let mut batches = Batches::from_dataset(Squares).workers(2);
/// let mut last = Vec::new();
/// for batch in batches.epoch(0)? {
///     last.push(batch?.y.tensors().next().unwrap().to_vec::<f32>()?[3]);
/// }
/// assert_eq!(last, [0.0, 1.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub trait Dataset: Send + Sync {
    /// Number of batches in an epoch; asked anew for each.
    fn num_batches(&self) -> usize;

    /// Makes the batch of a number below [`Dataset::num_batches`].
    ///
    /// # Errors
    /// Whatever keeps the batch from being made; it ends the training.
    fn get(&self, index: usize) -> Result<Batch>;

    /// Called before an epoch's first batch is made.
    fn on_epoch_begin(&self) {}

    /// Called after an epoch's last batch was taken, or when the epoch was left early; no call of
    /// [`Dataset::get`] is under way then. The place to shuffle samples.
    fn on_epoch_end(&self) {}
}
