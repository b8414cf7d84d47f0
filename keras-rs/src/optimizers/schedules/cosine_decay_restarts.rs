//! Cosine decay with restarts.

use super::{Schedule, cast, positive};
use crate::config::{KerasConfig, Number};
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
#[derive(Clone, Debug, PartialEq, KerasConfig)]
#[keras(
    module = "keras.optimizers.schedules",
    check = |made, object| positive(object, "first_decay_steps", made.first_decay_steps)
)]
pub struct CosineDecayRestarts {
    /// Rate to begin with.
    #[keras(new)]
    initial_learning_rate: Number,
    /// Number of steps to the first restart, more than 0.
    #[keras(new)]
    first_decay_steps: Number,
    /// How many times longer each period is than the one before (default 2).
    #[keras(default = 2.0)]
    t_mul: Number,
    /// How many times higher each period starts than the one before (default 1).
    #[keras(default = 1.0)]
    m_mul: Number,
    /// Last rate of each period as a fraction of `initial_learning_rate` (default 0).
    #[keras(default = 0.0)]
    alpha: Number,
    /// Name (default `SGDRDecay`), which only configurations show.
    #[keras(default = "SGDRDecay")]
    name: String,
}

impl Schedule for CosineDecayRestarts {
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
