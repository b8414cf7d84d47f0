//! What a compiled model holds.

use super::Compile;
use super::losses::CompileLoss;
use super::metrics::CompileMetrics;
use super::outputs::{OutputNames, Outputs, assign_to_outputs};
use crate::config::{Config, CustomObjects, IntoConfig, Loading};
use crate::dtype::DTypePolicy;
use crate::error::{Error, Result};
use crate::metrics::{Mean, Measure, Metric, MetricState};
use crate::optimizers::Optimizer;
use crate::tensor::{Tensor, TensorData};
use indexmap::IndexMap;
use serde_json::Value;
use std::sync::{Mutex, PoisonError};

/// What a compiled model holds: optimizer, losses and metrics.
#[derive(Debug)]
pub struct Compiled {
    optimizer: Optimizer,
    loss: CompileLoss,
    metrics: CompileMetrics,
    tracker: Mean,
    settings: Config,
    problem: Mutex<Option<Error>>,
    /// Metric states to restore as soon as a batch has made the metrics known.
    states_to_restore: Mutex<Option<Vec<Option<TensorData>>>>,
}

/// Targets and weights of a batch, output by output.
pub(crate) type Targets = (Vec<Option<Tensor>>, Vec<Option<Tensor>>);

impl Compiled {
    pub(super) fn new(
        optimizer: Optimizer,
        loss: CompileLoss,
        metrics: CompileMetrics,
        settings: Config,
    ) -> Self {
        Self {
            optimizer,
            loss,
            metrics,
            tracker: Mean::new(),
            settings,
            problem: Mutex::default(),
            states_to_restore: Mutex::default(),
        }
    }

    /// From the settings of a file.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for classes that are not known, [`Error::Config`] for malformed entries.
    pub fn from_config(value: &Value, custom: &CustomObjects, policy: DTypePolicy) -> Result<Self> {
        let loading = Loading::new(custom);
        let mut compiled = Compile::from_config(value, &loading)?.finish(policy)?;
        // The settings are written back as the file has them.
        compiled.settings = value.as_object().cloned().unwrap_or_default();
        Ok(compiled)
    }

    /// The settings that files hold.
    pub fn config(&self) -> Value {
        let mut config = Config::new();
        config.insert("optimizer".into(), self.optimizer.to_config());
        let rest = self.settings.iter().filter(|(key, _)| *key != "optimizer");
        config.extend(rest.map(|(k, v)| (k.clone(), v.clone())));
        Value::Object(config)
    }

    /// The optimizer.
    pub fn optimizer(&self) -> &Optimizer {
        &self.optimizer
    }

    /// Stores the reason why the optimizer's state in a file cannot be used; training is refused then.
    pub(crate) fn refuse_training(&self, problem: Error) {
        // The first problem is the one to report.
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(problem);
    }

