//! Optimizers: how gradients change variables.

mod adam;
mod base;
mod gradients;
mod numbers;
mod optimizer;
pub mod schedules;
mod sgd;
mod slots;

pub use adam::Adam;
pub use base::{LearningRate, Optimize, OptimizerBase, OptimizerExt, Wrap};
pub use numbers::HostFloat;
pub use optimizer::Optimizer;
pub use schedules::{LearningRateSchedule, Schedule};
pub use sgd::SGD;
pub use slots::{Slots, Step};

use crate::serialization::Registry;

/// Adds Keras' classes.
pub(crate) fn register(registry: &mut Registry) {
    let table = &mut registry.optimizers;
    table.add(&["Adam", "adam"], |c| Ok(Adam::from_config(c)?.into()));
    table.add(&["SGD", "sgd"], |c| Ok(SGD::from_config(c)?.into()));
    schedules::register(registry);
}
