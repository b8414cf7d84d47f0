//! Adam.

use super::base::{LearningRate, Optimize, OptimizerBase};
use super::slots::{Slots, Step};
use crate::error::Result;
use crate::serialization::{Config, ConfigExt, ConfigReader};
use crate::tensor::Tensor;
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

    /// Sets the share that the mean of gradients keeps (default 0.9).
    #[must_use]
    pub fn beta_1(mut self, beta_1: f64) -> Self {
        self.beta_1 = beta_1;
        self
    }

    /// Sets the share that the mean of squares keeps (default 0.999).
    #[must_use]
    pub fn beta_2(mut self, beta_2: f64) -> Self {
        self.beta_2 = beta_2;
        self
    }

    /// Sets what keeps the division from zero (default 1e-7).
    #[must_use]
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// Sets whether the largest mean of squares so far is used (default `false`).
    #[must_use]
    pub fn amsgrad(mut self, amsgrad: bool) -> Self {
        self.amsgrad = amsgrad;
        self
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let d = Self::default();
        Ok(Self {
            base: d.base.read(c)?,
            beta_1: c.take_or("beta_1", d.beta_1)?,
            beta_2: c.take_or("beta_2", d.beta_2)?,
            epsilon: c.take_or("epsilon", d.epsilon)?,
            amsgrad: c.take_or("amsgrad", d.amsgrad)?,
        })
    }
}

impl Optimize for Adam {
    fn class_name(&self) -> &str {
        "Adam"
    }

    fn base(&self) -> &OptimizerBase {
        &self.base
    }

    fn base_mut(&mut self) -> &mut OptimizerBase {
        &mut self.base
    }

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
        // Powers are taken in `float32` as in Keras: the difference shows in the first steps.
        let power = |beta: f64| (beta as f32).powf(step.iterations as f32 + 1.0);
        let (power_1, power_2) = (power(self.beta_1), power(self.beta_2));
        let alpha = step.learning_rate as f32 * (1.0 - power_2).sqrt() / (1.0 - power_1);
        let (m_slot, v_slot) = (step.slot(variable, "momentum")?, step.slot(variable, "velocity")?);
        let (m, v) = (m_slot.value()?, v_slot.value()?);
        let m = m.add(&gradient.sub(&m)?.mul_scalar(1.0 - self.beta_1)?)?;
        let mut v = v.add(&gradient.square()?.sub(&v)?.mul_scalar(1.0 - self.beta_2)?)?;
        m_slot.assign(&m)?;
        v_slot.assign(&v)?;
        if self.amsgrad {
            let hat = step.slot(variable, "velocity_hat")?;
            v = hat.value()?.maximum(&v)?;
            hat.assign(&v)?;
        }
        let change = m.mul_scalar(f64::from(alpha))?.div(&v.sqrt()?.add_scalar(self.epsilon)?)?;
        variable.assign(&variable.value()?.sub(&change)?)
    }
}
