//! Exponential decay.

use super::{Schedule, cast, positive};
use crate::config::{KerasConfig, Number};
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
#[derive(Clone, Debug, PartialEq, KerasConfig)]
#[keras(
    module = "keras.optimizers.schedules",
    check = |made, object| positive(object, "decay_steps", made.decay_steps)
)]
pub struct ExponentialDecay {
    /// Rate to begin with.
    #[keras(new)]
    initial_learning_rate: Number,
    /// Number of steps, more than 0.
    #[keras(new)]
    decay_steps: Number,
    /// What the rate is multiplied with in `decay_steps`.
    #[keras(new)]
    decay_rate: Number,
    /// Whether the rate changes after whole `decay_steps` only (default `false`).
    #[keras(default = false)]
    staircase: bool,
    /// Name (default `ExponentialDecay`), which only configurations show.
    #[keras(default = "ExponentialDecay")]
    name: String,
}

impl Schedule for ExponentialDecay {
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
