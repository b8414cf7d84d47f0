//! Depthwise convolution over one or two spatial axes.

use super::shared::{add_weight, finish, kernel_shape, require_positive, shared_base, shared_setters};
use crate::activations::Activation;
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader};
use crate::constraints::Constraint;
use crate::error::Result;
use crate::initializers::Initializer;
use crate::layer::{BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::layers::{DataFormat, Padding, Tuple};
use crate::ops;
use crate::regularizers::Regularizer;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// A convolution of each channel by itself, over `N` spatial axes:
/// [`DepthwiseConv1D`](super::DepthwiseConv1D) and [`DepthwiseConv2D`](super::DepthwiseConv2D).
/// Keras' `BaseDepthwiseConv`.
///
/// Shapes: `(batch, ..., channels)` to `(batch, ..., channels * depth_multiplier)`, or with the
/// channels first; the kernel is `(..., channels, depth_multiplier)`.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = DepthwiseConv2D::new(3).depth_multiplier(2).shared();
/// let shapes = layer.compute_output_shape(&[Shape::from([None, Some(7), None, Some(3)])])?;
/// assert_eq!(shapes[0].to_string(), "(None, 5, None, 6)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct BaseDepthwiseConv<const N: usize> {
    base: LayerBase,
    kernel_size: Tuple<N>,
    strides: Tuple<N>,
    padding: Padding,
    depth_multiplier: usize,
    data_format: DataFormat,
    dilation_rate: Tuple<N>,
    activation: Activation,
    use_bias: bool,
    depthwise_initializer: Initializer,
    bias_initializer: Initializer,
    depthwise_regularizer: Option<Regularizer>,
    bias_regularizer: Option<Regularizer>,
    activity_regularizer: Option<Regularizer>,
    depthwise_constraint: Option<Constraint>,
    bias_constraint: Option<Constraint>,
}

impl<const N: usize> BaseDepthwiseConv<N> {
    /// The kernel's size is one number for all axes or one for each.
    pub fn new(kernel_size: impl Into<Tuple<N>>) -> Self {
        const { assert!(N >= 1 && N <= 2, "there are depthwise convolutions over 1 or 2 spatial axes") }
        Self {
            base: LayerBase::default(),
            kernel_size: kernel_size.into(),
            strides: 1.into(),
            padding: Padding::Valid,
            depth_multiplier: 1,
            data_format: DataFormat::ChannelsLast,
            dilation_rate: 1.into(),
            activation: Activation::linear(),
            use_bias: true,
            depthwise_initializer: Initializer::glorot_uniform(),
            bias_initializer: Initializer::zeros(),
            depthwise_regularizer: None,
            bias_regularizer: None,
            activity_regularizer: None,
            depthwise_constraint: None,
            bias_constraint: None,
        }
    }

    shared_setters!();

    setters! {
        /// Sets the kernel's initializer (default `glorot_uniform`).
        depthwise_initializer: Initializer,
        /// Sets the kernel's penalty (default: none).
        depthwise_regularizer: Option<Regularizer>,
        /// Sets the kernel's projection (default: none).
        depthwise_constraint: Option<Constraint>,
    }

    /// Sets the number of output channels for each input channel (default 1).
    #[must_use]
    pub fn depth_multiplier(mut self, depth_multiplier: usize) -> Self {
        self.depth_multiplier = depth_multiplier;
        self
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let base = LayerBase::from_config(c)?;
        // Keras 2 wrote these for what its class inherited and did not use.
        c.ignore(&["groups", "filters", "kernel_initializer", "kernel_regularizer", "kernel_constraint"]);
        let d = Self::new(c.take::<Tuple<N>>("kernel_size")?);
        Ok(Self {
            base,
            kernel_size: d.kernel_size,
            strides: c.take_or("strides", d.strides)?,
            padding: c.take_or("padding", d.padding)?,
            depth_multiplier: c.take_or("depth_multiplier", d.depth_multiplier)?,
            data_format: c.take_or("data_format", d.data_format)?,
            dilation_rate: c.take_or("dilation_rate", d.dilation_rate)?,
            activation: c.take_or("activation", d.activation)?,
            use_bias: c.take_or("use_bias", d.use_bias)?,
            depthwise_initializer: c.take_or("depthwise_initializer", d.depthwise_initializer)?,
            bias_initializer: c.take_or("bias_initializer", d.bias_initializer)?,
            depthwise_regularizer: c.take_or("depthwise_regularizer", None)?,
            bias_regularizer: c.take_or("bias_regularizer", None)?,
            activity_regularizer: c.take_or("activity_regularizer", None)?,
            depthwise_constraint: c.take_or("depthwise_constraint", None)?,
            bias_constraint: c.take_or("bias_constraint", None)?,
        })
    }

    fn output_shape(&self, context: &str, input: &Shape) -> Result<Shape> {
        require_positive(context, "depth_multiplier", self.depth_multiplier)?;
        let geometry = self.geometry();
        geometry.check(context)?;
        input.require_rank(context, N + 2)?;
        let channels = input.dims()[self.data_format.channel_axis(N + 2)];
        let outputs = channels.map(|n| n.saturating_mul(self.depth_multiplier));
        ops::conv_output_shape(context, input, &*self.kernel_size, outputs, geometry.window())
    }
}

impl<const N: usize> Layer for BaseDepthwiseConv<N> {
    shared_base!(1 => "DepthwiseConv1D"; "DepthwiseConv2D");

    fn config(&self) -> Config {
        Config::new()
            .with("depth_multiplier", self.depth_multiplier)
            .with("kernel_size", self.kernel_size)
            .with("strides", self.strides)
            .with("padding", self.padding)
            .with("data_format", self.data_format)
            .with("dilation_rate", self.dilation_rate)
            .with("activation", &self.activation)
            .with("use_bias", self.use_bias)
            .with("depthwise_initializer", &self.depthwise_initializer)
            .with("bias_initializer", &self.bias_initializer)
            .with("depthwise_regularizer", &self.depthwise_regularizer)
            .with("bias_regularizer", &self.bias_regularizer)
            .with("activity_regularizer", &self.activity_regularizer)
            .with("depthwise_constraint", &self.depthwise_constraint)
            .with("bias_constraint", &self.bias_constraint)
    }

    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let input = inputs.single()?;
        let output = self.output_shape(scope.name(), input)?;
        let channels = self.geometry().channels(scope.name(), input)?;
        let shape = kernel_shape(&*self.kernel_size, channels, self.depth_multiplier);
        add_weight(
            scope,
            "kernel",
            &shape,
            &self.depthwise_initializer,
            &self.depthwise_regularizer,
            &self.depthwise_constraint,
        )?;
        if self.use_bias {
            let outputs = channels.saturating_mul(self.depth_multiplier);
            let (initializer, regularizer) = (&self.bias_initializer, &self.bias_regularizer);
            add_weight(scope, "bias", &[outputs], initializer, regularizer, &self.bias_constraint)?;
        }
        self.activation.build(scope, &output)
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        let y = ops::depthwise_conv(x, &context.weight("kernel")?, self.geometry().window())?;
        finish(y, self.use_bias, self.data_format, &self.activation, context)
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![self.output_shape(self.class_name(), inputs.single()?)?])
    }
}
