//! What all convolution layers share: how the kernel moves, the bias and the activation.

use crate::activations::Activation;
use crate::error::{Error, Result};
use crate::layer::{CallContext, Outputs, Sliding};
use crate::layers::{DataFormat, Padding, Tuple};
use crate::ops::Window;
use crate::shape::Shape;
use crate::tensor::{After, Tensor};

/// Size and movement of a layer's kernel.
#[derive(Clone, Copy, Debug)]
pub(in crate::layers) struct Geometry<const N: usize> {
    pub(in crate::layers) kernel_size: Tuple<N>,
    pub(in crate::layers) strides: Tuple<N>,
    pub(in crate::layers) padding: Padding,
    pub(in crate::layers) data_format: DataFormat,
    pub(in crate::layers) dilation_rate: Tuple<N>,
}

impl<const N: usize> Geometry<N> {
    /// Refuses numbers that are zero, and causal padding.
    pub(in crate::layers) fn check(&self, context: &str) -> Result<()> {
        if self.padding == Padding::Causal {
            let expected = "valid or same; only Conv1D takes causal";
            return Err(Error::argument(context, "padding", expected, self.padding));
        }
        self.check_numbers(context)
    }

    /// Refuses numbers that are zero.
    pub(in crate::layers) fn check_numbers(&self, context: &str) -> Result<()> {
        self.kernel_size.require_positive(context, "kernel_size")?;
        self.strides.require_positive(context, "strides")?;
        self.dilation_rate.require_positive(context, "dilation_rate")
    }

    /// Refuses strides together with dilation.
    pub(in crate::layers) fn check_not_both(&self, context: &str) -> Result<()> {
        let more = |numbers: Tuple<N>| numbers.iter().any(|&n| n > 1);
        if more(self.strides) && more(self.dilation_rate) {
            let expected = format!("1 on every axis, as strides are {:?}", *self.strides);
            let got = format!("{:?}", *self.dilation_rate);
            return Err(Error::argument(context, "dilation_rate", expected, got));
        }
        Ok(())
    }

    /// The number of input channels, which must be known.
    pub(in crate::layers) fn channels(&self, context: &str, input: &Shape) -> Result<usize> {
        input.require_rank(context, N + 2)?;
        input.known_dim(context, self.data_format.channel_axis(N + 2) as isize)
    }

    /// How the kernel moves, for [`Form`](crate::layer::Form)s: over one or two axes, with the channels last.
    pub(in crate::layers) fn sliding(&self) -> Option<Sliding> {
        let sliding = Sliding::new(&*self.kernel_size, &*self.strides, &*self.dilation_rate, self.padding);
        sliding.filter(|_| self.data_format == DataFormat::ChannelsLast)
    }

    pub(in crate::layers) fn window(&self) -> Window<'_> {
        Window {
            strides: &*self.strides,
            dilation_rate: &*self.dilation_rate,
            padding: self.padding,
            data_format: self.data_format,
        }
    }
}

/// Refuses zero.
pub(in crate::layers) fn require_positive(context: &str, argument: &str, value: usize) -> Result<()> {
    if value > 0 { Ok(()) } else { Err(Error::argument(context, argument, "at least 1", value)) }
}

/// A shape from a kernel's spatial sizes and its two other axes.
pub(in crate::layers) fn kernel_shape(spatial: &[usize], rows: usize, columns: usize) -> Vec<usize> {
    spatial.iter().copied().chain([rows, columns]).collect()
}

/// Convolves with the bias, where there is one, and applies the activation.
pub(super) fn convolve<'a>(
    use_bias: bool,
    activation: &Activation,
    context: &mut CallContext<'a>,
    by: impl FnOnce(&mut CallContext<'a>, After<'_>) -> Result<Tensor>,
) -> Result<Outputs> {
    let bias = if use_bias { Some(context.weight("bias")?) } else { None };
    let after = After { bias: bias.as_ref(), relu: use_bias && activation.is("relu") };
    let y = by(context, after)?;
    Ok(if after.relu { y } else { activation.call_in(y, context)? }.into())
}

/// Adds the bias, where there is one, to the channels and applies the activation.
pub(super) fn finish(
    y: Tensor,
    use_bias: bool,
    data_format: DataFormat,
    activation: &Activation,
    context: &mut CallContext<'_>,
) -> Result<Outputs> {
    let y = if use_bias {
        let bias = context.weight("bias")?;
        let mut shape = vec![1; y.rank()];
        shape[data_format.channel_axis(y.rank())] = bias.len();
        y.add(&bias.reshape(shape)?)?
    } else {
        y
    };
    Ok(activation.call_in(y, context)?.into())
}

/// How a layer's kernel moves.
macro_rules! geometry {
    ($layer:expr) => {
        $crate::layers::convolutional::shared::Geometry {
            kernel_size: $layer.kernel_size,
            strides: $layer.strides,
            padding: $layer.padding,
            data_format: $layer.data_format,
            dilation_rate: $layer.dilation_rate,
        }
    };
}
pub(in crate::layers) use geometry;
