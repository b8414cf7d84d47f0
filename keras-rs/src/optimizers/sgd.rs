//! SGD.

use super::base::{LearningRate, Optimize, OptimizerBase};
use super::slots::{Slots, Step, store};
use crate::config::KerasConfig;
use crate::error::{Error, Result};
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;
use keras_rs_kernels::Update;

/// Gradient descent, with optional momentum. Keras' `SGD`.
///
/// `v = momentum * v - learning_rate * g`, `w = w + v`; with `nesterov` `w = w + momentum * v - learning_rate * g`.
///
/// ```
/// use keras_rs::optimizers::{Optimizer, SGD};
///
/// let optimizer = Optimizer::from(SGD::new(0.1).momentum(0.9));
/// assert_eq!(optimizer.learning_rate()?, f64::from(0.1_f32));
/// assert_eq!(optimizer.config()["momentum"], 0.9);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.optimizers", new = "With a learning rate, by default 0.01 in Keras.")]
pub struct SGD {
    #[keras(default = OptimizerBase::new("sgd", 0.01), new(learning_rate: LearningRate))]
    base: OptimizerBase,
    /// Momentum (default 0), in [0, 1].
    #[keras(default = 0.0)]
    momentum: f64,
    /// Whether Nesterov momentum is used (default `false`).
    #[keras(default = false)]
    nesterov: bool,
}

impl Optimize for SGD {
    fn build(&self, slots: &mut Slots, variables: &[Variable]) -> Result<()> {
        if !(0.0..=1.0).contains(&self.momentum) {
            return Err(Error::argument("SGD", "momentum", "a number in [0, 1]", self.momentum));
        }
        if self.momentum != 0.0 {
            slots.add_to_all(variables, &["momentum"])?;
        }
        Ok(())
    }

    fn update_in_place(&self, variable: &Variable, step: &Step<'_>) -> Option<(Update, Vec<&'static str>)> {
        let (rate, momentum) = (step.rate(variable).get() as f32, self.momentum as f32);
        let slots = if self.momentum == 0.0 { Vec::new() } else { vec!["momentum"] };
        Some((Update::Sgd { rate, momentum, nesterov: self.nesterov }, slots))
    }

    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        let (g, w) = (Formula::from(gradient), Formula::from(variable.value()?));
        let change = g * step.rate(variable);
        if self.momentum == 0.0 {
            return store(vec![(variable, w - change)]);
        }
        let (slot, v) = step.load(variable, "momentum")?;
        let v = v * self.momentum - &change;
        let w = if self.nesterov { w + (&v * self.momentum - change) } else { w + &v };
        store(vec![(slot, v), (variable, w)])
    }
}
