//! Sorting, and picking by the order or by numbers along an axis.

use super::arguments::Arguments;
use super::reshape::only;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layer::Spec;
use crate::shape::Shape;
use crate::tensor::{Tensor, broadcast_shapes, broadcast_symbolic, resolve_axis};

/// The tensor and its axis; flattened where no axis is given.
fn along(x: &Tensor, arguments: &Arguments<'_>) -> Result<(Tensor, usize)> {
    match arguments.maybe_whole("axis")? {
        Some(axis) => Ok((x.clone(), x.axis(arguments.class, axis)?)),
        None => Ok((x.reshape([x.len()])?, 0)),
    }
}

/// The shape of what [`along`] gives.
pub(super) fn along_spec(x: &Shape, arguments: &Arguments<'_>) -> Result<Shape> {
    match arguments.maybe_whole("axis")? {
        Some(axis) => resolve_axis(arguments.class, axis, x.rank()).map(|_| x.clone()),
        None => Ok(Shape::new([x.dims().iter().try_fold(1_usize, |n, d| n.checked_mul((*d)?))])),
    }
}

pub(super) fn sort(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let (x, axis) = along(only(arguments, operands)?, arguments)?;
    Ok(vec![x.gather(axis, &x.argsort(axis as isize, false)?)?])
}

pub(super) fn sort_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    Ok(vec![(along_spec(x, arguments)?, *dtype)])
}

pub(super) fn argsort(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let (x, axis) = along(only(arguments, operands)?, arguments)?;
    Ok(vec![x.argsort(axis as isize, false)?])
}

pub(super) fn argsort_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, _) = only(arguments, operands)?;
    Ok(vec![(along_spec(x, arguments)?, DType::I32)])
}

/// How many are asked for, of an axis whose size may be unknown.
fn count(size: Option<usize>, arguments: &Arguments<'_>) -> Result<usize> {
    let k = usize::try_from(arguments.whole("k")?).ok();
    let most = size.map_or("of the last axis' size".into(), |size| size.to_string());
    k.filter(|k| size.is_none_or(|size| *k <= size))
        .ok_or_else(|| arguments.reject("k", format!("a whole number from 0 to at most {most}")))
}

/// The largest elements of the last axis, and their numbers.
pub(super) fn top_k(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let k = count(Some(x.dim(-1)?), arguments)?;
    let order = x.argsort(-1, true)?.narrow(-1, 0..k)?;
    Ok(vec![x.gather(x.rank() - 1, &order)?, order])
}

pub(super) fn top_k_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    let last = resolve_axis(arguments.class, -1, x.rank())?;
    let mut dims = x.dims().to_vec();
    dims[last] = Some(count(dims[last], arguments)?);
    Ok(vec![(Shape::new(dims.clone()), *dtype), (Shape::new(dims), DType::I32)])
}

fn two<'t, T>(operands: &'t [T], expected: &str, arguments: &Arguments<'_>) -> Result<(&'t T, &'t T)> {
    match operands {
        [a, b] => Ok((a, b)),
        many => Err(Error::argument(arguments.class, "inputs", expected, format!("{} operands", many.len()))),
    }
}

const TARGETS: &str = "targets and predictions";

/// Whether fewer than `k` predictions are greater than the target's.
pub(super) fn in_top_k(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let (targets, predictions) = two(operands, TARGETS, arguments)?;
    let k = arguments.whole("k")?;
    let own = predictions.take_along_axis(&targets.expand_dims(-1)?, -1)?;
    let lowest = own.full_like(vec![], f64::NEG_INFINITY)?;
    let own = lowest.where_(&own.is_nan()?, &own)?;
    let above = predictions.greater(&own)?.cast(DType::I32)?.sum(&[-1], false)?;
    Ok(vec![above.less_scalar(k as f64)?])
}

pub(super) fn in_top_k_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let ((targets, _), _) = two(operands, TARGETS, arguments)?;
    Ok(vec![(targets.clone(), DType::Bool)])
}

const INDICES: &str = "a tensor and indices";

/// Elements by their numbers along an axis; all other axes broadcast.
pub(super) fn take_along_axis(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let (x, indices) = two(operands, INDICES, arguments)?;
    let (x, axis) = along(x, arguments)?;
    let (indices, _) = along(indices, arguments)?;
    if indices.rank() != x.rank() {
        return Err(Error::shape(arguments.class, "indices", format!("{} axes", x.rank()), indices.rank()));
    }
    let shape = |own: &Tensor, other: &Tensor| {
        let mut of_other = other.shape().to_vec();
        of_other[axis] = 1;
        let mut of_own = own.shape().to_vec();
        let size = std::mem::replace(&mut of_own[axis], 1);
        let mut shape = broadcast_shapes(arguments.class, &of_own, &of_other)?;
        shape[axis] = size;
        Ok::<_, Error>(shape)
    };
    let (x_shape, indices_shape) = (shape(&x, &indices)?, shape(&indices, &x)?);
    let (x, indices) = (x.broadcast_to(x_shape)?, indices.broadcast_to(indices_shape)?);
    Ok(vec![x.take_along_axis(&indices, axis as isize)?])
}

pub(super) fn take_along_axis_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let ((x, dtype), (indices, _)) = two(operands, INDICES, arguments)?;
    let Some(axis) = arguments.maybe_whole("axis")? else {
        return Ok(vec![(along_spec(indices, arguments)?, *dtype)]);
    };
    let axis = resolve_axis(arguments.class, axis, x.rank())?;
    indices.require_rank(arguments.class, x.rank())?;
    let without = |shape: &Shape| {
        let mut dims = shape.dims().to_vec();
        dims[axis] = Some(1);
        Shape::new(dims)
    };
    let mut dims = broadcast_symbolic(arguments.class, &without(x), &without(indices))?.dims().to_vec();
    dims[axis] = indices.dims()[axis];
    Ok(vec![(Shape::new(dims), *dtype)])
}
