//! Exponential decay.

use super::Schedule;
use crate::error::Result;
use crate::serialization::{Config, ConfigExt, ConfigReader};

/// `initial_learning_rate * decay_rate^(step / decay_steps)`. Keras' `ExponentialDecay`.
///
/// ```
/// use keras_rs::optimizers::schedules::{ExponentialDecay, Schedule};
///
/// let schedule = ExponentialDecay::new(0.5, 10, 0.25);
/// assert_eq!(schedule.call(5)?, 0.25);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ExponentialDecay {
    initial_learning_rate: f64,
    decay_steps: u64,
    decay_rate: f64,
    staircase: bool,
    name: String,
}

impl ExponentialDecay {
    /// From a rate, in so many steps times `decay_rate`.
    pub fn new(initial_learning_rate: f64, decay_steps: u64, decay_rate: f64) -> Self {
        let name = "ExponentialDecay".into();
        Self { initial_learning_rate, decay_steps, decay_rate, staircase: false, name }
    }

    /// Sets whether the rate changes after whole `decay_steps` only (default `false`).
    #[must_use]
    pub fn staircase(mut self, staircase: bool) -> Self {
        self.staircase = staircase;
        self
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        Ok(Self {
            initial_learning_rate: c.take("initial_learning_rate")?,
            decay_steps: c.take("decay_steps")?,
            decay_rate: c.take("decay_rate")?,
            staircase: c.take_or("staircase", false)?,
            name: c.take_or("name", "ExponentialDecay".to_string())?,
        })
    }
}

impl Schedule for ExponentialDecay {
    fn class_name(&self) -> &str {
        "ExponentialDecay"
    }

    fn config(&self) -> Config {
        Config::new()
            .with("initial_learning_rate", self.initial_learning_rate)
            .with("decay_steps", self.decay_steps)
            .with("decay_rate", self.decay_rate)
            .with("staircase", self.staircase)
            .with("name", &self.name)
    }

    fn call(&self, step: u64) -> Result<f64> {
        let mut power = step as f32 / self.decay_steps as f32;
        if self.staircase {
            power = power.floor();
        }
        Ok(f64::from(self.initial_learning_rate as f32 * (self.decay_rate as f32).powf(power)))
    }
}
