//! Metrics that reduce values: sums and means.

use super::{Accumulator, Measure, MetricBase};
use crate::error::Result;
use crate::losses::{Loss, same_rank};
use crate::serialization::{Config, ConfigReader, IntoConfig};
use crate::tensor::Tensor;

/// Values and weights brought to one rank; values of more axes than weights are averaged over the rest.
fn weighted(values: &Tensor, weight: Option<&Tensor>) -> Result<(Tensor, Option<Tensor>)> {
    let Some(weight) = weight else { return Ok((values.clone(), None)) };
    let (mut values, weight) = same_rank(values, &weight.cast(values.dtype())?)?;
    if values.rank() > weight.rank() {
        let rest: Vec<isize> = (weight.rank()..values.rank()).map(|a| a as isize).collect();
        values = values.mean(&rest, false)?;
    }
    let weight = weight.broadcast_to(values.shape())?;
    Ok((values.mul(&weight)?, Some(weight)))
}

#[derive(Debug, Default)]
struct MeanState {
    total: Accumulator,
    count: Accumulator,
}

impl MeanState {
    fn add(&self, values: &Tensor, weight: Option<&Tensor>) -> Result<()> {
        let (values, weight) = weighted(values, weight)?;
        self.total.add(&values.sum(&[], false)?)?;
        let count = match weight {
            Some(weight) => weight.sum(&[], false)?,
            None => values.full_like(Vec::new(), values.len() as f64)?,
        };
        self.count.add(&count)
    }

    fn result(&self) -> Result<Tensor> {
        match (self.total.value(), self.count.value()) {
            (Some(total), Some(count)) if count.to_scalar()? != 0.0 => total.div(&count),
            _ => Tensor::scalar(0.0_f32),
        }
    }

    fn reset(&self) {
        self.total.reset();
        self.count.reset();
    }
}

/// Weighted mean of values. Keras' `Mean`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::{Mean, Measure};
///
/// let mean = Mean::new();
/// let values = Tensor::from_vec(vec![1.0_f32, 3.0, 5.0, 7.0], [4])?;
/// mean.update_state(&values, &values, None)?;
/// assert_eq!(mean.result()?.to_scalar()?, 4.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug)]
pub struct Mean {
    base: MetricBase,
    state: MeanState,
}

impl Default for Mean {
    fn default() -> Self {
        Self::new()
    }
}

impl Mean {
    /// With Keras' defaults.
    pub fn new() -> Self {
        Self { base: MetricBase::named("mean"), state: MeanState::default() }
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        Ok(Self { base: MetricBase::from_config(c, "mean")?, state: MeanState::default() })
    }
}

impl Measure for Mean {
    fn class_name(&self) -> &str {
        "Mean"
    }

    fn base(&self) -> &MetricBase {
        &self.base
    }

    fn update_state(&self, _y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
        self.state.add(&y_pred.detach().cast(self.base.dtype)?, weight)
    }

    fn result(&self) -> Result<Tensor> {
        self.state.result()
    }

    fn reset_state(&self) {
        self.state.reset();
    }
}

/// Mean of what a loss gives for each sample. Keras' `MeanMetricWrapper`.
#[derive(Debug)]
pub struct MeanMetricWrapper {
    base: MetricBase,
    values: Loss,
    state: MeanState,
}

impl MeanMetricWrapper {
    /// Of a loss, under a name.
    pub fn new(name: &str, values: impl Into<Loss>) -> Self {
        Self { base: MetricBase::named(name), values: values.into(), state: MeanState::default() }
    }
}

impl Measure for MeanMetricWrapper {
    fn class_name(&self) -> &str {
        "MeanMetricWrapper"
    }

    fn base(&self) -> &MetricBase {
        &self.base
    }

    fn config(&self) -> Config {
        let mut config = self.base.config();
        config.insert("fn".into(), self.values.to_config());
        config
    }

    fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
        let dtype = self.base.dtype;
        self.state.add(&self.values.call(&y_true.cast(dtype)?, &y_pred.detach().cast(dtype)?)?, weight)
    }

    fn result(&self) -> Result<Tensor> {
        self.state.result()
    }

    fn reset_state(&self) {
        self.state.reset();
    }
}
