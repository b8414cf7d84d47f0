//! Products and distances of vectors and matrices, areas.

use super::arguments::Axes;
use super::rule::Rule;
use crate::error::{Error, Result, tuple};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, broadcast_symbolic, resolve_axis};
use keras_rs_derive::operation;

/// Kronecker's product: `x1` with each element replaced by it times `x2`. Keras' `ops.kron`.
///
/// # Errors
/// [`Error::DType`] where the backend lacks the promoted type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// let b = Tensor::from_slice::<f32>(&[1.0, 10.0], [2])?;
/// assert_eq!(ops::kron(&a, &b)?.to_vec::<f32>()?, [1.0, 10.0, 2.0, 20.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn kron(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    let rank = x1.rank().max(x2.rank());
    let padded = |x: &Tensor| [vec![1; rank - x.rank()], x.shape().to_vec()].concat();
    let (a, b) = (padded(x1), padded(x2));
    let spread = |dims: &[usize], first: bool| -> Vec<usize> {
        dims.iter().flat_map(|&d| if first { [d, 1] } else { [1, d] }).collect()
    };
    let product = x1.reshape(spread(&a, true))?.mul(&x2.reshape(spread(&b, false))?)?;
    product.reshape(a.iter().zip(&b).map(|(a, b)| a * b).collect::<Vec<_>>())
}

pub(crate) fn kron_spec((x1, a): &Spec, (x2, b): &Spec) -> Result<Spec> {
    let rank = x1.rank().max(x2.rank());
    let size = |x: &Shape, axis: usize| match (axis + x.rank()).checked_sub(rank) {
        Some(own) => x.dims()[own],
        None => Some(1),
    };
    let dims = (0..rank).map(|axis| size(x1, axis)?.checked_mul(size(x2, axis)?));
    Ok((Shape::new(dims.collect::<Vec<_>>()), a.promote(*b)))
}

/// The vector product of vectors with two or three elements. Keras' `ops.cross`.
///
/// Vectors lie along `axis`, or along `axisa`, `axisb` and `axisc` (of the result). Two vectors of two elements
/// give a number; a missing third element is 0.
///
/// # Errors
/// [`Error::Shape`] for vectors of other sizes.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 0.0, 0.0], [3])?;
/// let y = Tensor::from_slice::<f32>(&[0.0, 1.0, 0.0], [3])?;
/// assert_eq!(ops::cross(&x, &y, -1, -1, -1, None)?.to_vec::<f32>()?, [0.0, 0.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn cross(
    x1: &Tensor,
    x2: &Tensor,
    axisa: isize,
    axisb: isize,
    axisc: isize,
    axis: impl Into<Option<isize>>,
) -> Result<Tensor> {
    let axis = axis.into();
    let parts = |x: &Tensor, at: isize| -> Result<Vec<Tensor>> {
        let at = axis.unwrap_or(at);
        let size = vector_size(Some(x.dim(at)?))?;
        (0..size).map(|i| x.narrow(at, i..i + 1)?.squeeze(&[at])).collect()
    };
    let (a, b) = (parts(x1, axisa)?, parts(x2, axisb)?);
    // A third element that is missing is 0.
    let term = |i: usize, j: usize| a.get(i).zip(b.get(j)).map(|(a, b)| a.mul(b)).transpose();
    let component = |i: usize, j: usize| match (term(i, j)?, term(j, i)?) {
        (Some(first), Some(second)) => first.sub(&second),
        (Some(first), None) => Ok(first),
        (None, Some(second)) => second.neg(),
        (None, None) => Err(Error::shape("cross", "x", "2 or 3 elements along the axis", "fewer")),
    };
    if a.len() == 2 && b.len() == 2 {
        return component(0, 1);
    }
    let all = [component(1, 2)?, component(2, 0)?, component(0, 1)?];
    Tensor::stack(&all, axis.unwrap_or(axisc))
}

fn vector_size(size: Option<usize>) -> Result<usize> {
    size.filter(|size| matches!(size, 2 | 3)).ok_or_else(|| {
        let got = size.map_or("an unknown number".into(), |size| size.to_string());
        Error::shape("cross", "x", "2 or 3 elements along the axis", got)
    })
}

pub(crate) fn cross_spec(
    (x1, a): &Spec,
    (x2, b): &Spec,
    axisa: isize,
    axisb: isize,
    axisc: isize,
    axis: Option<isize>,
) -> Result<Spec> {
    let parts = |x: &Shape, at: isize| -> Result<(Shape, usize)> {
        let mut dims = x.dims().to_vec();
        let size = vector_size(dims.remove(resolve_axis("cross", axis.unwrap_or(at), x.rank())?))?;
        Ok((Shape::new(dims), size))
    };
    let ((x1, m), (x2, n)) = (parts(x1, axisa)?, parts(x2, axisb)?);
    let mut dims = broadcast_symbolic("cross", &x1, &x2)?.dims().to_vec();
    if m.max(n) == 3 {
        dims.insert(resolve_axis("cross", axis.unwrap_or(axisc), dims.len() + 1)?, Some(3));
    }
    Ok((Shape::new(dims), a.promote(*b)))
}

