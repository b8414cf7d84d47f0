//! The loss trait, and the handle that models hold.

use super::reduction::{Reduction, apply_mask, reduce, same_rank};
use super::targets;
use crate::config::{BaseConfig, Config, ConfigReader, HasBase, IntoConfig, KerasConfig, object_handle};
use crate::dtype::{DType, DTypePolicy};
use crate::error::{Error, Result, tuple};
use crate::tensor::{Tensor, broadcast_shapes};
use std::fmt;

/// The arguments that every loss has.
#[derive(Clone, Debug)]
pub struct LossBase {
    /// Name.
    pub name: String,
    /// How the losses of the samples become one number.
    pub reduction: Reduction,
    /// The type to compute in; `float32` where none is named.
    pub dtype: DType,
    error: Option<std::sync::Arc<Error>>,
}

impl LossBase {
    /// With Keras' defaults and a name.
    pub fn named(name: &str) -> Self {
        Self { name: name.into(), reduction: Reduction::default(), dtype: DType::F32, error: None }
    }

    /// The first error that a setter stored.
    pub(crate) fn deferred(&self) -> Result<()> {
        match &self.error {
            None => Ok(()),
            Some(error) => Err(Error::argument(&self.name, "setter", "an accepted value", error)),
        }
    }
}

impl BaseConfig for LossBase {
    fn write(&self, config: &mut Config) {
        config.insert("name".into(), self.name.to_config());
        config.insert("reduction".into(), self.reduction.to_config());
    }

    fn read(mut self, c: &mut ConfigReader<'_>) -> Result<Self> {
        self.name = c.take_or::<Option<String>>("name", None)?.unwrap_or(self.name);
        self.reduction = c.take_or("reduction", self.reduction)?;
        if let Some(policy) = c.take_or::<Option<DTypePolicy>>("dtype", None)? {
            self.dtype = policy.compute_dtype();
        }
        Ok(self)
    }

    fn defer(&mut self, error: Error) {
        self.error.get_or_insert_with(|| std::sync::Arc::new(error));
    }
}

/// Setters that every loss has.
pub trait LossExt: ComputeLoss + Sized {
    /// Sets how the losses of the samples become one number (default `sum_over_batch_size`).
    #[must_use]
    fn reduction<R>(mut self, reduction: R) -> Self
    where
        R: TryInto<Reduction>,
        Error: From<R::Error>,
    {
        self.base_mut().set(reduction, |base, reduction| base.reduction = reduction);
        self
    }

    /// Sets the name.
    #[must_use]
    fn name(mut self, name: impl Into<String>) -> Self {
        self.base_mut().name = name.into();
        self
    }

    /// Sets the type to compute in (default `float32`): a type, a policy or the name of one.
    #[must_use]
    fn dtype<D>(mut self, dtype: D) -> Self
    where
        D: TryInto<DTypePolicy>,
        Error: From<D::Error>,
    {
        self.base_mut().set(dtype, |base, policy: DTypePolicy| base.dtype = policy.compute_dtype());
        self
    }
}

impl<L: ComputeLoss> LossExt for L {}

/// Computes a loss.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::{ComputeLoss, MeanSquaredError};
///
/// let loss = MeanSquaredError::new();
/// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0], [2, 1])?;
/// let y_pred = Tensor::from_vec(vec![1.0_f32, 3.0], [2, 1])?;
/// assert_eq!(loss.call(&y_true, &y_pred)?.to_vec::<f32>()?, [1.0, 9.0]);
/// assert_eq!(loss.compute(&y_true, &y_pred, None)?.to_scalar()?, 5.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub trait ComputeLoss: KerasConfig + HasBase<Base = LossBase> + fmt::Debug + Send + Sync {
    /// Refuses targets that the loss is not defined for, such as labels outside the classes. The default
    /// refuses targets that are infinite or NaN.
    ///
    /// Training calls it before any weight changes.
    ///
    /// # Errors
    /// [`Error::Argument`] or [`Error::Shape`] naming `y_true`.
    fn check(&self, y_true: &Tensor, y_pred_shape: &[usize]) -> Result<()> {
        let _ = y_pred_shape;
        targets::check_finite(self.class_name(), y_true)
    }

    /// The losses of the samples, not yet reduced. Keras' `Loss.call`.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes of targets and predictions do not agree.
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor>;

    /// As [`ComputeLoss::call`], with a mask of the losses that count, where the loss leaves some out.
    ///
    /// # Errors
    /// As [`ComputeLoss::call`].
    fn call_masked(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<(Tensor, Option<Tensor>)> {
        Ok((self.call(y_true, y_pred)?, None))
    }

    /// The loss as one number, by the reduction. Keras' `Loss.__call__`.
    ///
    /// `sample_weight` broadcasts to the losses of the samples.
    ///
    /// # Errors
    /// As [`ComputeLoss::call`]; [`Error::Shape`] where weights do not broadcast.
    fn compute(&self, y_true: &Tensor, y_pred: &Tensor, sample_weight: Option<&Tensor>) -> Result<Tensor> {
        self.compute_masked(y_true, y_pred, sample_weight, None)
    }

    /// As [`ComputeLoss::compute`], with the mask that came with the predictions.
    ///
    /// # Errors
    /// As [`ComputeLoss::compute`].
    fn compute_masked(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        sample_weight: Option<&Tensor>,
        mask: Option<&Tensor>,
    ) -> Result<Tensor> {
        let base = self.base();
        base.deferred()?;
        let (values, loss_mask) = self.call_masked(&y_true.cast(base.dtype)?, &y_pred.cast(base.dtype)?)?;
        let values = values.cast(base.dtype)?;
        let mask = match (mask, loss_mask) {
            (Some(mask), Some(loss_mask)) => Some(mask.cast(DType::Bool)?.logical_and(&loss_mask)?),
            (mask, loss_mask) => mask.cloned().or(loss_mask),
        };
        let weight = sample_weight.map(|w| w.cast(base.dtype)).transpose()?;
        let weight = match mask {
            Some(mask) => Some(apply_mask(weight.as_ref(), &mask, base.dtype, base.reduction)?),
            None => weight,
        };
        let Some(weight) = weight else { return reduce(&values, None, base.reduction) };
        let (values, weight) = same_rank(&values, &weight)?;
        if broadcast_shapes("weights", values.shape(), weight.shape()).is_err() {
            let expected = format!("a shape that broadcasts with the losses' {}", tuple(values.shape()));
            return Err(Error::shape(self.class_name(), "sample_weight", expected, tuple(weight.shape())));
        }
        reduce(&values.mul(&weight)?, Some(&weight), base.reduction)
    }
}

object_handle! {
    /// A shared loss of any class, made from an object or a Keras name.
    ///
    /// ```
    /// use keras_rs::losses::Loss;
    ///
    /// assert_eq!(Loss::try_from("mse")?.class_name(), "MeanSquaredError");
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    Loss, ComputeLoss
}
