//! Adagrad.

use super::base::{LearningRate, Optimize, OptimizerBase, optimizer_base};
use super::slots::{Slots, Step, store};
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader};
use crate::error::Result;
use crate::initializers::Constant;
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;

/// Steps by gradients divided by the root of the sum of all their squares so far. Keras' `Adagrad`
/// ([Duchi et al., 2011](http://www.jmlr.org/papers/volume12/duchi11a/duchi11a.pdf)).
///
/// ```
/// use keras_rs::optimizers::{Adagrad, Optimize};
///
/// assert_eq!(Adagrad::new(1.0).config()["initial_accumulator_value"], 0.1);
/// ```
#[derive(Clone, Debug)]
pub struct Adagrad {
    base: OptimizerBase,
    initial_accumulator_value: f64,
    epsilon: f64,
}

impl Default for Adagrad {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl Adagrad {
    /// With a learning rate, by default 0.001 in Keras.
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        let base = OptimizerBase::new("adagrad", learning_rate);
        Self { base, initial_accumulator_value: 0.1, epsilon: 1e-7 }
    }

    setters! {
        /// Sets the initial value of the sums of squares (default 0.1).
        initial_accumulator_value: f64,
        /// Sets the number that keeps the divisor away from zero (default 1e-7).
        epsilon: f64,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let d = Self::default();
        Ok(Self {
            base: d.base.read(c)?,
            initial_accumulator_value: c.take_or("initial_accumulator_value", d.initial_accumulator_value)?,
            epsilon: c.take_or("epsilon", d.epsilon)?,
        })
    }
}

impl Optimize for Adagrad {
    optimizer_base!("Adagrad");

    fn config(&self) -> Config {
        Config::new()
            .with("initial_accumulator_value", self.initial_accumulator_value)
            .with("epsilon", self.epsilon)
    }

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
