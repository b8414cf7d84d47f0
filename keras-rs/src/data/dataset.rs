//! Random access to batches.

use super::Batch;
use crate::error::Result;

/// Random access to batches that may be slow to make; Keras' `PyDataset`.
///
/// Background threads ask for batches ahead of their use, several at a time with several workers. So methods
/// take `&self` and the type is `Sync`: put state that changes behind a lock. Return errors of the dataset as
/// [`Error::data`](crate::Error::data). A panic in [`Dataset::get`] becomes an error too.
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
    /// Any error; it ends the training.
    fn get(&self, index: usize) -> Result<Batch>;

    /// Called before an epoch's first batch is made.
    fn on_epoch_begin(&self) {}

    /// Called after the last batch of an epoch was taken, or when the epoch is dropped early. No thread is in
    /// [`Dataset::get`] then, so samples can be shuffled here.
    fn on_epoch_end(&self) {}
}
