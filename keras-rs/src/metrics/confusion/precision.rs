//! Precision and recall.

use super::counts::by_threshold;
use super::grid::Grid;
use super::samples::{NEG_INF, Samples, Select};
use super::tally::Tally;
use super::thresholds::Thresholds;
use crate::config::{KerasConfig, snake_case};
use crate::error::{Error, Result};
use crate::metrics::{Measure, MetricBase};
use crate::tensor::Tensor;

macro_rules! rate {
    ($(#[$doc:meta])* $class:ident, $method:ident) => {
        $(#[$doc])*
        #[derive(Debug, KerasConfig)]
        #[keras(module = "keras.metrics", check = |made, _| made.values().map(|_| ()))]
        pub struct $class {
            #[keras(default = MetricBase::named(&snake_case(stringify!($class))))]
            base: MetricBase,
            /// Thresholds in [0, 1] that positive predictions are above, one or a list (default 0.5, or
            /// none where `top_k` is given).
            thresholds: Option<Thresholds>,
            /// How many of a sample's largest predictions may be positive (default all); of equal ones
            /// the first.
            top_k: Option<usize>,
            /// The only class that counts (default all together).
            class_id: Option<isize>,
            #[keras(skip)]
            tally: Tally,
        }

        impl $class {
            fn values(&self) -> Result<Vec<f64>> {
                self.base.deferred()?;
                if self.top_k == Some(0) {
                    return Err(Error::argument(&self.base.name, "top_k", "a number of at least 1", 0));
                }
                let default = if self.top_k.is_none() { 0.5 } else { NEG_INF };
                Thresholds::parse(self.thresholds.as_ref(), default, &self.base.name)
            }
        }

        impl Measure for $class {
            fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
                let grid = Grid::listed(&self.values()?);
                let select = Select { top_k: self.top_k, class_id: self.class_id, ..Select::default() };
                let samples = Samples::new(&self.base.name, y_true, y_pred, weight, select)?;
                self.tally.add(&self.base.name, &samples, &grid)
            }

            fn result(&self) -> Result<Tensor> {
                by_threshold(self.tally.counts(self.values()?.len(), 1).$method())
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

rate! {
    /// Fraction of the predicted positives that are positive. Keras' `Precision`.
    ///
    /// The result is one number, or one for each of several thresholds; 0 where nothing was predicted
    /// positive.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{Measure, Precision};
    ///
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0, 1.0, 1.0], [4])?;
    /// let y_pred = Tensor::from_vec(vec![1.0_f32, 0.0, 1.0, 1.0], [4])?;
    /// let weight = Tensor::from_vec(vec![0.0_f32, 0.0, 1.0, 0.0], [4])?;
    /// let precision = Precision::new();
    /// precision.update_state(&y_true, &y_pred, None)?;
    /// assert_eq!(precision.result()?.to_vec::<f32>()?, [2.0 / 3.0]);
    /// precision.reset_state();
    /// precision.update_state(&y_true, &y_pred, Some(&weight))?;
    /// assert_eq!(precision.result()?.to_vec::<f32>()?, [1.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    Precision, precision
}

rate! {
    /// Fraction of the positives that were predicted positive. Keras' `Recall`.
    ///
    /// The result is one number, or one for each of several thresholds; 0 where nothing is positive.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{Measure, Recall};
    ///
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0, 1.0, 1.0, 0.0, 0.0], [2, 3])?;
    /// let y_pred = Tensor::from_vec(vec![0.2_f32, 0.4, 0.3, 0.1, 0.5, 0.6], [2, 3])?;
    /// let top_two = Recall::new().top_k(2);
    /// top_two.update_state(&y_true, &y_pred, None)?;
    /// assert_eq!(top_two.result()?.to_scalar()?, 0.5);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    Recall, recall
}
