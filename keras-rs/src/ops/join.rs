//! Joining tensors along an axis.

use super::shapes::along_shape;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, resolve_axis};
use keras_rs_derive::operation;

fn owned(xs: &[&Tensor]) -> Vec<Tensor> {
    xs.iter().map(|&x| x.clone()).collect()
}

/// The first shape and the promoted data type of at least one operand.
fn first(context: &str, xs: &[Spec]) -> Result<(Shape, DType)> {
    let Some((shape, dtype)) = xs.first() else {
        return Err(Error::argument(context, "xs", "at least one tensor", "an empty list"));
    };
    Ok((shape.clone(), xs.iter().fold(*dtype, |dtype, (_, other)| dtype.promote(*other))))
}

/// Joins tensors along an axis. Keras' `ops.concatenate`.
///
/// Shapes are equal but for the axis, where sizes add up; data types are promoted.
///
/// # Errors
/// [`Error::Shape`] where other axes differ, [`Error::Argument`] for an empty list and where there is no such
/// axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0], [1, 2])?;
/// assert_eq!(ops::concatenate(&[&a, &a], -1)?.shape(), [1, 4]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn concatenate(xs: &[&Tensor], axis: isize) -> Result<Tensor> {
    Tensor::concat(&owned(xs), axis)
}

pub(crate) fn concatenate_spec(xs: &[Spec], axis: isize) -> Result<Spec> {
    concatenated("concatenate", xs, axis)
}

fn concatenated(context: &str, xs: &[Spec], axis: isize) -> Result<Spec> {
    let (first, dtype) = first(context, xs)?;
    let axis = resolve_axis(context, axis, first.rank())?;
    let mut dims = first.dims().to_vec();
    for (shape, _) in &xs[1..] {
        shape.require_rank(context, first.rank())?;
        for (i, (dim, other)) in dims.iter_mut().zip(shape.dims()).enumerate() {
            match (i == axis, *dim, *other) {
                (true, a, b) => *dim = a.zip(b).map(|(a, b)| a.saturating_add(b)),
                (false, None, _) => *dim = *other,
                (false, Some(a), Some(b)) if a != b => {
                    let expected = format!("{first} but for axis {axis}");
                    return Err(Error::shape(context, "xs", expected, shape));
                }
                _ => {}
            }
        }
    }
    Ok((Shape::new(dims), dtype))
}

/// Joins tensors of one shape along a new axis. Keras' `ops.stack`.
///
/// # Errors
/// [`Error::Shape`] where shapes differ, [`Error::Argument`] for an empty list and where the result has no
/// such axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// assert_eq!(ops::stack(&[&a, &a, &a], 0)?.shape(), [3, 2]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn stack(x: &[&Tensor], axis: isize) -> Result<Tensor> {
    Tensor::stack(&owned(x), axis)
}

pub(crate) fn stack_spec(x: &[Spec], axis: isize) -> Result<Spec> {
    let (first, dtype) = first("stack", x)?;
    let axis = resolve_axis("stack", axis, first.rank() + 1)?;
    let mut dims = first.dims().to_vec();
    for (shape, _) in x {
        let is_valid = shape.rank() == first.rank()
            && shape.dims().iter().zip(&dims).all(|(a, b)| a.is_none() || b.is_none() || a == b);
        if !is_valid {
            return Err(Error::shape("stack", "x", &first, shape));
        }
        dims = dims.iter().zip(shape.dims()).map(|(a, b)| a.or(*b)).collect();
    }
    dims.insert(axis, Some(x.len()));
    Ok((Shape::new(dims), dtype))
}

/// How `hstack`, `vstack` and `dstack` see their operands: with at least so many axes, joined along one.
#[derive(Clone, Copy)]
struct Stacking {
    name: &'static str,
    least: usize,
    axis: isize,
}

impl Stacking {
    /// Side by side: along the second axis, or the only one.
    fn horizontal(rank: usize) -> Self {
        let (least, axis) = if rank < 2 { (1, 0) } else { (2, 1) };
        Self { name: "hstack", least, axis }
    }

