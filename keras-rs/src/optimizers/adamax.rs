//! Adamax.

use super::base::{LearningRate, Optimize, OptimizerBase};
use super::slots::{Slots, Step, store};
use crate::config::KerasConfig;
use crate::error::Result;
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;

/// Adam with an exponentially decaying maximum of absolute gradients instead of the mean of squares. Keras' `Adamax`
/// ([Kingma and Ba, 2014](https://arxiv.org/abs/1412.6980), section 7).
///
/// ```
/// use keras_rs::config::KerasConfig;
/// use keras_rs::optimizers::Adamax;
///
/// assert_eq!(Adamax::default().beta_1(0.8).config()["beta_1"], 0.8);
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.optimizers", new = "With a learning rate, by default 0.001 in Keras.")]
pub struct Adamax {
    #[keras(default = OptimizerBase::new("adamax", 0.001), new(learning_rate: LearningRate))]
    base: OptimizerBase,
    /// Decay rate of the running mean of gradients (default 0.9).
    #[keras(default = 0.9)]
    beta_1: f64,
    /// Decay rate of the maximum of absolute gradients (default 0.999).
    #[keras(default = 0.999)]
    beta_2: f64,
    /// Number that keeps the divisor away from zero (default 1e-7).
    #[keras(default = 1e-7)]
    epsilon: f64,
}

impl Optimize for Adamax {
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
