//! Adam.

use super::base::{LearningRate, Optimize, OptimizerBase};
use super::numbers::HostFloat;
use super::slots::{Slots, Step, store};
use crate::config::KerasConfig;
use crate::error::Result;
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;
use keras_rs_kernels::Update;

/// Steps by running means of gradients and of their squares. Keras' `Adam`
/// ([Kingma and Ba, 2014](https://arxiv.org/abs/1412.6980)).
///
/// ```
/// use keras_rs::config::KerasConfig;
/// use keras_rs::optimizers::Adam;
///
/// assert_eq!(Adam::new(1e-3).amsgrad(true).config()["amsgrad"], true);
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.optimizers", new = "With a learning rate, by default 0.001 in Keras.")]
pub struct Adam {
    #[keras(default = OptimizerBase::new("adam", 0.001), new(learning_rate: LearningRate))]
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
    /// Whether the largest mean of squares so far is used (default `false`).
    #[keras(default = false)]
    amsgrad: bool,
}

impl Adam {
    fn rule(&self) -> Rule {
        let Self { beta_1, beta_2, epsilon, amsgrad, .. } = *self;
        Rule { beta_1, beta_2, epsilon, amsgrad }
    }
}

/// The updates of [`Adam`] and [`AdamW`](super::AdamW).
pub(super) struct Rule {
    pub(super) beta_1: f64,
    pub(super) beta_2: f64,
    pub(super) epsilon: f64,
    pub(super) amsgrad: bool,
}

impl Rule {
    pub(super) fn build(&self, slots: &mut Slots, variables: &[Variable]) -> Result<()> {
        slots.add_to_all(variables, &["momentum", "velocity"])?;
        if self.amsgrad {
            slots.add_to_all(variables, &["velocity_hat"])?;
        }
        Ok(())
    }

    /// The learning rate, corrected for the means' start at zero.
    fn rate(&self, variable: &Variable, step: &Step<'_>) -> HostFloat {
        let power = |beta| step.float(variable, beta).pow(step.number());
        step.rate(variable) * (1.0 - power(self.beta_2)).sqrt() / (1.0 - power(self.beta_1))
    }

    pub(super) fn update_in_place(
        &self,
        variable: &Variable,
        step: &Step<'_>,
    ) -> (Update, Vec<&'static str>) {
        let mut slots = vec!["momentum", "velocity"];
        if self.amsgrad {
            slots.push("velocity_hat");
        }
        let update = Update::Adam {
            rate: self.rate(variable, step).get() as f32,
            shares: [self.beta_1, self.beta_2].map(|beta| (1.0 - beta) as f32),
            epsilon: self.epsilon as f32,
            amsgrad: self.amsgrad,
        };
        (update, slots)
    }

    pub(super) fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        let rate = self.rate(variable, step);
        let (g, w) = (Formula::from(gradient), Formula::from(variable.value()?));
        let ((m_slot, m), (v_slot, v)) = (step.load(variable, "momentum")?, step.load(variable, "velocity")?);
        let m = &m + (&g - &m) * (1.0 - self.beta_1);
        let v = &v + (g.square() - &v) * (1.0 - self.beta_2);
        let mut targets = vec![(m_slot, m.clone()), (v_slot, v.clone())];
        let mut second_moment = v;
        if self.amsgrad {
            let (slot, hat) = step.load(variable, "velocity_hat")?;
            second_moment = hat.maximum(&second_moment);
            targets.push((slot, second_moment.clone()));
        }
        targets.push((variable, w - m * rate / (second_moment.sqrt() + self.epsilon)));
        store(targets)
    }
}

impl Optimize for Adam {
    fn build(&self, slots: &mut Slots, variables: &[Variable]) -> Result<()> {
        self.rule().build(slots, variables)
    }

    fn update_in_place(&self, variable: &Variable, step: &Step<'_>) -> Option<(Update, Vec<&'static str>)> {
        Some(self.rule().update_in_place(variable, step))
    }

    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        self.rule().update_step(gradient, variable, step)
    }
}
