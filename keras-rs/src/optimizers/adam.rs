//! Adam.

use super::base::{LearningRate, Optimize, OptimizerBase, optimizer_base};
use super::slots::{Slots, Step, store};
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader};
use crate::error::Result;
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;

/// Steps by running means of gradients and of their squares. Keras' `Adam`
/// ([Kingma and Ba, 2014](https://arxiv.org/abs/1412.6980)).
///
/// ```
/// use keras_rs::optimizers::{Adam, Optimize};
///
/// assert_eq!(Adam::new(1e-3).amsgrad(true).config()["amsgrad"], true);
/// ```
#[derive(Clone, Debug)]
pub struct Adam {
    base: OptimizerBase,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
    amsgrad: bool,
}

impl Default for Adam {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl Adam {
    /// With a learning rate, by default 0.001 in Keras.
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        let base = OptimizerBase::new("adam", learning_rate);
        Self { base, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, amsgrad: false }
    }

    setters! {
        /// Sets the decay rate of the running mean of gradients (default 0.9).
        beta_1: f64,
        /// Sets the decay rate of the running mean of squares (default 0.999).
        beta_2: f64,
        /// Sets the number that keeps the divisor away from zero (default 1e-7).
        epsilon: f64,
        /// Sets whether the largest mean of squares so far is used (default `false`).
        amsgrad: bool,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        Self::default().read(c)
    }

    /// Takes the arguments from a configuration; arguments that are missing keep their values.
    pub(super) fn read(self, c: &mut ConfigReader<'_>) -> Result<Self> {
        Ok(Self {
            base: self.base.read(c)?,
            beta_1: c.take_or("beta_1", self.beta_1)?,
            beta_2: c.take_or("beta_2", self.beta_2)?,
            epsilon: c.take_or("epsilon", self.epsilon)?,
            amsgrad: c.take_or("amsgrad", self.amsgrad)?,
        })
    }
}

impl Optimize for Adam {
    optimizer_base!("Adam");

    fn config(&self) -> Config {
        Config::new()
            .with("beta_1", self.beta_1)
            .with("beta_2", self.beta_2)
            .with("epsilon", self.epsilon)
            .with("amsgrad", self.amsgrad)
    }

    fn build(&self, slots: &mut Slots, variables: &[Variable]) -> Result<()> {
        slots.add_to_all(variables, &["momentum", "velocity"])?;
        if self.amsgrad {
            slots.add_to_all(variables, &["velocity_hat"])?;
        }
        Ok(())
    }

    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        let power = |beta| step.float(variable, beta).pow(step.number());
        let rate = step.rate(variable) * (1.0 - power(self.beta_2)).sqrt() / (1.0 - power(self.beta_1));
        let (g, w) = (Formula::from(gradient), Formula::from(variable.value()?));
        let ((m_slot, m), (v_slot, v)) = (step.load(variable, "momentum")?, step.load(variable, "velocity")?);
        let m = &m + (&g - &m) * (1.0 - self.beta_1);
        let v = &v + (g.square() - &v) * (1.0 - self.beta_2);
        let mut targets = vec![(m_slot, m.clone()), (v_slot, v.clone())];
        let mut second_moment = v;
        if self.amsgrad {
            let (slot, hat) = step.load(variable, "velocity_hat")?;
            second_moment = hat.maximum(&second_moment);
            targets.push((slot, second_moment.clone()));
        }
        targets.push((variable, w - m * rate / (second_moment.sqrt() + self.epsilon)));
        store(targets)
    }
}
