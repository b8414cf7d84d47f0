//! Dense layers over any axes.

use super::einsum_equation::{Equation, Shapes};
use crate::activations::Activation;
use crate::config::{
    Config, ConfigExt, ConfigReader, CustomObjects, FromConfig, IntoConfig, KerasConfig, Loading, Value,
};
use crate::constraints::Constraint;
use crate::error::{Error, Result};
use crate::initializers::Initializer;
use crate::layer::{BuildScope, CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::ops;
use crate::regularizers::Regularizer;
use crate::shape::Shape;

/// `activation(einsum(equation, x, kernel) + bias)`: a dense layer over any axes. Keras' `EinsumDense`.
///
/// The equation names the axes of input, kernel and output by letters: `ab,bc->ac`, and with an ellipsis for
/// axes that stay as they are, `...ab,bc->...ac` or `ab...,bc->ac...`. The kernel's sizes follow from it, from
/// the input's and from `output_shape`.
///
/// Shapes: those of the equation. The bias has the axes of the output that `bias_axes` names.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = EinsumDense::new("abc,cd->abd", [None, Some(4)]).bias_axes("d").shared();
/// let y = layer.call(&[Tensor::ones([2, 3, 5], DType::F32)?])?;
/// assert_eq!(y[0].shape(), [2, 3, 4]);
/// assert_eq!(layer.variable("kernel")?.shape(), [5, 4]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", constructor = of, check = Self::check)]
pub struct EinsumDense {
    pub(in crate::layers) base: LayerBase,
    /// Sizes of the output without the batch and the axes that an ellipsis stands for; `None` where the input
    /// says it.
    #[keras(new, read_with = sizes)]
    output_shape: Vec<Option<usize>>,
    /// The equation.
    #[keras(new)]
    equation: String,
    /// Activation (default: none).
    #[keras(default = Activation::linear(), sublayer)]
    pub(in crate::layers) activation: Activation,
    /// Letters of the output's axes that the bias has (default: there is no bias).
    pub(in crate::layers) bias_axes: Option<String>,
    /// Initializer of the kernel (default `glorot_uniform`).
    #[keras(default = Initializer::glorot_uniform())]
    pub(in crate::layers) kernel_initializer: Initializer,
    /// Initializer of the bias (default `zeros`).
    #[keras(default = Initializer::zeros())]
    pub(in crate::layers) bias_initializer: Initializer,
    /// Penalty on the kernel (default: none).
    pub(in crate::layers) kernel_regularizer: Option<Regularizer>,
    /// Penalty on the bias (default: none).
    pub(in crate::layers) bias_regularizer: Option<Regularizer>,
    /// Penalty on the outputs (default: none).
    pub(in crate::layers) activity_regularizer: Option<Regularizer>,
    /// Projection of the kernel (default: none).
    pub(in crate::layers) kernel_constraint: Option<Constraint>,
    /// Projection of the bias (default: none).
    pub(in crate::layers) bias_constraint: Option<Constraint>,
    /// Number of columns of a kernel quantized by GPTQ, which nothing reads yet.
    #[keras(no_setter, only_set)]
    gptq_unpacked_column_size: Option<usize>,
    /// How the weights are quantized, which nothing reads yet.
    #[keras(no_setter)]
    quantization_config: Option<Value>,
}

impl EinsumDense {
    /// With an equation, and the sizes of the output without the batch and the axes that an ellipsis stands for;
    /// `None` where the input says it.
    pub fn new(equation: impl Into<String>, output_shape: impl Into<Shape>) -> Self {
        Self::of(output_shape.into().dims().to_vec(), equation.into())
    }

    fn check(&self, context: &str) -> Result<()> {
        Equation::parse(context, &self.equation).map(drop)
    }

    fn shapes(&self, context: &str, input: &Shape) -> Result<Shapes> {
        let equation = Equation::parse(context, &self.equation)?;
        equation.shapes(context, input, &self.output_shape, self.bias_axes.as_deref())
    }
}

/// One size, or a list of sizes.
fn sizes(c: &mut ConfigReader<'_>, key: &str) -> Result<Vec<Option<usize>>> {
    let value = c.take_value(key)?;
    let one = || usize::from_value(value).map(|size| vec![Some(size)]);
    Vec::from_value(value).or_else(one).ok_or_else(|| c.reject(key, "a size or a list of sizes", value))
}

/// The initializer with the equation's axes of units, where it counts units by axes and was not told which.
fn counting(initializer: &Initializer, shapes: &Shapes) -> Result<Initializer> {
    let mut config = initializer.config();
    let axes = [("input_axes", &shapes.input_axes), ("output_axes", &shapes.output_axes)];
    let untold = axes.iter().any(|(key, _)| config.get(*key).is_some_and(Value::is_null));
    if initializer.module() != Some("keras.initializers") || !untold {
        return Ok(initializer.clone());
    }
    for (key, axes) in axes {
        config.insert(key.into(), axes.to_config());
    }
    let object = Config::new()
        .with("module", "keras.initializers")
        .with("class_name", initializer.class_name())
        .with("config", Value::Object(config));
    Loading::new(&CustomObjects::new()).object(&Value::Object(object), "EinsumDense", "kernel_initializer")
}

impl Layer for EinsumDense {
    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let shapes = self.shapes(scope.name(), inputs.single()?)?;
        let known = |argument: &str, shape: &Shape| {
            let unknown = || Error::argument(scope.name(), argument, "known sizes", shape);
            shape.to_known().ok_or_else(unknown)
        };
        let kernel = known("output_shape", &shapes.kernel)?;
        let bias = shapes.bias.as_ref().map(|shape| known("bias_axes", shape)).transpose()?;
        scope
            .weight("kernel", &kernel, &counting(&self.kernel_initializer, &shapes)?)
            .regularizer(&self.kernel_regularizer)
            .constraint(&self.kernel_constraint)
            .add()?;
        if let Some(bias) = bias {
            scope
                .weight("bias", &bias, &self.bias_initializer)
                .regularizer(&self.bias_regularizer)
                .constraint(&self.bias_constraint)
                .add()?;
        }
        self.activation.build(scope, &shapes.output)
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = inputs.into_single()?;
        let mut y = ops::einsum(&self.equation, &[&x, &context.weight("kernel")?])?;
        if self.bias_axes.is_some() {
            y = y.into_sum(context.weight("bias")?)?;
        }
        Ok(self.activation.call_in(y, context)?.into())
    }

    fn form(&self) -> Option<Form> {
        let inner = Equation::parse(self.class_name(), &self.equation).ok()?.summed_at_the_end()?;
        let (bias, function) = (self.bias_axes.is_some(), self.activation.form()?);
        Some(Form::Product { inner, bias, function })
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![self.shapes(self.class_name(), inputs.single()?)?.output])
    }

    fn activity_regularizer(&self) -> Option<&Regularizer> {
        self.activity_regularizer.as_ref()
    }
}
