//! Determinants, inverses, systems of equations, and the factors of matrices `(..., m, n)`.
//!
//! Values are computed on the host in double precision, matrix by matrix over leading axes. Gradients come from the
//! first-order expansion around the values read, `f(x0) + df(x - x0)`: the difference is zero and carries the gradient, and
//! the differential `df` is linear in it, computed by tensor operations that are recorded.

mod cholesky;
mod determinants;
mod eigenvalues;
mod elimination;
mod least_squares;
mod matrix;
mod orthogonal;
mod singular;
mod systems;
mod triangles;

pub use cholesky::*;
pub use determinants::*;
pub use eigenvalues::*;
pub use least_squares::*;
pub use orthogonal::*;
pub(super) use singular::values_of;
pub use singular::*;
pub use systems::*;
pub use triangles::*;

use super::host::made;
use super::rule::Rule;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use matrix::Matrix;

/// Refuses what Keras has no factors of: on JAX, types of half precision.
fn require_factorable(context: &str, dtype: DType) -> Result<()> {
    if !matches!(dtype, DType::F16 | DType::BF16) {
        return Ok(());
    }
    let expected = "float32 or float64 (`Tensor::cast` gives one)".into();
    Err(Error::DType { context: context.into(), expected, got: dtype.to_string() })
}

/// The matrices of a tensor, and the sizes of its leading axes.
fn matrices(context: &str, argument: &str, x: &Tensor) -> Result<(Vec<Matrix>, Vec<usize>)> {
    let [leading @ .., rows, columns] = x.shape() else {
        return Err(Error::shape(context, argument, "at least two axes", tuple(x.shape())));
    };
    let values = x.to_f64_vec()?;
    let size = rows * columns;
    let count: usize = leading.iter().product();
    let matrix = |i: usize| Matrix::new(*rows, *columns, values[i * size..(i + 1) * size].to_vec());
    Ok(((0..count).map(matrix).collect(), leading.to_vec()))
}

/// As [`matrices`], of as many rows as columns.
fn square_matrices(context: &str, argument: &str, x: &Tensor) -> Result<(Vec<Matrix>, Vec<usize>)> {
    match x.shape() {
        [.., rows, columns] if rows != columns => {
            Err(Error::shape(context, argument, "square matrices", tuple(x.shape())))
        }
        _ => matrices(context, argument, x),
    }
}

/// A tensor of matrices of one size.
fn stacked(all: &[Matrix], leading: &[usize], size: [usize; 2], like: &Tensor) -> Result<Tensor> {
    let values: Vec<f64> = all.iter().flat_map(|m| m.values.iter().copied()).collect();
    made(&values, [leading, &size].concat(), like.to_float()?.dtype(), like)
}

/// A tensor of one number a matrix.
fn numbers(values: &[f64], leading: &[usize], like: &Tensor) -> Result<Tensor> {
    made(values, leading.to_vec(), like.to_float()?.dtype(), like)
}

/// A matrix of these numbers beside a tensor, for all its leading axes.
fn pattern(size: usize, like: &Tensor, value: impl Fn(usize, usize) -> f64) -> Result<Tensor> {
    stacked(&[Matrix::made(size, size, value)], &[], [size, size], like)
}

/// What a tensor differs by from the values read: zeros that carry its gradient; none where nothing is recorded.
fn change(x: &Tensor) -> Result<Option<Tensor>> {
    if x.is_recorded() && !x.is_empty() { x.sub(&x.detach()).map(Some) } else { Ok(None) }
}

/// A product of matrices.
fn product(factors: &[&Tensor]) -> Result<Tensor> {
    let Some((first, rest)) = factors.split_first() else {
        return Err(Error::argument("matmul", "factors", "at least one", "none"));
    };
    rest.iter().try_fold((*first).clone(), |product, factor| product.matmul(factor))
}

/// The mean of matrices and their transposes.
fn symmetric(x: &Tensor) -> Result<Tensor> {
    x.add(&x.transpose()?)?.mul_scalar(0.5)
}

/// Sums of the products of elements, one a matrix.
fn inner(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    a.mul(b)?.sum(&[-2, -1], false)
}

/// The sizes of leading axes, rows and columns of a symbolic tensor.
type Sizes<'x> = (&'x [Option<usize>], Option<usize>, Option<usize>);

fn sizes<'x>(context: &str, argument: &str, x: &'x Shape) -> Result<Sizes<'x>> {
    match x.dims() {
        [leading @ .., rows, columns] => Ok((leading, *rows, *columns)),
        _ => Err(Error::shape(context, argument, "at least two axes", x)),
    }
}

/// As [`sizes`] of square matrices: of leading axes, and of rows.
fn square<'x>(context: &str, argument: &str, x: &'x Shape) -> Result<(&'x [Option<usize>], Option<usize>)> {
    let (leading, rows, columns) = sizes(context, argument, x)?;
    if rows.zip(columns).is_some_and(|(rows, columns)| rows != columns) {
        return Err(Error::shape(context, argument, "square matrices", x));
    }
    Ok((leading, rows.or(columns)))
}

/// Leading axes with axes after them, in the type of the results.
fn spec(leading: &[Option<usize>], after: &[Option<usize>], dtype: DType) -> Spec {
    (Shape::new([leading, after].concat()), Rule::Float.apply(dtype))
}

/// The smaller of two sizes; of a known and an unknown one it is unknown.
fn smaller(a: Option<usize>, b: Option<usize>) -> Option<usize> {
    a.zip(b).map(|(a, b)| a.min(b))
}
