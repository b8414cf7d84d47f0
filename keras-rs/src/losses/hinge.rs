//! Hinge losses.

use super::classes::plain_loss;
use super::numeric::at_least;
use super::targets;
use crate::error::Result;
use crate::tensor::Tensor;

/// Targets and predictions of one float type, whose shapes broadcast.
pub(super) fn as_floats(context: &str, y_true: &Tensor, y_pred: &Tensor) -> Result<(Tensor, Tensor)> {
    targets::check_broadcast(context, y_true.shape(), y_pred.shape())?;
    let y_pred = y_pred.to_float()?;
    Ok((y_true.cast(y_pred.dtype())?, y_pred))
}

/// Labels 0 and 1 as -1 and 1; other labels, if there is one, leave all unchanged.
fn signed_labels(y_true: &Tensor) -> Result<Tensor> {
    if y_true.is_empty() {
        return Ok(y_true.clone());
    }
    let number = |n: f64| y_true.full_like(vec![1; y_true.rank()], n);
    let binary = y_true.equal(&number(0.0)?)?.logical_or(&y_true.equal(&number(1.0)?)?)?;
    let all_binary = binary.cast(y_true.dtype())?.min(&[], false)?.greater_scalar(0.0)?;
    y_true.mul_scalar(2.0)?.add_scalar(-1.0)?.where_(&all_binary, y_true)
}

/// `max(1 - y_true * y_pred, 0)` for labels -1 and 1.
fn margin(context: &str, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = as_floats(context, y_true, y_pred)?;
    at_least(&signed_labels(&y_true)?.mul(&y_pred)?.neg()?.add_scalar(1.0)?, 0.0)
}

/// `mean(max(1 - y_true * y_pred, 0), axis=-1)`; labels are -1 and 1, or 0 and 1. Keras' `hinge`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::hinge;
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0], [2, 1])?;
/// let y_pred = Tensor::from_vec(vec![0.5_f32, 0.5], [2, 1])?;
/// assert_eq!(hinge(&y_true, &y_pred)?.to_vec::<f32>()?, [1.5, 0.5]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn hinge(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    margin("hinge", y_true, y_pred)?.mean(&[-1], false)
}

/// `mean(max(1 - y_true * y_pred, 0)², axis=-1)`; labels are -1 and 1, or 0 and 1. Keras' `squared_hinge`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::squared_hinge;
///
/// let y_true = Tensor::from_vec(vec![-1.0_f32, 1.0], [2, 1])?;
/// let y_pred = Tensor::from_vec(vec![0.5_f32, 0.5], [2, 1])?;
/// assert_eq!(squared_hinge(&y_true, &y_pred)?.to_vec::<f32>()?, [2.25, 0.25]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn squared_hinge(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    margin("squared_hinge", y_true, y_pred)?.square()?.mean(&[-1], false)
}

/// `max(max((1 - y_true) * y_pred) - sum(y_true * y_pred) + 1, 0)` along the last axis; targets are 0
/// and 1. Keras' `categorical_hinge`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::categorical_hinge;
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0], [1, 2])?;
/// let y_pred = Tensor::from_vec(vec![0.75_f32, 0.25], [1, 2])?;
/// assert_eq!(categorical_hinge(&y_true, &y_pred)?.to_vec::<f32>()?, [1.5]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn categorical_hinge(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = as_floats("categorical_hinge", y_true, y_pred)?;
    let positive = y_true.mul(&y_pred)?.sum(&[-1], false)?;
    let negative = y_true.neg()?.add_scalar(1.0)?.mul(&y_pred)?.max(&[-1], false)?;
    at_least(&negative.sub(&positive)?.add_scalar(1.0)?, 0.0)
}

plain_loss! {
    /// Mean of `max(1 - y_true * y_pred, 0)`: [`hinge`]. Keras' `Hinge`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::losses::{ComputeLoss, Hinge};
    ///
    /// let y_true = Tensor::from_vec(vec![-1.0_f32, 1.0], [2, 1])?;
    /// let y_pred = Tensor::from_vec(vec![0.5_f32, 2.0], [2, 1])?;
    /// assert_eq!(Hinge::new().compute(&y_true, &y_pred, None)?.to_scalar()?, 0.75);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    Hinge, "hinge", hinge, targets::check_broadcast
}

plain_loss! {
    /// Mean of `max(1 - y_true * y_pred, 0)²`: [`squared_hinge`]. Keras' `SquaredHinge`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::losses::{ComputeLoss, SquaredHinge};
    ///
    /// let y_true = Tensor::from_vec(vec![-1.0_f32, 1.0], [2, 1])?;
    /// let y_pred = Tensor::from_vec(vec![1.0_f32, 2.0], [2, 1])?;
    /// assert_eq!(SquaredHinge::new().compute(&y_true, &y_pred, None)?.to_scalar()?, 2.0);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    SquaredHinge, "squared_hinge", squared_hinge, targets::check_broadcast
}

plain_loss! {
    /// How much the score of the true class must grow to exceed that of every other class by 1:
    /// [`categorical_hinge`].
    /// Keras' `CategoricalHinge`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::losses::{CategoricalHinge, ComputeLoss};
    ///
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0, 1.0, 0.0], [2, 2])?;
    /// let y_pred = Tensor::from_vec(vec![0.75_f32, 0.25, 2.0, 0.0], [2, 2])?;
    /// assert_eq!(CategoricalHinge::new().compute(&y_true, &y_pred, None)?.to_scalar()?, 0.75);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    CategoricalHinge, "categorical_hinge", categorical_hinge, targets::check_broadcast
}
