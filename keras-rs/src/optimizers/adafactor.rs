//! Adafactor.

use super::base::{LearningRate, Optimize, OptimizerBase};
use super::slots::{Slots, Step, store};
use crate::config::KerasConfig;
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
/// use keras_rs::config::KerasConfig;
/// use keras_rs::optimizers::Adafactor;
///
/// assert_eq!(Adafactor::new(1e-2).clip_threshold(2.0).config()["clip_threshold"], 2.0);
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.optimizers", new = "With a learning rate, by default 0.001 in Keras.")]
pub struct Adafactor {
    #[keras(default = OptimizerBase::new("adafactor", 0.001), new(learning_rate: LearningRate))]
    base: OptimizerBase,
    /// Exponent `d` in the decay rate `1 - n^d` of the means of squares, with `n` the number of the
    /// update (default -0.8).
    #[keras(default = -0.8)]
    beta_2_decay: f64,
    /// What is added to squares (default 1e-30).
    #[keras(default = 1e-30)]
    epsilon_1: f64,
    /// Lower bound of a variable's root mean square, which scales its step (default 1e-3).
    #[keras(default = 1e-3)]
    epsilon_2: f64,
    /// Root mean square that steps are clipped to (default 1).
    #[keras(default = 1.0)]
    clip_threshold: f64,
    /// Whether the learning rate is at most one over the root of the number of the update (default
    /// `true`). As in Keras, this has no effect: the rate is always bounded so.
    #[keras(default = true)]
    relative_step: bool,
}

/// Root mean square.
fn rms(value: &Tensor) -> Result<Tensor> {
    value.square()?.mean(&[], false)?.sqrt()
}

impl Optimize for Adafactor {
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
