//! Cosine decay with restarts.

use super::{Schedule, cast, name_setter, positive};
use crate::config::{Config, ConfigExt, ConfigReader, Number};
use crate::error::Result;
use std::f64::consts::PI;

/// Half a cosine from `initial_learning_rate` to `alpha` times that in `first_decay_steps`, then again over
/// `t_mul` times as many steps from `m_mul` times as high, and so on. Keras' `CosineDecayRestarts`
/// ([Loshchilov and Hutter, 2016](https://arxiv.org/abs/1608.03983)).
///
/// ```
/// use keras_rs::optimizers::schedules::{CosineDecayRestarts, Schedule};
///
/// let schedule = CosineDecayRestarts::new(1.0, 10).m_mul(0.5);
/// assert_eq!((schedule.call(0)?, schedule.call(10)?), (1.0, 0.5));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CosineDecayRestarts {
    initial_learning_rate: Number,
    first_decay_steps: Number,
    t_mul: Number,
    m_mul: Number,
    alpha: Number,
    name: String,
}

impl CosineDecayRestarts {
    /// From a rate, in so many steps to the first restart, more than 0.
    pub fn new(initial_learning_rate: impl Into<Number>, first_decay_steps: impl Into<Number>) -> Self {
        Self {
            initial_learning_rate: initial_learning_rate.into(),
            first_decay_steps: first_decay_steps.into(),
            t_mul: 2.0.into(),
            m_mul: 1.0.into(),
            alpha: 0.0.into(),
            name: "SGDRDecay".into(),
        }
    }

    /// Sets how many times longer each period is than the one before (default 2).
    #[must_use]
    pub fn t_mul(mut self, t_mul: impl Into<Number>) -> Self {
        self.t_mul = t_mul.into();
        self
    }

    /// Sets how many times higher each period starts than the one before (default 1).
    #[must_use]
    pub fn m_mul(mut self, m_mul: impl Into<Number>) -> Self {
        self.m_mul = m_mul.into();
        self
    }

    /// Sets the last rate of each period as a fraction of `initial_learning_rate` (default 0).
    #[must_use]
    pub fn alpha(mut self, alpha: impl Into<Number>) -> Self {
        self.alpha = alpha.into();
        self
    }

    name_setter!();

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let initial: Number = c.take("initial_learning_rate")?;
        let d = Self::new(initial, c.take::<Number>("first_decay_steps")?);
        positive(c.object(), "first_decay_steps", d.first_decay_steps)?;
        Ok(Self {
            t_mul: c.take_or("t_mul", d.t_mul)?,
            m_mul: c.take_or("m_mul", d.m_mul)?,
            alpha: c.take_or("alpha", d.alpha)?,
            name: c.take_or("name", d.name)?,
            ..d
        })
    }
}

impl Schedule for CosineDecayRestarts {
    fn class_name(&self) -> &str {
        "CosineDecayRestarts"
    }

    fn config(&self) -> Config {
        Config::new()
            .with("initial_learning_rate", self.initial_learning_rate)
            .with("first_decay_steps", self.first_decay_steps)
            .with("t_mul", self.t_mul)
            .with("m_mul", self.m_mul)
            .with("alpha", self.alpha)
            .with("name", &self.name)
    }

    fn call(&self, step: u64) -> Result<f64> {
        positive(&self.name, "first_decay_steps", self.first_decay_steps)?;
        let cast = |value: f64| cast(self.initial_learning_rate, value);
        let (t_mul, alpha) = (cast(self.t_mul.get()), cast(self.alpha.get()));
        let periods = step as f32 / cast(self.first_decay_steps.get());
        let (restarts, fraction) = if t_mul == 1.0 {
            (periods.floor(), periods - periods.floor())
        } else {
            // Restarts lie at the sums of a geometric series.
            let grown = cast(f64::from(1.0 - periods * (1.0 - t_mul)));
            let restarts = (grown.ln() / t_mul.ln()).floor();
            let length = t_mul.powf(restarts);
            (restarts, (periods - (1.0 - length) / (1.0 - t_mul)) / length)
        };
        let height = cast(self.m_mul.get()).powf(restarts);
        let cosine = 0.5 * height * (1.0 + (cast(PI) * fraction).cos());
        let rate = cast(self.initial_learning_rate.get()) * ((1.0 - alpha) * cosine + alpha);
        Ok(f64::from(rate))
    }
}
