//! Diagonals and triangles of matrices.

use super::host::counted;
use super::rule::Rule;
use super::shapes::elements;
use crate::error::{Error, Result};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, TensorData, resolve_axis};
use keras_rs_derive::operation;

/// Number of elements on the diagonal of `rows` times `columns` that starts `offset` to the right.
fn length(rows: usize, columns: usize, offset: isize) -> usize {
    let (down, right) = if offset < 0 { (offset.unsigned_abs(), 0) } else { (0, offset.unsigned_abs()) };
    rows.saturating_sub(down).min(columns.saturating_sub(right))
}

/// Elements whose number on axis `b` is that on axis `a` plus the offset, on a new last axis.
pub(super) fn of(x: &Tensor, a: usize, b: usize, offset: isize) -> Result<Tensor> {
    let (rows, columns) = (x.shape()[a], x.shape()[b]);
    let others: Vec<usize> = (0..x.rank()).filter(|axis| *axis != a && *axis != b).collect();
    let mut shape: Vec<usize> = others.iter().map(|axis| x.shape()[*axis]).collect();
    let count = length(rows, columns, offset);
    if count == 0 || x.is_empty() {
        shape.push(count);
        return x.full_like(shape, 0.0);
    }
    let (down, right) = if offset < 0 { (offset.unsigned_abs(), 0) } else { (0, offset.unsigned_abs()) };
    let positions: Vec<i32> = (0..count)
        .map(|i| i32::try_from((down + i) * columns + right + i))
        .collect::<std::result::Result<_, _>>()?;
    let flat = x.permute(&[&others[..], &[a, b]].concat())?;
    shape.push(rows * columns);
    let positions = Tensor::from_data_on(TensorData::from_values(&positions, vec![count])?, x.device())?;
    flat.reshape(shape)?.take(&positions, -1)
}

fn axes(context: &str, rank: usize, axis1: isize, axis2: isize) -> Result<(usize, usize)> {
    let (a, b) = (resolve_axis(context, axis1, rank)?, resolve_axis(context, axis2, rank)?);
    if a != b {
        return Ok((a, b));
    }
    Err(Error::argument(context, "axis2", format!("another axis than {a}"), axis2))
}

/// Elements of diagonals, on a new last axis in place of two axes. Keras' `ops.diagonal`.
///
/// The diagonal starts `offset` elements to the right, or below where it is negative.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis or both are the same.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// assert_eq!(ops::diagonal(&x, 0, 0, 1)?.to_vec::<f32>()?, [1.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn diagonal(x: &Tensor, offset: isize, axis1: isize, axis2: isize) -> Result<Tensor> {
    let (a, b) = axes("diagonal", x.rank(), axis1, axis2)?;
    of(x, a, b, offset)
}

pub(crate) fn diagonal_spec((x, dtype): &Spec, offset: isize, axis1: isize, axis2: isize) -> Result<Spec> {
    let (a, b) = axes("diagonal", x.rank(), axis1, axis2)?;
    let kept = x.dims().iter().enumerate().filter(|(i, _)| *i != a && *i != b).map(|(_, d)| *d);
    let count = x.dims()[a].zip(x.dims()[b]).map(|(rows, columns)| length(rows, columns, offset));
    Ok((Shape::new(kept.chain([count]).collect::<Vec<_>>()), *dtype))
}

/// Sums of diagonals, in place of two axes. Keras' `ops.trace`.
///
/// `bool` gives `int32`, `uint8` gives `uint32`.
///
/// # Errors
/// As [`diagonal`].
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// assert_eq!(ops::trace(&x, 0, 0, 1)?.to_scalar()?, 5.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn trace(x: &Tensor, offset: isize, axis1: isize, axis2: isize) -> Result<Tensor> {
    let dtype = Rule::Total.apply(x.dtype());
    diagonal(x, offset, axis1, axis2)?.cast(dtype)?.sum(&[-1], false)?.cast(dtype)
}

pub(crate) fn trace_spec(x: &Spec, offset: isize, axis1: isize, axis2: isize) -> Result<Spec> {
    let (shape, dtype) = diagonal_spec(x, offset, axis1, axis2)?;
    let dims = shape.dims();
    Ok((Shape::new(&dims[..dims.len().saturating_sub(1)]), Rule::Total.apply(dtype)))
}

