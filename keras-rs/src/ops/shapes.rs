//! Other shapes for the same elements, and axes of size one that are added, removed or repeated.

use super::arguments::{Axes, Integers};
use super::host::counted;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::shape::{IntoDims, Shape, Spec};
use crate::tensor::{Tensor, resolve_axis};
use keras_rs_derive::operation;

/// Reshapes to what a function says of the shape alone.
fn to(context: &str, x: &Tensor, shape: Vec<Option<usize>>) -> Result<Tensor> {
    let shape = Shape::new(shape);
    let known =
        shape.to_known().ok_or_else(|| Error::shape(context, "x", "a shape of known sizes", &shape))?;
    x.reshape(known)
}

/// Number of elements, where all sizes are known.
pub(super) fn elements(shape: &Shape) -> Option<usize> {
    shape.dims().iter().try_fold(1_usize, |n, d| n.checked_mul((*d)?))
}

/// Gives the same elements another shape. Keras' `ops.reshape`.
///
/// One size of `newshape` may be -1: it follows from the number of elements.
///
/// # Errors
/// [`Error::Argument`] where the elements do not fill the shape, or for two sizes of -1.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [4])?;
/// assert_eq!(ops::reshape(&x, [2, -1])?.shape(), [2, 2]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn reshape(x: &Tensor, newshape: impl Into<Integers>) -> Result<Tensor> {
    to("reshape", x, reshaped(&Shape::from(x.shape()), &newshape.into())?)
}

pub(crate) fn reshape_spec((x, dtype): &Spec, newshape: Integers) -> Result<Spec> {
    Ok((reshaped(x, &newshape)?.into(), *dtype))
}

fn reshaped(x: &Shape, newshape: &Integers) -> Result<Vec<Option<usize>>> {
    let wanted = newshape.as_slice();
    let refused = || {
        let expected = format!("sizes, at most one of them -1, for the elements of {x}");
        Error::argument("reshape", "newshape", expected, format!("{wanted:?}"))
    };
    let mut dims = Vec::with_capacity(wanted.len());
    for &size in wanted {
        dims.push(if size == -1 { None } else { Some(usize::try_from(size).map_err(|_| refused())?) });
    }
    let open = dims.iter().filter(|d| d.is_none()).count();
    let known = dims.iter().flatten().try_fold(1_usize, |n, d| n.checked_mul(*d)).ok_or_else(refused)?;
    match (elements(x), open) {
        (_, 2..) => Err(refused()),
        (None, _) => Ok(dims),
        (Some(count), 0) if count == known => Ok(dims),
        (Some(count), 1) if known > 0 && count % known == 0 => {
            Ok(dims.into_iter().map(|d| d.or(Some(count / known))).collect())
        }
        _ => Err(refused()),
    }
}

/// All elements along one axis. Keras' `ops.ravel`.
///
/// # Errors
/// Never.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// assert_eq!(ops::ravel(&x)?.shape(), [4]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn ravel(x: &Tensor) -> Result<Tensor> {
    x.reshape([x.len()])
}

pub(crate) fn ravel_spec((x, dtype): &Spec) -> Result<Spec> {
    Ok((Shape::new([elements(x)]), *dtype))
}

/// The tensor and the number of its axis, or the flattened tensor where no axis is given.
pub(super) fn along(context: &str, x: &Tensor, axis: Option<isize>) -> Result<(Tensor, usize)> {
    match axis {
        Some(axis) => Ok((x.clone(), resolve_axis(context, axis, x.rank())?)),
        None => Ok((ravel(x)?, 0)),
    }
}

/// The shape of what [`along`] gives.
pub(super) fn along_shape(context: &str, x: &Shape, axis: Option<isize>) -> Result<Shape> {
    match axis {
        Some(axis) => resolve_axis(context, axis, x.rank()).map(|_| x.clone()),
        None => Ok(Shape::new([elements(x)])),
    }
}

