//! Densely connected layer.

use crate::activations::Activation;
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader};
use crate::constraints::Constraint;
use crate::error::{Error, Result};
use crate::initializers::Initializer;
use crate::layer::{
    BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, LayerRef, Outputs, layer_base,
};
use crate::regularizers::Regularizer;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// `activation(x @ kernel + bias)` over the last axis. Keras' `Dense`.
///
/// Shapes: `(batch, ..., features)` to `(batch, ..., units)`; the kernel is `(features, units)`.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = Dense::new(2)
///     .kernel_initializer("ones")
///     .kernel_regularizer("l2")
///     .activation("relu")
///     .shared();
/// let y = layer.call(&[Tensor::from_vec(vec![1.0_f32, 2.0, -5.0, 1.0], [2, 2])?])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [3.0, 3.0, 0.0, 0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Dense {
    base: LayerBase,
    units: usize,
    activation: Activation,
    use_bias: bool,
    kernel_initializer: Initializer,
    bias_initializer: Initializer,
    kernel_regularizer: Option<Regularizer>,
    bias_regularizer: Option<Regularizer>,
    activity_regularizer: Option<Regularizer>,
    kernel_constraint: Option<Constraint>,
    bias_constraint: Option<Constraint>,
}

impl Dense {
    /// With `units` outputs; at least one.
    pub fn new(units: usize) -> Self {
        Self {
            base: LayerBase::default(),
            units,
            activation: Activation::linear(),
            use_bias: true,
            kernel_initializer: Initializer::glorot_uniform(),
            bias_initializer: Initializer::zeros(),
            kernel_regularizer: None,
            bias_regularizer: None,
            activity_regularizer: None,
            kernel_constraint: None,
            bias_constraint: None,
        }
    }

    setters! {
        /// Sets the activation (default: none).
        activation: Activation,
        /// Sets whether a bias is added (default `true`).
        use_bias: bool,
        /// Sets the kernel's initializer (default `glorot_uniform`).
        kernel_initializer: Initializer,
        /// Sets the bias' initializer (default `zeros`).
        bias_initializer: Initializer,
        /// Sets the kernel's penalty (default: none).
        kernel_regularizer: Option<Regularizer>,
        /// Sets the bias' penalty (default: none).
        bias_regularizer: Option<Regularizer>,
        /// Sets the output's penalty (default: none).
        activity_regularizer: Option<Regularizer>,
        /// Sets the kernel's projection (default: none).
        kernel_constraint: Option<Constraint>,
        /// Sets the bias' projection (default: none).
        bias_constraint: Option<Constraint>,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let base = LayerBase::from_config(c)?;
        let d = Self::new(c.take("units")?);
        Ok(Self {
            base,
            units: d.units,
            activation: c.take_or("activation", d.activation)?,
            use_bias: c.take_or("use_bias", true)?,
            kernel_initializer: c.take_or("kernel_initializer", d.kernel_initializer)?,
            bias_initializer: c.take_or("bias_initializer", d.bias_initializer)?,
            kernel_regularizer: c.take_or("kernel_regularizer", None)?,
            bias_regularizer: c.take_or("bias_regularizer", None)?,
            activity_regularizer: c.take_or("activity_regularizer", None)?,
            kernel_constraint: c.take_or("kernel_constraint", None)?,
            bias_constraint: c.take_or("bias_constraint", None)?,
        })
    }
}

impl Layer for Dense {
    layer_base!("Dense");

    fn config(&self) -> Config {
        let mut config = Config::new();
        // Keras writes it only where there is one.
        if self.activity_regularizer.is_some() {
            config = config.with("activity_regularizer", &self.activity_regularizer);
        }
        config
            .with("units", self.units)
            .with("activation", &self.activation)
            .with("use_bias", self.use_bias)
            .with("kernel_initializer", &self.kernel_initializer)
            .with("bias_initializer", &self.bias_initializer)
            .with("kernel_regularizer", &self.kernel_regularizer)
            .with("bias_regularizer", &self.bias_regularizer)
            .with("kernel_constraint", &self.kernel_constraint)
            .with("bias_constraint", &self.bias_constraint)
            .with("quantization_config", None::<usize>)
    }

    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        if self.units == 0 {
            return Err(Error::argument(scope.name(), "units", "at least 1", 0));
        }
        let input = inputs.single()?;
        let features = input.known_dim(scope.name(), -1)?;
        scope
            .weight("kernel", &[features, self.units], &self.kernel_initializer)
            .regularizer(&self.kernel_regularizer)
            .constraint(&self.kernel_constraint)
            .add()?;
        if self.use_bias {
            scope
                .weight("bias", &[self.units], &self.bias_initializer)
                .regularizer(&self.bias_regularizer)
                .constraint(&self.bias_constraint)
                .add()?;
        }
        let mut output = input.dims().to_vec();
        output[input.rank() - 1] = Some(self.units);
        self.activation.build(scope, &output.into())
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        let mut y = x.matmul(&context.weight("kernel")?)?;
        if self.use_bias {
            y = y.add(&context.weight("bias")?)?;
        }
        Ok(self.activation.call_in(y, context)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let input = inputs.single()?;
        if input.rank() < 2 {
            return Err(Error::shape("Dense", "input", "at least 2 axes", input));
        }
        let mut dims = input.dims().to_vec();
        dims[input.rank() - 1] = Some(self.units);
        Ok(vec![dims.into()])
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn sublayers(&self) -> Vec<(String, LayerRef)> {
        self.activation.sublayers()
    }

    fn activity_regularizer(&self) -> Option<&Regularizer> {
        self.activity_regularizer.as_ref()
    }
}
