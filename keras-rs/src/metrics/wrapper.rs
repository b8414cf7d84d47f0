//! The mean of a function of targets and predictions.

use super::reduction::{MeanState, mean_measure};
use super::samplewise::Values;
use super::{Measure, Metric, MetricBase, MetricExt, MetricFunction};
use crate::config::{BaseConfig, KerasConfig};
use crate::error::{Error, Result};
use crate::losses::Loss;
use crate::tensor::Tensor;

/// Mean of the values of a function for each sample. Keras' `MeanMetricWrapper`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::{MeanMetricWrapper, Measure, MetricExt, MetricFunction};
///
/// let error = MetricFunction::new("mine>error", |t: &Tensor, p: &Tensor| p.sub(t)?.abs());
/// let metric = MeanMetricWrapper::new(error).name("error");
/// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0], [2])?;
/// metric.update_state(&y_true, &Tensor::from_vec(vec![0.5_f32, 0.0], [2])?, None)?;
/// assert_eq!(metric.result()?.to_scalar()?, 0.75);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(module = "keras.metrics", no_new, write_also = |made, config| config.extend(made.function.arguments().clone()))]
pub struct MeanMetricWrapper {
    #[keras(default = MetricBase::named("mean_metric_wrapper"))]
    base: MetricBase,
    #[keras(new, rename = "fn", read_with = |c, _| MetricFunction::from_config(c))]
    function: MetricFunction,
    #[keras(skip)]
    state: MeanState,
}

impl MeanMetricWrapper {
    /// Of a [`MetricFunction`], a [`Loss`] or one of Keras' functions by name.
    pub fn new<F>(function: F) -> Self
    where
        F: TryInto<MetricFunction>,
        Error: From<F::Error>,
    {
        let mut base = MetricBase::named("mean_metric_wrapper");
        let function = function.try_into().unwrap_or_else(|error| {
            base.defer(error.into());
            MetricFunction::new("none", |_, y_pred: &Tensor| Ok(y_pred.clone()))
        });
        Self { base, function, state: MeanState::default() }
    }

    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Values> {
        self.base.deferred()?;
        self.function.values(y_true, y_pred)
    }
}

impl Measure for MeanMetricWrapper {
    mean_measure!();
}

impl From<MetricFunction> for Metric {
    /// The mean of the function under its name, as `compile` makes it.
    fn from(function: MetricFunction) -> Self {
        let name = function.name().to_string();
        MeanMetricWrapper::new(function).name(name).into()
    }
}

impl From<Loss> for Metric {
    /// The mean of the loss over batches under its name, as `compile` makes it.
    fn from(loss: Loss) -> Self {
        MetricFunction::from(loss).into()
    }
}
