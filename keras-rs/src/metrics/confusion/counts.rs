//! Numbers of true and false positives and negatives.

use super::grid::Grid;
use super::samples::{Samples, Select};
use super::tally::Tally;
use super::thresholds::Thresholds;
use crate::config::{KerasConfig, snake_case};
use crate::error::Result;
use crate::metrics::{Measure, MetricBase};
use crate::tensor::Tensor;

/// One number where there is one threshold, else one for each.
pub(super) fn by_threshold(values: Vec<f32>) -> Result<Tensor> {
    match values.as_slice() {
        [one] => Tensor::scalar(*one),
        _ => Tensor::from_slice(&values, [values.len()]),
    }
}

macro_rules! outcome {
    ($(#[$doc:meta])* $class:ident, $field:ident) => {
        $(#[$doc])*
        ///
        /// A sample is counted as many times as its weight says. The result is one number, or one for each of
        /// several thresholds.
        #[derive(Debug, KerasConfig)]
        #[keras(module = "keras.metrics", check = |made, _| made.values().map(|_| ()))]
        pub struct $class {
            #[keras(default = MetricBase::named(&snake_case(stringify!($class))))]
            base: MetricBase,
            /// Thresholds in [0, 1] that positive predictions are above, one or a list (default 0.5).
            thresholds: Option<Thresholds>,
            #[keras(skip)]
            tally: Tally,
        }

        impl $class {
            fn values(&self) -> Result<Vec<f64>> {
                self.base.deferred()?;
                Thresholds::parse(self.thresholds.as_ref(), 0.5, &self.base.name)
            }
        }

        impl Measure for $class {
            fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
                let grid = Grid::listed(&self.values()?);
                let samples = Samples::new(&self.base.name, y_true, y_pred, weight, Select::default())?;
                self.tally.add(&self.base.name, &samples, &grid)
            }

            fn result(&self) -> Result<Tensor> {
                by_threshold(self.tally.counts(self.values()?.len(), 1).$field)
            }

            fn reset_state(&self) {
                self.tally.reset();
            }

            fn states(&self) -> Vec<&dyn crate::metrics::MetricState> {
                vec![&self.tally]
            }
        }
    };
}

outcome! {
    /// Number of negatives that were predicted positive. Keras' `FalsePositives`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{FalsePositives, Measure};
    ///
    /// let metric = FalsePositives::new();
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0, 0.0, 0.0], [4])?;
    /// let y_pred = Tensor::from_vec(vec![0.0_f32, 0.0, 1.0, 1.0], [4])?;
    /// metric.update_state(&y_true, &y_pred, None)?;
    /// assert_eq!(metric.result()?.to_scalar()?, 2.0);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    FalsePositives, false_positives
}

outcome! {
    /// Number of positives that were predicted negative. Keras' `FalseNegatives`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{FalseNegatives, Measure};
    ///
    /// let metric = FalseNegatives::new();
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0, 1.0, 1.0], [4])?;
    /// let y_pred = Tensor::from_vec(vec![0.0_f32, 1.0, 0.0, 0.0], [4])?;
    /// metric.update_state(&y_true, &y_pred, None)?;
    /// assert_eq!(metric.result()?.to_scalar()?, 2.0);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    FalseNegatives, false_negatives
}

outcome! {
    /// Number of negatives that were predicted negative. Keras' `TrueNegatives`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{Measure, TrueNegatives};
    ///
    /// let metric = TrueNegatives::new();
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0, 0.0, 0.0], [4])?;
    /// let y_pred = Tensor::from_vec(vec![0.0_f32, 0.0, 0.2, 0.8], [4])?;
    /// metric.update_state(&y_true, &y_pred, None)?;
    /// assert_eq!(metric.result()?.to_scalar()?, 2.0);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    TrueNegatives, true_negatives
}

outcome! {
    /// Number of positives that were predicted positive. Keras' `TruePositives`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{Measure, TruePositives};
    ///
    /// let metric = TruePositives::new().thresholds([0.3, 0.6]);
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0, 1.0, 1.0], [4])?;
    /// let y_pred = Tensor::from_vec(vec![0.9_f32, 0.5, 0.7, 0.1], [4])?;
    /// metric.update_state(&y_true, &y_pred, None)?;
    /// assert_eq!(metric.result()?.to_vec::<f32>()?, [2.0, 1.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    TruePositives, true_positives
}
