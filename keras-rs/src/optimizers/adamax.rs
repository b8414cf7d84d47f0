//! Adamax.

use super::base::{LearningRate, Optimize, OptimizerBase, optimizer_base};
use super::slots::{Slots, Step, store};
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader};
use crate::error::Result;
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;

/// Adam with an exponentially decaying maximum of absolute gradients instead of the mean of squares. Keras' `Adamax`
/// ([Kingma and Ba, 2014](https://arxiv.org/abs/1412.6980), section 7).
///
/// ```
/// use keras_rs::optimizers::{Adamax, Optimize};
///
/// assert_eq!(Adamax::default().beta_1(0.8).config()["beta_1"], 0.8);
/// ```
#[derive(Clone, Debug)]
pub struct Adamax {
    base: OptimizerBase,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
}

impl Default for Adamax {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl Adamax {
    /// With a learning rate, by default 0.001 in Keras.
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        let base = OptimizerBase::new("adamax", learning_rate);
        Self { base, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 }
    }

    setters! {
        /// Sets the decay rate of the running mean of gradients (default 0.9).
        beta_1: f64,
        /// Sets the decay rate of the maximum of absolute gradients (default 0.999).
        beta_2: f64,
        /// Sets the number that keeps the divisor away from zero (default 1e-7).
        epsilon: f64,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let d = Self::default();
        Ok(Self {
            base: d.base.read(c)?,
            beta_1: c.take_or("beta_1", d.beta_1)?,
            beta_2: c.take_or("beta_2", d.beta_2)?,
            epsilon: c.take_or("epsilon", d.epsilon)?,
        })
    }
}

impl Optimize for Adamax {
    optimizer_base!("Adamax");

    fn config(&self) -> Config {
        Config::new().with("beta_1", self.beta_1).with("beta_2", self.beta_2).with("epsilon", self.epsilon)
    }

    fn build(&self, slots: &mut Slots, variables: &[Variable]) -> Result<()> {
        slots.add_to_all(variables, &["momentum", "norm"])
    }

    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        let power = step.float(variable, self.beta_1).pow(step.number());
        let (g, w) = (Formula::from(gradient), Formula::from(variable.value()?));
        let ((m_slot, m), (u_slot, u)) = (step.load(variable, "momentum")?, step.load(variable, "norm")?);
        let m = &m + (&g - &m) * (1.0 - self.beta_1);
        let u = (u * self.beta_2).maximum(&g.abs());
        let w = w - &m * step.rate(variable) / ((&u + self.epsilon) * (1.0 - power));
        store(vec![(m_slot, m), (u_slot, u), (variable, w)])
    }
}
