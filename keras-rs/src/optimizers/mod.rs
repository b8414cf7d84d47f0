//! Optimizers: how gradients change variables.

mod adadelta;
mod adagrad;
mod adam;
mod adamax;
mod adamw;
mod base;
mod gradients;
mod nadam;
mod numbers;
mod optimizer;
mod rmsprop;
pub mod schedules;
mod sgd;
mod slots;

pub use adadelta::Adadelta;
pub use adagrad::Adagrad;
pub use adam::Adam;
pub use adamax::Adamax;
pub use adamw::AdamW;
pub use base::{LearningRate, Optimize, OptimizerBase, OptimizerExt, Wrap};
pub use nadam::Nadam;
pub use numbers::HostFloat;
pub use optimizer::Optimizer;
pub use rmsprop::RMSprop;
pub use schedules::{LearningRateSchedule, Schedule};
pub use sgd::SGD;
pub use slots::{Slots, Step};

use crate::serialization::Registry;

/// Adds Keras' classes.
pub(crate) fn register(registry: &mut Registry) {
    let table = &mut registry.optimizers;
    table.add(&["Adadelta", "adadelta"], |c| Ok(Adadelta::from_config(c)?.into()));
    table.add(&["Adagrad", "adagrad"], |c| Ok(Adagrad::from_config(c)?.into()));
    table.add(&["Adam", "adam"], |c| Ok(Adam::from_config(c)?.into()));
    table.add(&["AdamW", "adamw"], |c| Ok(AdamW::from_config(c)?.into()));
    table.add(&["Adamax", "adamax"], |c| Ok(Adamax::from_config(c)?.into()));
    table.add(&["Nadam", "nadam"], |c| Ok(Nadam::from_config(c)?.into()));
    table.add(&["RMSprop", "rmsprop"], |c| Ok(RMSprop::from_config(c)?.into()));
    table.add(&["SGD", "sgd"], |c| Ok(SGD::from_config(c)?.into()));
    schedules::register(registry);
}
