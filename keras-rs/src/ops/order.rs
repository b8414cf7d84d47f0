//! Axes and elements in another order: transposing, flipping, turning, rolling.

use super::arguments::{Axes, Integers};
use crate::error::{Error, Result};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, resolve_axis};
use keras_rs_derive::operation;

fn permuted((x, dtype): &Spec, order: &[usize]) -> Spec {
    (Shape::new(order.iter().map(|&axis| x.dims()[axis]).collect::<Vec<_>>()), *dtype)
}

/// Reorders axes. Keras' `ops.transpose`.
///
/// Axis `i` of the result is axis `axes[i]` of `x`; without axes their order is reversed.
///
/// # Errors
/// [`Error::Argument`] where `axes` does not name every axis once.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// assert_eq!(ops::transpose(&x, ())?.to_vec::<f32>()?, [1.0, 3.0, 2.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn transpose(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    x.permute(&transposed(x.rank(), &axes.into())?)
}

pub(crate) fn transpose_spec(x: &Spec, axes: Axes) -> Result<Spec> {
    Ok(permuted(x, &transposed(x.0.rank(), &axes)?))
}

fn transposed(rank: usize, axes: &Axes) -> Result<Vec<usize>> {
    if *axes == Axes::All {
        return Ok((0..rank).rev().collect());
    }
    let order = axes.resolve("transpose", rank)?;
    if order.len() == rank {
        return Ok(order);
    }
    Err(Error::argument("transpose", "axes", format!("each of {rank} axes once"), format!("{order:?}")))
}

/// Swaps two axes. Keras' `ops.swapaxes`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0], [1, 2, 1])?;
/// assert_eq!(ops::swapaxes(&x, 0, 1)?.shape(), [2, 1, 1]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn swapaxes(x: &Tensor, axis1: isize, axis2: isize) -> Result<Tensor> {
    x.permute(&swapped(x.rank(), axis1, axis2)?)
}

pub(crate) fn swapaxes_spec(x: &Spec, axis1: isize, axis2: isize) -> Result<Spec> {
    Ok(permuted(x, &swapped(x.0.rank(), axis1, axis2)?))
}

fn swapped(rank: usize, axis1: isize, axis2: isize) -> Result<Vec<usize>> {
    let mut order: Vec<usize> = (0..rank).collect();
    order.swap(resolve_axis("swapaxes", axis1, rank)?, resolve_axis("swapaxes", axis2, rank)?);
    Ok(order)
}

/// Moves axes to other positions; the others keep their order. Keras' `ops.moveaxis`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis, one is named twice, or the lists differ in length.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0], [1, 2, 1])?;
/// assert_eq!(ops::moveaxis(&x, 1, -1)?.shape(), [1, 1, 2]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn moveaxis(x: &Tensor, source: impl Into<Axes>, destination: impl Into<Axes>) -> Result<Tensor> {
    x.permute(&moved(x.rank(), &source.into(), &destination.into())?)
}

pub(crate) fn moveaxis_spec(x: &Spec, source: Axes, destination: Axes) -> Result<Spec> {
    Ok(permuted(x, &moved(x.0.rank(), &source, &destination)?))
}

fn moved(rank: usize, source: &Axes, destination: &Axes) -> Result<Vec<usize>> {
    let (from, to) = (source.resolve("moveaxis", rank)?, destination.resolve("moveaxis", rank)?);
    if from.len() != to.len() {
        let expected = format!("{} axes", from.len());
        return Err(Error::argument("moveaxis", "destination", expected, format!("{to:?}")));
    }
    let mut order: Vec<usize> = (0..rank).filter(|axis| !from.contains(axis)).collect();
    let mut moves: Vec<(usize, usize)> = to.into_iter().zip(from).collect();
    moves.sort_unstable();
    for (to, from) in moves {
        order.insert(to.min(order.len()), from);
    }
    Ok(order)
}

/// Reverses the order of elements along axes. Keras' `ops.flip`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis or one is named twice.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [3])?;
/// assert_eq!(ops::flip(&x, ())?.to_vec::<f32>()?, [3.0, 2.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn flip(x: &Tensor, axis: impl Into<Axes>) -> Result<Tensor> {
    flip_axes("flip", x, &axis.into())
}

pub(crate) fn flip_spec(x: &Spec, axis: Axes) -> Result<Spec> {
    axis.resolve("flip", x.0.rank())?;
    Ok(x.clone())
}

