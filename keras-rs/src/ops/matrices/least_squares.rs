//! Pseudo-inverses, ranks and least squares.

use super::matrix::Matrix;
use super::singular::{Singular, singular};
use super::{change, matrices, product, require_factorable, sizes, spec, stacked};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::ops::host::counted;
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use keras_rs_derive::operation;

/// The precision of a tensor's type, for as many rows or columns as there are.
fn precision(x: &Tensor) -> Result<f64> {
    let epsilon = if x.dtype() == DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) };
    Ok(x.dim(-1)?.max(x.dim(-2)?) as f64 * epsilon)
}

/// Moore and Penrose's inverses `(..., n, m)` of matrices `(..., m, n)`. Keras' `ops.pinv`.
///
/// Singular values of at most `rcond` times the largest one count as zero; by default ten times the type's precision.
///
/// # Errors
/// [`Error::Shape`] for less than two axes, [`Error::DType`] for half precision.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 1.0], [2, 1])?;
/// assert!((ops::pinv(&x, None)?.to_vec::<f32>()?[0] - 0.5).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn pinv(x: &Tensor, rcond: impl Into<Option<f64>>) -> Result<Tensor> {
    require_factorable("pinv", x.dtype())?;
    let relative = rcond.into().unwrap_or(10.0 * precision(x)?);
    pseudo_inverses("pinv", "x", x, relative)
}

pub(crate) fn pinv_spec((x, dtype): &Spec) -> Result<Spec> {
    require_factorable("pinv", *dtype)?;
    let (leading, rows, columns) = sizes("pinv", "x", x)?;
    Ok(spec(leading, &[columns, rows], *dtype))
}

fn inverse(matrix: &Matrix, relative: f64) -> Matrix {
    let Singular { u, values, vt } = singular(matrix);
    let limit = values.first().copied().unwrap_or(0.0) * relative;
    let scaled = Matrix::made(matrix.columns, values.len(), |row, column| {
        // Not finite values go on.
        if values[column] <= limit { 0.0 } else { vt.at(column, row) / values[column] }
    });
    scaled.times(&u.transposed())
}

fn pseudo_inverses(context: &str, argument: &str, x: &Tensor, relative: f64) -> Result<Tensor> {
    let (all, leading) = matrices(context, argument, x)?;
    let inverses: Vec<Matrix> = all.iter().map(|m| inverse(m, relative)).collect();
    let p = stacked(&inverses, &leading, [x.dim(-1)?, x.dim(-2)?], x)?;
    let Some(dx) = change(x)? else { return Ok(p) };
    // For matrices of one rank: what changes in the range, and what turns out of it on either side.
    let (pt, dxt, x) = (p.transpose()?, dx.transpose()?, x.detach());
    let inside = product(&[&p, &dx, &p])?;
    let left = product(&[&p, &pt, &dxt])?;
    let left = left.sub(&product(&[&left, &x, &p])?)?;
    let right = product(&[&dxt, &pt, &p])?;
    let right = right.sub(&product(&[&p, &x, &right])?)?;
    p.sub(&inside)?.add(&left)?.add(&right)
}

/// Numbers of singular values above `tol`, by default the largest one times the type's precision. Keras'
/// `ops.matrix_rank`.
///
/// # Errors
/// [`Error::Shape`] for less than two axes and matrices without elements, [`Error::DType`] for half precision.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 2.0, 4.0], [2, 2])?;
/// assert_eq!(ops::matrix_rank(&x, None)?.to_scalar()?, 1.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn matrix_rank(x: &Tensor, tol: impl Into<Option<f64>>) -> Result<Tensor> {
    let tol = tol.into();
    require_factorable("matrix_rank", x.dtype())?;
    let (all, leading) = matrices("matrix_rank", "x", x)?;
    if x.dim(-1)?.min(x.dim(-2)?) == 0 {
        return Err(Error::shape("matrix_rank", "x", "matrices with elements", tuple(x.shape())));
    }
    let relative = precision(x)?;
    let rank = |m: &Matrix| {
        let values = singular(m).values;
        let limit = tol.unwrap_or_else(|| values.first().copied().unwrap_or(0.0) * relative);
        values.iter().filter(|v| **v > limit).count()
    };
    counted(&all.iter().map(rank).collect::<Vec<_>>(), leading, x)
}

pub(crate) fn matrix_rank_spec((x, dtype): &Spec) -> Result<Spec> {
    require_factorable("matrix_rank", *dtype)?;
    Ok((Shape::new(sizes("matrix_rank", "x", x)?.0), DType::I32))
}

/// The `x` of least length for which `a x` is nearest to `b`. Keras' `ops.lstsq`.
///
/// Singular values below `rcond` times the largest one count as zero; by default the type's precision. Shapes: `(m, n)`
/// with `(m,)` or `(m, k)` gives `(n,)` or `(n, k)`.
///
/// # Errors
/// [`Error::Shape`] where `a` is no matrix, or `b` has other axes or rows; [`Error::DType`] for half precision.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 1.0, 1.0, 2.0, 1.0, 3.0], [3, 2])?;
/// let b = Tensor::from_slice::<f32>(&[2.0, 3.0, 4.0], [3])?;
/// let x = ops::lstsq(&a, &b, None)?.to_vec::<f32>()?;
/// assert!((x[0] - 1.0).abs() < 1e-5 && (x[1] - 1.0).abs() < 1e-5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn lstsq(a: &Tensor, b: &Tensor, rcond: impl Into<Option<f64>>) -> Result<Tensor> {
    let rcond = rcond.into();
    let dtype = a.dtype().promote(b.dtype());
    let dtype = if dtype.is_float() { dtype } else { DType::F32 };
    require_factorable("lstsq", dtype)?;
    least_squares_shape(&Shape::from(a.shape()), &Shape::from(b.shape()))?;
    let (a, b) = (a.cast(dtype)?, b.cast(dtype)?);
    let relative = rcond.map_or_else(
        || precision(&a),
        |rcond| Ok(if rcond < 0.0 { f64::from(f32::EPSILON) } else { rcond }),
    )?;
    let inverses = pseudo_inverses("lstsq", "a", &a, relative)?;
    if b.rank() == 1 { inverses.matmul(&b.expand_dims(-1)?)?.squeeze(&[-1]) } else { inverses.matmul(&b) }
}

pub(crate) fn lstsq_spec((a, a_type): &Spec, (b, b_type): &Spec) -> Result<Spec> {
    let dtype = a_type.promote(*b_type);
    require_factorable("lstsq", dtype)?;
    Ok(spec(&[], &least_squares_shape(a, b)?, dtype))
}

fn least_squares_shape(a: &Shape, b: &Shape) -> Result<Vec<Option<usize>>> {
    let [rows, columns] = a.dims() else { return Err(Error::shape("lstsq", "a", "two axes", a)) };
    let [of_b, after @ ..] = b.dims() else { return Err(Error::shape("lstsq", "b", "one or two axes", b)) };
    if after.len() > 1 || rows.zip(*of_b).is_some_and(|(rows, of_b)| rows != of_b) {
        let expected = format!("one or two axes, with as many rows as {a}");
        return Err(Error::shape("lstsq", "b", expected, b));
    }
    Ok([&[*columns], after].concat())
}
