//! Adadelta.

use super::base::{LearningRate, Optimize, OptimizerBase};
use super::slots::{Slots, Step, store};
use crate::config::KerasConfig;
use crate::error::Result;
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;

/// Steps whose size follows the running means of squares of gradients and of steps. Keras' `Adadelta`
/// ([Zeiler, 2012](https://arxiv.org/abs/1212.5701)).
///
/// ```
/// use keras_rs::config::KerasConfig;
/// use keras_rs::optimizers::Adadelta;
///
/// assert_eq!(Adadelta::new(1.0).config()["rho"], 0.95);
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.optimizers", new = "With a learning rate, by default 0.001 in Keras.")]
pub struct Adadelta {
    #[keras(default = OptimizerBase::new("adadelta", 0.001), new(learning_rate: LearningRate))]
    base: OptimizerBase,
    /// Decay rate of the running means of squares (default 0.95).
    #[keras(default = 0.95)]
    rho: f64,
    /// Number that keeps the divisor away from zero (default 1e-7).
    #[keras(default = 1e-7)]
    epsilon: f64,
}

impl Optimize for Adadelta {
    fn build(&self, slots: &mut Slots, variables: &[Variable]) -> Result<()> {
        slots.add_to_all(variables, &["accumulated_grad", "accumulated_delta_var"])
    }

    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        let (g, w) = (Formula::from(gradient), Formula::from(variable.value()?));
        let (grad_slot, squares) = step.load(variable, "accumulated_grad")?;
        let (delta_slot, deltas) = step.load(variable, "accumulated_delta_var")?;
        let rms = |x: &Formula| (x + self.epsilon).sqrt();
        let mean = |mean: &Formula, new: &Formula| mean * self.rho + new.square() * (1.0 - self.rho);
        let squares = mean(&squares, &g);
        let delta = -(rms(&deltas) * g / rms(&squares));
        let deltas = mean(&deltas, &delta);
        let w = w + delta * step.rate(variable);
        store(vec![(grad_slot, squares), (delta_slot, deltas), (variable, w)])
    }
}
