//! Sorting, and picking by the order.

use super::shapes::{along, along_shape};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, resolve_axis};
use keras_rs_derive::operation;

/// Elements in order, the smallest first, along an axis or of the flattened tensor. Keras' `ops.sort`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[3.0, 1.0, 2.0], [3])?;
/// assert_eq!(ops::sort(&x, -1)?.to_vec::<f32>()?, [1.0, 2.0, 3.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn sort(x: &Tensor, axis: impl Into<Option<isize>>) -> Result<Tensor> {
    let (x, axis) = along("sort", x, axis.into())?;
    if x.is_empty() { Ok(x) } else { x.gather(axis, &x.argsort(axis as isize, false)?) }
}

pub(crate) fn sort_spec((x, dtype): &Spec, axis: Option<isize>) -> Result<Spec> {
    Ok((along_shape("sort", x, axis)?, *dtype))
}

/// Numbers of the elements in order, as `int32`; equal ones stay in order. Keras' `ops.argsort`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[3.0, 1.0, 2.0], [3])?;
/// assert_eq!(ops::argsort(&x, -1)?.to_vec::<i32>()?, [1, 2, 0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn argsort(x: &Tensor, axis: impl Into<Option<isize>>) -> Result<Tensor> {
    let (x, axis) = along("argsort", x, axis.into())?;
    x.argsort(axis as isize, false)
}

pub(crate) fn argsort_spec((x, _): &Spec, axis: Option<isize>) -> Result<Spec> {
    Ok((along_shape("argsort", x, axis)?, DType::I32))
}

/// The `k` largest elements of the last axis, largest first, and their numbers. Keras' `ops.top_k`.
///
/// They come in order whether or not `sorted` asks for it.
///
/// # Errors
/// [`Error::Argument`] where the axis has fewer elements, or there is none.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[3.0, 1.0, 2.0], [3])?;
/// let (values, indices) = ops::top_k(&x, 2, true)?;
/// assert_eq!((values.to_vec::<f32>()?, indices.to_vec::<i32>()?), (vec![3.0, 2.0], vec![0, 2]));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn top_k(x: &Tensor, k: isize, _sorted: bool) -> Result<(Tensor, Tensor)> {
    let last = resolve_axis("top_k", -1, x.rank())?;
    let k = count(Some(x.shape()[last]), k)?;
    let order = x.argsort(-1, true)?.narrow(-1, 0..k)?;
    let values = if order.is_empty() { x.narrow(-1, 0..k)? } else { x.gather(last, &order)? };
    Ok((values, order))
}

pub(crate) fn top_k_spec((x, dtype): &Spec, k: isize) -> Result<(Spec, Spec)> {
    let last = resolve_axis("top_k", -1, x.rank())?;
    let mut dims = x.dims().to_vec();
    dims[last] = Some(count(dims[last], k)?);
    Ok(((Shape::new(dims.clone()), *dtype), (Shape::new(dims), DType::I32)))
}

/// How many are asked for, of an axis whose size may be unknown.
fn count(size: Option<usize>, k: isize) -> Result<usize> {
    let most = size.map_or("of the last axis' size".into(), |size| size.to_string());
    let count = usize::try_from(k).ok().filter(|k| size.is_none_or(|size| *k <= size));
    count.ok_or_else(|| Error::argument("top_k", "k", format!("a whole number from 0 to at most {most}"), k))
}

/// Whether the predictions for the targets are among the `k` largest. Keras' `ops.in_top_k`.
///
/// Shapes: targets `(...)`, predictions `(..., classes)`; the result is `bool` of the targets' shape.
///
/// # Errors
/// [`Error::Argument`] for a target that is no class, [`Error::Shape`] where the shapes do not go together,
/// [`Error::DType`] for targets that are no integers.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let targets = Tensor::from_slice(&[0, 1], [2])?;
/// let predictions = Tensor::from_slice::<f32>(&[0.9, 0.1, 0.8, 0.2], [2, 2])?;
/// assert_eq!(ops::in_top_k(&targets, &predictions, 1)?.to_vec::<bool>()?, [true, false]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn in_top_k(targets: &Tensor, predictions: &Tensor, k: isize) -> Result<Tensor> {
    let own = predictions.take_along_axis(&targets.expand_dims(-1)?, -1)?;
    let lowest = own.full_like(vec![], f64::NEG_INFINITY)?;
    let own = lowest.where_(&own.is_nan()?, &own)?;
    let above = predictions.greater(&own)?.cast(DType::I32)?.sum(&[-1], false)?;
    above.less_scalar(k as f64)
}

pub(crate) fn in_top_k_spec((targets, _): &Spec, _predictions: &Spec, _k: isize) -> Result<Spec> {
    Ok((targets.clone(), DType::Bool))
}
