//! F-scores: one number from precision and recall.

use super::{Accumulator, Measure, Metric, MetricBase};
use crate::config::{ClassTable, FromConfig, IntoConfig, KerasConfig};
use crate::error::{Error, Result, tuple};
use crate::tensor::Tensor;
use serde_json::Value;

/// Keras' `epsilon()`, which keeps divisions by zero finite.
const EPSILON: f64 = 1e-7;

/// Adds Keras' classes.
pub(super) fn register(table: &mut ClassTable<Metric>) {
    table.class::<FBetaScore>(&["FBetaScore", "f_beta_score"]);
    table.class::<F1Score>(&["F1Score", "f1_score"]);
}

/// How the scores of the classes are averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Average {
    /// One score from all classes' counts together.
    Micro,
    /// Mean of the classes' scores.
    Macro,
    /// Mean weighted by how many samples are of each class.
    Weighted,
}

impl Average {
    const NAMES: [(&'static str, Self); 3] =
        [("micro", Self::Micro), ("macro", Self::Macro), ("weighted", Self::Weighted)];
}

impl TryFrom<&str> for Average {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        let found = Self::NAMES.into_iter().find(|(n, _)| *n == name).map(|(_, a)| a);
        found.ok_or_else(|| Error::unknown_name("average", name, Self::NAMES.map(|(n, _)| n)))
    }
}

impl IntoConfig for Average {
    fn to_config(&self) -> Value {
        Self::NAMES.into_iter().find(|(_, a)| a == self).map(|(name, _)| name).into()
    }
}

impl FromConfig for Average {
    const EXPECTED: &'static str = "\"micro\", \"macro\", \"weighted\" or null";

    fn from_value(value: &Value) -> Option<Self> {
        value.as_str()?.try_into().ok()
    }
}

#[derive(Debug, Default)]
struct State {
    true_positives: Accumulator,
    false_positives: Accumulator,
    false_negatives: Accumulator,
    /// Number of samples of each class, for `weighted`.
    intermediate_weights: Accumulator,
}

impl State {
    fn add(
        &self,
        y_true: &Tensor,
        predicted: &Tensor,
        weight: Option<&Tensor>,
        axes: &[isize],
    ) -> Result<()> {
        let not = |x: &Tensor| x.neg()?.add_scalar(1.0);
        let sum = |values: &Tensor| match weight {
            Some(weight) => values.mul(weight)?.sum(axes, false),
            None => values.sum(axes, false),
        };
        let batch = [
            (&self.true_positives, sum(&predicted.mul(y_true)?)?),
            (&self.false_positives, sum(&predicted.mul(&not(y_true)?)?)?),
            (&self.false_negatives, sum(&not(predicted)?.mul(y_true)?)?),
            (&self.intermediate_weights, sum(y_true)?),
        ];
        batch.into_iter().try_for_each(|(total, value)| total.add(&value))
    }

    fn score(&self, average: Option<Average>, beta: f64) -> Result<Option<Tensor>> {
        let values = (
            self.true_positives.value(),
            self.false_positives.value(),
            self.false_negatives.value(),
            self.intermediate_weights.value(),
        );
        let (Some(tp), Some(fp), Some(false_negatives), Some(weights)) = values else { return Ok(None) };
        let precision = tp.div(&tp.add(&fp)?.add_scalar(EPSILON)?)?;
        let recall = tp.div(&tp.add(&false_negatives)?.add_scalar(EPSILON)?)?;
        let square = beta * beta;
        let divisor = precision.mul_scalar(square)?.add(&recall)?.add_scalar(EPSILON)?;
        let scores = precision.mul(&recall)?.div(&divisor)?.mul_scalar(1.0 + square)?;
        match average {
            None => Ok(Some(scores)),
            Some(Average::Weighted) => {
                let weights = weights.div(&weights.sum(&[], false)?.add_scalar(EPSILON)?)?;
                scores.mul(&weights)?.sum(&[], false).map(Some)
            }
            Some(Average::Micro | Average::Macro) => scores.mean(&[], false).map(Some),
        }
    }

    fn states(&self) -> Vec<&dyn crate::metrics::MetricState> {
        vec![&self.true_positives, &self.false_positives, &self.false_negatives, &self.intermediate_weights]
    }

