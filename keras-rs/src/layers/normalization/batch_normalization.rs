//! Batch normalization.

use super::RenormClipping;
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader, KerasConfig};
use crate::constraints::Constraint;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::initializers::{Initialize, Initializer};
use crate::layer::{
    BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, MaskedTensor, Outputs, layer_base,
};
use crate::regularizers::Regularizer;
use crate::shape::Shape;
use crate::tensor::{Tensor, resolve_axis};
use serde_json::Value;

/// What Keras adds to counts of unmasked values before dividing by them.
const FUZZ: f64 = 1e-7;

/// `gamma * (x - mean) / sqrt(variance + epsilon) + beta`, channel by channel. Keras'
/// `BatchNormalization`; Ioffe and Szegedy, 2015.
///
/// Shapes: the output is shaped as the input; the weights `gamma`, `beta`, `moving_mean` and
/// `moving_variance` have one value for each entry of the axis. In training the mean and variance are
/// the batch's, and the moving ones follow them; at inference, and where the layer is frozen, they
/// are the moving ones.
///
/// ```
/// use keras_rs::prelude::*;
/// use keras_rs::layers::ForwardPass;
///
/// let layer = BatchNormalization::new().momentum(0.9).epsilon(0.0).shared();
/// let x = Tensor::from_vec(vec![1.0_f32, 3.0], [2, 1])?;
/// assert_eq!(layer.call(&[x.clone()])?[0].to_vec::<f32>()?, [1.0, 3.0]);
///
/// let y = layer.call_with(&[x], &mut ForwardPass::new(true))?;
/// assert_eq!(y[0].to_vec::<f32>()?, [-1.0, 1.0]);
/// let moving_mean = layer.variables()[2].value()?.to_scalar()?;
/// assert!((moving_mean - 0.2).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct BatchNormalization {
    base: LayerBase,
    axis: isize,
    momentum: f64,
    epsilon: f64,
    center: bool,
    scale: bool,
    beta_initializer: Initializer,
    gamma_initializer: Initializer,
    moving_mean_initializer: Initializer,
    moving_variance_initializer: Initializer,
    beta_regularizer: Option<Regularizer>,
    gamma_regularizer: Option<Regularizer>,
    beta_constraint: Option<Constraint>,
    gamma_constraint: Option<Constraint>,
    synchronized: bool,
    renorm: bool,
    renorm_clipping: Option<RenormClipping>,
    renorm_momentum: f64,
}

impl Default for BatchNormalization {
    fn default() -> Self {
        Self {
            base: LayerBase::default(),
            axis: -1,
            momentum: 0.99,
            epsilon: 1e-3,
            center: true,
            scale: true,
            beta_initializer: Initializer::zeros(),
            gamma_initializer: Initializer::ones(),
            moving_mean_initializer: Initializer::zeros(),
            moving_variance_initializer: Initializer::ones(),
            beta_regularizer: None,
            gamma_regularizer: None,
            beta_constraint: None,
            gamma_constraint: None,
            synchronized: false,
            renorm: false,
            renorm_clipping: None,
            renorm_momentum: 0.99,
        }
    }
}

