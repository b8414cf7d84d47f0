//! Schedule-free AdamW.

use super::base::{LearningRate, Optimize, OptimizerBase};
use super::slots::{Slots, Step, store};
use crate::config::KerasConfig;
use crate::error::Result;
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;

/// AdamW that averages its steps, so that it needs no learning rate schedule. Keras' `ScheduleFreeAdamW`
/// ([Defazio et al., 2024](https://arxiv.org/abs/2405.15682)).
///
/// Steps are taken by `momentum`, which starts as the variable; the variable lies between it and the mean of all
/// its values, `beta_1` of the way to the mean.
///
/// ```
/// use keras_rs::config::KerasConfig;
/// use keras_rs::optimizers::ScheduleFreeAdamW;
///
/// assert_eq!(ScheduleFreeAdamW::default().warmup_steps(100_u64).config()["warmup_steps"], 100);
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.optimizers", new = "With a learning rate, by default 0.0025 in Keras.")]
pub struct ScheduleFreeAdamW {
    #[keras(default = OptimizerBase::new("schedule_free_adam_w", 0.0025), new(learning_rate: LearningRate))]
    base: OptimizerBase,
    /// How far the variable lies on the way from `momentum` to the mean (default 0.9).
    #[keras(default = 0.9)]
    beta_1: f64,
    /// Decay rate of the running mean of squares (default 0.999).
    #[keras(default = 0.999)]
    beta_2: f64,
    /// Number that keeps the divisor away from zero (default 1e-8).
    #[keras(default = 1e-8)]
    epsilon: f64,
    /// In how many updates the learning rate grows from zero (default 0).
    #[keras(default = 0)]
    warmup_steps: u64,
}

impl Optimize for ScheduleFreeAdamW {
    fn build(&self, slots: &mut Slots, variables: &[Variable]) -> Result<()> {
        slots.add_to_all(variables, &["momentum", "velocity"])?;
        variables.iter().try_for_each(|v| slots.get(v, "momentum")?.assign(&v.value()?))
    }

    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        let number = step.float(variable, step.number());
        let (beta_1, beta_2) = (step.float(variable, self.beta_1), step.float(variable, self.beta_2));
        let mut rate = step.rate(variable);
        if self.warmup_steps > 0 {
            rate = rate * (number / self.warmup_steps as f64).get().min(1.0);
        }
        let (g, y) = (Formula::from(gradient), Formula::from(variable.value()?));
        let ((z_slot, z), (v_slot, v)) = (step.load(variable, "momentum")?, step.load(variable, "velocity")?);
        // The mean is not stored: it follows from the variable and `momentum`.
        let mean = (y - &z * (1.0 - beta_1)) / beta_1;
        let v = &v + (g.square() - &v) * (1.0 - beta_2);
        let root = (&v / (1.0 - beta_2.pow(step.number()))).sqrt() + self.epsilon;
        let z = z - g * rate / root;
        let weight = 1.0 / number;
        let mean = mean * (1.0 - weight) + &z * weight;
        let y = &z * (1.0 - beta_1) + mean * beta_1;
        store(vec![(z_slot, z), (v_slot, v), (variable, y)])
    }
}