/// Which elements of a matrix are on the diagonal that starts `k` to the right, or below it.
pub(super) fn lower(rows: usize, columns: usize, k: isize) -> Vec<bool> {
    let below = |i: usize| (i % columns) as i64 - (i / columns) as i64 <= k as i64;
    (0..rows * columns).map(below).collect()
}

/// Zeros above the `k`-th diagonal of the last two axes. Keras' `ops.tril`.
///
/// # Errors
/// [`Error::Shape`] where there are fewer than two axes.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// assert_eq!(ops::tril(&x, 0)?.to_vec::<f32>()?, [1.0, 0.0, 3.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn tril(x: &Tensor, k: isize) -> Result<Tensor> {
    triangle("tril", x, k, true)
}

/// Zeros below the `k`-th diagonal of the last two axes. Keras' `ops.triu`.
///
/// # Errors
/// [`Error::Shape`] where there are fewer than two axes.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// assert_eq!(ops::triu(&x, 0)?.to_vec::<f32>()?, [1.0, 2.0, 0.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn triu(x: &Tensor, k: isize) -> Result<Tensor> {
    // What is not on or below the diagonal before the k-th is on or above the k-th.
    triangle("triu", x, k.saturating_sub(1), false)
}

pub(crate) fn triangle_spec(x: &Spec) -> Result<Spec> {
    Ok(x.clone())
}

/// Keeps what is on or below a diagonal, or the rest.
fn triangle(context: &str, x: &Tensor, k: isize, keep_lower: bool) -> Result<Tensor> {
    let [.., rows, columns] = *x.shape() else {
        return Err(Error::shape(context, "x", "at least two axes", Shape::from(x.shape())));
    };
    if x.is_empty() {
        return Ok(x.clone());
    }
    let kept = lower(rows, columns, k);
    let kept = Tensor::from_data_on(TensorData::from_values(&kept, vec![rows, columns])?, x.device())?;
    x.where_(&if keep_lower { kept } else { kept.logical_not()? }, &x.full_like(vec![], 0.0)?)?
        .cast(x.dtype())
}

/// A matrix with a vector on a diagonal, or the diagonal of a matrix. Keras' `ops.diag`.
///
/// # Errors
/// [`Error::Shape`] for more than two axes or none.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// let matrix = ops::diag(&x, 0)?;
/// assert_eq!(matrix.to_vec::<f32>()?, [1.0, 0.0, 0.0, 2.0]);
/// assert_eq!(ops::diag(&matrix, 0)?.to_vec::<f32>()?, [1.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn diag(x: &Tensor, k: isize) -> Result<Tensor> {
    match x.rank() {
        1 => {
            let size = x.len().saturating_add(k.unsigned_abs());
            crate::limits::check_shape("diag", x.dtype(), &[size, size])?;
            let (down, right) = if k < 0 { (k.unsigned_abs(), 0) } else { (0, k.unsigned_abs()) };
            let zero = x.full_like([1], 0.0)?;
            // Each element of the matrix is one of the vector, or the zero behind it.
            let source: Vec<usize> = (0..size * size)
                .map(|i| ((i / size).wrapping_sub(down), (i % size).wrapping_sub(right)))
                .map(|(row, column)| if row == column { row.min(x.len()) } else { x.len() })
                .collect();
            let all = Tensor::concat(&[x.clone(), zero], 0)?;
            all.take(&counted(&source, [source.len()], x)?, 0)?.reshape([size, size])
        }
        2 => diagonal(x, k, 0, 1),
        _ => Err(Error::shape("diag", "x", "a vector or a matrix", Shape::from(x.shape()))),
    }
}

pub(crate) fn diag_spec((x, dtype): &Spec, k: isize) -> Result<Spec> {
    match x.dims() {
        [size] => {
            let size = size.and_then(|size| size.checked_add(k.unsigned_abs()));
            Ok((Shape::new([size, size]), *dtype))
        }
        [_, _] => diagonal_spec(&(x.clone(), *dtype), k, 0, 1),
        _ => Err(Error::shape("diag", "x", "a vector or a matrix", x.clone())),
    }
}

/// A matrix with all elements on a diagonal. Keras' `ops.diagflat`.
///
/// # Errors
/// As [`diag`].
#[operation]
pub fn diagflat(x: &Tensor, k: isize) -> Result<Tensor> {
    diag(&x.reshape([x.len()])?, k)
}

pub(crate) fn diagflat_spec((x, dtype): &Spec, k: isize) -> Result<Spec> {
    diag_spec(&(Shape::new([elements(x)]), *dtype), k)
}
