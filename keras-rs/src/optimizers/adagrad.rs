//! Adagrad.

use super::base::{LearningRate, Optimize, OptimizerBase};
use super::slots::{Slots, Step, store};
use crate::config::KerasConfig;
use crate::error::Result;
use crate::initializers::Constant;
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;

/// Steps by gradients divided by the root of the sum of all their squares so far. Keras' `Adagrad`
/// ([Duchi et al., 2011](http://www.jmlr.org/papers/volume12/duchi11a/duchi11a.pdf)).
///
/// ```
/// use keras_rs::config::KerasConfig;
/// use keras_rs::optimizers::Adagrad;
///
/// assert_eq!(Adagrad::new(1.0).config()["initial_accumulator_value"], 0.1);
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.optimizers", new = "With a learning rate, by default 0.001 in Keras.")]
pub struct Adagrad {
    #[keras(default = OptimizerBase::new("adagrad", 0.001), new(learning_rate: LearningRate))]
    base: OptimizerBase,
    /// Initial value of the sums of squares (default 0.1).
    #[keras(default = 0.1)]
    initial_accumulator_value: f64,
    /// Number that keeps the divisor away from zero (default 1e-7).
    #[keras(default = 1e-7)]
    epsilon: f64,
}

impl Optimize for Adagrad {
    fn build(&self, slots: &mut Slots, variables: &[Variable]) -> Result<()> {
        let first = Constant::new(self.initial_accumulator_value).into();
        variables.iter().try_for_each(|v| slots.add_with(v, "accumulator", v.shape(), &first))
    }

    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        let (g, w) = (Formula::from(gradient), Formula::from(variable.value()?));
        let (slot, sum) = step.load(variable, "accumulator")?;
        let sum = sum + g.square();
        let w = w - g * step.rate(variable) / (&sum + self.epsilon).sqrt();
        store(vec![(slot, sum), (variable, w)])
    }
}
