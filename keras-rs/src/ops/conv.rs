//! Convolutions with Keras' meaning. Kernels are laid out as in Keras, channels last.

use super::conv_shape::{conv_output_shape, conv_transpose_output_shape};
use super::{DataFormat, Padding, Window};
use crate::backend::Backend;
use crate::error::{Error, Result, tuple};
use crate::shape::Shape;
use crate::tensor::{After, ConvNumbers, Tensor, byte_len};
use keras_rs_derive::operation;

/// Convolves `inputs` with `kernel`. Keras' `ops.conv`.
///
/// Shapes: `(batch, ..., channels)`, or channels first as the window says, with 1 to 3 spatial axes;
/// the kernel is `(..., channels / groups, filters)`, its channels determine the number of groups. The
/// input is cast to the kernel's data type.
///
/// # Errors
/// [`Error::Shape`] where shapes do not fit each other, [`Error::Argument`] for strides or dilation
/// rates that are no positive numbers, [`Error::TooLarge`] where padding would take too much memory.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::{Padding, Window, conv};
///
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0], [1, 4, 1])?;
/// let kernel = Tensor::from_vec(vec![1.0_f32, 10.0], [2, 1, 1])?;
/// let y = conv(&x, &kernel, Window { padding: Padding::Same, ..Window::default() })?;
/// assert_eq!(y.to_vec::<f32>()?, [21.0, 32.0, 43.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation(spread(window))]
pub fn conv(inputs: &Tensor, kernel: &Tensor, window: Window<'_>) -> Result<Tensor> {
    conv_then(inputs, kernel, window, After::default())
}

/// [`conv`] with what follows.
pub(crate) fn conv_then(
    inputs: &Tensor,
    kernel: &Tensor,
    window: Window<'_>,
    after: After<'_>,
) -> Result<Tensor> {
    let channels = operands("conv", inputs, kernel, window)?;
    let (per_group, filters) = (kernel.dim(-2)?, kernel.dim(-1)?);
    let groups = channels.checked_div(per_group).unwrap_or(0);
    if groups == 0 || groups * per_group != channels || !filters.is_multiple_of(groups) {
        return Err(Error::shape(
            "conv",
            "input",
            format!("channels that are a multiple of {per_group}, in groups that divide {filters} filters"),
            tuple(inputs.shape()),
        ));
    }
    computed(inputs, kernel, groups, window, after)
}

/// A convolution whose kernel is `(..., channels / groups, filters)`, with what follows.
fn computed(
    inputs: &Tensor,
    kernel: &Tensor,
    groups: usize,
    window: Window<'_>,
    after: After<'_>,
) -> Result<Tensor> {
    if let Some(y) = by_kernels(inputs, kernel, window, after)? {
        return Ok(y);
    }
    let mut y = grouped(inputs, kernel, groups, window)?;
    if let Some(bias) = after.bias {
        let mut shape = vec![1; y.rank()];
        shape[window.data_format.channel_axis(y.rank())] = bias.len();
        y = y.into_sum(bias.reshape(shape)?)?;
    }
    if after.relu { y.into_relu() } else { Ok(y) }
}

/// Convolves each channel by itself. Keras' `ops.depthwise_conv`.
///
/// Shapes: as [`conv`] with one or two spatial axes; the kernel is `(..., channels, multiplier)`, the output has
/// `channels * multiplier` channels, those of one input channel next to each other.
///
/// # Errors
/// As [`conv`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::{Window, depthwise_conv};
///
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0], [1, 2, 2])?;
/// let kernel = Tensor::from_vec(vec![1.0_f32, 10.0, 1.0, 10.0], [2, 2, 1])?;
/// let y = depthwise_conv(&x, &kernel, Window::default())?;
/// assert_eq!(y.to_vec::<f32>()?, [4.0, 60.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation(spread(window))]
pub fn depthwise_conv(inputs: &Tensor, kernel: &Tensor, window: Window<'_>) -> Result<Tensor> {
    depthwise_conv_then(inputs, kernel, window, After::default())
}

/// [`depthwise_conv`] with what follows.
pub(crate) fn depthwise_conv_then(
    inputs: &Tensor,
    kernel: &Tensor,
    window: Window<'_>,
    after: After<'_>,
) -> Result<Tensor> {
    let channels = operands("depthwise_conv", inputs, kernel, window)?;
    let mut shape = kernel.shape().to_vec();
    let last = shape.len() - 1;
    if shape[last - 1] != channels {
        let expected = format!("{} channels, as the kernel has", shape[last - 1]);
        return Err(Error::shape("depthwise_conv", "input", expected, tuple(inputs.shape())));
    }
    shape[last] *= channels;
    shape[last - 1] = 1;
    computed(inputs, &kernel.reshape(shape)?, channels, window, after)
}