    /// Allows training again, before another state is loaded.
    pub(crate) fn allow_training(&self) {
        *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Refuses to train if the optimizer's state could not be loaded.
    pub(crate) fn require_state(&self) -> Result<()> {
        let problem = self.problem.lock().unwrap_or_else(PoisonError::into_inner);
        problem.as_ref().map_or(Ok(()), |problem| {
            let expected = "a state of this model's optimizer, or a model that is compiled again";
            Err(Error::argument("fit", "optimizer", expected, problem))
        })
    }

    /// The metrics by their names in logs; empty before the first batch.
    pub(crate) fn named_metrics(&self) -> Vec<(String, Metric)> {
        self.metrics.named()
    }

    /// The metrics; empty before the first batch.
    pub fn metrics(&self) -> Vec<Metric> {
        self.metrics.metrics()
    }

    /// Assigns targets and weights of a batch to the outputs, and checks the targets.
    ///
    /// # Errors
    /// [`Error::Argument`] for a wrong number of tensors, [`Error::Shape`] for wrong shapes, and
    /// the errors of the losses' checks.
    pub(crate) fn targets(
        &self,
        output_names: &OutputNames,
        y_true: Vec<Tensor>,
        sample_weight: Vec<Tensor>,
        y_pred: &[Vec<usize>],
    ) -> Result<Targets> {
        let outputs = output_names.names.as_slice();
        let used = if self.loss.is_none() { vec![true; outputs.len()] } else { self.loss.used(outputs)? };
        let y_true = if y_true.is_empty() && self.loss.is_none() {
            vec![None; outputs.len()]
        } else {
            assign_to_outputs(y_true, "y", outputs, &used)?
        };
        let sample_weight = match sample_weight.len() {
            0 => vec![None; outputs.len()],
            // A single tensor of weights is for every output.
            1 => vec![sample_weight.into_iter().next(); outputs.len()],
            _ => assign_to_outputs(sample_weight, "sample_weight", outputs, &used)?,
        };
        self.loss.prepare(output_names, &y_true, y_pred)?;
        self.metrics.prepare(output_names, &y_true, y_pred)?;
        let states = self.states_to_restore.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(states) = states {
            self.restore(states)?;
        }
        Ok((y_true, sample_weight))
    }

    /// Calls a function for every part of the state of loss and metrics.
    fn each_state(&self, mut call: impl FnMut(&dyn MetricState) -> Result<()>) -> Result<()> {
        self.tracker.states().into_iter().try_for_each(&mut call)?;
        for metric in self.metrics.metrics() {
            metric.states().into_iter().try_for_each(&mut call)?;
        }
        self.loss.trackers(|mean| mean.states().into_iter().try_for_each(&mut call))
    }

    /// A snapshot of the state of loss and metrics.
    pub(crate) fn metric_states(&self) -> Result<Vec<Option<TensorData>>> {
        let mut states = Vec::new();
        self.each_state(|state| {
            states.push(state.snapshot()?);
            Ok(())
        })?;
        Ok(states)
    }

    /// Restores what [`Compiled::metric_states`] gave, when the next batch has made the metrics known.
    pub(crate) fn restore_metric_states(&self, states: Vec<Option<TensorData>>) {
        *self.states_to_restore.lock().unwrap_or_else(PoisonError::into_inner) = Some(states);
    }

    fn restore(&self, states: Vec<Option<TensorData>>) -> Result<()> {
        let (count, mut expected) = (states.len(), 0);
        let mut states = states.into_iter();
        self.each_state(|state| {
            expected += 1;
            states.next().map_or(Ok(()), |values| state.restore(values))
        })?;
        if count == expected {
            return Ok(());
        }
        let expected = format!("states of {expected} parts");
        Err(Error::argument("compile", "metrics", expected, count))
    }

    /// The loss of a batch with what layers and regularizers add; `None` where there is none.
    ///
    /// # Errors
    /// What the losses report.
    pub(crate) fn compute_loss(&self, outputs: &Outputs, added: &[Tensor]) -> Result<Option<Tensor>> {
        let mut total = self.loss.compute(outputs)?;
        for loss in added {
            let loss = loss.sum(&[], false)?;
            total = Some(match total {
                Some(total) => total.add(&loss.cast(total.dtype())?)?,
                None => loss,
            });
        }
        Ok(total)
    }

    /// Updates the metrics with the loss and the outputs of a batch.
    ///
    /// # Errors
    /// What the metrics report.
    pub(crate) fn update(&self, loss: &Tensor, samples: usize, outputs: &Outputs) -> Result<()> {
        let samples = loss.detach().full_like(Vec::new(), samples as f64)?;
        self.tracker.update_state(loss, Some(&samples))?;
        self.metrics.update(outputs)
    }

    /// Loss and metrics over all batches since the last reset.
    ///
    /// # Errors
    /// What the metrics report.
    pub fn results(&self) -> Result<IndexMap<String, f64>> {
        let mut results = IndexMap::new();
        results.insert("loss".to_string(), self.tracker.result()?);
        self.metrics.results(|name, value| drop(results.insert(name, value)))?;
        self.loss.results(|name, value| drop(results.insert(name, value)))?;
        let mut logs = IndexMap::new();
        for (name, value) in results {
            log(&mut logs, &name, &value)?;
        }
        Ok(logs)
    }

    /// Resets the state of loss and metrics. Keras' `reset_metrics`.
    pub fn reset_metrics(&self) {
        *self.states_to_restore.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.tracker.reset_state();
        self.metrics.reset();
        self.loss.reset();
    }

    /// Names of the values that training logs: `loss`, `compile_metrics` for all metrics together, and the
    /// loss of each output where there are several.
    pub(crate) fn metrics_names(&self) -> Result<Vec<String>> {
        let mut names = vec!["loss".to_string()];
        if !self.metrics.is_none() {
            names.push("compile_metrics".into());
        }
        self.loss.results(|name, _| names.push(name))?;
        Ok(names)
    }

    /// Takes another optimizer, with its state.
    pub(crate) fn set_optimizer(&mut self, optimizer: Optimizer) {
        self.optimizer = optimizer;
    }
}

/// Adds the value of a metric to logs; one with a value for each class has an entry for each.
pub(crate) fn log(logs: &mut IndexMap<String, f64>, name: &str, value: &Tensor) -> Result<()> {
    match value.len() {
        1 => drop(logs.insert(name.into(), value.to_scalar()?)),
        _ => {
            let values = value.to_f64_vec()?.into_iter().enumerate();
            logs.extend(values.map(|(i, v)| (format!("{name}_{i}"), v)));
        }
    }
    Ok(())
}
