//! RMSprop.

use super::base::{LearningRate, Optimize, OptimizerBase};
use super::slots::{Slots, Step, store};
use crate::config::KerasConfig;
use crate::error::Result;
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;
use keras_rs_kernels::Update;

/// Steps by gradients divided by the root of the running mean of their squares. Keras' `RMSprop`
/// ([Hinton, 2012](http://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf)).
///
/// ```
/// use keras_rs::config::KerasConfig;
/// use keras_rs::optimizers::RMSprop;
///
/// assert_eq!(RMSprop::new(1e-3).centered(true).config()["rho"], 0.9);
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.optimizers", new = "With a learning rate, by default 0.001 in Keras.")]
pub struct RMSprop {
    #[keras(default = OptimizerBase::new("rm_sprop", 0.001), new(learning_rate: LearningRate))]
    base: OptimizerBase,
    /// Decay rate of the running mean of squares (default 0.9).
    #[keras(default = 0.9)]
    rho: f64,
    /// Momentum (default 0).
    #[keras(default = 0.0)]
    momentum: f64,
    /// Number that keeps the divisor away from zero (default 1e-7).
    #[keras(default = 1e-7)]
    epsilon: f64,
    /// Whether the running mean of gradients is subtracted before squaring (default `false`).
    #[keras(default = false)]
    centered: bool,
}

impl Optimize for RMSprop {
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

    fn update_in_place(&self, variable: &Variable, step: &Step<'_>) -> Option<(Update, Vec<&'static str>)> {
        let mut slots = vec!["velocity"];
        if self.centered {
            slots.push("average_gradient");
        }
        if self.momentum > 0.0 {
            slots.push("momentum");
        }
        let update = Update::RmsProp {
            rate: step.rate(variable).get() as f32,
            shares: [self.rho as f32, (1.0 - self.rho) as f32],
            momentum: self.momentum as f32,
            epsilon: self.epsilon as f32,
            centered: self.centered,
        };
        Some((update, slots))
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