impl BatchNormalization {
    /// Along the last axis, with Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        /// Sets the axis of the channels (default `-1`, the last).
        axis: isize,
        /// Sets how much of the moving statistics each step keeps, 0 to 1 (default `0.99`).
        momentum: f64,
        /// Sets what is added to the variance (default `0.001`).
        epsilon: f64,
        /// Sets whether `beta` is added (default `true`).
        center: bool,
        /// Sets whether `gamma` is multiplied with (default `true`).
        scale: bool,
        /// Sets the initializer of `beta` (default `zeros`).
        beta_initializer: Initializer,
        /// Sets the initializer of `gamma` (default `ones`).
        gamma_initializer: Initializer,
        /// Sets the initializer of the moving mean (default `zeros`).
        moving_mean_initializer: Initializer,
        /// Sets the initializer of the moving variance (default `ones`).
        moving_variance_initializer: Initializer,
        /// Sets the penalty of `beta` (default: none).
        beta_regularizer: Option<Regularizer>,
        /// Sets the penalty of `gamma` (default: none).
        gamma_regularizer: Option<Regularizer>,
        /// Sets the projection of `beta` (default: none).
        beta_constraint: Option<Constraint>,
        /// Sets the projection of `gamma` (default: none).
        gamma_constraint: Option<Constraint>,
        /// Sets whether statistics are shared between devices (default `false`); on one device it
        /// changes nothing.
        synchronized: bool,
        /// Sets whether training corrects the batch's statistics towards the moving ones (default `false`).
        renorm: bool,
        /// Sets the bounds of that correction (default: none).
        renorm_clipping: Option<RenormClipping>,
        /// Sets the momentum of the statistics for that correction (default `0.99`).
        renorm_momentum: f64,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let d = Self { base: LayerBase::from_config(c)?, ..Self::default() };
        let axis = match c.take_or::<Value>("axis", Value::from(-1))? {
            // Keras 2 wrote a list with one axis.
            Value::Array(axes) if axes.len() == 1 => axes[0].as_i64().ok_or(axes[0].clone()),
            axis => axis.as_i64().ok_or(axis),
        };
        let axis = axis.map_err(|got| c.reject("axis", "an axis, or a list with one", &got))?;
        let layer = Self {
            axis: axis as isize,
            momentum: c.take_or("momentum", d.momentum)?,
            epsilon: c.take_or("epsilon", d.epsilon)?,
            center: c.take_or("center", true)?,
            scale: c.take_or("scale", true)?,
            beta_initializer: c.take_or("beta_initializer", d.beta_initializer.clone())?,
            gamma_initializer: c.take_or("gamma_initializer", d.gamma_initializer.clone())?,
            moving_mean_initializer: c
                .take_or("moving_mean_initializer", d.moving_mean_initializer.clone())?,
            moving_variance_initializer: c
                .take_or("moving_variance_initializer", d.moving_variance_initializer.clone())?,
            beta_regularizer: c.take_or("beta_regularizer", None)?,
            gamma_regularizer: c.take_or("gamma_regularizer", None)?,
            beta_constraint: c.take_or("beta_constraint", None)?,
            gamma_constraint: c.take_or("gamma_constraint", None)?,
            synchronized: c.take_or("synchronized", false)?,
            renorm: c.take_or("renorm", false)?,
            renorm_clipping: c.take_or("renorm_clipping", None)?,
            renorm_momentum: c.take_or("renorm_momentum", d.renorm_momentum)?,
            ..d
        };
        layer.renorm_clipping.unwrap_or_default().check(c.object())?;
        Ok(layer)
    }

    /// Mean and variance of each channel over the values that the mask leaves.
    fn moments(&self, context: &str, x: &Tensor, mask: Option<&Tensor>, axis: usize) -> Result<[Tensor; 2]> {
        let others: Vec<isize> = (0..x.rank()).filter(|&a| a != axis).map(|a| a as isize).collect();
        let Some(mask) = mask else {
            let mean = x.mean(&others, true)?;
            let variance = x.sub(&mean)?.square()?.mean(&others, false)?;
            return Ok([mean.reshape(variance.shape())?, variance]);
        };
        if mask.rank() + 1 != x.rank() {
            let expected = format!("one axis less than {}", tuple(x.shape()));
            return Err(Error::shape(context, "mask", expected, tuple(mask.shape())));
        }
        let used = mask.expand_dims(-1)?.broadcast_to(x.shape())?;
        let zero = x.full_like(vec![1; x.rank()], 0.0)?;
        let weight = used.cast(x.dtype())?.sum(&others, true)?.add_scalar(FUZZ)?;
        let mean = x.where_(&used, &zero)?.sum(&others, true)?.div(&weight)?;
        let squares = x.sub(&mean)?.where_(&used, &zero)?.square()?;
        let variance = squares.sum(&others, true)?.div(&weight)?;
        let channels = [x.shape()[axis]];
        Ok([mean.reshape(channels)?, variance.reshape(channels)?])
    }

    /// Moves a variable towards a new value, which gradients must not flow through.
    fn follow(context: &CallContext<'_>, name: &str, new: &Tensor, momentum: f64) -> Result<Tensor> {
        let variable = context.variable(name)?;
        let kept = variable.value()?.cast(new.dtype())?.mul_scalar(momentum)?;
        let moved = kept.add(&new.detach().mul_scalar(1.0 - momentum)?)?;
        variable.assign(&moved)?;
        Ok(moved)
    }

    /// Lets the moving statistics follow the batch's; gives the factor and shift of renormalization.
    fn update(
        &self,
        context: &CallContext<'_>,
        mean: &Tensor,
        variance: &Tensor,
    ) -> Result<Option<(Tensor, Tensor)>> {
        if !self.renorm {
            Self::follow(context, "moving_mean", mean, self.momentum)?;
            Self::follow(context, "moving_variance", variance, self.momentum)?;
            return Ok(None);
        }
        let (mean, variance) = (mean.detach(), variance.detach());
        let stddev = variance.add_scalar(self.epsilon)?.sqrt()?;
        let running = |name: &str| context.variable(name)?.value()?.cast(mean.dtype());
        let correction = self.renorm_clipping.unwrap_or_default().correction(
            (&mean, &stddev),
            (&running("renorm_mean")?, &running("renorm_stddev")?),
            self.epsilon,
        )?;
        Self::follow(context, "renorm_mean", &mean, self.renorm_momentum)?;
        Self::follow(context, "renorm_stddev", &stddev, self.renorm_momentum)?;
        Self::follow(context, "moving_mean", &mean, self.momentum)?;
        let moving = Self::follow(context, "moving_stddev", &stddev, self.momentum)?;
        let variance = moving.square()?.add_scalar(-self.epsilon)?.clip(Some(0.0), None)?;
        context.variable("moving_variance")?.assign(&variance)?;
        Ok(Some(correction))
    }
}

