//! Eigenvalues of symmetric matrices.

use super::matrix::Matrix;
use super::{
    change, numbers, product, require_factorable, spec, square, square_matrices, stacked, symmetric,
};
use crate::error::Result;
use crate::ops::diagonal;
use crate::shape::Spec;
use crate::tensor::Tensor;
use keras_rs_derive::operation;

/// Sweeps of rotations after which values are as exact as they get.
pub(super) const SWEEPS: usize = 60;

/// Eigenvalues of symmetric matrices in ascending order, and eigenvectors as columns. Keras' `ops.eigh`.
///
/// Eigenvectors are of length one; their signs are not determined. Of a matrix that is not symmetric the mean with its
/// transpose is taken, as Keras does on JAX. Vectors of equal values are not determined, and no gradient flows between
/// them.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) for matrices that are not square, [`Error::DType`](crate::Error::DType) for half
/// precision.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[2.0, 1.0, 1.0, 2.0], [2, 2])?;
/// let (values, _vectors) = ops::eigh(&x)?;
/// let values = values.to_vec::<f32>()?;
/// assert!((values[0] - 1.0).abs() < 1e-6 && (values[1] - 3.0).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn eigh(x: &Tensor) -> Result<(Tensor, Tensor)> {
    require_factorable("eigh", x.dtype())?;
    let (all, leading) = square_matrices("eigh", "x", x)?;
    let size = x.dim(-1)?;
    let (mut values, mut vectors, mut slopes) = (Vec::new(), Vec::new(), Vec::new());
    for matrix in &all {
        let (ascending, columns) = sorted(&matrix.symmetric());
        slopes.push(Matrix::made(size, size, |i, j| reciprocal(ascending[j] - ascending[i])));
        values.extend(ascending);
        vectors.push(columns);
    }
    let values = numbers(&values, &[&leading[..], &[size]].concat(), x)?;
    let vectors = stacked(&vectors, &leading, [size, size], x)?;
    let Some(dx) = change(x)? else { return Ok((values, vectors)) };
    let inner = product(&[&vectors.transpose()?, &symmetric(&dx)?, &vectors])?;
    let turned = inner.mul(&stacked(&slopes, &leading, [size, size], x)?)?;
    Ok((values.add(&diagonal(&inner, 0, -2, -1)?)?, vectors.add(&vectors.matmul(&turned)?)?))
}

pub(crate) fn eigh_spec((x, dtype): &Spec) -> Result<(Spec, Spec)> {
    require_factorable("eigh", *dtype)?;
    let (leading, size) = square("eigh", "x", x)?;
    Ok((spec(leading, &[size], *dtype), spec(leading, &[size, size], *dtype)))
}

/// One over a number; zero for zero.
pub(super) fn reciprocal(value: f64) -> f64 {
    if value == 0.0 { 0.0 } else { 1.0 / value }
}

/// Eigenvalues in ascending order, and their vectors as columns.
fn sorted(matrix: &Matrix) -> (Vec<f64>, Matrix) {
    let size = matrix.rows;
    if !matrix.is_finite() {
        return (vec![f64::NAN; size], Matrix::made(size, size, |_, _| f64::NAN));
    }
    let (diagonal, columns) = rotated(matrix);
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|a, b| diagonal[*a].total_cmp(&diagonal[*b]));
    let values = order.iter().map(|&i| diagonal[i]).collect();
    (values, Matrix::made(size, size, |row, column| columns.at(row, order[column])))
}

/// Jacobi's rotations of a symmetric matrix: its eigenvalues and eigenvectors.
fn rotated(matrix: &Matrix) -> (Vec<f64>, Matrix) {
    let size = matrix.rows;
    let mut a = matrix.clone();
    let mut vectors = Matrix::identity(size);
    for _ in 0..SWEEPS {
        let mut rest = 0.0;
        for p in 0..size {
            for q in p + 1..size {
                let off = a.at(p, q);
                rest += off * off;
                if off == 0.0 {
                    continue;
                }
                let (cos, sin) = rotation(a.at(p, p), a.at(q, q), off);
                for k in 0..size {
                    turn(&mut a, (k, p), (k, q), cos, sin);
                    turn(&mut vectors, (k, p), (k, q), cos, sin);
                }
                (0..size).for_each(|k| turn(&mut a, (p, k), (q, k), cos, sin));
            }
        }
        if rest == 0.0 {
            break;
        }
    }
    ((0..size).map(|i| a.at(i, i)).collect(), vectors)
}

/// Cosine and sine of the rotation after which `off` is zero.
pub(super) fn rotation(first: f64, second: f64, off: f64) -> (f64, f64) {
    let ratio = (second - first) / (2.0 * off);
    let tangent = ratio.signum() / (ratio.abs() + (ratio * ratio + 1.0).sqrt());
    let tangent = if ratio == 0.0 { 1.0 } else { tangent };
    let cos = 1.0 / (tangent * tangent + 1.0).sqrt();
    (cos, tangent * cos)
}

pub(super) fn turn(matrix: &mut Matrix, a: (usize, usize), b: (usize, usize), cos: f64, sin: f64) {
    let (x, y) = (matrix.at(a.0, a.1), matrix.at(b.0, b.1));
    matrix.set(a.0, a.1, cos * x - sin * y);
    matrix.set(b.0, b.1, sin * x + cos * y);
}
