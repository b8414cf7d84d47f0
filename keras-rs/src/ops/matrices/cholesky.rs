//! Cholesky's factors.

use super::elimination::substituted;
use super::matrix::Matrix;
use super::{
    change, pattern, product, require_factorable, spec, square, square_matrices, stacked, symmetric,
};
use crate::error::{Error, Result};
use crate::ops::{tril, triu};
use crate::shape::Spec;
use crate::tensor::Tensor;
use keras_rs_derive::operation;
use std::cmp::Ordering;

/// Triangles whose product with their transpose is a positive definite matrix: the lower ones, or the upper ones where
/// `upper` is set. Keras' `ops.cholesky`.
///
/// Of a matrix that is not symmetric the mean with its transpose is taken, as Keras does on JAX.
///
/// # Errors
/// [`Error::Shape`] for matrices that are not square, [`Error::Argument`] where one is not positive definite,
/// [`Error::DType`] for half precision.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[4.0, 2.0, 2.0, 5.0], [2, 2])?;
/// assert_eq!(ops::cholesky(&x, false)?.to_vec::<f32>()?, [2.0, 0.0, 1.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn cholesky(x: &Tensor, upper: bool) -> Result<Tensor> {
    require_factorable("cholesky", x.dtype())?;
    let (all, leading) = square_matrices("cholesky", "x", x)?;
    let size = x.dim(-1)?;
    let triangles = all.iter().map(|m| factored(&m.symmetric())).collect::<Result<Vec<_>>>()?;
    let mut lower = stacked(&triangles, &leading, [size, size], x)?;
    if let Some(dx) = change(x)? {
        let inverses: Vec<Matrix> =
            triangles.iter().map(|m| substituted(m, &Matrix::identity(size), true, false)).collect();
        let inverse = stacked(&inverses, &leading, [size, size], x)?;
        let halved = pattern(size, x, |row, column| match row.cmp(&column) {
            Ordering::Less => 0.0,
            Ordering::Equal => 0.5,
            Ordering::Greater => 1.0,
        })?;
        let inner = product(&[&inverse, &symmetric(&dx)?, &inverse.transpose()?])?.mul(&halved)?;
        lower = lower.add(&lower.matmul(&inner)?)?;
    }
    if upper { lower.transpose() } else { Ok(lower) }
}

pub(crate) fn cholesky_spec((x, dtype): &Spec) -> Result<Spec> {
    require_factorable("cholesky", *dtype)?;
    let (leading, size) = square("cholesky", "x", x)?;
    Ok(spec(leading, &[size, size], *dtype))
}

fn factored(matrix: &Matrix) -> Result<Matrix> {
    let size = matrix.rows;
    let mut triangle = Matrix::made(size, size, |_, _| 0.0);
    for row in 0..size {
        for column in 0..=row {
            let sum: f64 = (0..column).map(|k| triangle.at(row, k) * triangle.at(column, k)).sum();
            let rest = matrix.at(row, column) - sum;
            if row != column {
                triangle.set(row, column, rest / triangle.at(column, column));
            } else if rest > 0.0 {
                triangle.set(row, row, rest.sqrt());
            } else {
                return Err(Error::argument("cholesky", "x", "positive definite matrices", rest));
            }
        }
    }
    Ok(triangle)
}

/// Inverses of the matrices whose triangles [`cholesky`] gave. Keras' `ops.cholesky_inverse`.
///
/// # Errors
/// [`Error::Shape`] for matrices that are not square.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let triangle = Tensor::from_slice::<f32>(&[2.0, 0.0, 0.0, 4.0], [2, 2])?;
/// assert_eq!(ops::cholesky_inverse(&triangle, false)?.to_vec::<f32>()?, [0.25, 0.0, 0.0, 0.0625]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn cholesky_inverse(x: &Tensor, upper: bool) -> Result<Tensor> {
    let (all, leading) = square_matrices("cholesky_inverse", "x", x)?;
    let size = x.dim(-1)?;
    let triangles: Vec<Matrix> =
        all.iter().map(|m| substituted(m, &Matrix::identity(size), !upper, false)).collect();
    let squares: Vec<Matrix> = triangles
        .iter()
        .map(|m| if upper { m.times(&m.transposed()) } else { m.transposed().times(m) })
        .collect();
    let y = stacked(&squares, &leading, [size, size], x)?;
    let Some(dx) = change(x)? else { return Ok(y) };
    let triangle = stacked(&triangles, &leading, [size, size], x)?;
    let read = if upper { triu(&dx, 0)? } else { tril(&dx, 0)? };
    let change = product(&[&triangle, &read, &triangle])?;
    let half =
        if upper { change.matmul(&triangle.transpose()?)? } else { triangle.transpose()?.matmul(&change)? };
    y.sub(&half.add(&half.transpose()?)?)
}

pub(crate) fn cholesky_inverse_spec((x, dtype): &Spec) -> Result<Spec> {
    let (leading, size) = square("cholesky_inverse", "x", x)?;
    Ok(spec(leading, &[size, size], *dtype))
}
