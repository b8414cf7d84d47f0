//! Learning rates that change with the number of updates.

mod exponential_decay;

pub use exponential_decay::ExponentialDecay;

use crate::error::Result;
use crate::serialization::{Config, Registry, object_handle};
use std::fmt;

/// Computes a learning rate.
pub trait Schedule: fmt::Debug + Send + Sync {
    /// Keras' class name.
    fn class_name(&self) -> &str;

    /// Python module that the class is written under in files.
    fn module(&self) -> Option<&str> {
        Some("keras.optimizers.schedules")
    }

    /// `package>name` of classes that users register.
    fn registered_name(&self) -> Option<String> {
        None
    }

    /// Constructor arguments.
    fn config(&self) -> Config;

    /// The learning rate after a number of updates, computed in `float32` as Keras does.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where an argument is not accepted.
    fn call(&self, step: u64) -> Result<f64>;
}

object_handle! {
    /// A shared learning rate schedule of any class.
    LearningRateSchedule, Schedule
}

/// Adds Keras' classes.
pub(super) fn register(registry: &mut Registry) {
    let table = &mut registry.schedules;
    table.add(&["ExponentialDecay"], |c| Ok(ExponentialDecay::from_config(c)?.into()));
}
