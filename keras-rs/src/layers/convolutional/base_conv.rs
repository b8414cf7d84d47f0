//! Convolution over one to three spatial axes.

use super::shared::{convolve, geometry, kernel_shape, require_positive};
use crate::activations::Activation;
use crate::config::KerasConfig;
use crate::constraints::Constraint;
use crate::error::{Error, Result};
use crate::initializers::Initializer;
use crate::layer::{BuildScope, CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::layers::{DataFormat, Padding, Tuple};
use crate::ops;
use crate::regularizers::Regularizer;
use crate::shape::Shape;

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
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", class_name_with = Self::class)]
// Files hold the kernel with LoRA's share added, so these two change nothing.
#[keras(ignore("lora_rank", "lora_alpha"))]
pub struct BaseConv<const N: usize> {
    base: LayerBase,
    /// Number of output channels; at least one.
    #[keras(new)]
    filters: usize,
    /// Size of the kernel: one number for all axes or one for each, at least one.
    #[keras(new)]
    kernel_size: Tuple<N>,
    /// Steps between positions, at least one (default 1).
    #[keras(default = 1)]
    strides: Tuple<N>,
    /// Padding; only `Conv1D` takes `causal` (default `valid`).
    #[keras(default = Padding::Valid)]
    padding: Padding,
    /// Where the channels are (default `channels_last`).
    #[keras(default = DataFormat::ChannelsLast)]
    data_format: DataFormat,
    /// Steps between the values that the kernel looks at, at least one (default 1).
    #[keras(default = 1)]
    dilation_rate: Tuple<N>,
    /// Number of groups of channels that do not see each other, which must divide the input's channels and
    /// the filters (default 1).
    #[keras(default = 1)]
    groups: usize,
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
    /// Penalty on the outputs (default: none).
    activity_regularizer: Option<Regularizer>,
    /// Projection of the kernel (default: none).
    kernel_constraint: Option<Constraint>,
    /// Projection of the bias (default: none).
    bias_constraint: Option<Constraint>,
}

impl<const N: usize> BaseConv<N> {
    fn class(&self) -> &str {
        const { assert!(N >= 1 && N <= 3, "there are convolutions over 1 to 3 spatial axes") }
        ["Conv1D", "Conv2D", "Conv3D"][N - 1]
    }

    fn check(&self, context: &str) -> Result<()> {
        require_positive(context, "filters", self.filters)?;
        require_positive(context, "groups", self.groups)?;
        if !self.filters.is_multiple_of(self.groups) {
            let expected = format!("a number that divides {} filters", self.filters);
            return Err(Error::argument(context, "groups", expected, self.groups));
        }
        let geometry = geometry!(self);
        if N == 1 { geometry.check_numbers(context) } else { geometry.check(context) }?;
        geometry.check_not_both(context)
    }

    fn output_shape(&self, context: &str, input: &Shape) -> Result<Shape> {
        self.check(context)?;
        let geometry = geometry!(self);
        ops::conv_output_shape(context, input, &*self.kernel_size, Some(self.filters), geometry.window())
    }
}

impl<const N: usize> Layer for BaseConv<N> {
    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let input = inputs.single()?;
        let output = self.output_shape(scope.name(), input)?;
        let channels = geometry!(self).channels(scope.name(), input)?;
        if channels == 0 || !channels.is_multiple_of(self.groups) {
            let expected = format!("channels that are a multiple of {} groups", self.groups);
            return Err(Error::shape(scope.name(), "input", expected, input));
        }
        let shape = kernel_shape(&*self.kernel_size, channels / self.groups, self.filters);
        scope
            .weight("kernel", &shape, &self.kernel_initializer)
            .regularizer(&self.kernel_regularizer)
            .constraint(&self.kernel_constraint)
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
            ops::conv_then(x, &context.weight("kernel")?, geometry!(self).window(), after)
        })
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![self.output_shape(self.class_name(), inputs.single()?)?])
    }

    fn form(&self) -> Option<Form> {
        Some(Form::Convolution {
            sliding: geometry!(self).sliding()?,
            groups: self.groups,
            bias: self.use_bias,
            function: self.activation.form()?,
        })
    }

    fn activity_regularizer(&self) -> Option<&Regularizer> {
        self.activity_regularizer.as_ref()
    }
}