/// Convolves each channel by itself, then mixes the channels. Keras' `ops.separable_conv`.
///
/// Shapes: as [`depthwise_conv`]; the pointwise kernel is `(1, ..., channels * multiplier, filters)`.
///
/// # Errors
/// As [`conv`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::{Window, separable_conv};
///
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0], [1, 2, 2])?;
/// let depthwise = Tensor::from_vec(vec![1.0_f32, 10.0, 1.0, 10.0], [2, 2, 1])?;
/// let pointwise = Tensor::from_vec(vec![1.0_f32, 2.0], [1, 2, 1])?;
/// let y = separable_conv(&x, &depthwise, &pointwise, Window::default())?;
/// assert_eq!(y.to_vec::<f32>()?, [124.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation(spread(window))]
pub fn separable_conv(
    inputs: &Tensor,
    depthwise_kernel: &Tensor,
    pointwise_kernel: &Tensor,
    window: Window<'_>,
) -> Result<Tensor> {
    separable_conv_then(inputs, depthwise_kernel, pointwise_kernel, window, After::default())
}

/// [`separable_conv`] with what follows.
pub(crate) fn separable_conv_then(
    inputs: &Tensor,
    depthwise_kernel: &Tensor,
    pointwise_kernel: &Tensor,
    window: Window<'_>,
    after: After<'_>,
) -> Result<Tensor> {
    let each = depthwise_conv(inputs, depthwise_kernel, window)?;
    conv_then(&each, pointwise_kernel, window.without_steps(), after)
}

/// The transpose of [`conv`], which increases the spatial sizes. Keras' `ops.conv_transpose`.
///
/// Shapes: `(batch, ..., channels)`, or channels first as the window says, with 1 to 3 spatial axes;
/// the kernel is `(..., filters, channels)`. For `output_padding` see
/// [`conv_transpose_output_shape`].
///
/// # Errors
/// As [`conv`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::{Window, conv_transpose};
///
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0], [1, 2, 1])?;
/// let kernel = Tensor::from_vec(vec![1.0_f32, 10.0, 100.0], [3, 1, 1])?;
/// let y = conv_transpose(&x, &kernel, None, Window { strides: &[2], ..Window::default() })?;
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 10.0, 102.0, 20.0, 200.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation(spread(window))]
pub fn conv_transpose(
    inputs: &Tensor,
    kernel: &Tensor,
    output_padding: Option<&[usize]>,
    window: Window<'_>,
) -> Result<Tensor> {
    let channels = operands("conv_transpose", inputs, kernel, window)?;
    if kernel.dim(-1)? != channels {
        let expected = format!("{} channels, as the kernel has", kernel.dim(-1)?);
        return Err(Error::shape("conv_transpose", "input", expected, tuple(inputs.shape())));
    }
    let spatial = spatial_of(kernel);
    let rank = spatial.len();
    let filters = Some(kernel.dim(-2)?);
    let output = conv_transpose_output_shape(
        "conv_transpose",
        &inputs.shape().into(),
        &spatial,
        filters,
        output_padding,
        window,
    )?;
    within_limits("conv_transpose", inputs, &output)?;
    if inputs.is_empty() {
        return kernel.full_like(output.to_known().unwrap_or_default(), 0.0);
    }

    // The whole transpose reaches `steps + span` elements; Keras removes some, more at the end, or
    // adds zeros there. Burn leaves out the same number on both sides, so the rest is cut here.
    let axes = window.data_format.spatial_axes(inputs.rank());
    let mut both = Vec::with_capacity(rank);
    let mut cut = vec![(0_usize, 0_usize); inputs.rank()];
    for (i, axis) in axes.enumerate() {
        let span = window.span(i, spatial[i]);
        let steps = (inputs.shape()[axis] - 1).saturating_mul(window.stride(i));
        let whole = steps.saturating_add(span);
        let wanted = output.dims()[axis].unwrap_or(whole);
        let start = cut_before(span, window.stride(i), window.padding, output_padding.map(|list| list[i]));
        let end = whole.saturating_sub(start.saturating_add(wanted));
        let symmetric = start.min(end);
        both.push(symmetric);
        cut[axis] = (start - symmetric, wanted);
    }
    let x = first_axes(&inputs.cast(kernel.dtype())?, window.data_format)?;
    // (..., filters, channels) to (channels, filters, ...).
    let order: Vec<usize> = [rank + 1, rank].into_iter().chain(0..rank).collect();
    let strides: Vec<usize> = x.shape()[2..]
        .iter()
        .enumerate()
        .map(|(i, &size)| if size == 1 { 1 } else { window.stride(i) })
        .collect();
    let dilation = dilation_of(window, &spatial);
    let numbers = ConvNumbers { strides: &strides, padding: &both, dilation: &dilation, groups: 1 };
    let y = x.conv_transpose_channels_first(&kernel.permute(&order)?, numbers)?;
    let y = y.permute(&window.data_format.from_channels_first(y.rank()))?;

    let mut ranges: Vec<std::ops::Range<usize>> = y.shape().iter().map(|&d| 0..d).collect();
    let mut missing = vec![(0, 0); y.rank()];
    for axis in window.data_format.spatial_axes(y.rank()) {
        let (start, wanted) = cut[axis];
        let stop = (start + wanted).min(y.shape()[axis]);
        ranges[axis] = start.min(stop)..stop;
        missing[axis] = (0, wanted - ranges[axis].len());
    }
    let y = y.cut(&ranges)?;
    if missing.iter().all(|&(_, after)| after == 0) { Ok(y) } else { y.pad(&missing, 0.0) }
}

