//! Transposed convolution over one to three spatial axes.

use super::shared::{finish, geometry, kernel_shape, require_positive};
use crate::activations::Activation;
use crate::config::{BaseConfig, ConfigReader, KerasConfig};
use crate::constraints::Constraint;
use crate::error::{Error, Result};
use crate::initializers::Initializer;
use crate::layer::{BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::layers::{DataFormat, Padding, Tuple};
use crate::ops;
use crate::regularizers::Regularizer;
use crate::shape::Shape;

/// The transpose of a convolution, which enlarges, over `N` spatial axes:
/// [`Conv1DTranspose`](super::Conv1DTranspose), [`Conv2DTranspose`](super::Conv2DTranspose) and
/// [`Conv3DTranspose`](super::Conv3DTranspose). Keras' `BaseConvTranspose`.
///
/// Shapes: `(batch, ..., channels)` to `(batch, ..., filters)`, or with the channels first; the
/// kernel is `(..., filters, channels)`.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = Conv2DTranspose::new(4, 3).strides(2).padding("same").shared();
/// let shapes = layer.compute_output_shape(&[Shape::from([None, Some(7), None, Some(3)])])?;
/// assert_eq!(shapes[0].to_string(), "(None, 14, None, 4)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", class_name_with = Self::class)]
pub struct BaseConvTranspose<const N: usize> {
    #[keras(read_with = one_group)]
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
    /// Padding: `valid` or `same` (default `valid`).
    #[keras(default = Padding::Valid)]
    padding: Padding,
    /// Values to add at the end of each axis, each less than the stride (default: as many as make the size a
    /// multiple of the stride for same padding, or leave no stride out for valid padding).
    output_padding: Option<Tuple<N>>,
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

impl<const N: usize> BaseConvTranspose<N> {
    fn class(&self) -> &str {
        const { assert!(N >= 1 && N <= 3, "there are convolutions over 1 to 3 spatial axes") }
        ["Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"][N - 1]
    }

    fn output_shape(&self, context: &str, input: &Shape) -> Result<Shape> {
        require_positive(context, "filters", self.filters)?;
        let geometry = geometry!(self);
        geometry.check(context)?;
        geometry.check_not_both(context)?;
        if let Some(extra) = self.output_padding
            && extra.iter().zip(self.strides.iter()).any(|(extra, stride)| extra >= stride)
        {
            let expected = format!("numbers below the strides {:?}", *self.strides);
            return Err(Error::argument(context, "output_padding", expected, format!("{:?}", *extra)));
        }
        let extra = self.output_padding.as_ref().map(|list| list.as_slice());
        let (kernel, filters) = (self.kernel_size, Some(self.filters));
        ops::conv_transpose_output_shape(context, input, &*kernel, filters, extra, geometry.window())
    }
}

impl<const N: usize> Layer for BaseConvTranspose<N> {
    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let input = inputs.single()?;
        let output = self.output_shape(scope.name(), input)?;
        let channels = geometry!(self).channels(scope.name(), input)?;
        let shape = kernel_shape(&*self.kernel_size, self.filters, channels);
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
        let extra = self.output_padding.as_ref().map(|list| list.as_slice());
        let y = ops::conv_transpose(x, &context.weight("kernel")?, extra, geometry!(self).window())?;
        finish(y, self.use_bias, self.data_format, &self.activation, context)
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![self.output_shape(self.class_name(), inputs.single()?)?])
    }

    fn activity_regularizer(&self) -> Option<&Regularizer> {
        self.activity_regularizer.as_ref()
    }
}

/// The arguments of every layer. Keras 2 wrote the groups, and accepted nothing but one here.
fn one_group(base: LayerBase, c: &mut ConfigReader<'_>) -> Result<LayerBase> {
    let base = base.read(c)?;
    match c.take_or("groups", 1_usize)? {
        1 => Ok(base),
        groups => Err(c.reject("groups", "1", &groups.into())),
    }
}
