//! Lion.

use super::base::{LearningRate, Optimize, OptimizerBase};
use super::slots::{Slots, Step, store};
use crate::config::KerasConfig;
use crate::error::{Error, Result};
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;

/// Steps by the sign of a weighted mean of the gradient and the running mean of gradients. Keras' `Lion`
/// ([Chen et al., 2023](https://arxiv.org/abs/2302.06675)).
///
/// `w = w - learning_rate * sign(beta_1 * m + (1 - beta_1) * g)`, then `m = beta_2 * m + (1 - beta_2) * g`.
///
/// ```
/// use keras_rs::config::KerasConfig;
/// use keras_rs::optimizers::Lion;
///
/// assert_eq!(Lion::new(1e-4).beta_2(0.95).config()["beta_2"], 0.95);
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(
    module = "keras.optimizers",
    new = "With a learning rate, by default 0.001 in Keras.",
    check = |made, _| made.check()
)]
pub struct Lion {
    #[keras(default = OptimizerBase::new("lion", 0.001), new(learning_rate: LearningRate))]
    base: OptimizerBase,
    /// Weight of the running mean in the step (default 0.9); greater than 0, at most 1.
    #[keras(default = 0.9)]
    beta_1: f64,
    /// Decay rate of the running mean of gradients (default 0.99).
    #[keras(default = 0.99)]
    beta_2: f64,
}

impl Lion {
    fn check(&self) -> Result<()> {
        if self.beta_1 > 0.0 && self.beta_1 <= 1.0 {
            return Ok(());
        }
        Err(Error::argument(&self.base.name, "beta_1", "a number greater than 0 and at most 1", self.beta_1))
    }
}

impl Optimize for Lion {
    fn build(&self, slots: &mut Slots, variables: &[Variable]) -> Result<()> {
        self.check()?;
        slots.add_to_all(variables, &["momentum"])
    }

    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        let (beta_1, beta_2) = (step.float(variable, self.beta_1), step.float(variable, self.beta_2));
        let (g, w) = (Formula::from(gradient), Formula::from(variable.value()?));
        let (slot, m) = step.load(variable, "momentum")?;
        let direction = (&m * beta_1 + &g * (1.0 - beta_1)).sign();
        let m = m * beta_2 + g * (1.0 - beta_2);
        store(vec![(slot, m), (variable, w - direction * step.rate(variable))])
    }
}
