//! The arguments of `compile`.

use super::Compiled;
use super::losses::CompileLoss;
use super::metrics::CompileMetrics;
use super::per_output::{Identifier, PerOutput};
use crate::config::{Config, ConfigExt, ConfigReader, Loading};
use crate::dtype::DTypePolicy;
use crate::error::{Error, Result};
use crate::losses::Loss;
use crate::metrics::Metric;
use crate::optimizers::Optimizer;
use serde_json::Value;

/// The arguments of Keras' `compile`, with its defaults.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let image = Input::new([4]);
/// let class = Dense::new(3).activation("softmax").name("class").apply(&image)?;
/// let price = Dense::new(1).name("price").apply(&image)?;
/// let model = Model::new([&image], [&class, &price])?;
/// model.compile_with(
///     Compile::new()
///         .optimizer(SGD::new(0.1))
///         .loss([("class", "sparse_categorical_crossentropy"), ("price", "mse")])
///         .loss_weights([("class", 1.0), ("price", 0.5)])
///         .metrics([("price", "mae")]),
/// )?;
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Compile {
    optimizer: Option<Result<Optimizer>>,
    loss: PerOutput<Identifier<Loss>>,
    loss_weights: PerOutput<f64>,
    metrics: PerOutput<Identifier<Metric>>,
    weighted_metrics: PerOutput<Identifier<Metric>>,
    run_eagerly: bool,
    steps_per_execution: Option<usize>,
    jit_compile: Option<bool>,
    keep_loss_scale: bool,
}

impl Compile {
    /// With Keras' defaults: `RMSprop`, no loss, no metrics.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the optimizer: an object, a handle or Keras' name of one (default `"rmsprop"`).
    #[must_use]
    pub fn optimizer<O>(mut self, optimizer: O) -> Self
    where
        O: TryInto<Optimizer>,
        Error: From<O::Error>,
    {
        self.optimizer = Some(optimizer.try_into().map_err(Into::into));
        self
    }

    /// Sets the loss of every output, or of each: objects or Keras' names.
    #[must_use]
    pub fn loss(mut self, loss: impl Into<PerOutput<Identifier<Loss>>>) -> Self {
        self.loss = loss.into();
        self
    }

    /// Sets factors of the losses in their sum (default: 1).
    #[must_use]
    pub fn loss_weights(mut self, loss_weights: impl Into<PerOutput<f64>>) -> Self {
        self.loss_weights = loss_weights.into();
        self
    }

    /// Sets the metrics: objects or Keras' names; for several outputs, a list in their order or by name.
    #[must_use]
    pub fn metrics(mut self, metrics: impl Into<PerOutput<Identifier<Metric>>>) -> Self {
        self.metrics = metrics.into();
        self
    }

    /// Adds one metric for the only output.
    #[must_use]
    pub fn metric(mut self, metric: impl Into<PerOutput<Identifier<Metric>>>) -> Self {
        let mut items = match self.metrics {
            PerOutput::None => Vec::new(),
            PerOutput::List(items) => items,
            other => vec![other],
        };
        items.push(metric.into());
        self.metrics = PerOutput::List(items);
        self
    }

    /// Sets metrics that weight samples by their sample weights.
    #[must_use]
    pub fn weighted_metrics(mut self, metrics: impl Into<PerOutput<Identifier<Metric>>>) -> Self {
        self.weighted_metrics = metrics.into();
        self
    }

    /// Only written to files: there is no compiled mode here.
    #[must_use]
    pub fn run_eagerly(mut self, run_eagerly: bool) -> Self {
        self.run_eagerly = run_eagerly;
        self
    }

    /// Only written to files: batches always run one by one.
    #[must_use]
    pub fn steps_per_execution(mut self, steps_per_execution: usize) -> Self {
        self.steps_per_execution = Some(steps_per_execution);
        self
    }

    /// Only written to files (default `"auto"`).
    #[must_use]
    pub fn jit_compile(mut self, jit_compile: bool) -> Self {
        self.jit_compile = Some(jit_compile);
        self
    }

    /// Sets whether the optimizer of a `mixed_float16` model is wrapped in a `LossScaleOptimizer`
    /// (default `true`).
    #[must_use]
    pub fn auto_scale_loss(mut self, auto_scale_loss: bool) -> Self {
        self.keep_loss_scale = !auto_scale_loss;
        self
    }

    /// The settings that files hold, without the optimizer.
    fn settings(&self) -> Config {
        Config::new()
            .with("loss", &self.loss)
            .with("loss_weights", &self.loss_weights)
            .with("metrics", &self.metrics)
            .with("weighted_metrics", &self.weighted_metrics)
            .with("run_eagerly", self.run_eagerly)
            .with("steps_per_execution", self.steps_per_execution.unwrap_or(1))
            .with("jit_compile", self.jit_compile.map_or_else(|| Value::from("auto"), Value::from))
    }

    /// Checks all names and makes what the model holds.
    pub(crate) fn finish(self, policy: DTypePolicy) -> Result<Compiled> {
        let settings = self.settings();
        let optimizer = match self.optimizer {
            Some(optimizer) => optimizer?,
            None => Optimizer::try_from("rmsprop")?,
        };
        let optimizer = if self.keep_loss_scale { optimizer } else { optimizer.scaled_for(policy)? };
        let loss = CompileLoss::new(self.loss, self.loss_weights)?;
        let metrics = CompileMetrics::new(self.metrics, self.weighted_metrics)?;
        Ok(Compiled::new(optimizer, loss, metrics, settings))
    }

    pub(super) fn from_config(value: &Value, loading: &Loading<'_>) -> Result<Self> {
        let empty = Config::new();
        let mut c = ConfigReader::new("compile_config", value.as_object().unwrap_or(&empty), loading);
        let compile = Self {
            optimizer: match c.take_or("optimizer", Value::Null)? {
                Value::Null => None,
                value => Some(loading.object(&value, "compile_config", "optimizer")),
            },
            loss: c.take_or("loss", PerOutput::None)?,
            loss_weights: c.take_or("loss_weights", PerOutput::None)?,
            metrics: c.take_or("metrics", PerOutput::None)?,
            weighted_metrics: c.take_or("weighted_metrics", PerOutput::None)?,
            ..Self::default()
        };
        Ok(compile)
    }
}
