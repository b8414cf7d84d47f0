//! RMSprop.

use super::base::{LearningRate, Optimize, OptimizerBase, optimizer_base};
use super::slots::{Slots, Step, store};
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader};
use crate::error::Result;
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;

/// Steps by gradients divided by the root of the running mean of their squares. Keras' `RMSprop`
/// ([Hinton, 2012](http://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf)).
///
/// ```
/// use keras_rs::optimizers::{Optimize, RMSprop};
///
/// assert_eq!(RMSprop::new(1e-3).centered(true).config()["rho"], 0.9);
/// ```
#[derive(Clone, Debug)]
pub struct RMSprop {
    base: OptimizerBase,
    rho: f64,
    momentum: f64,
    epsilon: f64,
    centered: bool,
}

impl Default for RMSprop {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl RMSprop {
    /// With a learning rate, by default 0.001 in Keras.
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        let base = OptimizerBase::new("rm_sprop", learning_rate);
        Self { base, rho: 0.9, momentum: 0.0, epsilon: 1e-7, centered: false }
    }

    setters! {
        /// Sets the decay rate of the running mean of squares (default 0.9).
        rho: f64,
        /// Sets the momentum (default 0).
        momentum: f64,
        /// Sets the number that keeps the divisor away from zero (default 1e-7).
        epsilon: f64,
        /// Sets whether the running mean of gradients is subtracted before squaring (default `false`).
        centered: bool,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let d = Self::default();
        Ok(Self {
            base: d.base.read(c)?,
            rho: c.take_or("rho", d.rho)?,
            momentum: c.take_or("momentum", d.momentum)?,
            epsilon: c.take_or("epsilon", d.epsilon)?,
            centered: c.take_or("centered", d.centered)?,
        })
    }
}

impl Optimize for RMSprop {
    optimizer_base!("RMSprop");

    fn config(&self) -> Config {
        Config::new()
            .with("rho", self.rho)
            .with("momentum", self.momentum)
            .with("epsilon", self.epsilon)
            .with("centered", self.centered)
    }

    fn build(&self, slots: &mut Slots, variables: &[Variable]) -> Result<()> {
        slots.add_to_all(variables, &["velocity"])?;
        if self.momentum > 0.0 {
            slots.add_to_all(variables, &["momentum"])?;
        }
        if self.centered {
            slots.add_to_all(variables, &["average_gradient"])?;
        }
        Ok(())
    }

    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        let (g, w) = (Formula::from(gradient), Formula::from(variable.value()?));
        let (v_slot, v) = step.load(variable, "velocity")?;
        let v = v * self.rho + g.square() * (1.0 - self.rho);
        let mut variance = v.clone();
        let mut targets = vec![(v_slot, v)];
        if self.centered {
            let (slot, mean) = step.load(variable, "average_gradient")?;
            let mean = mean * self.rho + &g * (1.0 - self.rho);
            variance = variance - mean.square();
            targets.push((slot, mean));
        }
        let mut change = g * step.rate(variable) / (variance + self.epsilon).sqrt();
        if self.momentum > 0.0 {
            let (slot, last) = step.load(variable, "momentum")?;
            change = last * self.momentum + change;
            targets.push((slot, change.clone()));
        }
        targets.push((variable, w - change));
        store(targets)
    }
}
