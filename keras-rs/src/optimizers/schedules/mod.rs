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

use crate::config::{ClassTable, KerasConfig, Number, object_handle};
use crate::error::{Error, Result};
use std::fmt;

/// Computes a learning rate.
pub trait Schedule: KerasConfig + fmt::Debug + Send + Sync {
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

crate::config::registered!(LearningRateSchedule, "learning rate schedule");

crate::config::custom_object! {
    /// Adds a learning rate schedule class.
    schedule: LearningRateSchedule
}

/// Adds Keras' classes.
fn register(table: &mut ClassTable<LearningRateSchedule>) {
    table.class::<CosineDecay>(&["CosineDecay"]);
    table.class::<CosineDecayRestarts>(&["CosineDecayRestarts"]);
    table.class::<ExponentialDecay>(&["ExponentialDecay"]);
    table.class::<InverseTimeDecay>(&["InverseTimeDecay"]);
    table.class::<PiecewiseConstantDecay>(&["PiecewiseConstantDecay"]);
    table.class::<PolynomialDecay>(&["PolynomialDecay"]);
}
