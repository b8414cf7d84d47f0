//! Huber loss: quadratic for small differences, linear for large ones.

use super::classes::target_check;
use super::reduction::same_rank;
use super::regression::as_floats_of_one_rank;
use super::{ComputeLoss, LossBase, targets};
use crate::config::{KerasConfig, Number};
use crate::error::Result;
use crate::tensor::Tensor;

/// [`huber_with`] with a `delta` of 1. Keras' `huber`.
///
/// # Errors
/// As [`huber_with`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::huber;
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0], [2, 1])?;
/// let y_pred = Tensor::from_vec(vec![0.5_f32, 3.0], [2, 1])?;
/// assert_eq!(huber(&y_true, &y_pred)?.to_vec::<f32>()?, [0.125, 2.5]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn huber(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    huber_with(y_true, y_pred, 1.0)
}

/// Mean over the last axis of `e² / 2` where `|e| <= delta`, else of `delta * |e| - delta² / 2`; `e` is
/// `y_pred - y_true`. Keras' `huber`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::huber_with;
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0], [2, 1])?;
/// let y_pred = Tensor::from_vec(vec![1.0_f32, 3.0], [2, 1])?;
/// assert_eq!(huber_with(&y_true, &y_pred, 2.0)?.to_vec::<f32>()?, [0.5, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn huber_with(y_true: &Tensor, y_pred: &Tensor, delta: f64) -> Result<Tensor> {
    let (y_true, y_pred) = as_floats_of_one_rank("huber", y_true, y_pred)?;
    let error = y_pred.sub(&y_true)?;
    let absolute = error.abs()?;
    let is_small = absolute.less_equal(&absolute.full_like(vec![1; absolute.rank()], delta)?)?;
    let linear = absolute.mul_scalar(delta)?.add_scalar(-0.5 * delta * delta)?;
    error.square()?.mul_scalar(0.5)?.where_(&is_small, &linear)?.mean(&[-1], false)
}

/// Quadratic for small differences, linear for large ones: [`huber_with`]. Keras' `Huber`.
///
/// Keras' own configuration of it leaves `delta` out, so that a file loses it. Here a `delta` other than
/// the default is written; Keras reads it.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::{ComputeLoss, Huber};
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0], [2, 1])?;
/// let y_pred = Tensor::from_vec(vec![1.0_f32, 3.0], [2, 1])?;
/// let loss = Huber::new().delta(2.0).compute(&y_true, &y_pred, None)?;
/// assert_eq!(loss.to_scalar()?, 2.25);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.losses")]
pub struct Huber {
    #[keras(default = LossBase::named("huber_loss"))]
    base: LossBase,
    /// Absolute difference up to which the loss is quadratic (default 1).
    #[keras(default = 1.0, write_if = |delta| delta.get() != 1.0)]
    delta: Number,
}

impl ComputeLoss for Huber {
    target_check!(targets::check_broadcast);

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        huber_with(&y_true, &y_pred, self.delta.get())
    }
}
