//! AdamW.

use super::adam::Rule;
use super::base::{LearningRate, Optimize, OptimizerBase};
use super::slots::{Slots, Step};
use crate::config::KerasConfig;
use crate::error::{Error, Result};
use crate::tensor::Tensor;
use crate::variable::Variable;
use keras_rs_kernels::Update;

/// [`Adam`](super::Adam) with weight decay, which Keras' `AdamW` has by default
/// ([Loshchilov and Hutter, 2019](https://arxiv.org/abs/1711.05101)).
///
/// ```
/// use keras_rs::optimizers::{AdamW, Optimizer};
///
/// let optimizer = Optimizer::from(AdamW::new(1e-3).beta_1(0.8));
/// assert_eq!(optimizer.config()["weight_decay"], 0.004);
/// assert_eq!(optimizer.config()["beta_1"], 0.8);
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(
    module = "keras.optimizers",
    new = "With a learning rate, by default 0.001 in Keras, and a weight decay of 0.004."
)]
pub struct AdamW {
    #[keras(default = OptimizerBase::new("adam_w", 0.001).decaying(0.004), new(learning_rate: LearningRate))]
    base: OptimizerBase,
    /// Decay rate of the running mean of gradients (default 0.9).
    #[keras(default = 0.9)]
    beta_1: f64,
    /// Decay rate of the running mean of squares (default 0.999).
    #[keras(default = 0.999)]
    beta_2: f64,
    /// Number that keeps the divisor away from zero (default 1e-7).
    #[keras(default = 1e-7)]
    epsilon: f64,
    /// Whether the largest mean of squares so far is used (default `false`).
    #[keras(default = false)]
    amsgrad: bool,
}

impl AdamW {
    fn rule(&self) -> Rule {
        let Self { beta_1, beta_2, epsilon, amsgrad, .. } = *self;
        Rule { beta_1, beta_2, epsilon, amsgrad }
    }
}

impl Optimize for AdamW {
    fn build(&self, slots: &mut Slots, variables: &[Variable]) -> Result<()> {
        if self.base.weight_decay.is_none() {
            return Err(Error::argument("AdamW", "weight_decay", "a number", "none"));
        }
        self.rule().build(slots, variables)
    }

    fn update_in_place(&self, variable: &Variable, step: &Step<'_>) -> Option<(Update, Vec<&'static str>)> {
        Some(self.rule().update_in_place(variable, step))
    }

    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        self.rule().update_step(gradient, variable, step)
    }
}
