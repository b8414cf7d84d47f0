//! Regression metrics.

use super::reduction::{MeanState, mean_measure, mean_metric};
use super::{Measure, MetricBase};
use crate::config::KerasConfig;
use crate::error::{Error, Result, tuple};
use crate::losses::{self, same_rank};
use crate::tensor::{Tensor, broadcast_shapes};

mean_metric! {
    /// Mean of squared differences. Keras' `MeanSquaredError`, the mean of
    /// [`mean_squared_error`](losses::mean_squared_error).
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{MeanSquaredError, Measure};
    ///
    /// let metric = MeanSquaredError::new();
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0, 0.0, 0.0], [2, 2])?;
    /// let y_pred = Tensor::from_vec(vec![1.0_f32, 1.0, 0.0, 0.0], [2, 2])?;
    /// metric.update_state(&y_true, &y_pred, None)?;
    /// assert_eq!(metric.result()?.to_scalar()?, 0.25);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    MeanSquaredError, "mean_squared_error", losses::mean_squared_error
}

mean_metric! {
    /// Mean of absolute differences. Keras' `MeanAbsoluteError`, the mean of
    /// [`mean_absolute_error`](losses::mean_absolute_error).
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{MeanAbsoluteError, Measure};
    ///
    /// let metric = MeanAbsoluteError::new();
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0], [2, 1])?;
    /// metric.update_state(&y_true, &Tensor::from_vec(vec![3.0_f32, 0.0], [2, 1])?, None)?;
    /// assert_eq!(metric.result()?.to_scalar()?, 2.0);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    MeanAbsoluteError, "mean_absolute_error", losses::mean_absolute_error
}

mean_metric! {
    /// Mean of absolute differences in percent of the targets. Keras' `MeanAbsolutePercentageError`,
    /// the mean of [`mean_absolute_percentage_error`](losses::mean_absolute_percentage_error).
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{MeanAbsolutePercentageError, Measure};
    ///
    /// let metric = MeanAbsolutePercentageError::new();
    /// let y_true = Tensor::from_vec(vec![4.0_f32, 2.0], [2, 1])?;
    /// metric.update_state(&y_true, &Tensor::from_vec(vec![3.0_f32, 2.0], [2, 1])?, None)?;
    /// assert_eq!(metric.result()?.to_scalar()?, 12.5);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    MeanAbsolutePercentageError, "mean_absolute_percentage_error",
    losses::mean_absolute_percentage_error
}

mean_metric! {
    /// Mean of squared differences of logarithms. Keras' `MeanSquaredLogarithmicError`, the mean of
    /// [`mean_squared_logarithmic_error`](losses::mean_squared_logarithmic_error).
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{MeanSquaredLogarithmicError, Measure};
    ///
    /// let metric = MeanSquaredLogarithmicError::new();
    /// let y_true = Tensor::from_vec(vec![1.0_f32], [1, 1])?;
    /// metric.update_state(&y_true, &Tensor::from_vec(vec![3.0_f32], [1, 1])?, None)?;
    /// assert!((metric.result()?.to_scalar()? - 2_f64.ln().powi(2)).abs() < 1e-6);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    MeanSquaredLogarithmicError, "mean_squared_logarithmic_error",
    losses::mean_squared_logarithmic_error
}

mean_metric! {
    /// Mean of the logarithm of the hyperbolic cosine of differences. Keras' `LogCoshError`, the mean
    /// of [`log_cosh`](losses::log_cosh).
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{LogCoshError, Measure};
    ///
    /// let metric = LogCoshError::new();
    /// let y_true = Tensor::from_vec(vec![1.0_f32], [1, 1])?;
    /// metric.update_state(&y_true, &Tensor::from_vec(vec![3.0_f32], [1, 1])?, None)?;
    /// assert!((metric.result()?.to_scalar()? - 2_f64.cosh().ln()).abs() < 1e-6);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    LogCoshError, "logcosh", losses::log_cosh
}

/// Root of the mean of squared differences. Keras' `RootMeanSquaredError`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::{Measure, RootMeanSquaredError};
///
/// let metric = RootMeanSquaredError::new();
/// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0], [2, 1])?;
/// metric.update_state(&y_true, &Tensor::from_vec(vec![1.0_f32, 7.0], [2, 1])?, None)?;
/// assert_eq!(metric.result()?.to_scalar()?, 5.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(module = "keras.metrics")]
pub struct RootMeanSquaredError {
    #[keras(default = MetricBase::named("root_mean_squared_error"))]
    base: MetricBase,
    #[keras(skip)]
    state: MeanState,
}

impl Measure for RootMeanSquaredError {
    fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, sample_weight: Option<&Tensor>) -> Result<()> {
        let context = "root_mean_squared_error";
        let cast = |t: &Tensor| t.detach().cast(self.base.dtype);
        let (y_true, y_pred) = same_rank(&cast(y_true)?, &cast(y_pred)?)?;
        if broadcast_shapes(context, y_true.shape(), y_pred.shape()).is_err() {
            let expected = format!("a shape that broadcasts with {}", tuple(y_pred.shape()));
            return Err(Error::shape(context, "y_true", expected, tuple(y_true.shape())));
        }
        self.state.add(&self.base, y_pred.sub(&y_true)?.square()?, sample_weight)
    }

    fn result(&self) -> Result<Tensor> {
        self.state.result(&self.base)?.sqrt()
    }

    fn reset_state(&self) {
        self.state.reset();
    }

    fn states(&self) -> Vec<&dyn crate::metrics::MetricState> {
        self.state.states()
    }
}

/// Mean of the cosines of the angles between targets and predictions. Keras' `CosineSimilarity`.
///
/// Unlike the loss of that name it is 1, not -1, where both point the same way. Keras' own
/// configuration of it leaves `axis` out, so that a file loses it. Here, an `axis` other than the
/// default is written; Keras reads it.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::{CosineSimilarity, Measure};
///
/// let metric = CosineSimilarity::new();
/// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0, 1.0, 1.0], [2, 2])?;
/// let y_pred = Tensor::from_vec(vec![1.0_f32, 0.0, 1.0, 1.0], [2, 2])?;
/// metric.update_state(&y_true, &y_pred, None)?;
/// assert!((metric.result()?.to_scalar()? - 0.5).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(module = "keras.metrics")]
pub struct CosineSimilarity {
    #[keras(default = MetricBase::named("cosine_similarity"))]
    base: MetricBase,
    /// Axis that vectors lie along (default -1).
    #[keras(default = -1, write_if = |axis| *axis != -1)]
    axis: isize,
    #[keras(skip)]
    state: MeanState,
}

impl CosineSimilarity {
    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        losses::cosine_similarity_with(y_true, y_pred, self.axis)?.neg()
    }
}

impl Measure for CosineSimilarity {
    mean_measure!();
}