    fn reset(&self) {
        let all =
            [&self.true_positives, &self.false_positives, &self.false_negatives, &self.intermediate_weights];
        for total in all {
            // The number of classes remains that of the first batch.
            match total.value().map(|value| value.full_like(value.shape().to_vec(), 0.0)) {
                Some(Ok(zeros)) => total.set(&zeros),
                _ => total.reset(),
            }
        }
    }
}

macro_rules! score {
    ($(#[$doc:meta])* $class:ident, $name:literal, beta: $($beta:tt)*) => {
        $(#[$doc])*
        #[derive(Debug, KerasConfig)]
        #[keras(module = "keras.metrics", check = |made, _| made.check())]
        pub struct $class {
            #[keras(default = MetricBase::named($name))]
            base: MetricBase,
            /// How the scores of the classes are averaged: `"micro"`, `"macro"` or `"weighted"` (default: the
            /// result has a score for each class).
            average: Option<Average>,
            /// Weight of recall relative to precision; positive (default 1).
            #[keras($($beta)*)]
            beta: f64,
            /// Threshold in (0, 1] that positive predictions are above (default: each sample's largest
            /// predictions are positive, unless they are 0).
            threshold: Option<f64>,
            #[keras(skip)]
            state: State,
        }

        impl $class {
            fn check(&self) -> Result<()> {
                self.base.deferred()?;
                let refuse = |argument: &str, expected: &str, got: f64| {
                    Err(Error::argument(&self.base.name, argument, expected, got))
                };
                if self.beta.is_nan() || self.beta <= 0.0 {
                    return refuse("beta", "a number greater than 0", self.beta);
                }
                match self.threshold {
                    Some(t) if !(t > 0.0 && t <= 1.0) => refuse("threshold", "a number in (0, 1]", t),
                    _ => Ok(()),
                }
            }
        }

        impl Measure for $class {
            fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
                self.check()?;
                let (name, dtype) = (&self.base.name, self.base.dtype);
                if y_pred.rank() != 2 || y_true.shape() != y_pred.shape() {
                    let expected = "the shape (batch size, classes) for targets and predictions";
                    let got = format!("{} and {}", tuple(y_true.shape()), tuple(y_pred.shape()));
                    return Err(Error::shape(name, "y_true", expected, got));
                }
                let weight = match weight {
                    Some(weight) if weight.shape() != [y_pred.shape()[0]] => {
                        let got = tuple(weight.shape());
                        return Err(Error::shape(name, "sample_weight", "a weight for each sample", got));
                    }
                    Some(weight) => Some(weight.detach().cast(dtype)?.expand_dims(1)?),
                    None => None,
                };
                let y_pred = y_pred.detach().cast(dtype)?;
                let predicted = match self.threshold {
                    Some(threshold) => y_pred.greater_scalar(threshold)?,
                    None => {
                        let largest = y_pred.greater_equal(&y_pred.max(&[-1], true)?)?;
                        largest.logical_and(&y_pred.abs()?.greater_scalar(1e-9)?)?
                    }
                };
                let axes: &[isize] = if self.average == Some(Average::Micro) { &[] } else { &[0] };
                self.state.add(&y_true.detach().cast(dtype)?, &predicted.cast(dtype)?, weight.as_ref(), axes)
            }

            fn result(&self) -> Result<Tensor> {
                self.check()?;
                match self.state.score(self.average, self.beta)? {
                    Some(score) => Ok(score),
                    None => Tensor::zeros(Vec::new(), self.base.dtype),
                }
            }

            fn reset_state(&self) {
                self.state.reset();
            }

            fn states(&self) -> Vec<&dyn crate::metrics::MetricState> {
                self.state.states()
            }
        }
    };
}

score! {
    /// `(1 + beta²) precision recall / (beta² precision + recall)`. Keras' `FBetaScore`.
    ///
    /// Targets and predictions have the shape `(batch size, classes)`; a score for each class results, or
    /// one with `average`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{FBetaScore, Measure};
    ///
    /// let metric = FBetaScore::new().beta(2.0).threshold(0.5);
    /// let y_true = Tensor::from_vec(vec![1, 1, 1, 1, 0, 0, 1, 1, 0], [3, 3])?;
    /// let y_pred = Tensor::from_vec(vec![0.2_f32, 0.6, 0.7, 0.2, 0.6, 0.6, 0.6, 0.8, 0.0], [3, 3])?;
    /// metric.update_state(&y_true, &y_pred, None)?;
    /// let scores = metric.result()?.to_vec::<f32>()?;
    /// let expected = [0.3846154, 0.90909094, 0.8333333];
    /// assert!(scores.iter().zip(expected).all(|(s, e)| (s - e).abs() < 1e-5));
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    FBetaScore, "fbeta_score", beta: default = 1.0
}

score! {
    /// `2 precision recall / (precision + recall)`. Keras' `F1Score`.
    ///
    /// Targets and predictions have the shape `(batch size, classes)`; a score for each class results, or
    /// one with `average`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{F1Score, Measure};
    ///
    /// let metric = F1Score::new().threshold(0.5);
    /// let y_true = Tensor::from_vec(vec![1, 1, 1, 1, 0, 0, 1, 1, 0], [3, 3])?;
    /// let y_pred = Tensor::from_vec(vec![0.2_f32, 0.6, 0.7, 0.2, 0.6, 0.6, 0.6, 0.8, 0.0], [3, 3])?;
    /// metric.update_state(&y_true, &y_pred, None)?;
    /// let scores = metric.result()?.to_vec::<f32>()?;
    /// let expected = [0.5, 0.8, 0.6666667];
    /// assert!(scores.iter().zip(expected).all(|(s, e)| (s - e).abs() < 1e-5));
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    F1Score, "f1_score", beta: skip = 1.0
}
