//! Exponential decay.

use super::{Schedule, cast, name_setter, positive};
use crate::config::{Config, ConfigExt, ConfigReader, Number};
use crate::error::Result;

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
    initial_learning_rate: Number,
    decay_steps: Number,
    decay_rate: Number,
    staircase: bool,
    name: String,
}

impl ExponentialDecay {
    /// From a rate, in so many steps, more than 0, times `decay_rate`.
    pub fn new(
        initial_learning_rate: impl Into<Number>,
        decay_steps: impl Into<Number>,
        decay_rate: impl Into<Number>,
    ) -> Self {
        Self {
            initial_learning_rate: initial_learning_rate.into(),
            decay_steps: decay_steps.into(),
            decay_rate: decay_rate.into(),
            staircase: false,
            name: "ExponentialDecay".into(),
        }
    }

    /// Sets whether the rate changes after whole `decay_steps` only (default `false`).
    #[must_use]
    pub fn staircase(mut self, staircase: bool) -> Self {
        self.staircase = staircase;
        self
    }

    name_setter!();

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let initial: Number = c.take("initial_learning_rate")?;
        let d = Self::new(initial, c.take::<Number>("decay_steps")?, c.take::<Number>("decay_rate")?);
        positive(c.object(), "decay_steps", d.decay_steps)?;
        Ok(Self { staircase: c.take_or("staircase", d.staircase)?, name: c.take_or("name", d.name)?, ..d })
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
        positive(&self.name, "decay_steps", self.decay_steps)?;
        let cast = |value: Number| cast(self.initial_learning_rate, value.get());
        let mut power = step as f32 / cast(self.decay_steps);
        if self.staircase {
            power = power.floor();
        }
        Ok(f64::from(cast(self.initial_learning_rate) * cast(self.decay_rate).powf(power)))
    }
}
