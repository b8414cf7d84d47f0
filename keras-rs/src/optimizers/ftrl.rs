//! Follow the regularized leader.

use super::base::{LearningRate, Optimize, OptimizerBase};
use super::slots::{Slots, Step, store};
use crate::config::KerasConfig;
use crate::error::{Error, Result};
use crate::initializers::{Constant, Initializer};
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;

/// Follow the regularized leader, for wide models with few active features. Keras' `Ftrl`
/// ([McMahan et al., 2013](https://research.google.com/pubs/archive/41159.pdf)).
///
/// With `n` the sum of squared gradients and `p = -learning_rate_power`:
/// `z = z + g - ((n + g²)^p - n^p) / learning_rate * w`, then
/// `w = (clip(z, -l1, l1) - z) / ((n + g²)^p / learning_rate + 2 * l2 + beta / learning_rate)`.
///
/// ```
/// use keras_rs::config::KerasConfig;
/// use keras_rs::optimizers::Ftrl;
///
/// assert_eq!(Ftrl::default().l1_regularization_strength(0.01).config()["l1_regularization_strength"], 0.01);
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(
    module = "keras.optimizers",
    new = "With a learning rate, by default 0.001 in Keras.",
    check = |made, _| made.check()
)]
pub struct Ftrl {
    #[keras(default = OptimizerBase::new("ftrl", 0.001), new(learning_rate: LearningRate))]
    base: OptimizerBase,
    /// Exponent by which steps become smaller (default -0.5); at most 0, where they do not.
    #[keras(default = -0.5)]
    learning_rate_power: f64,
    /// Initial value of the sums of squared gradients (default 0.1); not negative.
    #[keras(default = 0.1)]
    initial_accumulator_value: f64,
    /// Penalty on absolute values (default 0); not negative.
    #[keras(default = 0.0)]
    l1_regularization_strength: f64,
    /// Penalty on squares (default 0); not negative.
    #[keras(default = 0.0)]
    l2_regularization_strength: f64,
    /// Penalty on squares that is added to the gradient (default 0); not negative.
    #[keras(default = 0.0)]
    l2_shrinkage_regularization_strength: f64,
    /// `beta`, which makes the first steps smaller (default 0).
    #[keras(default = 0.0)]
    beta: f64,
}

impl Ftrl {
    fn check(&self) -> Result<()> {
        let not_negative = [
            ("initial_accumulator_value", self.initial_accumulator_value),
            ("l1_regularization_strength", self.l1_regularization_strength),
            ("l2_regularization_strength", self.l2_regularization_strength),
            ("l2_shrinkage_regularization_strength", self.l2_shrinkage_regularization_strength),
        ];
        for (argument, value) in not_negative {
            if value.is_nan() || value < 0.0 {
                return Err(Error::argument(
                    &self.base.name,
                    argument,
                    "a number that is not negative",
                    value,
                ));
            }
        }
        if self.learning_rate_power <= 0.0 {
            return Ok(());
        }
        let got = self.learning_rate_power;
        Err(Error::argument(&self.base.name, "learning_rate_power", "a number of at most 0", got))
    }
}

impl Optimize for Ftrl {
    fn build(&self, slots: &mut Slots, variables: &[Variable]) -> Result<()> {
        self.check()?;
        let first = Initializer::from(Constant::new(self.initial_accumulator_value));
        variables.iter().try_for_each(|variable| {
            slots.add_with(variable, "accumulator", variable.shape(), &first)?;
            slots.add(variable, "linear")
        })
    }

    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        let (rate, power, l1) =
            (step.rate(variable), -self.learning_rate_power, self.l1_regularization_strength);
        let accumulator = step.slot(variable, "accumulator")?;
        let old_sum = accumulator.value()?;
        let sum = old_sum.add(&gradient.square()?)?;
        let (linear, z) = step.load(variable, "linear")?;
        let w = Formula::from(variable.value()?);
        let gradient = Formula::from(gradient) + &w * (2.0 * self.l2_shrinkage_regularization_strength);
        let sum_power = Formula::from(sum.pow_scalar(power)?);
        let sigma = (&sum_power - Formula::from(old_sum.pow_scalar(power)?)) / rate;
        let z = z + (gradient - sigma * w);
        let l2 = self.l2_regularization_strength + self.beta / (2.0 * rate);
        let quadratic = sum_power / rate + 2.0 * l2;
        store(vec![(accumulator, sum.into()), (linear, z)])?;
        let z = linear.value()?;
        let clipped = Formula::from(z.clip(Some(-l1), Some(l1))?);
        store(vec![(variable, (clipped - Formula::from(z)) / quadratic)])
    }
}
