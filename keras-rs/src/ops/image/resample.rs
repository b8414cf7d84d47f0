//! Resizing axes by interpolation.

use super::Interpolation;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::tensor::{Tensor, TensorData};

/// Resizes axes; `sizes` pairs each axis with its new size.
///
/// Centres of elements lie at halves. `antialias` widens the kernel where an axis shrinks.
/// Integers are computed as `float32`, rounded, and kept within their range.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis, it has no elements, or a size is zero; [`Error::TooLarge`] where the result would be too large.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::image::{Interpolation, resize_axes};
///
/// let x = Tensor::from_vec(vec![0.0_f32, 4.0], [2])?;
/// let y = resize_axes(&x, &[(0, 4)], Interpolation::Bilinear, false)?;
/// assert_eq!(y.to_vec::<f32>()?, [0.0, 1.0, 3.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn resize_axes(
    x: &Tensor,
    sizes: &[(usize, usize)],
    interpolation: Interpolation,
    antialias: bool,
) -> Result<Tensor> {
    for &(axis, size) in sizes {
        if axis >= x.rank() || size == 0 || x.shape()[axis] == 0 {
            return Err(Error::argument(
                "resize",
                "sizes",
                "axes with elements and sizes of at least 1",
                format!("size {size} for axis {axis} of {}", tuple(x.shape())),
            ));
        }
    }
    if x.is_empty() {
        let mut shape = x.shape().to_vec();
        sizes.iter().for_each(|&(axis, size)| shape[axis] = size);
        return x.full_like(shape, 0.0);
    }
    let mut elements = x.len() as u64;
    for &(axis, size) in sizes {
        elements = (elements / x.shape()[axis] as u64).saturating_mul(size as u64);
        crate::limits::check("resize", elements.saturating_mul(x.dtype().size() as u64))?;
    }
    if interpolation == Interpolation::Nearest {
        return sizes.iter().try_fold(x.clone(), |y, &(axis, size)| nearest(&y, axis, size));
    }
    let mut y = x.to_float()?;
    for &(axis, size) in sizes {
        if y.shape()[axis] != size {
            y = interpolate(&y, axis, size, interpolation, antialias)?;
        }
    }
    narrowed(&y, x.dtype())
}

/// Brings computed floats to the type of the images: integers are rounded and kept within their range.
pub(super) fn narrowed(y: &Tensor, dtype: DType) -> Result<Tensor> {
    match dtype {
        dtype if dtype.is_float() => y.cast(dtype),
        // As in Keras, any positive fraction counts as true.
        DType::Bool => y.greater_scalar(0.0),
        dtype => saturate(&y.round()?, dtype),
    }
}

/// Converts whole floats, those out of range to the nearest that the type holds.
fn saturate(x: &Tensor, dtype: DType) -> Result<Tensor> {
    let (low, high) = match dtype {
        DType::U8 => (0.0, f64::from(u8::MAX)),
        // The largest `float32` values that the types hold.
        DType::U32 => (0.0, 4_294_967_040.0),
        DType::I32 => (f64::from(i32::MIN), 2_147_483_520.0),
        _ => (i64::MIN as f64, 9_223_371_487_098_961_920.0),
    };
    x.clip(Some(low), Some(high))?.cast(dtype)
}

fn nearest(x: &Tensor, axis: usize, size: usize) -> Result<Tensor> {
    let from = x.shape()[axis];
    if from == size {
        return Ok(x.clone());
    }
    // Single precision, so that ties are decided as in Keras.
    let pick = |i: usize| (((i as f32 + 0.5) * from as f32 / size as f32).floor() as usize).min(from - 1);
    let indices: Vec<i32> = (0..size).map(|i| pick(i) as i32).collect();
    let indices = Tensor::from_data_on(TensorData::from_values(&indices, vec![size])?, x.device())?;
    x.take(&indices, axis as isize)
}

fn interpolate(
    x: &Tensor,
    axis: usize,
    size: usize,
    interpolation: Interpolation,
    antialias: bool,
) -> Result<Tensor> {
    let from = x.shape()[axis];
    let bytes = (from as u64).saturating_mul(size as u64).saturating_mul(8);
    crate::limits::check("resize", bytes)?;
    let weights = weights(from, size, interpolation, antialias);
    let weights = TensorData::from_f64(&weights, vec![size, from], x.dtype())?;
    weighted(x, axis, &Tensor::from_data_on(weights, x.device())?)
}

/// Sums of elements along an axis by a matrix of weights, one row for each new element.
pub(super) fn weighted(x: &Tensor, axis: usize, weights: &Tensor) -> Result<Tensor> {
    let (size, from) = (weights.dim(0)?, weights.dim(1)?);
    let before: usize = x.shape()[..axis].iter().product();
    let after: usize = x.shape()[axis + 1..].iter().product();
    let mut shape = x.shape().to_vec();
    shape[axis] = size;
    if after == 1 {
        return x.reshape([before, from])?.matmul(&weights.transpose()?)?.reshape(shape);
    }
    weights.matmul(&x.reshape([before, from, after])?)?.reshape(shape)
}

/// Matrix of weights, one row for each new element; each row sums to one.
fn weights(from: usize, size: usize, interpolation: Interpolation, antialias: bool) -> Vec<f64> {
    let step = from as f64 / size as f64;
    let width = if antialias { step.max(1.0) } else { 1.0 };
    let mut weights = Vec::with_capacity(from * size);
    for i in 0..size {
        let centre = (i as f64 + 0.5) * step - 0.5;
        let row: Vec<f64> =
            (0..from).map(|j| interpolation.kernel((centre - j as f64).abs() / width)).collect();
        let total: f64 = row.iter().sum();
        // Near zero the quotient would be inaccurate.
        let usable = total.abs() > 1000.0 * f64::from(f32::EPSILON);
        weights.extend(row.into_iter().map(|w| if usable { w / total } else { 0.0 }));
    }
    weights
}

#[cfg(test)]
mod tests;
