//! Pooling: reduction over sliding windows or whole axes.

mod adaptive;

pub use adaptive::{adaptive_average_pool, adaptive_max_pool};
pub(crate) use adaptive::{adaptive_average_pool_spec, adaptive_max_pool_spec};
use keras_rs_derive::operation;

use super::rule::Rule;
use super::{DataFormat, Integers, Padding};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, TensorData, Window2d};
use std::ops::Range;

/// Arguments of [`max_pool`] and [`average_pool`], one number for each spatial axis.
struct Pooling {
    size: Vec<usize>,
    strides: Vec<usize>,
    padding: Padding,
    format: DataFormat,
}

impl Pooling {
    fn new(
        context: &str,
        rank: usize,
        (size, strides): (&Integers, Option<&Integers>),
        padding: Padding,
        format: DataFormat,
    ) -> Result<Self> {
        let spatial = rank.saturating_sub(2);
        let list = |argument: &str, given: &Integers| match given.at_least(1, context, argument)?.as_slice() {
            [one] => Ok(vec![*one; spatial]),
            many if many.len() == spatial => Ok(many.to_vec()),
            other => {
                let expected = format!("one number, or {spatial}");
                Err(Error::argument(context, argument, expected, format!("{other:?}")))
            }
        };
        let size = list("pool_size", size)?;
        let strides = strides.map_or(Ok(size.clone()), |strides| list("strides", strides))?;
        if padding == Padding::Causal {
            return Err(Error::argument(context, "padding", "\"valid\" or \"same\"", padding));
        }
        Ok(Self { size, strides, padding, format })
    }

    fn shape(&self, context: &str, x: &Shape) -> Result<Shape> {
        let mut dims = x.dims().to_vec();
        for (i, axis) in self.format.spatial_axes(x.rank()).enumerate() {
            dims[axis] = self.padding.output_size(dims[axis], self.size[i], self.strides[i]);
            if dims[axis] == Some(0) {
                let got = format!("{:?}", self.size);
                return Err(Error::argument(context, "pool_size", format!("a window within {x}"), got));
            }
        }
        Ok(Shape::new(dims))
    }

