//! AdamW.

use super::base::{LearningRate, Optimize, OptimizerBase};
use super::slots::{Slots, Step};
use super::{Adam, OptimizerExt};
use crate::config::{Config, ConfigReader};
use crate::error::{Error, Result};
use crate::tensor::Tensor;
use crate::variable::Variable;

/// [`Adam`] with weight decay, which Keras' `AdamW` has by default
/// ([Loshchilov and Hutter, 2019](https://arxiv.org/abs/1711.05101)).
///
/// ```
/// use keras_rs::optimizers::{AdamW, Optimizer};
///
/// let optimizer = Optimizer::from(AdamW::new(1e-3).beta_1(0.8));
/// assert_eq!(optimizer.config()["weight_decay"], 0.004);
/// assert_eq!(optimizer.config()["beta_1"], 0.8);
/// ```
#[derive(Clone, Debug)]
pub struct AdamW(Adam);

impl Default for AdamW {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl AdamW {
    /// With a learning rate, by default 0.001 in Keras, and a weight decay of 0.004.
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        Self(Adam::new(learning_rate).name("adam_w").weight_decay(0.004))
    }

    /// Sets the decay rate of the running mean of gradients (default 0.9).
    #[must_use]
    pub fn beta_1(self, beta_1: f64) -> Self {
        Self(self.0.beta_1(beta_1))
    }

    /// Sets the decay rate of the running mean of squares (default 0.999).
    #[must_use]
    pub fn beta_2(self, beta_2: f64) -> Self {
        Self(self.0.beta_2(beta_2))
    }

    /// Sets the number that keeps the divisor away from zero (default 1e-7).
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self(self.0.epsilon(epsilon))
    }

    /// Sets whether the largest mean of squares so far is used (default `false`).
    #[must_use]
    pub fn amsgrad(self, amsgrad: bool) -> Self {
        Self(self.0.amsgrad(amsgrad))
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        Ok(Self(Self::default().0.read(c)?))
    }
}

impl Optimize for AdamW {
    fn class_name(&self) -> &str {
        "AdamW"
    }

    fn base(&self) -> &OptimizerBase {
        self.0.base()
    }

    fn base_mut(&mut self) -> &mut OptimizerBase {
        self.0.base_mut()
    }

    fn config(&self) -> Config {
        Optimize::config(&self.0)
    }

    fn build(&self, slots: &mut Slots, variables: &[Variable]) -> Result<()> {
        if self.base().weight_decay.is_none() {
            return Err(Error::argument("AdamW", "weight_decay", "a number", "none"));
        }
        self.0.build(slots, variables)
    }

    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        self.0.update_step(gradient, variable, step)
    }
}
