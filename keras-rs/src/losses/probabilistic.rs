//! Losses between probability distributions.

use super::classes::plain_loss;
use super::hinge::as_floats;
use super::numeric::{EPSILON, at_least, at_most};
use super::targets;
use crate::error::Result;
use crate::tensor::Tensor;

/// `sum(y_true * log(y_true / y_pred), axis=-1)`, both clipped to `1e-7..=1`. Keras' `kl_divergence`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::kl_divergence;
///
/// let y_true = Tensor::from_vec(vec![0.0_f64, 1.0], [1, 2])?;
/// let y_pred = Tensor::from_vec(vec![0.5_f64, 0.5], [1, 2])?;
/// assert!((kl_divergence(&y_true, &y_pred)?.to_scalar()? - 2.0_f64.ln()).abs() < 1e-5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn kl_divergence(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = as_floats("kl_divergence", y_true, y_pred)?;
    let clipped = |x: &Tensor| at_most(&at_least(x, EPSILON)?, 1.0);
    let y_true = clipped(&y_true)?;
    y_true.mul(&y_true.div(&clipped(&y_pred)?)?.log()?)?.sum(&[-1], false)
}

/// `mean(y_pred - y_true * log(y_pred + 1e-7), axis=-1)`. Keras' `poisson`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::poisson;
///
/// let y_true = Tensor::from_vec(vec![2.0_f64, 0.0], [1, 2])?;
/// let y_pred = Tensor::from_vec(vec![1.0_f64, 3.0], [1, 2])?;
/// assert!((poisson(&y_true, &y_pred)?.to_scalar()? - 2.0).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn poisson(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = as_floats("poisson", y_true, y_pred)?;
    y_pred.sub(&y_true.mul(&y_pred.add_scalar(EPSILON)?.log()?)?)?.mean(&[-1], false)
}

plain_loss! {
    /// How much the predicted distribution differs from the true one: [`kl_divergence`]. Keras' `KLDivergence`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::losses::{ComputeLoss, KLDivergence};
    ///
    /// let y_true = Tensor::from_vec(vec![0.25_f32, 0.75], [1, 2])?;
    /// assert_eq!(KLDivergence::new().compute(&y_true, &y_true, None)?.to_scalar()?, 0.0);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    KLDivergence, "kl_divergence", kl_divergence, targets::check_broadcast
}

plain_loss! {
    /// For counts whose expectation is predicted: [`poisson`]. Keras' `Poisson`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::losses::{ComputeLoss, Poisson};
    ///
    /// let y_true = Tensor::from_vec(vec![2.0_f32, 0.0], [2, 1])?;
    /// let y_pred = Tensor::from_vec(vec![1.0_f32, 3.0], [2, 1])?;
    /// assert!((Poisson::new().compute(&y_true, &y_pred, None)?.to_scalar()? - 2.0).abs() < 1e-6);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    Poisson, "poisson", poisson, targets::check_broadcast
}