    /// Slides the windows, unless there is nothing to slide them over.
    fn slide(
        &self,
        context: &str,
        x: &Tensor,
        function: fn(&Tensor, &Windows<'_>) -> Result<Tensor>,
    ) -> Result<Tensor> {
        let output = self.shape(context, &Shape::from(x.shape()))?;
        if x.is_empty() {
            return x.full_like(output.to_known().unwrap_or_default(), 0.0);
        }
        let axes = self.format.spatial_axes(x.rank());
        let amounts = |(axis, (size, stride)): (usize, (&usize, &usize))| {
            self.padding.amounts(x.shape()[axis], *size, *stride)
        };
        let padding: Vec<_> = axes.clone().zip(self.size.iter().zip(&self.strides)).map(amounts).collect();
        let first_axis = axes.start;
        function(x, &Windows { first_axis, size: &self.size, strides: &self.strides, padding: &padding })
    }
}

/// Largest element of every window. Padding never wins; integers stay integers. Keras' `ops.max_pool`.
///
/// Shapes: `(batch, ..., channels)`, or channels first, with one to three spatial axes. The window's size and
/// its steps are one number, or one for each spatial axis; without steps they are the window's size.
///
/// # Errors
/// [`Error::Argument`] where a window does not fit or has no size, [`Error::Shape`] for another number of axes.
///
/// ```
/// use keras_rs::{Tensor, ops};
/// use keras_rs::ops::{DataFormat, Padding};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 5.0, 2.0, 3.0], [1, 4, 1])?;
/// let y = ops::max_pool(&x, 2, None, Padding::Valid, DataFormat::ChannelsLast)?;
/// assert_eq!(y.to_vec::<f32>()?, [5.0, 3.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
// Keras' class does not compute with strides of `None`.
#[operation(absent(strides = pool_size))]
pub fn max_pool(
    inputs: &Tensor,
    pool_size: impl Into<Integers>,
    strides: Option<Integers>,
    padding: Padding,
    data_format: DataFormat,
) -> Result<Tensor> {
    let sizes = (&pool_size.into(), strides.as_ref());
    let pooling = Pooling::new("max_pool", inputs.rank(), sizes, padding, data_format)?;
    pooling.slide("max_pool", inputs, largest_of)?.cast(inputs.dtype())
}

/// Mean of every window over the elements that are not padding. Keras' `ops.average_pool`.
///
/// Shapes and arguments as [`max_pool`]; integers give `float32`.
///
/// # Errors
/// As [`max_pool`]; [`Error::DType`] for `bool`.
///
/// ```
/// use keras_rs::{Tensor, ops};
/// use keras_rs::ops::{DataFormat, Padding};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 5.0, 2.0], [1, 3, 1])?;
/// let y = ops::average_pool(&x, 2, None, Padding::Same, DataFormat::ChannelsLast)?;
/// assert_eq!(y.to_vec::<f32>()?, [3.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation(absent(strides = pool_size))]
pub fn average_pool(
    inputs: &Tensor,
    pool_size: impl Into<Integers>,
    strides: Option<Integers>,
    padding: Padding,
    data_format: DataFormat,
) -> Result<Tensor> {
    let sizes = (&pool_size.into(), strides.as_ref());
    let pooling = Pooling::new("average_pool", inputs.rank(), sizes, padding, data_format)?;
    require_number("average_pool", inputs)?;
    pooling.slide("average_pool", &inputs.to_float()?, mean_of)
}

pub(crate) fn max_pool_spec(
    (x, dtype): &Spec,
    pool_size: Integers,
    strides: Option<Integers>,
    padding: Padding,
    data_format: DataFormat,
) -> Result<Spec> {
    let sizes = (&pool_size, strides.as_ref());
    let pooling = Pooling::new("max_pool", x.rank(), sizes, padding, data_format)?;
    Ok((pooling.shape("max_pool", x)?, *dtype))
}

pub(crate) fn average_pool_spec(
    (x, dtype): &Spec,
    pool_size: Integers,
    strides: Option<Integers>,
    padding: Padding,
    data_format: DataFormat,
) -> Result<Spec> {
    let sizes = (&pool_size, strides.as_ref());
    let pooling = Pooling::new("average_pool", x.rank(), sizes, padding, data_format)?;
    Ok((pooling.shape("average_pool", x)?, Rule::Float.apply(*dtype)))
}

/// A window that slides over the spatial axes of a tensor.
///
/// Every list has one entry for each spatial axis.
#[derive(Clone, Copy, Debug)]
struct Windows<'a> {
    /// The first spatial axis: 1 where channels are last, 2 where they are first.
    first_axis: usize,
    /// Elements that the window spans; at least 1.
    size: &'a [usize],
    /// Steps from one position to the next; at least 1.
    strides: &'a [usize],
    /// Elements added before and after each axis.
    padding: &'a [(usize, usize)],
}

