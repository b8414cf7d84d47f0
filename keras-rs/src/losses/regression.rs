//! Regression losses.

use super::classes::plain_loss;
use super::numeric::{EPSILON, absolute, at_least};
use super::reduction::same_rank;
use super::targets;
use crate::error::Result;
use crate::tensor::Tensor;

/// Targets and predictions of one float type and rank, whose shapes broadcast.
pub(super) fn as_floats_of_one_rank(
    context: &str,
    y_true: &Tensor,
    y_pred: &Tensor,
) -> Result<(Tensor, Tensor)> {
    let y_pred = y_pred.to_float()?;
    let (y_true, y_pred) = same_rank(&y_true.cast(y_pred.dtype())?, &y_pred)?;
    targets::check_broadcast(context, y_true.shape(), y_pred.shape())?;
    Ok((y_true, y_pred))
}

/// `mean((y_true - y_pred)², axis=-1)`. Keras' `mean_squared_error`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::mean_squared_error;
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0], [1, 2])?;
/// let y_pred = Tensor::from_vec(vec![2.0_f32, 1.0], [1, 2])?;
/// assert_eq!(mean_squared_error(&y_true, &y_pred)?.to_vec::<f32>()?, [2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn mean_squared_error(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = as_floats_of_one_rank("mean_squared_error", y_true, y_pred)?;
    y_true.sub(&y_pred)?.square()?.mean(&[-1], false)
}

/// `mean(|y_true - y_pred|, axis=-1)`. Keras' `mean_absolute_error`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::mean_absolute_error;
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0], [1, 2])?;
/// let y_pred = Tensor::from_vec(vec![2.0_f32, 0.0], [1, 2])?;
/// assert_eq!(mean_absolute_error(&y_true, &y_pred)?.to_vec::<f32>()?, [1.5]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn mean_absolute_error(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = as_floats_of_one_rank("mean_absolute_error", y_true, y_pred)?;
    absolute(&y_true.sub(&y_pred)?)?.mean(&[-1], false)
}

/// `100 * mean(|(y_true - y_pred) / max(|y_true|, 1e-7)|, axis=-1)`. Keras' `mean_absolute_percentage_error`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::mean_absolute_percentage_error;
///
/// let y_true = Tensor::from_vec(vec![4.0_f32, 1.0], [1, 2])?;
/// let y_pred = Tensor::from_vec(vec![2.0_f32, 1.0], [1, 2])?;
/// assert_eq!(mean_absolute_percentage_error(&y_true, &y_pred)?.to_vec::<f32>()?, [25.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn mean_absolute_percentage_error(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = as_floats_of_one_rank("mean_absolute_percentage_error", y_true, y_pred)?;
    let divisor = at_least(&absolute(&y_true)?, EPSILON)?;
    absolute(&y_true.sub(&y_pred)?.div(&divisor)?)?.mean(&[-1], false)?.mul_scalar(100.0)
}

/// `mean((log(max(y_true, 1e-7) + 1) - log(max(y_pred, 1e-7) + 1))², axis=-1)`.
/// Keras' `mean_squared_logarithmic_error`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::mean_squared_logarithmic_error;
///
/// let y_true = Tensor::from_vec(vec![1.0_f32], [1, 1])?;
/// let y_pred = Tensor::from_vec(vec![3.0_f32], [1, 1])?;
/// let loss = mean_squared_logarithmic_error(&y_true, &y_pred)?.to_scalar()?;
/// assert!((loss - 2.0_f64.ln().powi(2)).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn mean_squared_logarithmic_error(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = as_floats_of_one_rank("mean_squared_logarithmic_error", y_true, y_pred)?;
    let log = |x: &Tensor| at_least(x, EPSILON)?.add_scalar(1.0)?.log();
    log(&y_pred)?.sub(&log(&y_true)?)?.square()?.mean(&[-1], false)
}

