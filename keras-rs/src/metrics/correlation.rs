//! Correlations of targets and predictions.

use super::reduction::{MeanState, mean_measure};
use super::{Measure, Metric, MetricBase};
use crate::config::{ClassTable, KerasConfig};
use crate::error::Result;
use crate::losses::same_rank;
use crate::tensor::Tensor;

/// Keras' `epsilon()`, which keeps divisions by zero finite.
const EPSILON: f64 = 1e-7;

/// Adds Keras' classes.
pub(super) fn register(table: &mut ClassTable<Metric>) {
    table.class::<PearsonCorrelation>(&["PearsonCorrelation", "pearson_correlation"]);
    table.class::<ConcordanceCorrelation>(&["ConcordanceCorrelation", "concordance_correlation"]);
}

/// Targets and predictions of one type and rank.
fn as_floats_of_one_rank(y_true: &Tensor, y_pred: &Tensor) -> Result<(Tensor, Tensor)> {
    let y_pred = y_pred.to_float()?;
    same_rank(&y_true.cast(y_pred.dtype())?, &y_pred)
}

/// Pearson's correlation along an axis, from -1 to 1. Keras' `pearson_correlation`.
///
/// NaN where all targets or all predictions are equal.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::pearson_correlation;
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0, 0.5, 1.0, 1.0, 0.2], [2, 3])?;
/// let y_pred = Tensor::from_vec(vec![0.1_f32, 0.9, 0.5, 1.0, 0.9, 0.2], [2, 3])?;
/// let r = pearson_correlation(&y_true, &y_pred, -1)?.to_vec::<f32>()?;
/// assert!((r[0] - 1.0).abs() < 1e-5 && (r[1] - 0.993_399_26).abs() < 1e-5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn pearson_correlation(y_true: &Tensor, y_pred: &Tensor, axis: isize) -> Result<Tensor> {
    let (y_true, y_pred) = as_floats_of_one_rank(y_true, y_pred)?;
    let standardized = |y: &Tensor| {
        let y = y.sub(&y.mean(&[axis], true)?)?;
        y.div(&y.variance(&[axis], true)?.sqrt()?)
    };
    standardized(&y_true)?.mul(&standardized(&y_pred)?)?.mean(&[axis], false)
}

/// Concordance correlation along an axis: how near predictions are to targets, 1 where they are equal.
/// Keras' `concordance_correlation`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::concordance_correlation;
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0, 0.5, 1.0, 1.0, 0.2], [2, 3])?;
/// let y_pred = Tensor::from_vec(vec![0.1_f32, 0.9, 0.5, 1.0, 0.9, 0.2], [2, 3])?;
/// let r = concordance_correlation(&y_true, &y_pred, -1)?.to_vec::<f32>()?;
/// assert!((r[0] - 0.975_609_3).abs() < 1e-5 && (r[1] - 0.987_653_9).abs() < 1e-5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn concordance_correlation(y_true: &Tensor, y_pred: &Tensor, axis: isize) -> Result<Tensor> {
    let (y_true, y_pred) = as_floats_of_one_rank(y_true, y_pred)?;
    let (mean_true, mean_pred) = (y_true.mean(&[axis], true)?, y_pred.mean(&[axis], true)?);
    let variances = y_true.variance(&[axis], true)?.add(&y_pred.variance(&[axis], true)?)?;
    let norm = variances.add(&mean_true.sub(&mean_pred)?.square()?)?.add_scalar(EPSILON)?;
    // Keras takes the predictions' mean from the targets.
    let covariance = y_true.sub(&mean_pred)?.mul(&y_pred.sub(&mean_pred)?)?;
    covariance.mul_scalar(2.0)?.div(&norm)?.mean(&[axis], false)
}

macro_rules! correlation {
    ($(#[$doc:meta])* $class:ident, $function:ident) => {
        $(#[$doc])*
        #[derive(Debug, KerasConfig)]
        #[keras(module = "keras.metrics")]
        pub struct $class {
            #[keras(default = MetricBase::named(stringify!($function)))]
            base: MetricBase,
            /// Axis along which the correlation is computed (default the last).
            #[keras(default = -1)]
            axis: isize,
            #[keras(skip)]
            state: MeanState,
        }

        impl $class {
            fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
                self.base.deferred()?;
                $function(y_true, y_pred, self.axis)
            }
        }

        impl Measure for $class {
            mean_measure!();
        }
    };
}

correlation! {
    /// Mean of the samples' Pearson correlations. Keras' `PearsonCorrelation`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{Measure, PearsonCorrelation};
    ///
    /// let metric = PearsonCorrelation::new();
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0, 0.5, 1.0, 1.0, 0.2], [2, 3])?;
    /// let y_pred = Tensor::from_vec(vec![0.1_f32, 0.9, 0.5, 1.0, 0.9, 0.2], [2, 3])?;
    /// metric.update_state(&y_true, &y_pred, None)?;
    /// assert!((metric.result()?.to_scalar()? - 0.996_699_63).abs() < 1e-5);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    PearsonCorrelation, pearson_correlation
}

correlation! {
    /// Mean of the samples' concordance correlations. Keras' `ConcordanceCorrelation`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{ConcordanceCorrelation, Measure};
    ///
    /// let metric = ConcordanceCorrelation::new();
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0, 0.5, 1.0, 1.0, 0.2], [2, 3])?;
    /// let y_pred = Tensor::from_vec(vec![0.1_f32, 0.9, 0.5, 1.0, 0.9, 0.2], [2, 3])?;
    /// metric.update_state(&y_true, &y_pred, None)?;
    /// assert!((metric.result()?.to_scalar()? - 0.981_631_64).abs() < 1e-5);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    ConcordanceCorrelation, concordance_correlation
}
