//! Convolution over one to three spatial axes.

use super::shared::{add_weight, finish, kernel_shape, require_positive, shared_base, shared_setters};
use crate::activations::Activation;
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader};
use crate::constraints::Constraint;
use crate::error::{Error, Result};
use crate::initializers::Initializer;
use crate::layer::{BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::layers::{DataFormat, Padding, Tuple};
use crate::ops;
use crate::regularizers::Regularizer;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// `activation(convolution(x, kernel) + bias)` over `N` spatial axes: [`Conv1D`](super::Conv1D),
/// [`Conv2D`](super::Conv2D) and [`Conv3D`](super::Conv3D). Keras' `BaseConv`.
///
/// Shapes: `(batch, ..., channels)` to `(batch, ..., filters)`, or with the channels first; the
/// kernel is `(..., channels / groups, filters)`.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = Conv2D::new(4, 3).strides(2).padding("same").shared();
/// let shapes = layer.compute_output_shape(&[Shape::from([None, Some(7), None, Some(3)])])?;
/// assert_eq!(shapes[0].to_string(), "(None, 4, None, 4)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct BaseConv<const N: usize> {
    base: LayerBase,
    filters: usize,
    kernel_size: Tuple<N>,
    strides: Tuple<N>,
    padding: Padding,
    data_format: DataFormat,
    dilation_rate: Tuple<N>,
    groups: usize,
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

impl<const N: usize> BaseConv<N> {
    /// With `filters` output channels, at least one; the kernel's size is one number for all axes
    /// or one for each.
    pub fn new(filters: usize, kernel_size: impl Into<Tuple<N>>) -> Self {
        const { assert!(N >= 1 && N <= 3, "there are convolutions over 1 to 3 spatial axes") }
        Self {
            base: LayerBase::default(),
            filters,
            kernel_size: kernel_size.into(),
            strides: 1.into(),
            padding: Padding::Valid,
            data_format: DataFormat::ChannelsLast,
            dilation_rate: 1.into(),
            groups: 1,
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

    shared_setters!();

    setters! {
        /// Sets the kernel's initializer (default `glorot_uniform`).
        kernel_initializer: Initializer,
        /// Sets the kernel's penalty (default: none).
        kernel_regularizer: Option<Regularizer>,
        /// Sets the kernel's projection (default: none).
        kernel_constraint: Option<Constraint>,
    }

    /// Sets the number of groups of channels that do not see each other (default 1); it must
    /// divide the input's channels and the filters.
    #[must_use]
    pub fn groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let base = LayerBase::from_config(c)?;
        // Files hold the kernel with LoRA's share added, so these two change nothing.
        c.ignore(&["lora_rank", "lora_alpha"]);
        let d = Self::new(c.take("filters")?, c.take::<Tuple<N>>("kernel_size")?);
        Ok(Self {
            base,
            strides: c.take_or("strides", d.strides)?,
            padding: c.take_or("padding", d.padding)?,
            data_format: c.take_or("data_format", d.data_format)?,
            dilation_rate: c.take_or("dilation_rate", d.dilation_rate)?,
            groups: c.take_or("groups", d.groups)?,
            activation: c.take_or("activation", d.activation)?,
            use_bias: c.take_or("use_bias", d.use_bias)?,
            kernel_initializer: c.take_or("kernel_initializer", d.kernel_initializer)?,
            bias_initializer: c.take_or("bias_initializer", d.bias_initializer)?,
            kernel_regularizer: c.take_or("kernel_regularizer", None)?,
            bias_regularizer: c.take_or("bias_regularizer", None)?,
            activity_regularizer: c.take_or("activity_regularizer", None)?,
            kernel_constraint: c.take_or("kernel_constraint", None)?,
            bias_constraint: c.take_or("bias_constraint", None)?,
            filters: d.filters,
            kernel_size: d.kernel_size,
        })
    }

    fn check(&self, context: &str) -> Result<()> {
        require_positive(context, "filters", self.filters)?;
        require_positive(context, "groups", self.groups)?;
        if !self.filters.is_multiple_of(self.groups) {
            let expected = format!("a number that divides {} filters", self.filters);
            return Err(Error::argument(context, "groups", expected, self.groups));
        }
        let geometry = self.geometry();
        if N == 1 { geometry.check_numbers(context) } else { geometry.check(context) }?;
        geometry.check_not_both(context)
    }

    fn output_shape(&self, context: &str, input: &Shape) -> Result<Shape> {
        self.check(context)?;
        let geometry = self.geometry();
        ops::conv_output_shape(context, input, &*self.kernel_size, Some(self.filters), geometry.window())
    }
}

impl<const N: usize> Layer for BaseConv<N> {
    shared_base!(1 => "Conv1D", 2 => "Conv2D"; "Conv3D");

    fn config(&self) -> Config {
        Config::new()
            .with("filters", self.filters)
            .with("kernel_size", self.kernel_size)
            .with("strides", self.strides)
            .with("padding", self.padding)
            .with("data_format", self.data_format)
            .with("dilation_rate", self.dilation_rate)
            .with("groups", self.groups)
            .with("activation", &self.activation)
            .with("use_bias", self.use_bias)
            .with("kernel_initializer", &self.kernel_initializer)
            .with("bias_initializer", &self.bias_initializer)
            .with("kernel_regularizer", &self.kernel_regularizer)
            .with("bias_regularizer", &self.bias_regularizer)
            .with("activity_regularizer", &self.activity_regularizer)
            .with("kernel_constraint", &self.kernel_constraint)
            .with("bias_constraint", &self.bias_constraint)
    }

    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let input = inputs.single()?;
        let output = self.output_shape(scope.name(), input)?;
        let channels = self.geometry().channels(scope.name(), input)?;
        if channels == 0 || !channels.is_multiple_of(self.groups) {
            let expected = format!("channels that are a multiple of {} groups", self.groups);
            return Err(Error::shape(scope.name(), "input", expected, input));
        }
        let shape = kernel_shape(&*self.kernel_size, channels / self.groups, self.filters);
        add_weight(
            scope,
            "kernel",
            &shape,
            &self.kernel_initializer,
            &self.kernel_regularizer,
            &self.kernel_constraint,
        )?;
        if self.use_bias {
            let (initializer, regularizer) = (&self.bias_initializer, &self.bias_regularizer);
            add_weight(scope, "bias", &[self.filters], initializer, regularizer, &self.bias_constraint)?;
        }
        self.activation.build(scope, &output)
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        let y = ops::conv(x, &context.weight("kernel")?, self.geometry().window())?;
        finish(y, self.use_bias, self.data_format, &self.activation, context)
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![self.output_shape(self.class_name(), inputs.single()?)?])
    }
}