/// `mean(log(cosh(y_pred - y_true)), axis=-1)`, without overflow. Keras' `log_cosh`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::log_cosh;
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0], [1, 2])?;
/// let y_pred = Tensor::from_vec(vec![1.0_f32, 0.0], [1, 2])?;
/// let loss = log_cosh(&y_true, &y_pred)?.to_scalar()?;
/// assert!((loss - 1.0_f64.cosh().ln() / 2.0).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn log_cosh(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = as_floats_of_one_rank("log_cosh", y_true, y_pred)?;
    let x = y_pred.sub(&y_true)?;
    let excess = x.mul_scalar(-2.0)?.softplus()?.add_scalar(-std::f64::consts::LN_2)?;
    x.add(&excess)?.mean(&[-1], false)
}

plain_loss! {
    /// Mean of squared differences: [`mean_squared_error`]. Keras' `MeanSquaredError`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::losses::{ComputeLoss, LossExt, MeanSquaredError};
    ///
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0, 0.0, 0.0], [2, 2])?;
    /// let y_pred = Tensor::from_vec(vec![1.0_f32, 1.0, 1.0, 0.0], [2, 2])?;
    /// assert_eq!(MeanSquaredError::new().compute(&y_true, &y_pred, None)?.to_scalar()?, 0.5);
    /// let sum = MeanSquaredError::new().reduction("sum");
    /// assert_eq!(sum.compute(&y_true, &y_pred, None)?.to_scalar()?, 1.0);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    MeanSquaredError, "mean_squared_error", mean_squared_error, targets::check_broadcast
}

plain_loss! {
    /// Mean of absolute differences: [`mean_absolute_error`]. Keras' `MeanAbsoluteError`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::losses::{ComputeLoss, MeanAbsoluteError};
    ///
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0], [2, 1])?;
    /// let y_pred = Tensor::from_vec(vec![3.0_f32, 0.0], [2, 1])?;
    /// assert_eq!(MeanAbsoluteError::new().compute(&y_true, &y_pred, None)?.to_scalar()?, 2.0);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    MeanAbsoluteError, "mean_absolute_error", mean_absolute_error, targets::check_broadcast
}

plain_loss! {
    /// Mean of differences in percent of the targets: [`mean_absolute_percentage_error`].
    /// Keras' `MeanAbsolutePercentageError`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::losses::{ComputeLoss, MeanAbsolutePercentageError};
    ///
    /// let y_true = Tensor::from_vec(vec![2.0_f32, 1.0], [2, 1])?;
    /// let y_pred = Tensor::from_vec(vec![3.0_f32, 1.0], [2, 1])?;
    /// assert_eq!(MeanAbsolutePercentageError::new().compute(&y_true, &y_pred, None)?.to_scalar()?, 25.0);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    MeanAbsolutePercentageError, "mean_absolute_percentage_error",
    mean_absolute_percentage_error, targets::check_broadcast
}

plain_loss! {
    /// Mean of squared differences of logarithms: [`mean_squared_logarithmic_error`].
    /// Keras' `MeanSquaredLogarithmicError`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::losses::{ComputeLoss, MeanSquaredLogarithmicError};
    ///
    /// let y_true = Tensor::from_vec(vec![1.0_f32, 3.0], [2, 1])?;
    /// let y_pred = Tensor::from_vec(vec![3.0_f32, 3.0], [2, 1])?;
    /// let loss = MeanSquaredLogarithmicError::new().compute(&y_true, &y_pred, None)?.to_scalar()?;
    /// assert!((loss - 2.0_f64.ln().powi(2) / 2.0).abs() < 1e-6);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    MeanSquaredLogarithmicError, "mean_squared_logarithmic_error",
    mean_squared_logarithmic_error, targets::check_broadcast
}

plain_loss! {
    /// Mean of the logarithms of the differences' hyperbolic cosines: [`log_cosh`]. Keras' `LogCosh`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::losses::{ComputeLoss, LogCosh};
    ///
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0], [2, 1])?;
    /// let y_pred = Tensor::from_vec(vec![0.0_f32, 1000.0], [2, 1])?;
    /// let loss = LogCosh::new().compute(&y_true, &y_pred, None)?.to_scalar()?;
    /// assert!((loss - (1000.0 - 2.0_f64.ln()) / 2.0).abs() < 1e-3);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    LogCosh, "log_cosh", log_cosh, targets::check_broadcast
}
