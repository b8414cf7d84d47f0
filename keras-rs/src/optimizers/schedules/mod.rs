//! Learning rates that change with the number of updates.
//!
//! Invalid arguments are reported by the first call.

mod cosine_decay;
mod cosine_decay_restarts;
mod exponential_decay;
mod inverse_time_decay;
mod piecewise_constant_decay;
mod polynomial_decay;

pub use cosine_decay::CosineDecay;
pub use cosine_decay_restarts::CosineDecayRestarts;
pub use exponential_decay::ExponentialDecay;
pub use inverse_time_decay::InverseTimeDecay;
pub use piecewise_constant_decay::PiecewiseConstantDecay;
pub use polynomial_decay::PolynomialDecay;

use crate::config::{ClassTable, Config, Number, object_handle};
use crate::error::{Error, Result};
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
    /// [`Error::Argument`] where an argument is not accepted.
    fn call(&self, step: u64) -> Result<f64>;
}

object_handle! {
    /// A shared learning rate schedule of any class.
    LearningRateSchedule, Schedule
}

/// A number cast as Keras casts it, which depends on the initial rate.
///
/// Keras casts every argument to the type of the initial rate. Where that was written as a whole number, as
/// `CosineDecay(1, 100)`, fractions are dropped, also those of other rates and of pi.
fn cast(initial: Number, value: f64) -> f32 {
    (if initial.is_whole() { value.trunc() } else { value }) as f32
}

/// Refuses a number of steps that is not positive.
fn positive(class: &str, argument: &str, steps: Number) -> Result<()> {
    if steps.get() > 0.0 {
        return Ok(());
    }
    Err(Error::argument(class, argument, "a number greater than 0", steps.get()))
}

/// Setter of the name, which only appears in configurations.
macro_rules! name_setter {
    () => {
        /// Sets the name.
        #[must_use]
        pub fn name(mut self, name: impl Into<String>) -> Self {
            self.name = name.into();
            self
        }
    };
}
use name_setter;

crate::config::registered!(LearningRateSchedule, "learning rate schedule");

crate::config::custom_object! {
    /// Adds a learning rate schedule class.
    schedule: LearningRateSchedule
}

/// Adds Keras' classes.
fn register(table: &mut ClassTable<LearningRateSchedule>) {
    table.add(&["CosineDecay"], |c| Ok(CosineDecay::from_config(c)?.into()));
    table.add(&["CosineDecayRestarts"], |c| Ok(CosineDecayRestarts::from_config(c)?.into()));
    table.add(&["ExponentialDecay"], |c| Ok(ExponentialDecay::from_config(c)?.into()));
    table.add(&["InverseTimeDecay"], |c| Ok(InverseTimeDecay::from_config(c)?.into()));
    table.add(&["PiecewiseConstantDecay"], |c| Ok(PiecewiseConstantDecay::from_config(c)?.into()));
    table.add(&["PolynomialDecay"], |c| Ok(PolynomialDecay::from_config(c)?.into()));
}