/// Adds axes of size one. Keras' `ops.expand_dims`.
///
/// The axes are numbers of axes of the result.
///
/// # Errors
/// [`Error::Argument`] where the result has no such axis, one is named twice, or none is named.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// assert_eq!(ops::expand_dims(&x, [0, -1])?.shape(), [1, 2, 1]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn expand_dims(x: &Tensor, axis: impl Into<Axes>) -> Result<Tensor> {
    to("expand_dims", x, expanded(&Shape::from(x.shape()), &axis.into())?)
}

pub(crate) fn expand_dims_spec((x, dtype): &Spec, axis: Axes) -> Result<Spec> {
    Ok((expanded(x, &axis)?.into(), *dtype))
}

fn expanded(x: &Shape, axis: &Axes) -> Result<Vec<Option<usize>>> {
    let Axes::These(added) = axis else {
        return Err(Error::argument("expand_dims", "axis", "at least one axis", "all"));
    };
    let rank = x.rank().saturating_add(added.len());
    let added = axis.resolve("expand_dims", rank)?;
    let mut old = x.dims().iter();
    Ok((0..rank)
        .filter_map(|i| if added.contains(&i) { Some(Some(1)) } else { old.next().copied() })
        .collect())
}

/// Removes axes of size one. Keras' `ops.squeeze`.
///
/// Without axes it removes all that have size one.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis, [`Error::Shape`] where it has another size.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0], [1, 2, 1])?;
/// assert_eq!(ops::squeeze(&x, -1)?.shape(), [1, 2]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn squeeze(x: &Tensor, axis: impl Into<Axes>) -> Result<Tensor> {
    to("squeeze", x, squeezed(&Shape::from(x.shape()), &axis.into())?)
}

pub(crate) fn squeeze_spec((x, dtype): &Spec, axis: Axes) -> Result<Spec> {
    Ok((squeezed(x, &axis)?.into(), *dtype))
}

fn squeezed(x: &Shape, axis: &Axes) -> Result<Vec<Option<usize>>> {
    if *axis == Axes::All {
        return Ok(x.dims().iter().copied().filter(|d| *d != Some(1)).collect());
    }
    let axes = axis.resolve("squeeze", x.rank())?;
    match axes.iter().find(|&&a| x.dims()[a] != Some(1)) {
        Some(axis) => Err(Error::shape("squeeze", "x", format!("size 1 on axis {axis}"), x)),
        None => Ok(x.dims().iter().enumerate().filter(|(i, _)| !axes.contains(i)).map(|(_, d)| *d).collect()),
    }
}

/// Repeats axes of size one, and adds leading axes, to reach a shape. Keras' `ops.broadcast_to`.
///
/// # Errors
/// [`Error::Shape`] where the shape cannot be reached.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0], [2, 1])?;
/// assert_eq!(ops::broadcast_to(&x, [3, 2, 2])?.shape(), [3, 2, 2]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn broadcast_to(x: &Tensor, shape: impl IntoDims) -> Result<Tensor> {
    x.broadcast_to(shape)
}

pub(crate) fn broadcast_to_spec((_, dtype): &Spec, shape: &[usize]) -> Result<Spec> {
    Ok((Shape::known(shape), *dtype))
}

/// The number of axes, as `int32`. Keras' `ops.ndim`.
///
/// It is that of a call's tensor also where a symbolic tensor stands for it; [`Tensor::rank`] is a number of Rust.
///
/// # Errors
/// Where making the tensor fails.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]])?;
/// assert_eq!((ops::ndim(&x)?.to_scalar()?, ops::size(&x)?.to_scalar()?), (2.0, 4.0));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn ndim(x: &Tensor) -> Result<Tensor> {
    counted(&[x.rank()], [], x)
}

/// The number of elements, as `int32`. Keras' `ops.size`.
///
/// # Errors
/// As [`ndim`].
#[operation]
pub fn size(x: &Tensor) -> Result<Tensor> {
    counted(&[x.len()], [], x)
}

/// One whole number.
pub(crate) fn count_spec(_x: &Spec) -> Result<Spec> {
    Ok((Shape::default(), DType::I32))
}
