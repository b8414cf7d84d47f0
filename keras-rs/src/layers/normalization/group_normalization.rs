//! Group normalization.

use crate::config::KerasConfig;
use crate::constraints::Constraint;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::initializers::Initializer;
use crate::layer::{BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::ops;
use crate::regularizers::Regularizer;
use crate::shape::Shape;
use crate::tensor::resolve_axis;

/// `gamma * (x - mean) / sqrt(variance + epsilon) + beta`, with the mean and variance of each sample's groups of
/// channels. Keras' `GroupNormalization`; Wu and He, 2018.
///
/// Shapes: the output is shaped as the input; `gamma` and `beta` have one value for each entry of the axis. The
/// number of entries is a multiple of the number of groups.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = GroupNormalization::new().groups(2).epsilon(0.0).shared();
/// let x = Tensor::from_vec(vec![1.0_f32, 3.0, 10.0, 30.0], [1, 4])?;
/// let y = layer.call(&[x])?[0].to_vec::<f32>()?;
/// assert!(y.iter().zip([-1.0, 1.0, -1.0, 1.0]).all(|(y, want)| (y - want).abs() < 1e-5));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", check = Self::check)]
pub struct GroupNormalization {
    base: LayerBase,
    /// Number of groups, at least 1; -1 makes each channel a group (default 32).
    #[keras(default = 32)]
    groups: isize,
    /// Axis of the channels, not the batch; negative ones count from the end (default -1).
    #[keras(default = -1)]
    axis: isize,
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
    /// Penalty on `beta` (default: none).
    beta_regularizer: Option<Regularizer>,
    /// Penalty on `gamma` (default: none).
    gamma_regularizer: Option<Regularizer>,
    /// Projection of `beta` (default: none).
    beta_constraint: Option<Constraint>,
    /// Projection of `gamma` (default: none).
    gamma_constraint: Option<Constraint>,
}

impl GroupNormalization {
    fn check(&self, context: &str) -> Result<()> {
        if self.groups > 0 || self.groups == -1 {
            return Ok(());
        }
        Err(Error::argument(context, "groups", "a number of at least 1, or -1", self.groups))
    }

    /// The axis counted from the front.
    fn channel_axis(&self, context: &str, rank: usize) -> Result<usize> {
        match resolve_axis(context, self.axis, rank)? {
            0 => Err(Error::argument(context, "axis", "an axis behind the batch", self.axis)),
            axis => Ok(axis),
        }
    }

    /// How many groups there are of so many channels.
    fn groups_of(&self, context: &str, channels: usize) -> Result<usize> {
        let groups = usize::try_from(self.groups).unwrap_or(channels).max(1);
        if channels.is_multiple_of(groups) && groups <= channels {
            return Ok(groups);
        }
        Err(Error::argument(context, "groups", format!("a divisor of the {channels} channels"), groups))
    }
}

impl Layer for GroupNormalization {
    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        self.check(scope.name())?;
        let input = inputs.single()?;
        let axis = self.channel_axis(scope.name(), input.rank())?;
        let channels = input.known_dim(scope.name(), axis as isize)?;
        self.groups_of(scope.name(), channels)?;
        if self.scale {
            scope
                .weight("gamma", &[channels], &self.gamma_initializer)
                .regularizer(&self.gamma_regularizer)
                .constraint(&self.gamma_constraint)
                .add()?;
        }
        if self.center {
            scope
                .weight("beta", &[channels], &self.beta_initializer)
                .regularizer(&self.beta_regularizer)
                .constraint(&self.beta_constraint)
                .add()?;
        }
        Ok(())
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let given = inputs.into_single()?;
        let axis = self.channel_axis(context.layer(), given.rank())?;
        let channels = given.shape()[axis];
        let groups = self.groups_of(context.layer(), channels)?;
        // Half precision overflows in sums of squares; Keras computes in at least `float32`, too.
        let x = given.cast(given.dtype().promote(DType::F32))?;
        let mut grouped = x.shape().to_vec();
        grouped[axis] = channels / groups;
        grouped.insert(axis, groups);
        let x = x.reshape(&grouped)?;
        let others: Vec<isize> = (1..x.rank()).filter(|&a| a != axis).map(|a| a as isize).collect();
        let (mean, variance) = ops::moments(&x, others, true)?;
        let mut broadcast = vec![1; x.rank()];
        (broadcast[axis], broadcast[axis + 1]) = (groups, channels / groups);
        let weight = |name: &str| context.value(name)?.cast(x.dtype())?.reshape(&broadcast);
        let mut factor = variance.add_scalar(self.epsilon)?.rsqrt()?;
        if self.scale {
            factor = factor.mul(&weight("gamma")?)?;
        }
        let mut shift = mean.mul(&factor)?.neg()?;
        if self.center {
            shift = shift.add(&weight("beta")?)?;
        }
        let y = x.mul(&factor)?.add(&shift)?.cast(given.dtype())?.reshape(given.shape())?;
        Ok(y.cast(self.base.dtype.compute_dtype())?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let input = inputs.single()?;
        self.channel_axis(self.class_name(), input.rank())?;
        Ok(vec![input.clone()])
    }

    fn autocast(&self) -> bool {
        false
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
