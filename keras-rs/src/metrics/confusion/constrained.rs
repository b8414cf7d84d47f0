//! The largest value of one rate where another rate is at least a given value.

use super::grid::{Grid, at_least};
use super::samples::{Samples, Select};
use super::tally::{Counts, Tally};
use crate::config::{KerasConfig, Number, snake_case};
use crate::error::{Error, Result};
use crate::metrics::{Measure, MetricBase};
use crate::tensor::Tensor;

/// Evenly spaced thresholds; 0.5 where there is one.
fn grid(num_thresholds: usize) -> Grid {
    if num_thresholds == 1 { Grid::listed(&[0.5]) } else { Grid::even(num_thresholds) }
}

/// The largest of `rate` where `constrained` is at least `minimum`; 0 where it never is.
fn best(rate: &[f32], constrained: &[f32], minimum: f64) -> Result<Tensor> {
    let pairs = rate.iter().zip(constrained);
    Tensor::scalar(pairs.filter(|(_, c)| **c >= minimum as f32).fold(0.0_f32, |max, (r, _)| max.max(*r)))
}

macro_rules! constrained {
    ($(#[$doc:meta])* $class:ident: $rate:ident at $key:ident of $constrained:ident) => {
        $(#[$doc])*
        #[derive(Debug, KerasConfig)]
        #[keras(module = "keras.metrics", check = |made, _| made.check())]
        pub struct $class {
            #[keras(default = MetricBase::named(&snake_case(stringify!($class))))]
            base: MetricBase,
            /// The only class that counts (default all together).
            class_id: Option<isize>,
            /// How many thresholds are tried, evenly spaced in [0, 1] (default 200).
            #[keras(default = 200)]
            num_thresholds: usize,
            /// Least value in [0, 1] that the constraint asks for.
            #[keras(new)]
            $key: Number,
            #[keras(skip)]
            tally: Tally,
        }

        impl $class {
            fn check(&self) -> Result<()> {
                self.base.deferred()?;
                if !(0.0..=1.0).contains(&self.$key.get()) {
                    let got = self.$key.get();
                    return Err(Error::argument(&self.base.name, stringify!($key), "a number in [0, 1]", got));
                }
                at_least(&self.base.name, self.num_thresholds, 1)
            }
        }

        impl Measure for $class {
            fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
                self.check()?;
                let select = Select { class_id: self.class_id, ..Select::default() };
                let samples = Samples::new(&self.base.name, y_true, y_pred, weight, select)?;
                self.tally.add(&self.base.name, &samples, &grid(self.num_thresholds))
            }

            fn result(&self) -> Result<Tensor> {
                self.check()?;
                let counts: Counts = self.tally.counts(self.num_thresholds, 1);
                best(&counts.$rate(), &counts.$constrained(), self.$key.get())
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

constrained! {
    /// Best sensitivity (recall) where specificity is large enough. Keras' `SensitivityAtSpecificity`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{Measure, SensitivityAtSpecificity};
    ///
    /// let metric = SensitivityAtSpecificity::new(0.5);
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0, 0.0, 1.0, 1.0], [5])?;
    /// let y_pred = Tensor::from_vec(vec![0.0_f32, 0.3, 0.8, 0.3, 0.8], [5])?;
    /// metric.update_state(&y_true, &y_pred, None)?;
    /// assert_eq!(metric.result()?.to_scalar()?, 0.5);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    SensitivityAtSpecificity: recall at specificity of specificity
}

constrained! {
    /// Best specificity where sensitivity (recall) is large enough. Keras' `SpecificityAtSensitivity`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{Measure, SpecificityAtSensitivity};
    ///
    /// let metric = SpecificityAtSensitivity::new(0.5);
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0, 0.0, 1.0, 1.0], [5])?;
    /// let y_pred = Tensor::from_vec(vec![0.0_f32, 0.3, 0.8, 0.3, 0.8], [5])?;
    /// metric.update_state(&y_true, &y_pred, None)?;
    /// assert_eq!(metric.result()?.to_vec::<f32>()?, [2.0 / 3.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    SpecificityAtSensitivity: specificity at sensitivity of recall
}

constrained! {
    /// Best precision where recall is large enough. Keras' `PrecisionAtRecall`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{Measure, PrecisionAtRecall};
    ///
    /// let metric = PrecisionAtRecall::new(0.5);
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0, 0.0, 1.0, 1.0], [5])?;
    /// let y_pred = Tensor::from_vec(vec![0.0_f32, 0.3, 0.8, 0.3, 0.8], [5])?;
    /// metric.update_state(&y_true, &y_pred, None)?;
    /// assert_eq!(metric.result()?.to_scalar()?, 0.5);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    PrecisionAtRecall: precision at recall of recall
}

constrained! {
    /// Best recall where precision is large enough. Keras' `RecallAtPrecision`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{Measure, RecallAtPrecision};
    ///
    /// let metric = RecallAtPrecision::new(0.8);
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0, 1.0, 1.0], [4])?;
    /// let y_pred = Tensor::from_vec(vec![0.0_f32, 0.5, 0.3, 0.9], [4])?;
    /// metric.update_state(&y_true, &y_pred, None)?;
    /// assert_eq!(metric.result()?.to_scalar()?, 0.5);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    RecallAtPrecision: recall at precision of precision
}
