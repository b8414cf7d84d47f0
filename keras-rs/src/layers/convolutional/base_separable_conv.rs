//! Separable convolution over one or two spatial axes.

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

/// A convolution of each channel by itself, then a mix of the channels, over `N` spatial axes:
/// [`SeparableConv1D`](super::SeparableConv1D) and [`SeparableConv2D`](super::SeparableConv2D).
/// Keras' `BaseSeparableConv`.
///
/// Shapes: `(batch, ..., channels)` to `(batch, ..., filters)`, or with the channels first; the
/// kernels are `(..., channels, depth_multiplier)` and `(1, ..., channels * depth_multiplier, filters)`.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = SeparableConv2D::new(8, 3).padding("same").shared();
/// let shapes = layer.compute_output_shape(&[Shape::from([None, Some(7), None, Some(3)])])?;
/// assert_eq!(shapes[0].to_string(), "(None, 7, None, 8)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", class_name_with = Self::class)]
// Keras 2 wrote these for what its class inherited and did not use.
#[keras(ignore("groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint"))]
pub struct BaseSeparableConv<const N: usize> {
    base: LayerBase,
    /// Number of channels between the two steps for each input channel, at least one (default 1).
    #[keras(default = 1)]
    depth_multiplier: usize,
    /// Number of output channels; at least one.
    #[keras(new)]
    filters: usize,
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
    /// Initializer of the depthwise kernel (default `glorot_uniform`).
    #[keras(default = Initializer::glorot_uniform())]
    depthwise_initializer: Initializer,
    /// Initializer of the pointwise kernel (default `glorot_uniform`).
    #[keras(default = Initializer::glorot_uniform())]
    pointwise_initializer: Initializer,
    /// Initializer of the bias (default `zeros`).
    #[keras(default = Initializer::zeros())]
    bias_initializer: Initializer,
    /// Penalty on the depthwise kernel (default: none).
    depthwise_regularizer: Option<Regularizer>,
    /// Penalty on the pointwise kernel (default: none).
    pointwise_regularizer: Option<Regularizer>,
    /// Penalty on the bias (default: none).
    bias_regularizer: Option<Regularizer>,
    /// Penalty on the outputs (default: none).
    activity_regularizer: Option<Regularizer>,
    /// Projection of the depthwise kernel (default: none).
    depthwise_constraint: Option<Constraint>,
    /// Projection of the pointwise kernel (default: none).
    pointwise_constraint: Option<Constraint>,
    /// Projection of the bias (default: none).
    bias_constraint: Option<Constraint>,
}

impl<const N: usize> BaseSeparableConv<N> {
    fn class(&self) -> &str {
        const { assert!(N >= 1 && N <= 2, "there are separable convolutions over 1 or 2 spatial axes") }
        ["SeparableConv1D", "SeparableConv2D"][N - 1]
    }

    fn output_shape(&self, context: &str, input: &Shape) -> Result<Shape> {
        require_positive(context, "filters", self.filters)?;
        require_positive(context, "depth_multiplier", self.depth_multiplier)?;
        let geometry = geometry!(self);
        geometry.check(context)?;
        ops::conv_output_shape(context, input, &*self.kernel_size, Some(self.filters), geometry.window())
    }
}

impl<const N: usize> Layer for BaseSeparableConv<N> {
    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let input = inputs.single()?;
        let output = self.output_shape(scope.name(), input)?;
        let channels = geometry!(self).channels(scope.name(), input)?;
        let shape = kernel_shape(&*self.kernel_size, channels, self.depth_multiplier);
        scope
            .weight("depthwise_kernel", &shape, &self.depthwise_initializer)
            .regularizer(&self.depthwise_regularizer)
            .constraint(&self.depthwise_constraint)
            .add()?;
        let between = channels.saturating_mul(self.depth_multiplier);
        scope
            .weight(
                "pointwise_kernel",
                &kernel_shape(&[1; N], between, self.filters),
                &self.pointwise_initializer,
            )
            .regularizer(&self.pointwise_regularizer)
            .constraint(&self.pointwise_constraint)
            .add()?;
        if self.use_bias {
            scope
                .weight("bias", &[self.filters], &self.bias_initializer)
                .regularizer(&self.bias_regularizer)
                .constraint(&self.bias_constraint)
                .add()?;
        }
        self.activation.build(scope, &output)
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        convolve(self.use_bias, &self.activation, context, |context, after| {
            let depthwise = context.weight("depthwise_kernel")?;
            let pointwise = context.weight("pointwise_kernel")?;
            ops::separable_conv_then(x, &depthwise, &pointwise, geometry!(self).window(), after)
        })
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![self.output_shape(self.class_name(), inputs.single()?)?])
    }

    fn form(&self) -> Option<Form> {
        let (bias, function) = (self.use_bias, self.activation.form()?);
        Some(Form::Separable { sliding: geometry!(self).sliding()?, bias, function })
    }

    fn activity_regularizer(&self) -> Option<&Regularizer> {
        self.activity_regularizer.as_ref()
    }
}