impl Windows<'_> {
    fn check(&self, context: &str, x: &Tensor) -> Result<()> {
        let n = self.size.len();
        let is_valid = x.rank() == n + 2
            && self.strides.len() == n
            && self.padding.len() == n
            && (1..=2).contains(&self.first_axis);
        if !is_valid {
            let expected = format!("{} axes, {n} of them spatial", n + 2);
            return Err(Error::shape(context, "inputs", expected, tuple(x.shape())));
        }
        (0..n).try_for_each(|i| self.positions(context, i, x.shape()[self.first_axis + i]).map(drop))
    }

    /// The same windows without the parts that lie in the padding at every position: a window of a
    /// billion elements costs no more than one of the input's size.
    #[allow(clippy::type_complexity, reason = "sizes and padding, as the fields are")]
    fn trimmed(&self, x: &Tensor) -> Result<(Vec<usize>, Vec<(usize, usize)>)> {
        let (mut sizes, mut padding) = (self.size.to_vec(), self.padding.to_vec());
        for (i, size) in sizes.iter_mut().enumerate() {
            let positions = self.positions("pool", i, x.shape()[self.first_axis + i])?;
            let distance = (positions - 1).saturating_mul(self.strides[i]);
            let (before, after) = padding[i];
            // At least one element of the window remains.
            let first = before.saturating_sub(distance).min(*size - 1);
            let last = after.saturating_sub(distance).min(*size - 1 - first);
            padding[i] = (before - first, after - last);
            *size -= first + last;
        }
        Ok((sizes, padding))
    }

    /// Largest element or mean of each window over two axes with the channels last, where the backend computes that.
    fn of_images(&self, x: &Tensor, largest: bool) -> Result<Option<Tensor>> {
        let (&[rows, columns], 1) = (self.size, self.first_axis) else { return Ok(None) };
        let pads = |i: usize| [self.padding[i].0, self.padding[i].1];
        let window = keras_rs_kernels::Window {
            kernel: [rows, columns],
            strides: [self.strides[0], self.strides[1]],
            dilation: [1, 1],
            pads: [pads(0), pads(1)],
        };
        x.pool_channels_last(window, largest)
    }

    /// Number of positions along a spatial axis of a size.
    fn positions(&self, context: &str, i: usize, size: usize) -> Result<usize> {
        let (before, after) = self.padding[i];
        let padded = size.saturating_add(before).saturating_add(after);
        match padded.checked_sub(self.size[i]) {
            Some(room) if self.size[i] > 0 && self.strides[i] > 0 => Ok(room / self.strides[i] + 1),
            _ => Err(Error::argument(
                context,
                "window",
                format!("a window and a step of at least 1 within {padded} elements"),
                format!("size {:?}, strides {:?}", self.size, self.strides),
            )),
        }
    }
}

/// Largest element of every window.
fn largest_of(x: &Tensor, windows: &Windows<'_>) -> Result<Tensor> {
    windows.check("max_pool", x)?;
    let (size, padding) = windows.trimmed(x)?;
    let windows = &Windows { size: &size, padding: &padding, ..*windows };
    if let Some(y) = windows.of_images(x, true)? {
        return Ok(y);
    }
    match x.dtype() {
        DType::Bool => max_of_integers(&x.cast(DType::I32)?, windows)?.cast(DType::Bool),
        dtype if dtype.is_float() => slide(x, windows, f64::NEG_INFINITY, Tensor::max_pool2d),
        _ => max_of_integers(x, windows),
    }
}

/// Mean of every window over the elements that are not padding.
fn mean_of(x: &Tensor, windows: &Windows<'_>) -> Result<Tensor> {
    windows.check("average_pool", x)?;
    let (size, padding) = windows.trimmed(x)?;
    let windows = &Windows { size: &size, padding: &padding, ..*windows };
    require_number("average_pool", x)?;
    if let Some(y) = windows.of_images(x, false)? {
        return Ok(y);
    }
    let mean = slide(&x.to_float()?, windows, 0.0, Tensor::average_pool2d)?;
    if windows.padding.iter().all(|&p| p == (0, 0)) {
        return Ok(mean);
    }
    let mut scale = vec![1.0];
    let mut shape = vec![1; x.rank()];
    for (i, &window) in windows.size.iter().enumerate() {
        let size = x.shape()[windows.first_axis + i];
        let positions = windows.positions("average_pool", i, size)?;
        let before = windows.padding[i].0;
        let along: Vec<f64> = (0..positions)
            .map(|position| {
                let start = position * windows.strides[i];
                let inside = (start + window).min(before + size).saturating_sub(start.max(before));
                window as f64 / inside as f64
            })
            .collect();
        scale = scale.iter().flat_map(|outer| along.iter().map(move |inner| outer * inner)).collect();
        shape[windows.first_axis + i] = positions;
    }
    let scale = TensorData::from_f64(&scale, shape, mean.dtype())?;
    mean.mul(&Tensor::from_data_on(scale, mean.device())?)
}

/// Largest element over whole axes.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis, [`Error::Shape`] where there are no elements.
pub fn global_max_pool(x: &Tensor, axes: Range<usize>, keepdims: bool) -> Result<Tensor> {
    let largest = x.max(&signed(axes), keepdims)?;
    largest.cast(x.dtype())
}

