//! Lamb.

use super::base::{LearningRate, Optimize, OptimizerBase};
use super::slots::{Slots, Step, store};
use crate::config::KerasConfig;
use crate::error::Result;
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;

/// Adam with the norm of each step set to the learning rate times the norm of the variable. Keras' `Lamb`
/// ([You et al., 2019](https://arxiv.org/abs/1904.00962)).
///
/// Where one of the two norms is zero, the step is that of Adam.
///
/// ```
/// use keras_rs::config::KerasConfig;
/// use keras_rs::optimizers::Lamb;
///
/// assert_eq!(Lamb::default().epsilon(1e-6).config()["epsilon"], 1e-6);
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.optimizers", new = "With a learning rate, by default 0.001 in Keras.")]
pub struct Lamb {
    #[keras(default = OptimizerBase::new("lamb", 0.001), new(learning_rate: LearningRate))]
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
}

/// Norm over all elements.
fn norm(value: &Tensor) -> Result<Tensor> {
    value.square()?.sum(&[], false)?.sqrt()
}

impl Optimize for Lamb {
    fn build(&self, slots: &mut Slots, variables: &[Variable]) -> Result<()> {
        slots.add_to_all(variables, &["momentum", "velocity"])
    }

    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        let power = |beta| step.float(variable, beta).pow(step.number());
        let g = Formula::from(gradient);
        let ((m_slot, m), (v_slot, v)) = (step.load(variable, "momentum")?, step.load(variable, "velocity")?);
        let m = &m + (&g - &m) * (1.0 - self.beta_1);
        let v = &v + (g.square() - &v) * (1.0 - self.beta_2);
        store(vec![(m_slot, m), (v_slot, v)])?;
        let mean = m_slot.value()?.div_scalar((1.0 - power(self.beta_1)).get())?;
        let root = v_slot.value()?.div_scalar((1.0 - power(self.beta_2)).get())?.sqrt()?;
        let change = mean.div(&root.add_scalar(self.epsilon)?)?;
        let value = variable.value()?;
        let (value_norm, change_norm) = (norm(&value)?, norm(&change)?);
        let both_positive = value_norm.greater_scalar(0.0)?.logical_and(&change_norm.greater_scalar(0.0)?)?;
        let ratio =
            value_norm.div(&change_norm)?.where_(&both_positive, &value_norm.full_like(Vec::new(), 1.0)?)?;
        let moved = Formula::from(change) * (Formula::from(ratio) * step.rate(variable));
        store(vec![(variable, Formula::from(value) - moved)])
    }
}
