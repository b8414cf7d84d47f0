//! Random access to samples.

use super::{Batch, Columns};
use crate::error::Result;
use crate::tensor::Tensor;
use std::ops::Range;

/// Random access to samples, of which [`Batches`](super::Batches) makes batches in any order.
///
/// Unlike for a [`Dataset`](super::Dataset), [`Batches::batch_size`](super::Batches::batch_size) and
/// [`Batches::shuffle`](super::Batches::shuffle) apply. Background threads ask for batches ahead of
/// their use.
///
/// ```
/// use keras_rs::{Result, Tensor};
/// use keras_rs::data::{Batch, Batches, Samples};
///
/// struct Squares;
///
/// impl Samples for Squares {
///     fn num_samples(&self) -> usize {
///         5
///     }
///
///     fn batch(&self, numbers: &[usize]) -> Result<Batch> {
///         let x: Vec<f32> = numbers.iter().map(|&n| n as f32).collect();
///         let x = Tensor::from_vec(x, [numbers.len(), 1])?;
///         Ok(Batch::new(&x, x.square()?))
///     }
/// }
///
/// let mut batches = Batches::from_samples(Squares).batch_size(3);
/// assert_eq!((batches.num_batches(), batches.num_samples()), (Some(2), Some(5)));
/// let last = batches.epoch(0)?.last().unwrap()?;
/// assert_eq!(last.y.tensors().next().unwrap().to_vec::<f32>()?, [9.0, 16.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub trait Samples: Send + Sync {
    /// Number of samples.
    fn num_samples(&self) -> usize;

    /// Makes a batch of the samples with these numbers, each below [`Samples::num_samples`].
    ///
    /// # Errors
    /// Any error; it ends the training.
    fn batch(&self, numbers: &[usize]) -> Result<Batch>;

    /// Makes a batch of consecutive samples; implement it where that is faster.
    ///
    /// # Errors
    /// As [`Samples::batch`].
    fn range(&self, range: Range<usize>) -> Result<Batch> {
        self.batch(&range.collect::<Vec<_>>())
    }
}

/// All samples in memory, checked to agree in number.
pub(super) struct Arrays {
    all: Batch,
    samples: usize,
}

impl Arrays {
    pub(super) fn new(all: Batch) -> Result<Self> {
        let samples = all.num_samples()?;
        Ok(Self { all, samples })
    }
}

impl Samples for Arrays {
    fn num_samples(&self) -> usize {
        self.samples
    }

    fn batch(&self, numbers: &[usize]) -> Result<Batch> {
        let mut index = Index { numbers, made: None };
        let mut each = |columns: &Columns| columns.map(|tensor| tensor.take(index.beside(tensor)?, 0));
        let Batch { x, y, sample_weight } = &self.all;
        Ok(Batch { x: each(x)?, y: each(y)?, sample_weight: each(sample_weight)? })
    }

    fn range(&self, range: Range<usize>) -> Result<Batch> {
        self.all.narrow(range)
    }
}

/// Indices of samples as a tensor, made again if the device changes.
struct Index<'a> {
    numbers: &'a [usize],
    made: Option<Tensor>,
}

impl Index<'_> {
    fn beside(&mut self, tensor: &Tensor) -> Result<&Tensor> {
        let index = match self.made.take() {
            Some(index) if index.device() == tensor.device() => index,
            _ => index_tensor(self.numbers, tensor)?,
        };
        Ok(self.made.insert(index))
    }
}

/// Indices along an axis as a tensor on the device of another.
pub(super) fn index_tensor(indices: &[usize], beside: &Tensor) -> Result<Tensor> {
    let shape = vec![indices.len()];
    let narrow: Option<Vec<i32>> = indices.iter().map(|&n| i32::try_from(n).ok()).collect();
    let data = match narrow {
        Some(indices) => crate::tensor::TensorData::from_values(&indices, shape)?,
        None => {
            let indices: Vec<i64> = indices.iter().map(|&n| n as i64).collect();
            crate::tensor::TensorData::from_values(&indices, shape)?
        }
    };
    Tensor::from_data_on(data, beside.device())
}
