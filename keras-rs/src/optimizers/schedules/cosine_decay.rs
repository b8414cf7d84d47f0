//! Cosine decay, after an optional warmup.

use super::{Schedule, cast, positive};
use crate::config::{KerasConfig, Number};
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
#[derive(Clone, Debug, PartialEq, KerasConfig)]
#[keras(
    module = "keras.optimizers.schedules",
    check = |made, object| positive(object, "decay_steps", made.decay_steps)
)]
pub struct CosineDecay {
    /// Rate to begin with.
    #[keras(new)]
    initial_learning_rate: Number,
    /// Number of steps, more than 0.
    #[keras(new)]
    decay_steps: Number,
    /// Last rate as a fraction of the largest (default 0).
    #[keras(default = 0.0)]
    alpha: Number,
    /// Name (default `CosineDecay`), which only configurations show.
    #[keras(default = "CosineDecay")]
    name: String,
    /// Rate that the warmup leads to (default: no warmup).
    warmup_target: Option<Number>,
    /// Number of steps of the warmup, which come before `decay_steps` (default 0).
    #[keras(default = 0)]
    warmup_steps: Number,
}

impl CosineDecay {
    fn decayed(&self, step: f32, steps: f32, from: f32) -> f32 {
        let pi = cast(self.initial_learning_rate, PI);
        let cosine = 0.5 * (1.0 + (pi * (step / steps)).cos());
        let alpha = self.alpha.get();
        from * ((1.0 - alpha) as f32 * cosine + alpha as f32)
    }
}

impl Schedule for CosineDecay {
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