/// Number of elements that Keras removes at the start of the whole transpose.
fn cut_before(span: usize, stride: usize, padding: Padding, extra: Option<usize>) -> usize {
    if padding != Padding::Same {
        return 0;
    }
    let kept = match extra {
        None => stride.saturating_add(span).saturating_sub(2),
        Some(extra) => span.saturating_add(span % 2).saturating_add(extra).saturating_sub(2),
    };
    span - 1 - kept.div_ceil(2).min(span - 1)
}

/// Computes a convolution of images or sequences, channels last, with its bias and `relu` in one operation, where the backend
/// has that.
fn by_kernels(
    inputs: &Tensor,
    kernel: &Tensor,
    window: Window<'_>,
    after: After<'_>,
) -> Result<Option<Tensor>> {
    let spatial = spatial_of(kernel);
    if window.data_format != DataFormat::ChannelsLast || spatial.len() > 2 || inputs.is_empty() {
        return Ok(None);
    }
    let output = conv_output_shape("conv", &inputs.shape().into(), &spatial, Some(kernel.dim(-1)?), window)?;
    within_limits("conv", inputs, &output)?;
    let mut numbers = keras_rs_kernels::Window::POINT;
    let mut padded = inputs.shape().to_vec();
    let dilation = dilation_of(window, &spatial);
    for (i, &size) in spatial.iter().enumerate() {
        let (axis, span) = (i + 1, window.span(i, size));
        let (before, after) = window.padding.amounts(inputs.shape()[axis], span, window.stride(i));
        padded[axis] = padded[axis].saturating_add(before).saturating_add(after);
        // A sequence is an image of one row.
        let place = i + 2 - spatial.len();
        numbers.kernel[place] = size;
        numbers.dilation[place] = dilation[i];
        numbers.pads[place] = [before, after];
        // Longer steps lead out of the input as well.
        numbers.strides[place] = window.stride(i).min(padded[axis]);
    }
    within_limits("conv", inputs, &Shape::known(&padded))?;
    inputs.cast(kernel.dtype())?.conv_channels_last(kernel, after, numbers)
}