    const VERTICAL: Self = Self { name: "vstack", least: 2, axis: 0 };
    const DEPTH: Self = Self { name: "dstack", least: 3, axis: 2 };

    /// The shape with as many axes as are needed.
    fn raised(self, shape: &Shape) -> Vec<Option<usize>> {
        let mut dims = shape.dims().to_vec();
        while dims.len() < self.least {
            // The elements of a vector are a row; of the third axis, a matrix is the first layer.
            dims.insert(if dims.len() == 2 || dims.is_empty() { dims.len() } else { 0 }, Some(1));
        }
        dims
    }

    fn join(self, xs: &[&Tensor]) -> Result<Tensor> {
        let raise = |x: &&Tensor| {
            let dims = self.raised(&Shape::from(x.shape()));
            x.reshape(dims.into_iter().map(|d| d.unwrap_or(1)).collect::<Vec<_>>())
        };
        Tensor::concat(&xs.iter().map(raise).collect::<Result<Vec<_>>>()?, self.axis)
    }

    fn spec(self, xs: &[Spec]) -> Result<Spec> {
        let raise = |(x, dtype): &Spec| (Shape::new(self.raised(x)), *dtype);
        concatenated(self.name, &xs.iter().map(raise).collect::<Vec<_>>(), self.axis)
    }
}

/// Joins tensors side by side: along the second axis, vectors along their only one. Keras' `ops.hstack`.
///
/// # Errors
/// As [`concatenate`].
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// assert_eq!(ops::hstack(&[&a, &a])?.shape(), [4]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn hstack(xs: &[&Tensor]) -> Result<Tensor> {
    Stacking::horizontal(xs.first().map_or(0, |x| x.rank())).join(xs)
}

pub(crate) fn hstack_spec(xs: &[Spec]) -> Result<Spec> {
    Stacking::horizontal(xs.first().map_or(0, |(x, _)| x.rank())).spec(xs)
}

/// Joins tensors below each other: along the first axis, vectors as rows. Keras' `ops.vstack`.
///
/// # Errors
/// As [`concatenate`].
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// assert_eq!(ops::vstack(&[&a, &a])?.shape(), [2, 2]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn vstack(xs: &[&Tensor]) -> Result<Tensor> {
    Stacking::VERTICAL.join(xs)
}

pub(crate) fn vstack_spec(xs: &[Spec]) -> Result<Spec> {
    Stacking::VERTICAL.spec(xs)
}

/// Joins tensors behind each other: along the third axis. Keras' `ops.dstack`.
///
/// # Errors
/// As [`concatenate`].
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// assert_eq!(ops::dstack(&[&a, &a])?.shape(), [1, 2, 2]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn dstack(xs: &[&Tensor]) -> Result<Tensor> {
    Stacking::DEPTH.join(xs)
}

pub(crate) fn dstack_spec(xs: &[Spec]) -> Result<Spec> {
    Stacking::DEPTH.spec(xs)
}

/// Joins two tensors along an axis; without one, their flattened elements. Keras' `ops.append`.
///
/// # Errors
/// As [`concatenate`].
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0], [1, 2])?;
/// assert_eq!(ops::append(&a, &a, None)?.shape(), [4]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn append(x1: &Tensor, x2: &Tensor, axis: impl Into<Option<isize>>) -> Result<Tensor> {
    match axis.into() {
        Some(axis) => concatenate(&[x1, x2], axis),
        None => concatenate(&[&super::ravel(x1)?, &super::ravel(x2)?], 0),
    }
}

pub(crate) fn append_spec(x1: &Spec, x2: &Spec, axis: Option<isize>) -> Result<Spec> {
    let part = |(x, dtype): &Spec| -> Result<Spec> { Ok((along_shape("append", x, axis)?, *dtype)) };
    concatenated("append", &[part(x1)?, part(x2)?], axis.unwrap_or(0))
}
