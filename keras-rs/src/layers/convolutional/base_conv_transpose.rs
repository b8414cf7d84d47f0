//! Transposed convolution over one to three spatial axes.

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
#[derive(Clone, Debug)]
pub struct BaseConvTranspose<const N: usize> {
    base: LayerBase,
    filters: usize,
    kernel_size: Tuple<N>,
    strides: Tuple<N>,
    padding: Padding,
    output_padding: Option<Tuple<N>>,
    data_format: DataFormat,
    dilation_rate: Tuple<N>,
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

impl<const N: usize> BaseConvTranspose<N> {
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
            output_padding: None,
            data_format: DataFormat::ChannelsLast,
            dilation_rate: 1.into(),
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

    /// Sets the places to add at the end of each axis, each less than the stride (default: as many
    /// as make the size a multiple of the stride for same padding, or leave no stride out for
    /// valid padding).
    #[must_use]
    pub fn output_padding(mut self, output_padding: impl Into<Tuple<N>>) -> Self {
        self.output_padding = Some(output_padding.into());
        self
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let base = LayerBase::from_config(c)?;
        // Keras 2 wrote it, and accepted nothing but one group here.
        let groups = c.take_or("groups", 1_usize)?;
        if groups != 1 {
            return Err(c.reject("groups", "1", &groups.into()));
        }
        let d = Self::new(c.take("filters")?, c.take::<Tuple<N>>("kernel_size")?);
        Ok(Self {
            base,
            strides: c.take_or("strides", d.strides)?,
            padding: c.take_or("padding", d.padding)?,
            output_padding: c.take_or("output_padding", None)?,
            data_format: c.take_or("data_format", d.data_format)?,
            dilation_rate: c.take_or("dilation_rate", d.dilation_rate)?,
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

    fn output_shape(&self, context: &str, input: &Shape) -> Result<Shape> {
        require_positive(context, "filters", self.filters)?;
        let geometry = self.geometry();
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
    shared_base!(1 => "Conv1DTranspose", 2 => "Conv2DTranspose"; "Conv3DTranspose");

    fn config(&self) -> Config {
        Config::new()
            .with("filters", self.filters)
            .with("kernel_size", self.kernel_size)
            .with("strides", self.strides)
            .with("padding", self.padding)
            .with("output_padding", self.output_padding)
            .with("data_format", self.data_format)
            .with("dilation_rate", self.dilation_rate)
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
        let shape = kernel_shape(&*self.kernel_size, self.filters, channels);
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
        let extra = self.output_padding.as_ref().map(|list| list.as_slice());
        let y = ops::conv_transpose(x, &context.weight("kernel")?, extra, self.geometry().window())?;
        finish(y, self.use_bias, self.data_format, &self.activation, context)
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![self.output_shape(self.class_name(), inputs.single()?)?])
    }
}
