//! Inverse time decay.

use super::{Schedule, cast, positive};
use crate::config::{KerasConfig, Number};
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
#[derive(Clone, Debug, PartialEq, KerasConfig)]
#[keras(
    module = "keras.optimizers.schedules",
    check = |made, object| positive(object, "decay_steps", made.decay_steps)
)]
pub struct InverseTimeDecay {
    /// Rate to begin with.
    #[keras(new)]
    initial_learning_rate: Number,
    /// Number of steps, more than 0.
    #[keras(new)]
    decay_steps: Number,
    /// What the divisor of the rate grows by in `decay_steps`.
    #[keras(new)]
    decay_rate: Number,
    /// Whether the rate changes after whole `decay_steps` only (default `false`).
    #[keras(default = false)]
    staircase: bool,
    /// Name (default `InverseTimeDecay`), which only configurations show.
    #[keras(default = "InverseTimeDecay")]
    name: String,
}

impl Schedule for InverseTimeDecay {
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
