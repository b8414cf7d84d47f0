//! Coefficient of determination.

use super::{Accumulator, Measure, MetricBase, MetricState};
use crate::config::{FromConfig, IntoConfig, KerasConfig};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::losses::same_rank;
use crate::tensor::{Tensor, TensorData, broadcast_shapes};
use serde_json::Value;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How the scores of several outputs are aggregated.
///
/// ```
/// use keras_rs::metrics::ClassAggregation;
///
/// assert_eq!(ClassAggregation::try_from("uniform_average")?, ClassAggregation::UniformAverage);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClassAggregation {
    /// Mean.
    #[default]
    UniformAverage,
    /// Mean weighted by the variances of the targets.
    VarianceWeightedAverage,
    /// None: one score an output.
    None,
}

impl ClassAggregation {
    const NAMES: [(&'static str, Self); 2] = [
        ("uniform_average", Self::UniformAverage),
        ("variance_weighted_average", Self::VarianceWeightedAverage),
    ];
}

impl TryFrom<&str> for ClassAggregation {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        let found = Self::NAMES.into_iter().find(|(n, _)| *n == name).map(|(_, a)| a);
        found.ok_or_else(|| Error::unknown_name("class aggregation", name, Self::NAMES.map(|(n, _)| n)))
    }
}

impl IntoConfig for ClassAggregation {
    fn to_config(&self) -> Value {
        Self::NAMES.into_iter().find(|(_, a)| a == self).map_or(Value::Null, |(name, _)| name.into())
    }
}

impl FromConfig for ClassAggregation {
    const EXPECTED: &'static str = "uniform_average, variance_weighted_average or null";

    fn from_value(value: &Value) -> Option<Self> {
        if value.is_null() { Some(Self::None) } else { Self::try_from(value.as_str()?).ok() }
    }
}

/// Number of target elements so far, and number of outputs.
#[derive(Debug, Default)]
struct Seen {
    elements: usize,
    outputs: Option<usize>,
}

/// `1 - sum((y_true - y_pred)²) / sum((y_true - mean(y_true))²)`. Keras' `R2Score`.
///
/// Targets and predictions are `(samples, outputs)`; the result is a scalar, or `(outputs)` with
/// [`ClassAggregation::None`]. As in Keras the state is `float32`, and the number of samples that
/// `num_regressors` is compared with counts every output.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::{Measure, R2Score};
///
/// let metric = R2Score::new();
/// let y_true = Tensor::from_vec(vec![1.0_f32, 4.0, 3.0], [3, 1])?;
/// let y_pred = Tensor::from_vec(vec![2.0_f32, 4.0, 4.0], [3, 1])?;
/// metric.update_state(&y_true, &y_pred, None)?;
/// assert!((metric.result()?.to_scalar()? - 0.571_428_6).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(module = "keras.metrics")]
pub struct R2Score {
    #[keras(default = MetricBase::named("r2_score"))]
    base: MetricBase,
    /// How the scores of several outputs are aggregated (default `uniform_average`).
    #[keras(default = ClassAggregation::default())]
    class_aggregation: ClassAggregation,
    /// Number of independent regressors, for the adjusted score (default 0: not adjusted).
    #[keras(default = 0)]
    num_regressors: usize,
    #[keras(skip)]
    seen: Mutex<Seen>,
    #[keras(skip = Accumulator::new())]
    squared_sum: Accumulator,
    #[keras(skip = Accumulator::new())]
    sum: Accumulator,
    #[keras(skip = Accumulator::new())]
    residual: Accumulator,
    #[keras(skip = Accumulator::new())]
    count: Accumulator,
}

impl R2Score {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refuse<T>(&self, argument: &str, expected: impl std::fmt::Display, got: &[usize]) -> Result<T> {
        Err(Error::shape(&self.base.name, argument, expected, tuple(got)))
    }

    fn weight(&self, weight: Option<&Tensor>, y_true: &Tensor) -> Result<Tensor> {
        let shape = y_true.shape();
        let Some(weight) = weight else { return y_true.full_like(shape, 1.0) };
        let mut weight = weight.detach().cast(self.base.dtype)?;
        if weight.rank() == 1 {
            weight = weight.expand_dims(1)?;
        }
        if broadcast_shapes("sample_weight", shape, weight.shape()).ok().as_deref() != Some(shape) {
            let expected = format!("a shape that broadcasts to {}", tuple(shape));
            return self.refuse("sample_weight", expected, weight.shape());
        }
        weight.broadcast_to(shape)
    }

