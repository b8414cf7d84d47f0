//! Nadam.

use super::base::{LearningRate, Optimize, OptimizerBase};
use super::numbers::HostFloat;
use super::slots::{Slots, Step, store};
use crate::config::KerasConfig;
use crate::dtype::DType;
use crate::error::Result;
use crate::initializers::Initializer;
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;

/// Product of the momenta of all updates; Keras gives this variable no name of its own.
const U_PRODUCT: &str = "variable";

/// Adam with Nesterov's momentum. Keras' `Nadam`
/// ([Dozat, 2015](http://cs229.stanford.edu/proj2015/054_report.pdf)).
///
/// ```
/// use keras_rs::config::KerasConfig;
/// use keras_rs::optimizers::Nadam;
///
/// assert_eq!(Nadam::default().epsilon(1e-5).config()["epsilon"], 1e-5);
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.optimizers", new = "With a learning rate, by default 0.001 in Keras.")]
pub struct Nadam {
    #[keras(default = OptimizerBase::new("nadam", 0.001), new(learning_rate: LearningRate))]
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
}

impl Nadam {
    /// Momentum of update `number`, which grows towards `beta_1`, in the variable's element type.
    fn u(&self, step: &Step<'_>, variable: &Variable, number: f64) -> HostFloat {
        step.float(variable, self.beta_1) * (1.0 - 0.5 * step.float(variable, 0.96).pow(number))
    }
}

impl Optimize for Nadam {
    fn build(&self, slots: &mut Slots, variables: &[Variable]) -> Result<()> {
        slots.add_to_all(variables, &["momentum", "velocity"])?;
        let dtype = variables.first().map_or(DType::F32, Variable::dtype);
        slots.add_single(U_PRODUCT, &[], dtype, &Initializer::ones())
    }

    fn begin_step(&self, step: &Step<'_>) -> Result<()> {
        let product = step.single(U_PRODUCT)?;
        let factor = 1.0 - 0.5 * step.float(product, 0.96).pow(step.number());
        store(vec![(product, Formula::from(product.value()?) * self.beta_1 * factor)])
    }

    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        let (u, u_next) =
            (self.u(step, variable, step.number()), self.u(step, variable, step.number() + 1.0));
        // Stays on the device, so that the host need not wait for it.
        let product = Formula::from(step.single(U_PRODUCT)?.value()?.cast(variable.dtype())?);
        let m_factor = 1.0 / (1.0 - &product * u_next) * u_next;
        let g_factor = 1.0 / (1.0 - product) * (1.0 - u);
        let (g, w) = (Formula::from(gradient), Formula::from(variable.value()?));
        let ((m_slot, m), (v_slot, v)) = (step.load(variable, "momentum")?, step.load(variable, "velocity")?);
        let (beta_1, beta_2) = (step.float(variable, self.beta_1), step.float(variable, self.beta_2));
        let m = &m + (&g - &m) * (1.0 - beta_1);
        let v = &v + (g.square() - &v) * (1.0 - beta_2);
        let root = (&v / (1.0 - beta_2.pow(step.number()))).sqrt();
        let change = (&m * m_factor + g * g_factor) * step.rate(variable) / (root + self.epsilon);
        store(vec![(m_slot, m), (v_slot, v), (variable, w - change)])
    }
}