/// Mean over whole axes; integers give `float32`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis.
pub fn global_average_pool(x: &Tensor, axes: Range<usize>, keepdims: bool) -> Result<Tensor> {
    match x.dtype() {
        // A sum over an image easily exceeds the range of half precision.
        half @ (DType::F16 | DType::BF16) => x.cast(DType::F32)?.mean(&signed(axes), keepdims)?.cast(half),
        _ => x.mean(&signed(axes), keepdims),
    }
}

fn signed(axes: Range<usize>) -> Vec<isize> {
    axes.map(|axis| axis as isize).collect()
}

fn require_number(context: &str, x: &Tensor) -> Result<()> {
    if x.dtype() != DType::Bool {
        return Ok(());
    }
    Err(Error::DType { context: context.into(), expected: "numbers".into(), got: x.dtype().to_string() })
}

type Slide = fn(&Tensor, Window2d) -> Result<Tensor>;

/// Slides a window over the spatial axes, the last two at once and the others one by one.
///
/// The last axes come first, so that of equal elements the first in memory order is chosen, as in one pass
/// over all axes. So gradients are those of Keras.
fn slide(x: &Tensor, windows: &Windows<'_>, fill: f64, pool: Slide) -> Result<Tensor> {
    let channels_last = windows.first_axis == 1;
    let mut y = if channels_last { x.move_axis(-1, 1)? } else { x.clone() };
    let n = windows.size.len();
    let mut axes = n.saturating_sub(2)..n;
    while !axes.is_empty() {
        y = slide_axes(&y, windows, &axes, fill, pool)?;
        axes = axes.start.saturating_sub(1)..axes.start;
    }
    if channels_last { y.move_axis(1, -1) } else { Ok(y) }
}

/// Slides the window over one spatial axis, or over the last two.
fn slide_axes(
    x: &Tensor,
    windows: &Windows<'_>,
    axes: &Range<usize>,
    fill: f64,
    pool: Slide,
) -> Result<Tensor> {
    let (first, second) = (axes.start + 2, axes.end + 2);
    let shape = x.shape();
    let height = shape[first];
    let width: usize = shape[first + 1..].iter().product();
    let planes: usize = shape[1..first].iter().product();
    let both =
        |values: &[usize]| [values[axes.start], if axes.len() == 2 { values[axes.start + 1] } else { 1 }];
    let sides = |i: usize| if i < axes.len() { windows.padding[axes.start + i] } else { (0, 0) };
    let mut plane = x.reshape([shape[0], planes, height, width])?;
    let mut padding = [sides(0).0, sides(1).0];
    // Burn pads both sides equally.
    if sides(0).0 != sides(0).1 || sides(1).0 != sides(1).1 {
        plane = plane.pad(&[(0, 0), (0, 0), sides(0), sides(1)], fill)?;
        padding = [0, 0];
    }
    let y = pool(&plane, Window2d { size: both(windows.size), strides: both(windows.strides), padding })?;
    let mut shape = shape.to_vec();
    shape[first] = y.shape()[2];
    if axes.len() == 2 {
        shape[second - 1] = y.shape()[3];
    }
    y.reshape(shape)
}

/// Burn only pools floats, which cannot represent every integer, so shifted views are compared.
fn max_of_integers(x: &Tensor, windows: &Windows<'_>) -> Result<Tensor> {
    let lowest = match x.dtype() {
        DType::U8 | DType::U32 => 0.0,
        DType::I64 => i64::MIN as f64,
        _ => f64::from(i32::MIN),
    };
    let mut y = x.clone();
    for (i, &window) in windows.size.iter().enumerate() {
        let axis = windows.first_axis + i;
        let positions = windows.positions("max_pool", i, y.shape()[axis])?;
        let mut padding = vec![(0, 0); x.rank()];
        padding[axis] = windows.padding[i];
        let padded = y.pad(&padding, lowest)?;
        let mut ranges: Vec<(Range<usize>, usize)> = padded.shape().iter().map(|&d| (0..d, 1)).collect();
        let stride = windows.strides[i];
        let mut view = |shift: usize| {
            ranges[axis] = (shift..shift + (positions - 1) * stride + 1, stride);
            padded.slice_with_steps(&ranges)
        };
        y = view(0)?;
        for shift in 1..window {
            y = y.maximum(&view(shift)?)?;
        }
    }
    Ok(y)
}

#[cfg(test)]
mod tests;
