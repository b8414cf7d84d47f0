//! Lion.

use super::base::{LearningRate, Optimize, OptimizerBase, optimizer_base};
use super::slots::{Slots, Step, store};
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader};
use crate::error::{Error, Result};
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;

/// Steps by the sign of a weighted mean of the gradient and the running mean of gradients. Keras' `Lion`
/// ([Chen et al., 2023](https://arxiv.org/abs/2302.06675)).
///
/// `w = w - learning_rate * sign(beta_1 * m + (1 - beta_1) * g)`, then `m = beta_2 * m + (1 - beta_2) * g`.
///
/// ```
/// use keras_rs::optimizers::{Lion, Optimize};
///
/// assert_eq!(Lion::new(1e-4).beta_2(0.95).config()["beta_2"], 0.95);
/// ```
#[derive(Clone, Debug)]
pub struct Lion {
    base: OptimizerBase,
    beta_1: f64,
    beta_2: f64,
}

impl Default for Lion {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl Lion {
    /// With a learning rate, by default 0.001 in Keras.
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        Self { base: OptimizerBase::new("lion", learning_rate), beta_1: 0.9, beta_2: 0.99 }
    }

    setters! {
        /// Sets the weight of the running mean in the step (default 0.9); greater than 0, at most 1.
        beta_1: f64,
        /// Sets the decay rate of the running mean of gradients (default 0.99).
        beta_2: f64,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let d = Self::default();
        let made = Self {
            base: d.base.read(c)?,
            beta_1: c.take_or("beta_1", d.beta_1)?,
            beta_2: c.take_or("beta_2", d.beta_2)?,
        };
        made.check()?;
        Ok(made)
    }

    fn check(&self) -> Result<()> {
        if self.beta_1 > 0.0 && self.beta_1 <= 1.0 {
            return Ok(());
        }
        Err(Error::argument(&self.base.name, "beta_1", "a number greater than 0 and at most 1", self.beta_1))
    }
}

impl Optimize for Lion {
    optimizer_base!("Lion");

    fn config(&self) -> Config {
        Config::new().with("beta_1", self.beta_1).with("beta_2", self.beta_2)
    }

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
