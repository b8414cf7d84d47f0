//! Adafactor.

use super::base::{LearningRate, Optimize, OptimizerBase, optimizer_base};
use super::slots::{Slots, Step, store};
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader};
use crate::dtype::DType;
use crate::error::Result;
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;

/// Adam without the mean of gradients, and with means of squares for rows and columns only. Keras' `Adafactor`
/// ([Shazeer and Stern, 2018](https://arxiv.org/abs/1804.04235)).
///
/// The last two axes of a variable are its rows and columns; vectors and scalars keep one mean an element.
///
/// ```
/// use keras_rs::optimizers::{Adafactor, Optimize};
///
/// assert_eq!(Adafactor::new(1e-2).clip_threshold(2.0).config()["clip_threshold"], 2.0);
/// ```
#[derive(Clone, Debug)]
pub struct Adafactor {
    base: OptimizerBase,
    beta_2_decay: f64,
    epsilon_1: f64,
    epsilon_2: f64,
    clip_threshold: f64,
    relative_step: bool,
}

impl Default for Adafactor {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl Adafactor {
    /// With a learning rate, by default 0.001 in Keras.
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        Self {
            base: OptimizerBase::new("adafactor", learning_rate),
            beta_2_decay: -0.8,
            epsilon_1: 1e-30,
            epsilon_2: 1e-3,
            clip_threshold: 1.0,
            relative_step: true,
        }
    }

    setters! {
        /// Sets the exponent `d` in the decay rate `1 - n^d` of the means of squares, with `n` the number of the
        /// update (default -0.8).
        beta_2_decay: f64,
        /// Sets what is added to squares (default 1e-30).
        epsilon_1: f64,
        /// Sets the lower bound of a variable's root mean square, which scales its step (default 1e-3).
        epsilon_2: f64,
        /// Sets the root mean square that steps are clipped to (default 1).
        clip_threshold: f64,
        /// Sets whether the learning rate is at most one over the root of the number of the update (default
        /// `true`). As in Keras, this has no effect: the rate is always bounded so.
        relative_step: bool,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let d = Self::default();
        Ok(Self {
            base: d.base.read(c)?,
            beta_2_decay: c.take_or("beta_2_decay", d.beta_2_decay)?,
            epsilon_1: c.take_or("epsilon_1", d.epsilon_1)?,
            epsilon_2: c.take_or("epsilon_2", d.epsilon_2)?,
            clip_threshold: c.take_or("clip_threshold", d.clip_threshold)?,
            relative_step: c.take_or("relative_step", d.relative_step)?,
        })
    }
}

/// Root mean square.
fn rms(value: &Tensor) -> Result<Tensor> {
    value.square()?.mean(&[], false)?.sqrt()
}

impl Optimize for Adafactor {
    optimizer_base!("Adafactor");

    fn config(&self) -> Config {
        Config::new()
            .with("beta_2_decay", self.beta_2_decay)
            .with("epsilon_1", self.epsilon_1)
            .with("epsilon_2", self.epsilon_2)
            .with("clip_threshold", self.clip_threshold)
            .with("relative_step", self.relative_step)
    }

    fn build(&self, slots: &mut Slots, variables: &[Variable]) -> Result<()> {
        for variable in variables {
            if let [outer @ .., rows, columns] = variable.shape() {
                for (slot, last) in [("r", rows), ("c", columns)] {
                    let shape = [outer, &[*last]].concat();
                    slots.add_as(variable, slot, variable.name(), &shape, variable.dtype())?;
                }
            } else {
                // Keras makes scalars here that it does not use but saves, with paths that lack the optimizer's name.
                for slot in ["r", "c"] {
                    slots.add_as(variable, slot, variable.name(), &[], DType::I32)?;
                    slots.get(variable, slot)?.set_path(variable.name().into());
                }
            }
            slots.add(variable, "velocity")?;
        }
        Ok(())
    }

    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        let bound = (1.0 / step.float(variable, step.number()).sqrt()).get();
        let rate = step.rate(variable).get().min(bound);
        let beta_2 = 1.0 - step.float(variable, step.number()).pow(self.beta_2_decay);
        let update_mean = |slot: &Variable, new: Tensor| -> Result<Tensor> {
            let mean = Formula::from(slot.value()?) * beta_2 + Formula::from(new) * (1.0 - beta_2);
            store(vec![(slot, mean)])?;
            slot.value()
        };
        let squares = gradient.square()?.add_scalar(self.epsilon_1)?;
        let velocity = step.slot(variable, "velocity")?;
        if variable.shape().len() < 2 {
            update_mean(velocity, squares)?;
        } else {
            let rows = update_mean(step.slot(variable, "r")?, squares.mean(&[-1], false)?)?;
            let columns = update_mean(step.slot(variable, "c")?, squares.mean(&[-2], false)?)?;
            let row_factors = rows.div(&rows.mean(&[-1], true)?)?;
            velocity.assign(&row_factors.expand_dims(-1)?.mul(&columns.expand_dims(-2)?)?)?;
        }
        let value = variable.value()?;
        let change = gradient.div(&velocity.value()?.sqrt()?)?;
        let divisor = rms(&change)?.div_scalar(self.clip_threshold)?.clip(Some(1.0), None)?;
        let scaled_rate = rms(&value)?.clip(Some(self.epsilon_2), None)?.mul_scalar(rate)?;
        let update = Formula::from(change) / Formula::from(divisor) * Formula::from(scaled_rate);
        store(vec![(variable, Formula::from(value) - update)])
    }
}
