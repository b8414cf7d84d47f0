//! Batch normalization.

use super::RenormClipping;
use crate::config::{Config, ConfigReader, IntoConfig, KerasConfig};
use crate::constraints::Constraint;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::initializers::{Initialize, Initializer};
use crate::layer::{
    BuildScope, CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs, Signature,
};
use crate::regularizers::Regularizer;
use crate::shape::Shape;
use crate::tensor::{Tensor, resolve_axis};

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
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", check = Self::check, write_also = Self::write_bounds)]
pub struct BatchNormalization {
    base: LayerBase,
    /// Axis of the channels (default `-1`, the last).
    #[keras(default = -1, read_with = axis)]
    axis: isize,
    /// How much of the moving statistics each step keeps, 0 to 1 (default `0.99`).
    #[keras(default = 0.99)]
    momentum: f64,
    /// What is added to the variance (default `0.001`).
    #[keras(default = 1e-3)]
    epsilon: f64,
    /// Whether `beta` is added (default `true`).
    #[keras(default = true)]
    center: bool,
    /// Whether `gamma` is multiplied with (default `true`).
    #[keras(default = true)]
    scale: bool,
    /// Initializer of `beta` (default `zeros`).
    #[keras(default = Initializer::zeros())]
    beta_initializer: Initializer,
    /// Initializer of `gamma` (default `ones`).
    #[keras(default = Initializer::ones())]
    gamma_initializer: Initializer,
    /// Initializer of the moving mean (default `zeros`).
    #[keras(default = Initializer::zeros())]
    moving_mean_initializer: Initializer,
    /// Initializer of the moving variance (default `ones`).
    #[keras(default = Initializer::ones())]
    moving_variance_initializer: Initializer,
    /// Penalty on `beta` (default: none).
    beta_regularizer: Option<Regularizer>,
    /// Penalty on `gamma` (default: none).
    gamma_regularizer: Option<Regularizer>,
    /// Projection of `beta` (default: none).
    beta_constraint: Option<Constraint>,
    /// Projection of `gamma` (default: none).
    gamma_constraint: Option<Constraint>,
    /// Whether statistics are shared between devices (default `false`); on one device it changes nothing.
    #[keras(default = false)]
    synchronized: bool,
    /// Whether training corrects the batch's statistics towards the moving ones (default `false`).
    #[keras(default = false)]
    renorm: bool,
    /// Bounds of that correction (default: none).
    renorm_clipping: Option<RenormClipping>,
    /// Momentum of the statistics for that correction, 0 to 1 (default `0.99`).
    #[keras(default = 0.99)]
    renorm_momentum: f64,
}

impl BatchNormalization {
    fn check(&self, context: &str) -> Result<()> {
        self.renorm_clipping.unwrap_or_default().check(context)
    }

    /// With `renorm`, Keras writes missing bounds as an empty object.
    fn write_bounds(&self, config: &mut Config) {
        if self.renorm {
            let bounds = self.renorm_clipping.unwrap_or_default();
            config.insert("renorm_clipping".into(), bounds.to_config());
        }
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

/// An axis of a file. Keras 2 wrote a list with one.
fn axis(c: &mut ConfigReader<'_>, key: &str) -> Result<isize> {
    let written = c.take_value(key)?;
    let axis = match written.as_array().map(Vec::as_slice) {
        Some([axis]) => axis,
        _ => written,
    };
    let number = axis.as_i64().and_then(|axis| axis.try_into().ok());
    number.ok_or_else(|| c.reject(key, "an axis, or a list with one", axis))
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
    fn signature(&self) -> Signature {
        Signature::MASKED
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
        let (x, mask) = inputs.into_single_masked()?.into_parts();
        let axis = resolve_axis(context.layer(), self.axis, x.rank())?;
        // Half precision overflows in sums of squares; Keras computes in at least `float32`, too.
        let x = x.cast(x.dtype().promote(DType::F32))?;
        let weight = |name: &str| context.value(name)?.cast(x.dtype());
        let trains = context.training() && context.trainable();
        if trains && !self.renorm && mask.is_none() && axis + 1 == x.rank() {
            let gamma = if self.scale { Some(weight("gamma")?) } else { None };
            let beta = if self.center { Some(weight("beta")?) } else { None };
            if let Some(made) = x.normalized(gamma.as_ref(), beta.as_ref(), self.epsilon)? {
                let [mean, variance] = &made.moments;
                self.update(context, mean, variance)?;
                return Ok(made.y.cast(self.base.dtype.compute_dtype())?.into());
            }
        }
        let (mean, variance, correction) = if trains {
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

    fn form(&self) -> Option<Form> {
        let Self { axis, epsilon, scale, center, .. } = *self;
        Some(Form::Normalization { axis, epsilon, scale, center })
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
