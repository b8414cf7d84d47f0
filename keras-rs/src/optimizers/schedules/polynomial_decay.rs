//! Polynomial decay.

use super::{Schedule, cast, positive};
use crate::config::{KerasConfig, Number};
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
#[derive(Clone, Debug, PartialEq, KerasConfig)]
#[keras(
    module = "keras.optimizers.schedules",
    check = |made, object| positive(object, "decay_steps", made.decay_steps)
)]
pub struct PolynomialDecay {
    /// Rate to begin with.
    #[keras(new)]
    initial_learning_rate: Number,
    /// Number of steps, more than 0.
    #[keras(new)]
    decay_steps: Number,
    /// Rate after `decay_steps` (default 0.0001).
    #[keras(default = 0.0001)]
    end_learning_rate: Number,
    /// Power of the polynomial (default 1).
    #[keras(default = 1.0)]
    power: Number,
    /// Whether, each time the end is reached, the decay goes on over one more `decay_steps`
    /// (default `false`).
    #[keras(default = false)]
    cycle: bool,
    /// Name (default `PolynomialDecay`), which only configurations show.
    #[keras(default = "PolynomialDecay")]
    name: String,
}

impl Schedule for PolynomialDecay {
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
