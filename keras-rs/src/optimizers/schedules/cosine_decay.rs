//! Cosine decay, after an optional warmup.

use super::{Schedule, cast, name_setter, positive};
use crate::config::{Config, ConfigExt, ConfigReader, Number};
use crate::error::Result;
use std::f64::consts::PI;

/// From `warmup_target`, or `initial_learning_rate` where there is none, along half a cosine to `alpha` times
/// that in `decay_steps`; a warmup rises linearly from `initial_learning_rate` to the target. Keras' `CosineDecay`
/// ([Loshchilov and Hutter, 2016](https://arxiv.org/abs/1608.03983)).
///
/// ```
/// use keras_rs::optimizers::schedules::{CosineDecay, Schedule};
///
/// let schedule = CosineDecay::new(0.0, 100).warmup_target(0.5).warmup_steps(10).alpha(0.5);
/// assert_eq!((schedule.call(5)?, schedule.call(10)?, schedule.call(110)?), (0.25, 0.5, 0.25));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CosineDecay {
    initial_learning_rate: Number,
    decay_steps: Number,
    alpha: Number,
    name: String,
    warmup_target: Option<Number>,
    warmup_steps: Number,
}

impl CosineDecay {
    /// From a rate, in so many steps, more than 0.
    pub fn new(initial_learning_rate: impl Into<Number>, decay_steps: impl Into<Number>) -> Self {
        Self {
            initial_learning_rate: initial_learning_rate.into(),
            decay_steps: decay_steps.into(),
            alpha: 0.0.into(),
            name: "CosineDecay".into(),
            warmup_target: None,
            warmup_steps: 0.into(),
        }
    }

    /// Sets the last rate as a fraction of the largest (default 0).
    #[must_use]
    pub fn alpha(mut self, alpha: impl Into<Number>) -> Self {
        self.alpha = alpha.into();
        self
    }

    /// Sets the rate that the warmup leads to (default: no warmup).
    #[must_use]
    pub fn warmup_target(mut self, rate: impl Into<Number>) -> Self {
        self.warmup_target = Some(rate.into());
        self
    }

    /// Sets the number of steps of the warmup, which come before `decay_steps` (default 0).
    #[must_use]
    pub fn warmup_steps(mut self, steps: impl Into<Number>) -> Self {
        self.warmup_steps = steps.into();
        self
    }

    name_setter!();

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let initial: Number = c.take("initial_learning_rate")?;
        let d = Self::new(initial, c.take::<Number>("decay_steps")?);
        positive(c.object(), "decay_steps", d.decay_steps)?;
        Ok(Self {
            alpha: c.take_or("alpha", d.alpha)?,
            name: c.take_or("name", d.name)?,
            warmup_target: c.take_or("warmup_target", d.warmup_target)?,
            warmup_steps: c.take_or("warmup_steps", d.warmup_steps)?,
            ..d
        })
    }

    fn decayed(&self, step: f32, steps: f32, from: f32) -> f32 {
        let pi = cast(self.initial_learning_rate, PI);
        let cosine = 0.5 * (1.0 + (pi * (step / steps)).cos());
        let alpha = self.alpha.get();
        from * ((1.0 - alpha) as f32 * cosine + alpha as f32)
    }
}

impl Schedule for CosineDecay {
    fn class_name(&self) -> &str {
        "CosineDecay"
    }

    fn config(&self) -> Config {
        Config::new()
            .with("initial_learning_rate", self.initial_learning_rate)
            .with("decay_steps", self.decay_steps)
            .with("alpha", self.alpha)
            .with("name", &self.name)
            .with("warmup_target", self.warmup_target)
            .with("warmup_steps", self.warmup_steps)
    }

    fn call(&self, step: u64) -> Result<f64> {
        positive(&self.name, "decay_steps", self.decay_steps)?;
        let cast = |value: Number| cast(self.initial_learning_rate, value.get());
        let (initial, steps) = (cast(self.initial_learning_rate), cast(self.decay_steps));
        let Some(target) = self.warmup_target.map(cast) else {
            return Ok(f64::from(self.decayed((step as f32).min(steps), steps, initial)));
        };
        let warmup = cast(self.warmup_steps);
        let step = (step as f32).min(steps + warmup);
        Ok(f64::from(if step < warmup {
            (target - initial) * (step / warmup) + initial
        } else {
            self.decayed(step - warmup, steps, target)
        }))
    }
}
