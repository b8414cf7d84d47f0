//! Loss scaling for gradients of half precision.

use super::Optimizer;
use super::base::{Optimize, OptimizerBase, Wrap};
use super::slots::{Slots, Step};
use crate::config::{BaseConfig, Config, ConfigExt, ConfigReader, KerasConfig, Number, Value};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::initializers::{Constant, Initializer};
use crate::tensor::Tensor;
use crate::variable::Variable;

/// Wraps another optimizer and scales the loss, so that small gradients do not underflow in half precision.
/// Keras' `LossScaleOptimizer`.
///
/// Where a gradient is not finite, no variable changes and the scale is halved; after `dynamic_growth_steps`
/// updates it is doubled. All other arguments belong to the inner optimizer, whose `loss_scale_factor` has no
/// effect any more. Learning rate, number of updates and moving averages are those of the inner optimizer.
///
/// # Files
///
/// [`Optimizer::variables`] lists `iteration`, `learning_rate` (which stay 0), `step_counter` and `dynamic_scale`,
/// then all variables of the inner optimizer. Keras' files hold the group `optimizer/vars` with all of them,
/// numbered in this order, and besides a group `optimizer/inner_optimizer/vars` with those of the inner
/// optimizer alone, numbered from 0 (a wrapped wrapper has its `inner_optimizer` group within that). Attribute
/// `name` of each `vars` is the name of its optimizer. The legacy `.h5` format has one list in
/// `optimizer_weights`, by path: `loss_scale_optimizer/step_counter`, `adam/dense_kernel_momentum`.
///
/// ```
/// use keras_rs::optimizers::{LossScaleOptimizer, Optimizer, SGD};
/// use keras_rs::Tensor;
///
/// let optimizer = Optimizer::from(LossScaleOptimizer::new(SGD::new(0.25)).initial_scale(1024.0));
/// assert_eq!(optimizer.scale_loss(&Tensor::scalar(2.0_f32)?)?.to_scalar()?, 2048.0);
/// assert_eq!(optimizer.learning_rate()?, 0.25);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(
    module = "keras.optimizers",
    new = "Wraps an optimizer, with an initial scale of 2¹⁵.",
    check = |made, _| made.check()
)]
pub struct LossScaleOptimizer {
    // Older versions of Keras wrote the arguments of every optimizer.
    #[keras(
        default = OptimizerBase::new("loss_scale_optimizer", 0.0),
        read_with = read_base,
        write_with = |base, config| *config = Config::new().with("name", &base.name)
    )]
    base: OptimizerBase,
    #[keras(new, normalize = unscaled)]
    inner_optimizer: Optimizer,
    /// Initial scale (default 32768), greater than 0. A scale that is too high is corrected sooner than one
    /// that is too low.
    #[keras(default = 32768.0)]
    initial_scale: Number,
    /// After how many updates the scale is doubled (default 2000); 0 for never.
    #[keras(default = 2000)]
    dynamic_growth_steps: u64,
}

/// Reads the arguments of every optimizer, and refuses a scale that does not change.
fn read_base(base: OptimizerBase, c: &mut ConfigReader<'_>) -> Result<OptimizerBase> {
    if !c.take_or("dynamic", true)? {
        let expected = "true; a fixed scale is the inner optimizer's loss_scale_factor";
        return Err(c.reject("dynamic", expected, &Value::Bool(false)));
    }
    base.read(c)
}

/// The inner optimizer without a scale of its own; otherwise gradients would be divided by both scales.
fn unscaled(inner: Optimizer) -> Optimizer {
    inner.set_loss_scale_factor(None);
    inner
}

impl LossScaleOptimizer {
    fn check(&self) -> Result<()> {
        let name = &self.base.name;
        let (mut plain, mut given) = (Config::new(), Config::new());
        OptimizerBase::new(name, 0.0).write(&mut plain);
        self.base.write(&mut given);
        for (argument, value) in given {
            if plain.get(&argument) != Some(&value) {
                return Err(Error::argument(name, argument, "the inner optimizer to have it", value));
            }
        }
        let scale = self.initial_scale.get();
        if scale > 0.0 && scale.is_finite() {
            return Ok(());
        }
        Err(Error::argument(name, "initial_scale", "a finite number greater than 0", scale))
    }
}

/// Whether every element of every gradient is finite.
fn finite(gradients: &[Option<Tensor>]) -> Result<bool> {
    let mut total: Option<Tensor> = None;
    for gradient in gradients.iter().flatten() {
        // `x - x` is NaN for infinity and NaN. Only one number is read from the device, because reading waits.
        let gradient = gradient.detach().to_float()?;
        let zero = gradient.sub(&gradient)?.sum(&[], false)?.cast(DType::F32)?;
        total = Some(total.map_or(Ok(zero.clone()), |sum| sum.add(&zero))?);
    }
    total.map_or(Ok(true), |sum| Ok(sum.to_scalar()? == 0.0))
}

impl Optimize for LossScaleOptimizer {
    fn wrapper(&self) -> Option<&dyn Wrap> {
        Some(self)
    }

    fn build(&self, slots: &mut Slots, _variables: &[Variable]) -> Result<()> {
        self.check()?;
        let scale = Initializer::from(Constant::new(self.initial_scale));
        slots.add_single("step_counter", &[], DType::I32, &Initializer::zeros())?;
        slots.add_single("dynamic_scale", &[], DType::F32, &scale)
    }

    /// The wrapped optimizer's step; [`Optimizer`] calls [`Wrap::apply`] instead.
    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        self.inner_optimizer.rule().update_step(gradient, variable, step)
    }
}

impl Wrap for LossScaleOptimizer {
    fn inner(&self) -> &Optimizer {
        &self.inner_optimizer
    }

    fn scale_loss(&self, loss: &Tensor, slots: Option<&Slots>) -> Result<Tensor> {
        match slots {
            Some(slots) => loss.mul_scalar(slots.single("dynamic_scale")?.value()?.to_scalar()?),
            None => loss.mul_scalar(self.initial_scale.get()),
        }
    }

    fn apply(&self, gradients: &[Option<Tensor>], variables: &[Variable], slots: &Slots) -> Result<()> {
        let (counter, scale) = (slots.single("step_counter")?, slots.single("dynamic_scale")?);
        let (steps, factor) = (counter.value()?.to_scalar()?, scale.value()?.to_scalar()?);
        let set = |steps: f64, factor: f64| {
            counter.assign(&counter.value()?.full_like(Vec::new(), steps)?)?;
            scale.assign(&scale.value()?.full_like(Vec::new(), factor)?)
        };
        if !finite(gradients)? {
            return set(0.0, factor * 0.5);
        }
        // In half precision, unscaled gradients could underflow.
        let at_least_f32 = |dtype| if matches!(dtype, DType::F16 | DType::BF16) { DType::F32 } else { dtype };
        let unscaled = |g: &Tensor| g.detach().to_float()?.cast(at_least_f32(g.dtype()))?.div_scalar(factor);
        let unscaled = gradients.iter().map(|g| g.as_ref().map(unscaled).transpose());
        let unscaled = unscaled.collect::<Result<Vec<_>>>()?;
        self.inner_optimizer.apply_gradients(&unscaled, variables)?;
        if steps + 1.0 == self.dynamic_growth_steps as f64 {
            set(0.0, factor * 2.0)
        } else {
            set(steps + 1.0, factor)
        }
    }
}
