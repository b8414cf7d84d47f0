//! Pooling to given sizes.

use super::{Windows, largest_of, mean_of, require_number};
use crate::error::{Error, Result};
use crate::ops::rule::Rule;
use crate::ops::{DataFormat, Integers};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, TensorData};
use keras_rs_derive::operation;

/// Largest element of as many windows as the output has elements along each spatial axis. Keras'
/// `ops.adaptive_max_pool`.
///
/// Shapes: `(batch, ..., channels)`, or channels first, with one to three spatial axes. The output's size is one
/// number for all spatial axes, or one for each. Window `i` of `n` over an axis of size `s` goes from
/// `floor(i * s / n)` to `ceil((i + 1) * s / n)`, so windows overlap where `n` does not divide `s`.
///
/// # Errors
/// [`Error::Argument`] for sizes below 1 and another number of sizes.
///
/// ```
/// use keras_rs::{Tensor, ops};
/// use keras_rs::ops::DataFormat;
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 5.0, 2.0, 3.0, 4.0], [1, 5, 1])?;
/// let y = ops::adaptive_max_pool(&x, 2, DataFormat::ChannelsLast)?;
/// assert_eq!(y.to_vec::<f32>()?, [5.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn adaptive_max_pool(
    inputs: &Tensor,
    output_size: impl Into<Integers>,
    data_format: DataFormat,
) -> Result<Tensor> {
    const NAME: &str = "adaptive_max_pool";
    adaptive(NAME, inputs, &output_size.into(), data_format, largest_of)?.cast(inputs.dtype())
}

/// Mean of as many windows as the output has elements along each spatial axis. Keras'
/// `ops.adaptive_average_pool`.
///
/// Shapes and arguments as [`adaptive_max_pool`]; integers give `float32`.
///
/// # Errors
/// As [`adaptive_max_pool`]; [`Error::DType`] for `bool`.
///
/// ```
/// use keras_rs::{Tensor, ops};
/// use keras_rs::ops::DataFormat;
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 5.0, 3.0, 3.0, 6.0], [1, 5, 1])?;
/// let y = ops::adaptive_average_pool(&x, 2, DataFormat::ChannelsLast)?;
/// assert_eq!(y.to_vec::<f32>()?, [3.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn adaptive_average_pool(
    inputs: &Tensor,
    output_size: impl Into<Integers>,
    data_format: DataFormat,
) -> Result<Tensor> {
    const NAME: &str = "adaptive_average_pool";
    require_number(NAME, inputs)?;
    adaptive(NAME, &inputs.to_float()?, &output_size.into(), data_format, mean_of)
}

pub(crate) fn adaptive_max_pool_spec(
    (x, dtype): &Spec,
    output_size: Integers,
    data_format: DataFormat,
) -> Result<Spec> {
    Ok((output_shape("adaptive_max_pool", x, &output_size, data_format)?, *dtype))
}

pub(crate) fn adaptive_average_pool_spec(
    (x, dtype): &Spec,
    output_size: Integers,
    data_format: DataFormat,
) -> Result<Spec> {
    let shape = output_shape("adaptive_average_pool", x, &output_size, data_format)?;
    Ok((shape, Rule::Float.apply(*dtype)))
}

/// One size for each spatial axis.
fn sizes(context: &str, rank: usize, output_size: &Integers) -> Result<Vec<usize>> {
    let spatial = rank.saturating_sub(2);
    if !(1..=3).contains(&spatial) {
        return Err(Error::argument(context, "inputs", "3 to 5 axes", rank));
    }
    match output_size.at_least(1, context, "output_size")?.as_slice() {
        [one] => Ok(vec![*one; spatial]),
        many if many.len() == spatial => Ok(many.to_vec()),
        other => {
            let expected = format!("one number, or {spatial}");
            Err(Error::argument(context, "output_size", expected, format!("{other:?}")))
        }
    }
}

fn output_shape(context: &str, x: &Shape, output_size: &Integers, format: DataFormat) -> Result<Shape> {
    let sizes = sizes(context, x.rank(), output_size)?;
    let mut dims = x.dims().to_vec();
    for (axis, size) in format.spatial_axes(x.rank()).zip(sizes) {
        dims[axis] = Some(size);
    }
    Ok(dims.into())
}

fn adaptive(
    context: &str,
    x: &Tensor,
    output_size: &Integers,
    format: DataFormat,
    function: fn(&Tensor, &Windows<'_>) -> Result<Tensor>,
) -> Result<Tensor> {
    let sizes = sizes(context, x.rank(), output_size)?;
    if x.is_empty() {
        let shape = output_shape(context, &Shape::from(x.shape()), output_size, format)?;
        let shape = shape.to_known().unwrap_or_default();
        if shape.contains(&0) {
            return x.full_like(shape, 0.0);
        }
        return Err(Error::argument(context, "inputs", "spatial axes of at least 1", Shape::from(x.shape())));
    }
    let first_axis = format.spatial_axes(x.rank()).start;
    let mut y = x.clone();
    for (i, &size) in sizes.iter().enumerate() {
        let axis = first_axis + i;
        let length = y.shape()[axis];
        if length == size {
            continue;
        }
        let slide = |x: &Tensor, window: usize, stride: usize| {
            let (mut of, mut by) = (vec![1; sizes.len()], vec![1; sizes.len()]);
            (of[i], by[i]) = (window, stride);
            let padding = vec![(0, 0); sizes.len()];
            function(x, &Windows { first_axis, size: &of, strides: &by, padding: &padding })
        };
        if length.is_multiple_of(size) {
            y = slide(&y, length / size, length / size)?;
            continue;
        }
        y = overlapping(&y, axis, size, slide)?;
    }
    Ok(y)
}

/// Pools one axis where windows overlap. They have one length, or two that differ by one: windows of each length
/// are taken from all positions.
fn overlapping(
    x: &Tensor,
    axis: usize,
    size: usize,
    slide: impl Fn(&Tensor, usize, usize) -> Result<Tensor>,
) -> Result<Tensor> {
    let length = x.shape()[axis];
    let bounds = (0..size).map(|i| (i * length / size, ((i + 1) * length).div_ceil(size)));
    let windows: Vec<(usize, usize)> = bounds.map(|(start, end)| (start, end - start)).collect();
    let small = windows.iter().map(|(_, window)| *window).min().unwrap_or(1);
    let mut pooled = vec![slide(x, small, 1)?];
    if windows.iter().any(|(_, window)| *window > small) {
        pooled.push(slide(x, small + 1, 1)?);
    }
    let index = |(start, window): &(usize, usize)| {
        let position = if *window > small { start + length + 1 - small } else { *start };
        position as i32
    };
    let indices: Vec<i32> = windows.iter().map(index).collect();
    let indices = Tensor::from_data_on(TensorData::from_values(&indices, vec![size])?, x.device())?;
    Tensor::concat(&pooled, axis as isize)?.take(&indices, axis as isize)
}
