//! Adadelta.

use super::base::{LearningRate, Optimize, OptimizerBase, optimizer_base};
use super::slots::{Slots, Step, store};
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader};
use crate::error::Result;
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;

/// Steps whose size follows the running means of squares of gradients and of steps. Keras' `Adadelta`
/// ([Zeiler, 2012](https://arxiv.org/abs/1212.5701)).
///
/// ```
/// use keras_rs::optimizers::{Adadelta, Optimize};
///
/// assert_eq!(Adadelta::new(1.0).config()["rho"], 0.95);
/// ```
#[derive(Clone, Debug)]
pub struct Adadelta {
    base: OptimizerBase,
    rho: f64,
    epsilon: f64,
}

impl Default for Adadelta {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl Adadelta {
    /// With a learning rate, by default 0.001 in Keras.
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        let base = OptimizerBase::new("adadelta", learning_rate);
        Self { base, rho: 0.95, epsilon: 1e-7 }
    }

    setters! {
        /// Sets the decay rate of the running means of squares (default 0.95).
        rho: f64,
        /// Sets the number that keeps the divisor away from zero (default 1e-7).
        epsilon: f64,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let d = Self::default();
        Ok(Self {
            base: d.base.read(c)?,
            rho: c.take_or("rho", d.rho)?,
            epsilon: c.take_or("epsilon", d.epsilon)?,
        })
    }
}

impl Optimize for Adadelta {
    optimizer_base!("Adadelta");

    fn config(&self) -> Config {
        Config::new().with("rho", self.rho).with("epsilon", self.epsilon)
    }

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