    /// The scores of the outputs, and the sums of squares of the targets, which weight them.
    fn scores(&self, outputs: usize) -> Result<(Tensor, Tensor)> {
        let value =
            |part: &Accumulator| part.value().map_or_else(|| Tensor::zeros([outputs], DType::F32), Ok);
        let (sum, count) = (value(&self.sum)?, value(&self.count)?);
        let variation = value(&self.squared_sum)?.sub(&sum.mul(&sum.div(&count)?)?)?;
        let scores = value(&self.residual)?.div(&variation)?.neg()?.add_scalar(1.0)?;
        let infinite = scores.abs()?.equal(&scores.full_like([1], f64::INFINITY)?)?;
        Ok((scores.full_like([1], 0.0)?.where_(&infinite, &scores)?, variation))
    }
}

impl Measure for R2Score {
    fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, sample_weight: Option<&Tensor>) -> Result<()> {
        self.base.deferred()?;
        let cast = |t: &Tensor| t.detach().cast(self.base.dtype);
        let (y_true, y_pred) = same_rank(&cast(y_true)?, &cast(y_pred)?)?;
        let &[_, outputs] = y_pred.shape() else {
            return self.refuse("y_pred", "(samples, outputs)", y_pred.shape());
        };
        if y_true.shape() != y_pred.shape() {
            return self.refuse("y_true", tuple(y_pred.shape()), y_true.shape());
        }
        let weight = self.weight(sample_weight, &y_true)?;
        let mut seen = self.seen();
        if seen.outputs.is_some_and(|before| before != outputs) {
            let expected = format!("{} outputs, as before", seen.outputs.unwrap_or(outputs));
            return self.refuse("y_pred", expected, y_pred.shape());
        }
        let over_samples = |values: Tensor| values.sum(&[0], false)?.cast(DType::F32);
        let weighted = y_true.mul(&weight)?;
        self.squared_sum.add(&over_samples(y_true.mul(&weighted)?)?)?;
        self.sum.add(&over_samples(weighted)?)?;
        self.residual.add(&over_samples(y_true.sub(&y_pred)?.square()?.mul(&weight)?)?)?;
        self.count.add(&over_samples(weight)?)?;
        *seen = Seen { elements: seen.elements + y_true.len(), outputs: Some(outputs) };
        Ok(())
    }

    fn result(&self) -> Result<Tensor> {
        self.base.deferred()?;
        let seen = self.seen();
        let Some(outputs) = seen.outputs else {
            let hint = "the number of outputs is known after the first batch";
            return Err(Error::NotBuilt { layer: self.base.name.clone(), hint });
        };
        let (scores, variation) = self.scores(outputs)?;
        let score = match self.class_aggregation {
            ClassAggregation::UniformAverage => scores.mean(&[], false)?,
            ClassAggregation::VarianceWeightedAverage => {
                variation.mul(&scores)?.sum(&[], false)?.div(&variation.sum(&[], false)?)?
            }
            ClassAggregation::None => scores,
        };
        // Keras falls back to the plain score where the adjusted one is not defined.
        if self.num_regressors == 0 || self.num_regressors + 1 >= seen.elements {
            return Ok(score);
        }
        let (n, p) = (seen.elements as f64, self.num_regressors as f64);
        score.neg()?.add_scalar(1.0)?.mul_scalar((n - 1.0) / (n - p - 1.0))?.neg()?.add_scalar(1.0)
    }

    fn reset_state(&self) {
        self.seen().elements = 0;
        for part in [&self.squared_sum, &self.sum, &self.residual, &self.count] {
            part.reset();
        }
    }

    fn states(&self) -> Vec<&dyn MetricState> {
        vec![&self.seen, &self.squared_sum, &self.sum, &self.residual, &self.count]
    }
}

impl MetricState for Mutex<Seen> {
    fn snapshot(&self) -> Result<Option<TensorData>> {
        let seen = self.lock().unwrap_or_else(PoisonError::into_inner);
        let outputs = seen.outputs.map(|outputs| [seen.elements as f64, outputs as f64]);
        outputs.map(|values| TensorData::from_values(&values, vec![2])).transpose()
    }

    fn restore(&self, values: Option<TensorData>) -> Result<()> {
        let values = values.map_or(Ok(Vec::new()), |values| values.to_f64())?;
        if let [elements, outputs] = values[..] {
            let mut seen = self.lock().unwrap_or_else(PoisonError::into_inner);
            (seen.elements, seen.outputs) = (elements as usize, Some(outputs as usize));
        }
        Ok(())
    }
}
