//! Depthwise convolution over one or two spatial axes.

use super::shared::{convolve, geometry, kernel_shape, require_positive};
use crate::activations::Activation;
use crate::config::KerasConfig;
use crate::constraints::Constraint;
use crate::error::Result;
use crate::initializers::Initializer;
use crate::layer::{BuildScope, CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::layers::{DataFormat, Padding, Tuple};
use crate::ops;
use crate::regularizers::Regularizer;
use crate::shape::Shape;

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
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", class_name_with = Self::class)]
// Keras 2 wrote these for what its class inherited and did not use.
#[keras(ignore("groups", "filters", "kernel_initializer", "kernel_regularizer", "kernel_constraint"))]
pub struct BaseDepthwiseConv<const N: usize> {
    base: LayerBase,
    /// Number of output channels for each input channel, at least one (default 1).
    #[keras(default = 1)]
    depth_multiplier: usize,
    /// Size of the kernel: one number for all axes or one for each, at least one.
    #[keras(new)]
    kernel_size: Tuple<N>,
    /// Steps between positions, at least one (default 1).
    #[keras(default = 1)]
    strides: Tuple<N>,
    /// Padding: `valid` or `same` (default `valid`).
    #[keras(default = Padding::Valid)]
    padding: Padding,
    /// Where the channels are (default `channels_last`).
    #[keras(default = DataFormat::ChannelsLast)]
    data_format: DataFormat,
    /// Steps between the values that the kernel looks at, at least one (default 1).
    #[keras(default = 1)]
    dilation_rate: Tuple<N>,
    /// Activation (default: none).
    #[keras(default = Activation::linear(), sublayer)]
    activation: Activation,
    /// Whether a bias is added (default `true`).
    #[keras(default = true)]
    use_bias: bool,
    /// Initializer of the kernel (default `glorot_uniform`).
    #[keras(default = Initializer::glorot_uniform())]
    depthwise_initializer: Initializer,
    /// Initializer of the bias (default `zeros`).
    #[keras(default = Initializer::zeros())]
    bias_initializer: Initializer,
    /// Penalty on the kernel (default: none).
    depthwise_regularizer: Option<Regularizer>,
    /// Penalty on the bias (default: none).
    bias_regularizer: Option<Regularizer>,
    /// Penalty on the outputs (default: none).
    activity_regularizer: Option<Regularizer>,
    /// Projection of the kernel (default: none).
    depthwise_constraint: Option<Constraint>,
    /// Projection of the bias (default: none).
    bias_constraint: Option<Constraint>,
}

impl<const N: usize> BaseDepthwiseConv<N> {
    fn class(&self) -> &str {
        const { assert!(N >= 1 && N <= 2, "there are depthwise convolutions over 1 or 2 spatial axes") }
        ["DepthwiseConv1D", "DepthwiseConv2D"][N - 1]
    }

    fn output_shape(&self, context: &str, input: &Shape) -> Result<Shape> {
        require_positive(context, "depth_multiplier", self.depth_multiplier)?;
        let geometry = geometry!(self);
        geometry.check(context)?;
        input.require_rank(context, N + 2)?;
        let channels = input.dims()[self.data_format.channel_axis(N + 2)];
        let outputs = channels.map(|n| n.saturating_mul(self.depth_multiplier));
        ops::conv_output_shape(context, input, &*self.kernel_size, outputs, geometry.window())
    }
}

impl<const N: usize> Layer for BaseDepthwiseConv<N> {
    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let input = inputs.single()?;
        let output = self.output_shape(scope.name(), input)?;
        let channels = geometry!(self).channels(scope.name(), input)?;
        let shape = kernel_shape(&*self.kernel_size, channels, self.depth_multiplier);
        scope
            .weight("kernel", &shape, &self.depthwise_initializer)
            .regularizer(&self.depthwise_regularizer)
            .constraint(&self.depthwise_constraint)
            .add()?;
        if self.use_bias {
            let outputs = channels.saturating_mul(self.depth_multiplier);
            scope
                .weight("bias", &[outputs], &self.bias_initializer)
                .regularizer(&self.bias_regularizer)
                .constraint(&self.bias_constraint)
                .add()?;
        }
        self.activation.build(scope, &output)
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        convolve(self.use_bias, &self.activation, context, |context, after| {
            ops::depthwise_conv_then(x, &context.weight("kernel")?, geometry!(self).window(), after)
        })
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![self.output_shape(self.class_name(), inputs.single()?)?])
    }

    fn form(&self) -> Option<Form> {
        let (bias, function) = (self.use_bias, self.activation.form()?);
        Some(Form::Depthwise { sliding: geometry!(self).sliding()?, bias, function })
    }

    fn activity_regularizer(&self) -> Option<&Regularizer> {
        self.activity_regularizer.as_ref()
    }
}
