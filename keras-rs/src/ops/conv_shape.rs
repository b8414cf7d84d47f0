//! Output shapes of convolutions.

use super::{Padding, Window};
use crate::error::{Error, Result};
use crate::shape::{Shape, Spec};

/// Shape of a convolution's output; unknown sizes remain unknown.
///
/// `kernel` holds the kernel's spatial sizes, `filters` is the number of output channels.
///
/// # Errors
/// [`Error::Shape`] for another rank and where the kernel is larger than the input,
/// [`Error::Argument`] for strides or dilation rates that are no positive numbers, one an axis.
///
/// ```
/// use keras_rs::Shape;
/// use keras_rs::ops::{Window, conv_output_shape};
///
/// let window = Window { strides: &[2, 2], ..Window::default() };
/// let input = Shape::from([None, Some(28), None, Some(1)]);
/// let output = conv_output_shape("conv", &input, &[3, 3], Some(32), window)?;
/// assert_eq!(output.to_string(), "(None, 13, None, 32)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn conv_output_shape(
    context: &str,
    input: &Shape,
    kernel: &[usize],
    filters: Option<usize>,
    window: Window<'_>,
) -> Result<Shape> {
    output_shape(context, input, kernel, filters, window, |axis, size| {
        window
            .padding
            .output_size(Some(size), window.span(axis, kernel[axis]), window.stride(axis))
            .unwrap_or(0)
    })
}

/// Shape of a transposed convolution's output; unknown sizes remain unknown.
///
/// Without `output_padding` the output is `size * stride` elements for same padding, and as many as
/// the kernel reaches, but no fewer than the strides span, for valid padding.
///
/// # Errors
/// As [`conv_output_shape`].
///
/// ```
/// use keras_rs::Shape;
/// use keras_rs::ops::{Window, conv_transpose_output_shape};
///
/// let window = Window { strides: &[2], ..Window::default() };
/// let output = conv_transpose_output_shape("up", &Shape::from([1, 5, 3]), &[3], Some(8), None, window)?;
/// assert_eq!(output.to_string(), "(1, 11, 8)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn conv_transpose_output_shape(
    context: &str,
    input: &Shape,
    kernel: &[usize],
    filters: Option<usize>,
    output_padding: Option<&[usize]>,
    window: Window<'_>,
) -> Result<Shape> {
    if output_padding.is_some_and(|list| list.len() != kernel.len()) {
        let expected = format!("{} numbers", kernel.len());
        return Err(Error::argument(context, "output_padding", expected, format!("{output_padding:?}")));
    }
    if window.padding == Padding::Causal {
        return Err(Error::argument(context, "padding", "valid or same", window.padding));
    }
    output_shape(context, input, kernel, filters, window, |axis, size| {
        let extra = output_padding.map(|list| list[axis]);
        transposed_size(size, window.span(axis, kernel[axis]), window.stride(axis), window.padding, extra)
    })
}

/// Output size of a transposed convolution along one axis.
pub(super) fn transposed_size(
    size: usize,
    span: usize,
    stride: usize,
    padding: Padding,
    extra: Option<usize>,
) -> usize {
    let steps = size.saturating_sub(1).saturating_mul(stride);
    match (padding, extra) {
        (Padding::Same, None) => size.saturating_mul(stride),
        (Padding::Same, Some(extra)) => steps.saturating_add(span % 2).saturating_add(extra),
        (_, None) => steps.saturating_add(span.max(stride)),
        (_, Some(extra)) => steps.saturating_add(span).saturating_add(extra),
    }
}

fn output_shape(
    context: &str,
    input: &Shape,
    kernel: &[usize],
    filters: Option<usize>,
    window: Window<'_>,
    size_of: impl Fn(usize, usize) -> usize,
) -> Result<Shape> {
    let rank = kernel.len();
    window.check(context, rank)?;
    input.require_rank(context, rank + 2)?;
    let dims = &input.dims()[window.data_format.spatial_axes(rank + 2)];
    let sizes: Vec<Option<usize>> =
        dims.iter().enumerate().map(|(axis, size)| size.map(|size| size_of(axis, size))).collect();
    if sizes.contains(&Some(0)) {
        let expected = format!("spatial sizes that a kernel {kernel:?} fits into, so that an output remains");
        return Err(Error::shape(context, "input", expected, input));
    }
    Ok(window.data_format.shape(input.dims()[0], &sizes, filters))
}

/// Sizes of a kernel, all of which must be known, for an input with 1 to 3 spatial axes.
fn sizes_of(context: &str, input: &Shape, kernel: &Shape) -> Result<(Vec<usize>, usize, usize)> {
    let known =
        kernel.to_known().filter(|_| (3..=5).contains(&input.rank()) && kernel.rank() == input.rank());
    match known.as_deref() {
        Some([spatial @ .., before_last, last]) => Ok((spatial.to_vec(), *before_last, *last)),
        _ => {
            let expected = "a kernel of known sizes, with as many axes as the input: batch, 1 to 3 spatial axes, channels";
            Err(Error::shape(context, "kernel", expected, format!("{kernel} with input {input}")))
        }
    }
}

/// Refuses another number of channels than the kernel has: Keras' classes know no groups.
fn require_channels(context: &str, input: &Shape, channels: usize, window: Window<'_>) -> Result<()> {
    match input.dims()[window.data_format.channel_axis(input.rank())] {
        Some(own) if own != channels => {
            Err(Error::shape(context, "input", format!("{channels} channels, as the kernel has"), input))
        }
        _ => Ok(()),
    }
}

pub(crate) fn conv_spec((x, _): &Spec, (kernel, dtype): &Spec, window: Window<'_>) -> Result<Spec> {
    let (spatial, channels, filters) = sizes_of("conv", x, kernel)?;
    require_channels("conv", x, channels, window)?;
    Ok((conv_output_shape("conv", x, &spatial, Some(filters), window)?, *dtype))
}

pub(crate) fn depthwise_conv_spec((x, _): &Spec, (kernel, dtype): &Spec, window: Window<'_>) -> Result<Spec> {
    let (spatial, channels, multiplier) = sizes_of("depthwise_conv", x, kernel)?;
    require_channels("depthwise_conv", x, channels, window)?;
    let filters = channels.saturating_mul(multiplier);
    Ok((conv_output_shape("depthwise_conv", x, &spatial, Some(filters), window)?, *dtype))
}

pub(crate) fn separable_conv_spec(
    x: &Spec,
    depthwise_kernel: &Spec,
    pointwise_kernel: &Spec,
    window: Window<'_>,
) -> Result<Spec> {
    conv_spec(&depthwise_conv_spec(x, depthwise_kernel, window)?, pointwise_kernel, window.without_steps())
}

pub(crate) fn conv_transpose_spec(
    (x, _): &Spec,
    (kernel, dtype): &Spec,
    output_padding: Option<&[usize]>,
    window: Window<'_>,
) -> Result<Spec> {
    let context = "conv_transpose";
    let (spatial, filters, channels) = sizes_of(context, x, kernel)?;
    require_channels(context, x, channels, window)?;
    let shape = conv_transpose_output_shape(context, x, &spatial, Some(filters), output_padding, window)?;
    Ok((shape, *dtype))
}
