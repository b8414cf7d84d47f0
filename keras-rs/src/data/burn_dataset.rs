//! Burn's datasets.

use super::{Batch, Batches, Samples};
use crate::error::{Error, Result};
use burn_dataset::Dataset;
use std::marker::PhantomData;

impl Batches {
    /// From a dataset of `burn::data::dataset`, and a function that makes a sample of an item: a
    /// [`Batch`] whose tensors have no axis of samples.
    ///
    /// Needs the cargo feature `dataset`. Errors of the dataset come as [`Error::Data`].
    ///
    /// ```
    /// use burn_dataset::InMemDataset;
    /// use keras_rs::Tensor;
    /// use keras_rs::data::{Batch, Batches};
    ///
    /// let dataset = InMemDataset::new(vec![(1.0_f32, 0_i32), (2.0, 1), (3.0, 0)]);
    /// let mut batches = Batches::from_burn_dataset(dataset, |(value, class)| {
    ///     Ok(Batch::new(Tensor::from_vec(vec![value, value * value], [2])?, Tensor::scalar(class)?))
    /// })
    /// .batch_size(2);
    /// assert_eq!((batches.num_batches(), batches.num_samples()), (Some(2), Some(3)));
    /// let batch = batches.epoch(0)?.next().unwrap()?;
    /// assert_eq!(batch.x.tensors().next().unwrap().to_vec::<f32>()?, [1.0, 1.0, 2.0, 4.0]);
    /// assert_eq!(batch.y.tensors().next().unwrap().to_vec::<i32>()?, [0, 1]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn from_burn_dataset<I, E>(
        dataset: impl Dataset<I, E> + 'static,
        sample: impl Fn(I) -> Result<Batch> + Send + Sync + 'static,
    ) -> Self
    where
        I: 'static,
        E: std::error::Error + Send + Sync + 'static,
    {
        Self::from_samples(Items { dataset, sample, item: PhantomData })
    }
}

struct Items<D, F, I, E> {
    dataset: D,
    sample: F,
    item: PhantomData<fn() -> (I, E)>,
}

impl<D, F, I, E> Samples for Items<D, F, I, E>
where
    D: Dataset<I, E>,
    F: Fn(I) -> Result<Batch> + Send + Sync,
    E: std::error::Error + Send + Sync + 'static,
{
    fn num_samples(&self) -> usize {
        self.dataset.len()
    }

    fn batch(&self, numbers: &[usize]) -> Result<Batch> {
        let failed = |e| Error::data(format!("items {numbers:?} of the dataset"), e);
        let items = self.dataset.get_many(numbers.to_vec()).map_err(failed)?;
        Batch::stack(&items.into_iter().map(&self.sample).collect::<Result<Vec<_>>>()?)
    }
}
