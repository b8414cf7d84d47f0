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
mod lamb;
mod lion;
mod loss_scale_optimizer;
mod muon;
mod nadam;
mod numbers;
mod optimizer;
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
pub use base::{LearningRate, Optimize, OptimizerBase, OptimizerExt, Wrap};
pub use ftrl::Ftrl;
pub use lamb::Lamb;
pub use lion::Lion;
pub use loss_scale_optimizer::LossScaleOptimizer;
pub use muon::Muon;
pub use nadam::Nadam;
pub use numbers::HostFloat;
pub use optimizer::Optimizer;
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
    table.add(&["Adadelta", "adadelta"], |c| Ok(Adadelta::from_config(c)?.into()));
    table.add(&["Adagrad", "adagrad"], |c| Ok(Adagrad::from_config(c)?.into()));
    table.add(&["Adam", "adam"], |c| Ok(Adam::from_config(c)?.into()));
    table.add(&["AdamW", "adamw"], |c| Ok(AdamW::from_config(c)?.into()));
    table.add(&["Adamax", "adamax"], |c| Ok(Adamax::from_config(c)?.into()));
    table.add(&["Nadam", "nadam"], |c| Ok(Nadam::from_config(c)?.into()));
    table.add(&["RMSprop", "rmsprop"], |c| Ok(RMSprop::from_config(c)?.into()));
    table.add(&["SGD", "sgd"], |c| Ok(SGD::from_config(c)?.into()));
    table.add(&["Adafactor", "adafactor"], |c| Ok(Adafactor::from_config(c)?.into()));
    table.add(&["Ftrl", "ftrl"], |c| Ok(Ftrl::from_config(c)?.into()));
    table.add(&["Lamb", "lamb"], |c| Ok(Lamb::from_config(c)?.into()));
    table.add(&["Lion", "lion"], |c| Ok(Lion::from_config(c)?.into()));
    table.add(&["LossScaleOptimizer", "lossscaleoptimizer"], |c| {
        Ok(LossScaleOptimizer::from_config(c)?.into())
    });
    table.add(&["Muon", "muon"], |c| Ok(Muon::from_config(c)?.into()));
    table.add(&["ScheduleFreeAdamW", "schedulefreeadamw"], |c| Ok(ScheduleFreeAdamW::from_config(c)?.into()));
}
