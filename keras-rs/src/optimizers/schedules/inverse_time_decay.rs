//! Inverse time decay.

use super::{Schedule, cast, name_setter, positive};
use crate::config::{Config, ConfigExt, ConfigReader, Number};
use crate::error::Result;

/// `initial_learning_rate / (1 + decay_rate * step / decay_steps)`. Keras' `InverseTimeDecay`.
///
/// ```
/// use keras_rs::optimizers::schedules::{InverseTimeDecay, Schedule};
///
/// let schedule = InverseTimeDecay::new(0.5, 10, 2.0);
/// assert_eq!(schedule.call(5)?, 0.25);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct InverseTimeDecay {
    initial_learning_rate: Number,
    decay_steps: Number,
    decay_rate: Number,
    staircase: bool,
    name: String,
}

impl InverseTimeDecay {
    /// From a rate, whose divisor grows by `decay_rate` in so many steps, more than 0.
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
            name: "InverseTimeDecay".into(),
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

impl Schedule for InverseTimeDecay {
    fn class_name(&self) -> &str {
        "InverseTimeDecay"
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
        let mut periods = step as f32 / cast(self.decay_steps);
        if self.staircase {
            periods = periods.floor();
        }
        Ok(f64::from(cast(self.initial_learning_rate) / (1.0 + cast(self.decay_rate) * periods)))
    }
}
