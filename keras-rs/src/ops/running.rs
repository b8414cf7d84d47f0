//! Running sums and products, and differences, along an axis.

use super::rule::Rule;
use super::shapes::{along, along_shape};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, resolve_axis};
use keras_rs_derive::operation;

fn running_type(own: DType, dtype: Option<DType>) -> DType {
    dtype.unwrap_or_else(|| Rule::Number.apply(own))
}

/// Sums of all elements up to and with each one. Keras' `ops.cumsum`.
///
/// The result has the shape of `x`; without an axis it is that of the flattened tensor. Without a `dtype`,
/// `bool` gives `int32`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [3])?;
/// assert_eq!(ops::cumsum(&x, 0, None)?.to_vec::<f32>()?, [1.0, 3.0, 6.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn cumsum(x: &Tensor, axis: impl Into<Option<isize>>, dtype: impl Into<Option<DType>>) -> Result<Tensor> {
    running("cumsum", x, axis.into(), dtype.into(), Tensor::cumsum)
}

/// Products of all elements up to and with each one. Keras' `ops.cumprod`.
///
/// As [`cumsum`].
///
/// # Errors
/// [`Error::Argument`] where there is no such axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [3])?;
/// assert_eq!(ops::cumprod(&x, 0, None)?.to_vec::<f32>()?, [1.0, 2.0, 6.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn cumprod(
    x: &Tensor,
    axis: impl Into<Option<isize>>,
    dtype: impl Into<Option<DType>>,
) -> Result<Tensor> {
    running("cumprod", x, axis.into(), dtype.into(), Tensor::cumprod)
}

fn running(
    context: &str,
    x: &Tensor,
    axis: Option<isize>,
    dtype: Option<DType>,
    method: fn(&Tensor, isize) -> Result<Tensor>,
) -> Result<Tensor> {
    let dtype = running_type(x.dtype(), dtype);
    let (x, axis) = along(context, &x.cast(dtype)?, axis)?;
    if x.is_empty() { Ok(x) } else { method(&x, axis as isize)?.cast(dtype) }
}

pub(crate) fn cumsum_spec((x, own): &Spec, axis: Option<isize>, dtype: Option<DType>) -> Result<Spec> {
    Ok((along_shape("cumsum", x, axis)?, running_type(*own, dtype)))
}

/// Differences of neighbours along an axis, `n` times. Keras' `ops.diff`.
///
/// The axis loses `n` elements; of `bool` the result says where neighbours differ.
///
/// # Errors
/// [`Error::Argument`] for a negative `n` and where there is no such axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 4.0], [3])?;
/// assert_eq!(ops::diff(&x, 1, -1)?.to_vec::<f32>()?, [1.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn diff(a: &Tensor, n: isize, axis: isize) -> Result<Tensor> {
    let (times, axis) = difference(a.rank(), n, axis)?;
    let size = a.shape()[axis];
    let axis = axis as isize;
    if times >= size {
        return a.narrow(axis, 0..0);
    }
    let mut y = a.clone();
    for left in (size - times..size).rev() {
        let (next, previous) = (y.narrow(axis, 1..left + 1)?, y.narrow(axis, 0..left)?);
        y = if a.dtype() == DType::Bool { next.not_equal(&previous)? } else { next.sub(&previous)? };
    }
    Ok(y)
}

pub(crate) fn diff_spec((a, dtype): &Spec, n: isize, axis: isize) -> Result<Spec> {
    let (times, axis) = difference(a.rank(), n, axis)?;
    let mut dims = a.dims().to_vec();
    dims[axis] = dims[axis].map(|size| size.saturating_sub(times));
    Ok((Shape::new(dims), *dtype))
}

fn difference(rank: usize, n: isize, axis: isize) -> Result<(usize, usize)> {
    let times = usize::try_from(n);
    let times = times.map_err(|_| Error::argument("diff", "n", "a number that is not negative", n))?;
    Ok((times, resolve_axis("diff", axis, rank)?))
}
