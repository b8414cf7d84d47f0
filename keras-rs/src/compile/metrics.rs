//! The metrics of a compiled model.

use super::outputs::{Labels, Naming, OutputNames, Outputs};
use super::per_output::{Identifier, PerOutput};
use crate::error::Result;
use crate::metrics::Metric;
use crate::tensor::Tensor;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A metric of one output, with its name in logs.
#[derive(Debug)]
struct OutputMetric {
    output: usize,
    name: String,
    /// The output's name, where there are several.
    prefix: Option<String>,
    metric: Metric,
    weighted: bool,
}

/// The metrics of `compile`, resolved when the first batch makes the shapes known.
#[derive(Debug)]
pub(super) struct CompileMetrics {
    metrics: PerOutput<Identifier<Metric>>,
    weighted: PerOutput<Identifier<Metric>>,
    resolved: Mutex<Option<Vec<OutputMetric>>>,
}

impl CompileMetrics {
    /// Checks the names; the rest is checked with the first batch.
    pub(super) fn new(
        metrics: PerOutput<Identifier<Metric>>,
        weighted: PerOutput<Identifier<Metric>>,
    ) -> Result<Self> {
        for identifier in metrics.flatten().into_iter().chain(weighted.flatten()) {
            if let Identifier::Name(name) = identifier
                && !depends_on_shape(name)
            {
                Metric::try_from(name.as_str())?;
            }
        }
        Ok(Self { metrics, weighted, resolved: Mutex::new(None) })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vec<OutputMetric>>> {
        self.resolved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_none(&self) -> bool {
        self.metrics.is_none() && self.weighted.is_none()
    }

    /// Resolves the metrics for outputs of these shapes.
    pub(super) fn prepare(
        &self,
        output_names: &OutputNames,
        y_true: &[Option<Tensor>],
        y_pred: &[Vec<usize>],
    ) -> Result<()> {
        let outputs = output_names.names.as_slice();
        let named = outputs.len() > 1 && output_names.naming != Naming::Numbers;
        let mut resolved = self.lock();
        if resolved.is_some() {
            return Ok(());
        }
        let mut all = Vec::new();
        for (given, weighted) in [(&self.metrics, false), (&self.weighted, true)] {
            let argument = if weighted { "weighted_metrics" } else { "metrics" };
            // A single output has all metrics.
            let parts = if outputs.len() == 1 { vec![given] } else { given.split(argument, outputs)? };
            for (output, part) in parts.into_iter().enumerate() {
                let Some(truth) = &y_true[output] else { continue };
                for identifier in part.flatten() {
                    let (name, metric) = resolve(identifier, truth.shape(), &y_pred[output])?;
                    let prefix = named.then(|| outputs[output].clone());
                    all.push(OutputMetric { output, name, prefix, metric, weighted });
                }
            }
        }
        *resolved = Some(all);
        Ok(())
    }

    pub(super) fn update(&self, outputs: &Outputs) -> Result<()> {
        for OutputMetric { output, metric, weighted, .. } in self.lock().iter().flatten() {
            let Some(y_true) = &outputs.y_true[*output] else { continue };
            let weight = outputs.sample_weight[*output].as_ref().filter(|_| *weighted);
            let mask = outputs.masks[*output].as_ref();
            metric.update_masked(y_true, &outputs.y_pred[*output], weight, mask)?;
        }
        Ok(())
    }

    /// Names and values.
    pub(super) fn results(&self, mut log: impl FnMut(String, Tensor)) -> Result<()> {
        for (name, metric) in self.named() {
            log(name, metric.result()?);
        }
        Ok(())
    }

    /// The metrics by their names in logs, made unique as Keras does.
    pub(super) fn named(&self) -> Vec<(String, Metric)> {
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut named = Vec::new();
        for metric in self.lock().iter().flatten() {
            let with_prefix = |name: &str| match &metric.prefix {
                Some(prefix) => format!("{prefix}_{name}"),
                None => name.to_string(),
            };
            let mut name = with_prefix(&metric.name);
            if metric.weighted && seen.contains_key(&name) {
                name = with_prefix(&format!("weighted_{}", metric.name));
            }
            let count = seen.entry(name.clone()).or_insert(0);
            if *count > 0 {
                name = format!("{name}_{count}");
            }
            *count += 1;
            named.push((name, metric.metric.clone()));
        }
        named
    }

    /// The metrics as they were resolved.
    pub(super) fn metrics(&self) -> Vec<Metric> {
        self.lock().iter().flatten().map(|m| m.metric.clone()).collect()
    }

    pub(super) fn reset(&self) {
        self.lock().iter().flatten().for_each(|m| m.metric.reset_state());
    }
}

fn depends_on_shape(name: &str) -> bool {
    matches!(name.to_lowercase().as_str(), "accuracy" | "acc")
}

fn resolve(identifier: &Identifier<Metric>, y_true: &[usize], y_pred: &[usize]) -> Result<(String, Metric)> {
    match identifier {
        Identifier::Object(metric) => Ok((metric.name().to_string(), metric.clone())),
        Identifier::Name(name) if depends_on_shape(name) => {
            let metric = Metric::try_from(match Labels::of(y_true, y_pred) {
                Labels::Binary => "BinaryAccuracy",
                Labels::Sparse => "SparseCategoricalAccuracy",
                Labels::Categorical => "CategoricalAccuracy",
            })?;
            Ok((name.clone(), metric))
        }
        Identifier::Name(name) => Ok((name.clone(), Metric::try_from(name.as_str())?)),
    }
}
