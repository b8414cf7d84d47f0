//! One batch: inputs, targets and sample weights.

use super::Columns;
use crate::error::{Error, Result};
use std::ops::Range;

/// Inputs, targets and sample weights with one number of samples; one batch or all data.
///
/// ```
/// use keras_rs::{DType, Tensor};
/// use keras_rs::data::Batch;
///
/// let x = Tensor::zeros([10, 2], DType::F32)?;
/// let y = Tensor::zeros([10], DType::I32)?;
/// let batch = Batch::new(&x, &y);
/// assert_eq!(batch.num_samples()?, 10);
/// let (training, validation) = batch.split(0.25)?;
/// assert_eq!((training.num_samples()?, validation.num_samples()?), (7, 3));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Inputs.
    pub x: Columns,
    /// Targets.
    pub y: Columns,
    /// Weight of each sample in the loss, for each output.
    pub sample_weight: Columns,
}

impl Batch {
    /// Inputs and targets; `()` for no targets.
    pub fn new(x: impl Into<Columns>, y: impl Into<Columns>) -> Self {
        Self { x: x.into(), y: y.into(), sample_weight: Columns::None }
    }

    /// Adds sample weights.
    #[must_use]
    pub fn sample_weight(mut self, sample_weight: impl Into<Columns>) -> Self {
        self.sample_weight = sample_weight.into();
        self
    }

    fn parts(&self) -> [(&'static str, &Columns); 3] {
        [("x", &self.x), ("y", &self.y), ("sample_weight", &self.sample_weight)]
    }

    /// The number of samples that all tensors agree on.
    ///
    /// # Errors
    /// [`Error::Shape`] that names the tensor which has another number of samples than the first,
    /// or no axis of samples; [`Error::Argument`] where there are no inputs or no samples.
    pub fn num_samples(&self) -> Result<usize> {
        if self.x.is_empty() {
            return Err(Error::argument("data", "x", "at least one tensor", "none"));
        }
        let mut first = None;
        for (part, columns) in self.parts() {
            columns.check_samples(part, &mut first)?;
        }
        match first {
            Some((n, _)) if n > 0 => Ok(n),
            _ => Err(Error::argument("data", "x", "at least one sample", "none")),
        }
    }

    /// One batch of samples, each a batch whose tensors have no axis of samples.
    ///
    /// # Errors
    /// [`Error::Shape`] where the samples' tensors differ in shape, [`Error::Argument`] where their
    /// number or names differ or there are no samples.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::data::Batch;
    ///
    /// let sample = |v: f32| Ok(Batch::new(Tensor::from_vec(vec![v, -v], [2])?, Tensor::scalar(v)?));
    /// let samples = [sample(1.0), sample(2.0)].into_iter().collect::<keras_rs::Result<Vec<_>>>()?;
    /// let batch = Batch::stack(&samples)?;
    /// assert_eq!(batch.x.tensors().next().unwrap().shape(), [2, 2]);
    /// assert_eq!(batch.y.tensors().next().unwrap().to_vec::<f32>()?, [1.0, 2.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn stack(samples: &[Self]) -> Result<Self> {
        let part = |part, each: fn(&Self) -> &Columns| {
            Columns::stack(part, &samples.iter().map(each).collect::<Vec<_>>())
        };
        Ok(Self {
            x: part("x", |sample| &sample.x)?,
            y: part("y", |sample| &sample.y)?,
            sample_weight: part("sample_weight", |sample| &sample.sample_weight)?,
        })
    }

    /// The batch with a function applied to each part.
    fn map(&self, each: impl Fn(&Columns) -> Result<Columns>) -> Result<Self> {
        Ok(Self { x: each(&self.x)?, y: each(&self.y)?, sample_weight: each(&self.sample_weight)? })
    }

    /// A range of the samples, without copying.
    ///
    /// # Errors
    /// [`Error::Argument`] where the range exceeds the samples.
    pub fn narrow(&self, range: Range<usize>) -> Result<Self> {
        self.map(|columns| columns.narrow(range.clone()))
    }

    /// The samples at the front, and the last fraction of them for validation.
    ///
    /// As Keras' `validation_split`: of `n` samples the first `floor(n * (1 - split))` stay,
    /// before any shuffling.
    ///
    /// # Errors
    /// [`Error::Argument`] where `validation_split` is not between 0 and 1, or where a part would be
    /// empty; those of [`Batch::num_samples`].
    pub fn split(&self, validation_split: f64) -> Result<(Self, Self)> {
        let refused = |expected: &str| {
            Error::argument("data", "validation_split", expected, format!("{validation_split:?}"))
        };
        if !(validation_split > 0.0 && validation_split < 1.0) {
            return Err(refused("a number between 0 and 1"));
        }
        let samples = self.num_samples()?;
        let at = (samples as f64 * (1.0 - validation_split)).floor() as usize;
        if at == 0 || at >= samples {
            return Err(refused(&format!("a fraction that leaves both parts some of {samples} samples")));
        }
        Ok((self.narrow(0..at)?, self.narrow(at..samples)?))
    }
}
