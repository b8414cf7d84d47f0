//! Metrics: what is measured while a model is trained and evaluated.

mod accumulator;
mod base;
mod reduction;

pub use accumulator::Accumulator;
pub use base::{Measure, Metric, MetricBase};
pub use reduction::{Mean, MeanMetricWrapper};

use crate::serialization::Registry;

/// Adds Keras' classes.
pub(crate) fn register(registry: &mut Registry) {
    let table = &mut registry.metrics;
    table.add(&["Mean"], |c| Ok(Mean::from_config(c)?.into()));
}
