//! Densely connected layer.

use crate::activations::Activation;
use crate::config::{KerasConfig, Value};
use crate::constraints::Constraint;
use crate::error::{Error, Result};
use crate::initializers::Initializer;
use crate::layer::{BuildScope, CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::regularizers::Regularizer;
use crate::shape::Shape;
use crate::tensor::After;

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
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct Dense {
    base: LayerBase,
    /// Penalty on the outputs (default: none); Keras writes it first, and only where there is one.
    #[keras(only_set)]
    activity_regularizer: Option<Regularizer>,
    /// Number of outputs; at least one.
    #[keras(new)]
    units: usize,
    /// Activation (default: none).
    #[keras(default = Activation::linear(), sublayer)]
    activation: Activation,
    /// Whether a bias is added (default `true`).
    #[keras(default = true)]
    use_bias: bool,
    /// Initializer of the kernel (default `glorot_uniform`).
    #[keras(default = Initializer::glorot_uniform())]
    kernel_initializer: Initializer,
    /// Initializer of the bias (default `zeros`).
    #[keras(default = Initializer::zeros())]
    bias_initializer: Initializer,
    /// Penalty on the kernel (default: none).
    kernel_regularizer: Option<Regularizer>,
    /// Penalty on the bias (default: none).
    bias_regularizer: Option<Regularizer>,
    /// Projection of the kernel (default: none).
    kernel_constraint: Option<Constraint>,
    /// Projection of the bias (default: none).
    bias_constraint: Option<Constraint>,
    /// How the weights are quantized, which nothing reads yet.
    #[keras(no_setter)]
    quantization_config: Option<Value>,
}

impl Layer for Dense {
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
        let kernel = context.weight("kernel")?;
        let bias = if self.use_bias { Some(context.weight("bias")?) } else { None };
        let after = After { bias: bias.as_ref(), relu: self.use_bias && self.activation.is("relu") };
        if let Some(y) = x.dense(&kernel, after)? {
            return Ok(if after.relu { y } else { self.activation.call_in(y, context)? }.into());
        }
        let mut y = x.matmul(&kernel)?;
        if let Some(bias) = bias {
            y = y.into_sum(bias)?;
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

    fn form(&self) -> Option<Form> {
        Some(Form::Dense { bias: self.use_bias, function: self.activation.form()? })
    }

    fn activity_regularizer(&self) -> Option<&Regularizer> {
        self.activity_regularizer.as_ref()
    }
}