/// The square root of what another initializer makes: a standard deviation from a variance.
#[derive(Clone, Debug, KerasConfig)]
struct SquareRoot {
    #[keras(new)]
    of: Initializer,
}

impl Initialize for SquareRoot {
    fn call(
        &self,
        shape: &[usize],
        dtype: DType,
        device: &crate::backend::Device,
        seed: u64,
    ) -> Result<Tensor> {
        self.of.call(shape, dtype, device, seed)?.sqrt()
    }
}

impl Layer for BatchNormalization {
    layer_base!("BatchNormalization");

    fn config(&self) -> Config {
        // With `renorm`, Keras writes missing bounds as an empty object.
        let bounds = if self.renorm {
            self.renorm_clipping.or(Some(Default::default()))
        } else {
            self.renorm_clipping
        };
        Config::new()
            .with("axis", self.axis)
            .with("momentum", self.momentum)
            .with("epsilon", self.epsilon)
            .with("center", self.center)
            .with("scale", self.scale)
            .with("beta_initializer", &self.beta_initializer)
            .with("gamma_initializer", &self.gamma_initializer)
            .with("moving_mean_initializer", &self.moving_mean_initializer)
            .with("moving_variance_initializer", &self.moving_variance_initializer)
            .with("beta_regularizer", &self.beta_regularizer)
            .with("gamma_regularizer", &self.gamma_regularizer)
            .with("beta_constraint", &self.beta_constraint)
            .with("gamma_constraint", &self.gamma_constraint)
            .with("synchronized", self.synchronized)
            .with("renorm", self.renorm)
            .with("renorm_clipping", bounds)
            .with("renorm_momentum", self.renorm_momentum)
    }

    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        self.renorm_clipping.unwrap_or_default().check(scope.name())?;
        let input = inputs.single()?;
        let axis = resolve_axis(scope.name(), self.axis, input.rank())?;
        let shape = [input.known_dim(scope.name(), axis as isize)?];
        if self.scale {
            scope
                .weight("gamma", &shape, &self.gamma_initializer)
                .regularizer(&self.gamma_regularizer)
                .constraint(&self.gamma_constraint)
                .add()?;
        }
        if self.center {
            scope
                .weight("beta", &shape, &self.beta_initializer)
                .regularizer(&self.beta_regularizer)
                .constraint(&self.beta_constraint)
                .add()?;
        }
        let stddev = Initializer::from(SquareRoot::new(self.moving_variance_initializer.clone()));
        let statistics = [
            ("moving_mean", &self.moving_mean_initializer),
            ("moving_variance", &self.moving_variance_initializer),
            ("moving_stddev", &stddev),
            ("renorm_mean", &self.moving_mean_initializer),
            ("renorm_stddev", &stddev),
        ];
        for (name, initializer) in statistics.into_iter().take(if self.renorm { 5 } else { 2 }) {
            scope.weight(name, &shape, initializer).trainable(false).add()?;
        }
        Ok(())
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let MaskedTensor { tensor: x, mask } = inputs.into_single_masked()?;
        let axis = resolve_axis(context.layer(), self.axis, x.rank())?;
        // Half precision overflows in sums of squares; Keras computes in at least `float32`, too.
        let x = x.cast(x.dtype().promote(DType::F32))?;
        let weight = |name: &str| context.value(name)?.cast(x.dtype());
        let (mean, variance, correction) = if context.training() && context.trainable() {
            let [mean, variance] = self.moments(context.layer(), &x, mask.as_ref(), axis)?;
            let correction = self.update(context, &mean, &variance)?;
            (mean, variance, correction)
        } else {
            (weight("moving_mean")?, weight("moving_variance")?, None)
        };
        // One factor and one shift a channel: large tensors are passed over once.
        let mut factor = variance.add_scalar(self.epsilon)?.rsqrt()?;
        let mut shift = mean.mul(&factor)?.neg()?;
        if let Some((r, d)) = correction {
            factor = factor.mul(&r)?;
            shift = shift.mul(&r)?.add(&d)?;
        }
        if self.scale {
            let gamma = weight("gamma")?;
            factor = factor.mul(&gamma)?;
            shift = shift.mul(&gamma)?;
        }
        if self.center {
            shift = shift.add(&weight("beta")?)?;
        }
        let mut shape = vec![1; x.rank()];
        shape[axis] = x.shape()[axis];
        let y = x.mul(&factor.reshape(&shape)?)?.add(&shift.reshape(&shape)?)?;
        Ok(y.cast(self.base.dtype.compute_dtype())?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let input = inputs.single()?;
        resolve_axis("BatchNormalization", self.axis, input.rank())?;
        Ok(vec![input.clone()])
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