fn flip_axes(context: &str, x: &Tensor, axis: &Axes) -> Result<Tensor> {
    let axes = axis.signed(context, x.rank())?;
    if x.is_empty() { Ok(x.clone()) } else { x.flip(&axes) }
}

/// Reverses the order along the second axis. Keras' `ops.fliplr`.
///
/// # Errors
/// [`Error::Argument`] where there are fewer than two axes.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// assert_eq!(ops::fliplr(&x)?.to_vec::<f32>()?, [2.0, 1.0, 4.0, 3.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn fliplr(x: &Tensor) -> Result<Tensor> {
    flip_axes("fliplr", x, &Axes::from(1))
}

pub(crate) fn fliplr_spec(x: &Spec) -> Result<Spec> {
    resolve_axis("fliplr", 1, x.0.rank())?;
    Ok(x.clone())
}

/// Reverses the order along the first axis. Keras' `ops.flipud`.
///
/// # Errors
/// [`Error::Argument`] for a scalar.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// assert_eq!(ops::flipud(&x)?.to_vec::<f32>()?, [3.0, 4.0, 1.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn flipud(x: &Tensor) -> Result<Tensor> {
    flip_axes("flipud", x, &Axes::from(0))
}

pub(crate) fn flipud_spec(x: &Spec) -> Result<Spec> {
    resolve_axis("flipud", 0, x.0.rank())?;
    Ok(x.clone())
}

/// Turns by `k` right angles, from the first of two axes towards the second. Keras' `ops.rot90`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis or both are the same.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// assert_eq!(ops::rot90(&x, 1, [0, 1])?.to_vec::<f32>()?, [2.0, 4.0, 1.0, 3.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn rot90(array: &Tensor, k: isize, axes: impl Into<Axes>) -> Result<Tensor> {
    let (a, b) = plane(array.rank(), &axes.into())?;
    let swap = |x: &Tensor| swapaxes(x, a as isize, b as isize);
    let flip = |x: &Tensor, axes: &[usize]| {
        flip_axes("rot90", x, &Axes::These(axes.iter().map(|&axis| axis as isize).collect()))
    };
    match k.rem_euclid(4) {
        0 => Ok(array.clone()),
        1 => swap(&flip(array, &[b])?),
        2 => flip(array, &[a, b]),
        _ => flip(&swap(array)?, &[b]),
    }
}

pub(crate) fn rot90_spec(array: &Spec, k: isize, axes: Axes) -> Result<Spec> {
    let (a, b) = plane(array.0.rank(), &axes)?;
    let mut order: Vec<usize> = (0..array.0.rank()).collect();
    if k.rem_euclid(2) == 1 {
        order.swap(a, b);
    }
    Ok(permuted(array, &order))
}

/// The two axes of a turn.
fn plane(rank: usize, axes: &Axes) -> Result<(usize, usize)> {
    match axes.resolve("rot90", rank)?.as_slice() {
        [a, b] => Ok((*a, *b)),
        other => Err(Error::argument("rot90", "axes", "two different axes", format!("{other:?}"))),
    }
}

/// Moves elements on by `shift` positions; those that leave at the end come in at the start. Keras' `ops.roll`.
///
/// One shift for all axes, or one for each. Without axes the flattened elements are rolled.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis or not one shift for each.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [3])?;
/// assert_eq!(ops::roll(&x, 1, 0)?.to_vec::<f32>()?, [3.0, 1.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn roll(x: &Tensor, shift: impl Into<Integers>, axis: impl Into<Axes>) -> Result<Tensor> {
    let shift = shift.into();
    let Axes::These(axes) = axis.into() else {
        let total = shift.as_slice().iter().fold(0_isize, |sum, n| sum.wrapping_add(*n));
        return rolled(&x.reshape([x.len()])?, 0, total)?.reshape(x.shape());
    };
    let shifts = match shift.as_slice() {
        [one] => vec![*one; axes.len()],
        many if many.len() == axes.len() => many.to_vec(),
        other => {
            let expected = format!("one number, or one for each of {} axes", axes.len());
            return Err(Error::argument("roll", "shift", expected, format!("{other:?}")));
        }
    };
    axes.into_iter().zip(shifts).try_fold(x.clone(), |x, (axis, shift)| rolled(&x, axis, shift))
}

pub(crate) fn roll_spec(x: &Spec) -> Result<Spec> {
    Ok(x.clone())
}

fn rolled(x: &Tensor, axis: isize, shift: isize) -> Result<Tensor> {
    let size = x.shape()[resolve_axis("roll", axis, x.rank())?];
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