/// The area under the points `y`, which lie `dx` apart, or at `x`, along an axis. Keras' `ops.trapezoid`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis; for a symbolic `y` beside `x`, which Keras keeps in no file.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let y = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [3])?;
/// assert_eq!(ops::trapezoid(&y, None, 2.0, -1)?.to_scalar()?, 8.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation(keyword(x))]
pub fn trapezoid(y: &Tensor, x: Option<&Tensor>, dx: f64, axis: isize) -> Result<Tensor> {
    let at = resolve_axis("trapezoid", axis, y.rank())?;
    let (y, axis) = (y.to_float()?, at as isize);
    let size = y.shape()[at];
    if size < 2 {
        return y.mul_scalar(0.0)?.sum(&[axis], false);
    }
    let heights = y.narrow(axis, 1..size)?.add(&y.narrow(axis, 0..size - 1)?)?;
    let areas = match x {
        None => heights.mul_scalar(dx)?,
        Some(x) => {
            let axis = if x.rank() == 1 { 0 } else { axis };
            let widths = x.narrow(axis, 1..size)?.sub(&x.narrow(axis, 0..size - 1)?)?.cast(y.dtype())?;
            let mut shape = vec![1; y.rank()];
            shape[at] = size - 1;
            heights.mul(&if x.rank() == 1 { widths.reshape(shape)? } else { widths })?
        }
    };
    areas.sum(&[axis], false)?.mul_scalar(0.5)
}

pub(crate) fn trapezoid_spec((y, dtype): &Spec, axis: isize) -> Result<Spec> {
    let mut dims = y.dims().to_vec();
    dims.remove(resolve_axis("trapezoid", axis, y.rank())?);
    Ok((Shape::new(dims), Rule::Float.apply(*dtype)))
}

/// Euclidean distances of the rows of `x` from the rows of `y`, `(..., rows of x, rows of y)`. Keras' `ops.cdist`.
///
/// # Errors
/// [`Error::Shape`] where the shapes do not fit.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[0.0, 0.0], [1, 2])?;
/// let b = Tensor::from_slice::<f32>(&[3.0, 4.0], [1, 2])?;
/// assert_eq!(ops::cdist(&a, &b)?.to_vec::<f32>()?, [5.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation("CDist")]
pub fn cdist(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    let spec = |x: &Tensor| (Shape::from(x.shape()), x.dtype());
    let (_, dtype) = cdist_spec(&spec(x), &spec(y))?;
    let gaps = x.cast(dtype)?.expand_dims(-2)?.sub(&y.cast(dtype)?.expand_dims(-3)?)?;
    gaps.square()?.sum(&[-1], false)?.sqrt()
}

pub(crate) fn cdist_spec((x, a): &Spec, (y, b): &Spec) -> Result<Spec> {
    let parts = |argument: &str, x: &Shape| match x.dims() {
        [batch @ .., rows, size] => Ok((Shape::new(batch), *rows, *size)),
        _ => Err(Error::shape("cdist", argument, "at least two axes", x.clone())),
    };
    let ((x_batch, x_rows, size), (y_batch, y_rows, other)) = (parts("x", x)?, parts("y", y)?);
    if size.zip(other).is_some_and(|(a, b)| a != b) {
        return Err(Error::shape("cdist", "y", format!("rows as long as those of {x}"), y.clone()));
    }
    let batch = broadcast_symbolic("cdist", &x_batch, &y_batch)?;
    let dims = [batch.dims(), &[x_rows, y_rows]].concat();
    Ok((Shape::new(dims), Rule::Float.apply(a.promote(*b))))
}

/// The ratio in decibels of the largest value to the mean squared difference of two images. Keras' `ops.psnr`.
///
/// # Errors
/// [`Error::Shape`] where the shapes differ.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[0.0, 0.0], [2])?;
/// let b = Tensor::from_slice::<f32>(&[0.1, 0.1], [2])?;
/// assert!((ops::psnr(&a, &b, 1.0)?.to_scalar()? - 20.0).abs() < 1e-4);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation("PSNR")]
pub fn psnr(x1: &Tensor, x2: &Tensor, max_val: f64) -> Result<Tensor> {
    if x1.shape() != x2.shape() {
        return Err(Error::shape("psnr", "x2", tuple(x1.shape()), tuple(x2.shape())));
    }
    let error = super::mean(&x1.to_float()?.sub(&x2.to_float()?)?.square()?, Axes::All, false)?;
    super::log10(&error)?.mul_scalar(-10.0)?.add_scalar(20.0 * max_val.log10())
}

pub(crate) fn psnr_spec((x1, a): &Spec, (x2, b): &Spec, _max_val: f64) -> Result<Spec> {
    if x1.rank() != x2.rank() {
        return Err(Error::shape("psnr", "x2", format!("{} axes", x1.rank()), x2));
    }
    Ok((Shape::default(), Rule::Float.apply(*a).promote(Rule::Float.apply(*b))))
}
