//! Polynomial decay.

use super::{Schedule, cast, name_setter, positive};
use crate::config::{Config, ConfigExt, ConfigReader, Number};
use crate::error::Result;

/// `(initial_learning_rate - end_learning_rate) * (1 - step / decay_steps)^power + end_learning_rate`.
/// Keras' `PolynomialDecay`.
///
/// ```
/// use keras_rs::optimizers::schedules::{PolynomialDecay, Schedule};
///
/// let schedule = PolynomialDecay::new(1.0, 8).end_learning_rate(0.5);
/// assert_eq!(schedule.call(4)?, 0.75);
/// assert_eq!(schedule.call(100)?, 0.5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PolynomialDecay {
    initial_learning_rate: Number,
    decay_steps: Number,
    end_learning_rate: Number,
    power: Number,
    cycle: bool,
    name: String,
}

impl PolynomialDecay {
    /// From a rate to `end_learning_rate` in so many steps, more than 0.
    pub fn new(initial_learning_rate: impl Into<Number>, decay_steps: impl Into<Number>) -> Self {
        Self {
            initial_learning_rate: initial_learning_rate.into(),
            decay_steps: decay_steps.into(),
            end_learning_rate: 0.0001.into(),
            power: 1.0.into(),
            cycle: false,
            name: "PolynomialDecay".into(),
        }
    }

    /// Sets the rate after `decay_steps` (default 0.0001).
    #[must_use]
    pub fn end_learning_rate(mut self, rate: impl Into<Number>) -> Self {
        self.end_learning_rate = rate.into();
        self
    }

    /// Sets the power of the polynomial (default 1).
    #[must_use]
    pub fn power(mut self, power: impl Into<Number>) -> Self {
        self.power = power.into();
        self
    }

    /// Sets whether, each time the end is reached, the decay goes on over one more `decay_steps`
    /// (default `false`).
    #[must_use]
    pub fn cycle(mut self, cycle: bool) -> Self {
        self.cycle = cycle;
        self
    }

    name_setter!();

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let initial: Number = c.take("initial_learning_rate")?;
        let d = Self::new(initial, c.take::<Number>("decay_steps")?);
        positive(c.object(), "decay_steps", d.decay_steps)?;
        Ok(Self {
            end_learning_rate: c.take_or("end_learning_rate", d.end_learning_rate)?,
            power: c.take_or("power", d.power)?,
            cycle: c.take_or("cycle", d.cycle)?,
            name: c.take_or("name", d.name)?,
            ..d
        })
    }
}

impl Schedule for PolynomialDecay {
    fn class_name(&self) -> &str {
        "PolynomialDecay"
    }

    fn config(&self) -> Config {
        Config::new()
            .with("initial_learning_rate", self.initial_learning_rate)
            .with("decay_steps", self.decay_steps)
            .with("end_learning_rate", self.end_learning_rate)
            .with("power", self.power)
            .with("cycle", self.cycle)
            .with("name", &self.name)
    }

    fn call(&self, step: u64) -> Result<f64> {
        positive(&self.name, "decay_steps", self.decay_steps)?;
        let cast = |value: Number| cast(self.initial_learning_rate, value.get());
        let (initial, end) = (cast(self.initial_learning_rate), cast(self.end_learning_rate));
        let (mut step, mut steps) = (step as f32, cast(self.decay_steps));
        if self.cycle {
            // The number of periods comes from the steps as they were given, not as they are cast.
            let periods = (step / self.decay_steps.get() as f32).ceil();
            steps *= if step == 0.0 { 1.0 } else { periods };
        } else {
            step = step.min(steps);
        }
        Ok(f64::from((initial - end) * (1.0 - step / steps).powf(cast(self.power)) + end))
    }
}
