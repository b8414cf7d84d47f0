//! Metrics among the fields of a model's layers.

use super::Model;
use crate::error::Result;
use crate::layer::{LayerRef, Logs, Tracked};
use crate::tensor::TensorData;
use std::collections::HashSet;

impl Model {
    /// Calls a function for every metric among the fields of the model and of the layers inside it, in Keras'
    /// order of `metrics`. The metrics of models inside it are theirs alone.
    pub(crate) fn each_tracker(&self, call: &mut dyn FnMut(&dyn Tracked) -> Result<()>) -> Result<()> {
        let layer = self.as_layer();
        layer.layer().trackers().into_iter().try_for_each(&mut *call)?;
        let mut seen = HashSet::from([layer.serial()]);
        inside(&layer, &mut seen, call)
    }

    /// Values of loss and metrics since the last reset: of `compile`, then of the fields of the model and of the
    /// layers inside it. Keras' `get_metrics_result`.
    ///
    /// # Errors
    /// As [`Model::compiled`]; what a metric reports.
    pub fn get_metrics_result(&self) -> Result<Logs> {
        let mut logs = self.compiled()?.results()?;
        self.each_tracker(&mut |metric| crate::compile::log(&mut logs, metric.name(), &metric.result()?))?;
        Ok(logs)
    }

    /// Resets the state of loss and metrics. Keras' `reset_metrics`.
    ///
    /// # Errors
    /// As [`Model::compiled`].
    pub fn reset_metrics(&self) -> Result<()> {
        self.compiled()?.reset_metrics();
        self.each_tracker(&mut |metric| {
            metric.reset_state();
            Ok(())
        })
    }

    /// A snapshot of the state of loss and metrics, those among the fields first.
    pub(crate) fn metric_states(&self) -> Result<Vec<Option<TensorData>>> {
        let mut states = Vec::new();
        self.each_tracker(&mut |metric| {
            states.extend(metric.snapshot()?);
            Ok(())
        })?;
        states.extend(self.compiled()?.metric_states()?);
        Ok(states)
    }

    /// Restores what [`Model::metric_states`] gave.
    pub(crate) fn restore_metric_states(&self, states: Vec<Option<TensorData>>) -> Result<()> {
        let mut states = states.into_iter();
        self.each_tracker(&mut |metric| {
            let parts = metric.snapshot()?.len();
            metric.restore(states.by_ref().take(parts).collect())
        })?;
        self.compiled()?.restore_metric_states(states.collect());
        Ok(())
    }
}

fn inside(
    layer: &LayerRef,
    seen: &mut HashSet<u64>,
    call: &mut dyn FnMut(&dyn Tracked) -> Result<()>,
) -> Result<()> {
    for (_, child) in layer.layer().sublayers() {
        if !seen.insert(child.serial()) {
            continue;
        }
        if !child.layer().role().is_model() {
            child.layer().trackers().into_iter().try_for_each(&mut *call)?;
        }
        inside(&child, seen, call)?;
    }
    Ok(())
}
