//! Optimizers: how gradients change variables.

mod adadelta;
mod adafactor;
mod adagrad;
mod adam;
mod adamax;
mod adamw;
mod base;
mod ftrl;
mod gradients;
mod in_place;
mod lamb;
mod lion;
mod loss_scale_optimizer;
mod multi_optimizer;
mod muon;
mod nadam;
mod numbers;
mod optimizer;
mod optimizer_map;
mod rmsprop;
mod schedule_free_adamw;
pub mod schedules;
mod sgd;
mod slots;

pub use adadelta::Adadelta;
pub use adafactor::Adafactor;
pub use adagrad::Adagrad;
pub use adam::Adam;
pub use adamax::Adamax;
pub use adamw::AdamW;
pub use base::{Delegate, LearningRate, Optimize, OptimizerBase, OptimizerExt, Wrap};
pub use ftrl::Ftrl;
pub use lamb::Lamb;
pub use lion::Lion;
pub use loss_scale_optimizer::LossScaleOptimizer;
pub use multi_optimizer::MultiOptimizer;
pub use muon::Muon;
pub use nadam::Nadam;
pub use numbers::HostFloat;
pub use optimizer::Optimizer;
pub use optimizer_map::OptimizerMap;
pub use rmsprop::RMSprop;
pub use schedule_free_adamw::ScheduleFreeAdamW;
pub use schedules::{LearningRateSchedule, Schedule};
pub use sgd::SGD;
pub use slots::{Slots, Step};

use crate::config::ClassTable;

crate::config::registered!(Optimizer, "optimizer");

crate::config::custom_object! {
    /// Adds an optimizer class.
    optimizer: Optimizer
}

/// Adds Keras' classes.
fn register(table: &mut ClassTable<Optimizer>) {
    table.class::<Adadelta>(&["Adadelta", "adadelta"]);
    table.class::<Adagrad>(&["Adagrad", "adagrad"]);
    table.class::<Adam>(&["Adam", "adam"]);
    table.class::<AdamW>(&["AdamW", "adamw"]);
    table.class::<Adamax>(&["Adamax", "adamax"]);
    table.class::<Nadam>(&["Nadam", "nadam"]);
    table.class::<RMSprop>(&["RMSprop", "rmsprop"]);
    table.class::<SGD>(&["SGD", "sgd"]);
    table.class::<Adafactor>(&["Adafactor", "adafactor"]);
    table.class::<Ftrl>(&["Ftrl", "ftrl"]);
    table.class::<Lamb>(&["Lamb", "lamb"]);
    table.class::<Lion>(&["Lion", "lion"]);
    table.class::<LossScaleOptimizer>(&["LossScaleOptimizer", "lossscaleoptimizer"]);
    table.class::<MultiOptimizer>(&["MultiOptimizer", "multioptimizer"]);
    table.class::<Muon>(&["Muon", "muon"]);
    table.class::<ScheduleFreeAdamW>(&["ScheduleFreeAdamW", "schedulefreeadamw"]);
}
