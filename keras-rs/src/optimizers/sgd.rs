//! Gradient descent.

use super::base::{LearningRate, Optimize, OptimizerBase};
use super::slots::{Slots, Step};
use crate::error::{Error, Result};
use crate::serialization::{Config, ConfigExt, ConfigReader};
use crate::tensor::Tensor;
use crate::variable::Variable;

/// Gradient descent, with momentum where asked for. Keras' `SGD`.
///
/// ```
/// use keras_rs::optimizers::{Optimizer, SGD};
///
/// let optimizer = Optimizer::from(SGD::new(0.1).momentum(0.9));
/// assert_eq!(optimizer.learning_rate()?, f64::from(0.1_f32));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SGD {
    base: OptimizerBase,
    momentum: f64,
    nesterov: bool,
}

impl Default for SGD {
    fn default() -> Self {
        Self::new(0.01)
    }
}

impl SGD {
    /// With a learning rate, by default 0.01 in Keras.
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        Self { base: OptimizerBase::new("sgd", learning_rate), momentum: 0.0, nesterov: false }
    }

    /// Sets the share of the last step that goes into the next (default 0), in [0, 1].
    #[must_use]
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// Sets whether the gradient is looked at from where the momentum leads (default `false`).
    #[must_use]
    pub fn nesterov(mut self, nesterov: bool) -> Self {
        self.nesterov = nesterov;
        self
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let d = Self::default();
        Ok(Self {
            base: d.base.read(c)?,
            momentum: c.take_or("momentum", d.momentum)?,
            nesterov: c.take_or("nesterov", d.nesterov)?,
        })
    }
}

impl Optimize for SGD {
    fn class_name(&self) -> &str {
        "SGD"
    }

    fn base(&self) -> &OptimizerBase {
        &self.base
    }

    fn base_mut(&mut self) -> &mut OptimizerBase {
        &mut self.base
    }

    fn config(&self) -> Config {
        Config::new().with("momentum", self.momentum).with("nesterov", self.nesterov)
    }

    fn build(&self, slots: &mut Slots, variables: &[Variable]) -> Result<()> {
        if !(0.0..=1.0).contains(&self.momentum) {
            return Err(Error::argument("SGD", "momentum", "a number in [0, 1]", self.momentum));
        }
        if self.momentum != 0.0 {
            slots.add_to_all(variables, &["momentum"])?;
        }
        Ok(())
    }

    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        let moved = gradient.mul_scalar(step.learning_rate)?;
        let value = variable.value()?;
        if self.momentum == 0.0 {
            return variable.assign(&value.sub(&moved)?);
        }
        let slot = step.slot(variable, "momentum")?;
        let momentum = slot.value()?.mul_scalar(self.momentum)?.sub(&moved)?;
        slot.assign(&momentum)?;
        if self.nesterov {
            return variable.assign(&value.add(&momentum.mul_scalar(self.momentum)?.sub(&moved)?)?);
        }
        variable.assign(&value.add(&momentum)?)
    }
}