/// Computes all convolutions. The kernel is `(..., channels / groups, filters)`.
fn grouped(inputs: &Tensor, kernel: &Tensor, groups: usize, window: Window<'_>) -> Result<Tensor> {
    let spatial = spatial_of(kernel);
    let rank = spatial.len();
    let output = conv_output_shape("conv", &inputs.shape().into(), &spatial, Some(kernel.dim(-1)?), window)?;
    within_limits("conv", inputs, &output)?;
    if inputs.is_empty() {
        return kernel.full_like(output.to_known().unwrap_or_default(), 0.0);
    }
    let x = inputs.cast(kernel.dtype())?;
    if groups == 1 && window.data_format == DataFormat::ChannelsLast && spatial.iter().all(|&k| k == 1) {
        return pointwise(&x, kernel, window);
    }

    // Burn pads both sides equally; if the sides differ, the input is padded here.
    let axes = window.data_format.spatial_axes(x.rank());
    let mut both = Vec::with_capacity(rank);
    let mut each = vec![(0, 0); x.rank()];
    let mut padded = x.shape().to_vec();
    let mut strides = Vec::with_capacity(rank);
    for (i, axis) in axes.enumerate() {
        let span = window.span(i, spatial[i]);
        let (before, after) = window.padding.amounts(x.shape()[axis], span, window.stride(i));
        both.push(if before == after { before } else { 0 });
        if before != after {
            each[axis] = (before, after);
        }
        padded[axis] = padded[axis].saturating_add(before).saturating_add(after);
        // Longer steps lead out of the input as well, and would overflow in Burn.
        strides.push(window.stride(i).min(padded[axis]));
    }
    within_limits("conv", &x, &Shape::known(&padded))?;
    let dilation = dilation_of(window, &spatial);
    let x = if each.iter().all(|&pair| pair == (0, 0)) { x } else { x.pad(&each, 0.0)? };
    let mut x = first_axes(&x, window.data_format)?;
    if x.device().backend() == Backend::NdArray && kernel.is_recorded() {
        // Burn's gradient of the kernel fails if the last steps leave a part of the input unused.
        for i in 0..rank {
            let span = window.span(i, spatial[i]);
            let unused = (x.shape()[i + 2] + 2 * both[i]).saturating_sub(span) % strides[i];
            if unused > 0 && unused <= x.shape()[i + 2] && both[i] == 0 {
                x = x.narrow(i as isize + 2, 0..x.shape()[i + 2] - unused)?;
            }
        }
    }
    // (..., channels, filters) to (filters, channels, ...).
    let order: Vec<usize> = [rank + 1, rank].into_iter().chain(0..rank).collect();
    let numbers = ConvNumbers { strides: &strides, padding: &both, dilation: &dilation, groups };
    let y = x.conv_channels_first(&kernel.permute(&order)?, numbers)?;
    y.permute(&window.data_format.from_channels_first(y.rank()))
}

/// A convolution with kernel size 1 is a matrix product over the channels.
fn pointwise(x: &Tensor, kernel: &Tensor, window: Window<'_>) -> Result<Tensor> {
    let mut ranges: Vec<_> = x.shape().iter().map(|&d| (0..d, 1)).collect();
    let spatial = x.rank() - 2;
    for (i, (range, step)) in ranges.iter_mut().skip(1).take(spatial).enumerate() {
        *step = window.stride(i).min(range.len());
    }
    x.slice_with_steps(&ranges)?.matmul(&kernel.reshape([kernel.dim(-2)?, kernel.dim(-1)?])?)
}

/// Checks ranks and the window; the number of input channels.
fn operands(context: &str, inputs: &Tensor, kernel: &Tensor, window: Window<'_>) -> Result<usize> {
    let rank = inputs.rank();
    let empty = kernel.is_empty() || inputs.shape().iter().skip(1).any(|&size| size == 0);
    if !(3..=5).contains(&rank) || kernel.rank() != rank || empty {
        return Err(Error::shape(
            context,
            "input",
            "batch, 1 to 3 spatial axes and channels, none but the batch empty, and a kernel with as many axes",
            format!("{} with kernel {}", tuple(inputs.shape()), tuple(kernel.shape())),
        ));
    }
    window.check(context, rank - 2)?;
    for (axis, &size) in kernel.shape()[..rank - 2].iter().enumerate() {
        crate::limits::check(context, window.span(axis, size) as u64)?;
    }
    Ok(inputs.shape()[window.data_format.channel_axis(rank)])
}

fn spatial_of(kernel: &Tensor) -> Vec<usize> {
    kernel.shape()[..kernel.rank() - 2].to_vec()
}

/// Dilation rates; 1 for kernels of size 1, where dilation has no effect.
fn dilation_of(window: Window<'_>, spatial: &[usize]) -> Vec<usize> {
    spatial.iter().enumerate().map(|(i, &size)| if size == 1 { 1 } else { window.dilation(i) }).collect()
}

/// A view with the channels first.
fn first_axes(x: &Tensor, format: DataFormat) -> Result<Tensor> {
    x.permute(&format.to_channels_first(x.rank()))
}

/// Refuses shapes that are too large for the memory limit.
fn within_limits(context: &str, like: &Tensor, shape: &Shape) -> Result<()> {
    let bytes = shape.to_known().and_then(|dims| byte_len(like.dtype(), &dims));
    crate::limits::check(context, bytes.map_or(u64::MAX, |n| n as u64))
}
