//! Moving elements along axes: rolling, differences, turning, and padding by elements.

use super::arguments::Arguments;
use super::reshape::only;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layer::Spec;
use crate::shape::Shape;
use crate::tensor::{Tensor, TensorData, resolve_axis};

/// Elements moved on by a number of places; what leaves at the end comes in at the start.
fn rolled(x: &Tensor, axis: isize, shift: isize) -> Result<Tensor> {
    let size = x.dim(axis)?;
    if size == 0 {
        return Ok(x.clone());
    }
    match shift.rem_euclid(size as isize).unsigned_abs() {
        0 => Ok(x.clone()),
        moved => {
            let parts = [x.narrow(axis, size - moved..size)?, x.narrow(axis, 0..size - moved)?];
            Tensor::concat(&parts, axis)
        }
    }
}

/// Each axis with how far its elements move.
fn moves(axes: &[isize], arguments: &Arguments<'_>) -> Result<Vec<(isize, isize)>> {
    let shifts = arguments.sizes("shift")?.into_iter().collect::<Option<Vec<isize>>>();
    match shifts.unwrap_or_default().as_slice() {
        [one] => Ok(axes.iter().map(|axis| (*axis, *one)).collect()),
        many if many.len() == axes.len() => Ok(axes.iter().copied().zip(many.iter().copied()).collect()),
        _ => Err(arguments.reject("shift", format!("one number, or one for each of {} axes", axes.len()))),
    }
}

pub(super) fn roll(x: &Tensor, arguments: &Arguments<'_>) -> Result<Tensor> {
    match arguments.axes("axis")? {
        Some(axes) => moves(&axes, arguments)?.into_iter().try_fold(x.clone(), |x, (a, n)| rolled(&x, a, n)),
        None => {
            let shift: isize = moves(&[0], arguments)?.iter().map(|(_, shift)| shift).sum();
            rolled(&x.reshape([x.len()])?, 0, shift)?.reshape(x.shape())
        }
    }
}

/// How often neighbours are subtracted, along which axis.
fn difference(rank: usize, arguments: &Arguments<'_>) -> Result<(usize, usize)> {
    let times = usize::try_from(arguments.whole("n")?);
    let times = times.map_err(|_| arguments.reject("n", "a number that is not negative"))?;
    Ok((times, resolve_axis(arguments.class, arguments.whole("axis")?, rank)?))
}

pub(super) fn diff(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let (times, axis) = difference(x.rank(), arguments)?;
    let size = x.shape()[axis];
    if times >= size {
        let expected = format!("more than {times} elements along axis {axis}");
        return Err(Error::shape(arguments.class, "inputs", expected, Shape::from(x.shape())));
    }
    let axis = axis as isize;
    let mut y = x.clone();
    for left in (size - times..size).rev() {
        let (next, previous) = (y.narrow(axis, 1..left + 1)?, y.narrow(axis, 0..left)?);
        y = if x.dtype() == DType::Bool { next.not_equal(&previous)? } else { next.sub(&previous)? };
    }
    Ok(vec![y])
}

pub(super) fn diff_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    let (times, axis) = difference(x.rank(), arguments)?;
    let mut dims = x.dims().to_vec();
    dims[axis] = dims[axis].map(|size| size.saturating_sub(times));
    Ok(vec![(Shape::new(dims), *dtype)])
}

/// The two axes that span the plane of a turn, and the number of quarter turns.
fn plane(rank: usize, arguments: &Arguments<'_>) -> Result<(usize, usize, isize)> {
    let axes = arguments.axes("axes")?.unwrap_or_default();
    let axes =
        axes.into_iter().map(|a| resolve_axis(arguments.class, a, rank)).collect::<Result<Vec<_>>>()?;
    match axes.as_slice() {
        [a, b] if a != b => Ok((*a, *b, arguments.whole("k")?.rem_euclid(4))),
        _ => Err(arguments.reject("axes", "two different axes")),
    }
}

/// Turned by right angles, from the first of the axes towards the second.
pub(super) fn rot90(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let (a, b, turns) = plane(x.rank(), arguments)?;
    let mut swapped: Vec<usize> = (0..x.rank()).collect();
    swapped.swap(a, b);
    let (a, b) = (a as isize, b as isize);
    Ok(vec![match turns {
        0 => x.clone(),
        1 => x.flip(&[b])?.permute(&swapped)?,
        2 => x.flip(&[a, b])?,
        _ => x.permute(&swapped)?.flip(&[b])?,
    }])
}

pub(super) fn rot90_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    let (a, b, turns) = plane(x.rank(), arguments)?;
    let mut dims = x.dims().to_vec();
    if turns % 2 == 1 {
        dims.swap(a, b);
    }
    Ok(vec![(Shape::new(dims), *dtype)])
}

/// Padding by elements of the tensor itself; `None` for a mode that is none of those.
pub(super) fn pad_with_own(x: &Tensor, pairs: &[(usize, usize)], mode: &str) -> Option<Result<Tensor>> {
    let place: fn(i64, i64) -> i64 = match mode {
        "reflect" => |i, n| {
            let i = i.rem_euclid((2 * (n - 1)).max(1));
            if i < n { i } else { 2 * (n - 1) - i }
        },
        "symmetric" => |i, n| {
            let i = i.rem_euclid(2 * n);
            if i < n { i } else { 2 * n - 1 - i }
        },
        "edge" => |i, n| i.clamp(0, n - 1),
        "wrap" => |i, n| i.rem_euclid(n),
        _ => return None,
    };
    let pad = |x: Tensor, (axis, (before, after)): (usize, &(usize, usize))| {
        let size = x.shape()[axis];
        let mut shape = x.shape().to_vec();
        shape[axis] = size.saturating_add(*before).saturating_add(*after);
        crate::limits::check_shape("pad", x.dtype(), &shape)?;
        if (*before, *after) == (0, 0) {
            return Ok(x);
        }
        if size == 0 {
            return Err(Error::shape("pad", "inputs", "elements to pad with", Shape::from(x.shape())));
        }
        let places = (0..shape[axis] as i64).map(|i| place(i - *before as i64, size as i64) as i32);
        let places = TensorData::from_values(&places.collect::<Vec<_>>(), vec![shape[axis]])?;
        x.take(&Tensor::from_data_on(places, x.device())?, axis as isize)
    };
    Some(pairs.iter().enumerate().try_fold(x.clone(), pad))
}
