//! Inverses and systems of equations.

use super::elimination::{inverted, solved, substituted};
use super::matrix::Matrix;
use super::{change, matrices, product, require_factorable, sizes, spec, square, square_matrices, stacked};
use crate::DType;
use crate::error::{Error, Result, tuple};
use crate::ops::{tril, triu};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, broadcast_shapes, broadcast_symbolic};
use keras_rs_derive::operation;

/// Inverses of square matrices `(..., n, n)`; those of singular ones are not finite. Keras' `ops.inv`.
///
/// # Errors
/// [`Error::Shape`] for matrices that are not square, [`Error::DType`] for half precision.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[2.0, 0.0, 0.0, 4.0], [2, 2])?;
/// assert_eq!(ops::inv(&x)?.to_vec::<f32>()?, [0.5, 0.0, 0.0, 0.25]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn inv(x: &Tensor) -> Result<Tensor> {
    require_factorable("inv", x.dtype())?;
    let (all, leading) = square_matrices("inv", "x", x)?;
    let size = x.dim(-1)?;
    let inverses: Vec<Matrix> = all.iter().map(inverted).collect();
    let y = stacked(&inverses, &leading, [size, size], x)?;
    match change(x)? {
        Some(dx) => y.sub(&product(&[&y, &dx, &y])?),
        None => Ok(y),
    }
}

pub(crate) fn inv_spec((x, dtype): &Spec) -> Result<Spec> {
    require_factorable("inv", *dtype)?;
    let (leading, size) = square("inv", "x", x)?;
    Ok(spec(leading, &[size, size], *dtype))
}

/// `x` with `a x = b` for square matrices `a`, `(..., n, n)`. Keras' `ops.solve`.
///
/// `b` is a vector `(n,)` or matrices `(..., n, k)`; leading axes broadcast. As Keras on JAX has it, two axes are always a
/// matrix; a vector for each of several matrices is `b` with a last axis of one.
///
/// # Errors
/// [`Error::Shape`] for matrices that are not square, and where `b` does not fit; [`Error::DType`] for half precision.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0, 4.0, 5.0], [2, 2])?;
/// let b = Tensor::from_slice::<f32>(&[5.0, 14.0], [2])?;
/// let x = ops::solve(&a, &b)?.to_vec::<f32>()?;
/// assert!((x[0] - 1.0).abs() < 1e-6 && (x[1] - 2.0).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn solve(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    require_factorable("solve", a.dtype().promote(b.dtype()))?;
    system("solve", a, b, b.rank() == 1, Method::Elimination)
}

pub(crate) fn solve_spec(a: &Spec, b: &Spec) -> Result<Spec> {
    require_factorable("solve", a.1.promote(b.1))?;
    system_spec("solve", a, b, b.0.rank() == 1)
}

/// As [`solve`], for matrices that are lower or upper triangles; the other elements are not read. Keras'
/// `ops.solve_triangular`.
///
/// `b` may also be a vector for each matrix: where it has one axis less than `a` and `n` last.
///
/// # Errors
/// [`Error::Shape`] for matrices that are not square, and where `b` does not fit.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[2.0, 0.0, 1.0, 4.0], [2, 2])?;
/// let b = Tensor::from_slice::<f32>(&[2.0, 9.0], [2])?;
/// assert_eq!(ops::solve_triangular(&a, &b, true)?.to_vec::<f32>()?, [1.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn solve_triangular(a: &Tensor, b: &Tensor, lower: bool) -> Result<Tensor> {
    let is_vector = b.rank() == 1 || a.rank() == b.rank() + 1 && a.shape().last() == b.shape().last();
    system("solve_triangular", a, b, is_vector, if lower { Method::Lower } else { Method::Upper })
}

pub(crate) fn solve_triangular_spec(a: &Spec, b: &Spec) -> Result<Spec> {
    let is_vector = b.0.rank() == 1 || a.0.rank() == b.0.rank() + 1 && a.0.dims().last() == b.0.dims().last();
    system_spec("solve_triangular", a, b, is_vector)
}

/// How a system is solved.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Elimination,
    Lower,
    Upper,
}

impl Method {
    fn solve(self, a: &Matrix, b: &Matrix) -> Matrix {
        match self {
            Self::Elimination => solved(a, b),
            Self::Lower | Self::Upper => substituted(a, b, self == Self::Lower, false),
        }
    }

    /// The elements of a matrix that are read.
    fn read(self, a: &Tensor) -> Result<Tensor> {
        match self {
            Self::Elimination => Ok(a.clone()),
            Self::Lower => tril(a, 0),
            Self::Upper => triu(a, 0),
        }
    }
}

fn system(context: &str, a: &Tensor, b: &Tensor, is_vector: bool, method: Method) -> Result<Tensor> {
    let dtype = a.dtype().promote(b.dtype());
    let dtype = if dtype.is_float() { dtype } else { DType::F32 };
    let (a, b) = (a.cast(dtype)?, b.cast(dtype)?);
    let columns = if is_vector { b.expand_dims(-1)? } else { b.clone() };
    let ([before_a @ .., size, width], [before_b @ .., rows, count]) = (a.shape(), columns.shape()) else {
        let expected = "square matrices and a right-hand side";
        return Err(Error::shape(
            context,
            "a",
            expected,
            format!("{} and {}", tuple(a.shape()), tuple(b.shape())),
        ));
    };
    if size != width {
        return Err(Error::shape(context, "a", "square matrices", tuple(a.shape())));
    }
    let refused = || {
        let expected = format!("{size} rows for each matrix of {}", tuple(a.shape()));
        Error::shape(context, "b", expected, tuple(b.shape()))
    };
    if rows != size {
        return Err(refused());
    }
    let leading = broadcast_shapes(context, before_a, before_b).map_err(|_| refused())?;
    let of_all = |x: &Tensor, size: [usize; 2]| x.broadcast_to([&leading[..], &size].concat());
    let (left, right) = (of_all(&a, [*size, *size])?, of_all(&columns, [*size, *count])?);
    let (all, _) = matrices(context, "a", &left)?;
    let (sides, _) = matrices(context, "b", &right)?;
    let values: Vec<Matrix> = all.iter().zip(&sides).map(|(a, b)| method.solve(a, b)).collect();
    let mut x = stacked(&values, &leading, [*size, *count], &a)?;
    let (da, db) = (change(&left)?, change(&right)?);
    if da.is_some() || db.is_some() {
        let inverses: Vec<Matrix> = all.iter().map(|a| method.solve(a, &Matrix::identity(*size))).collect();
        let inverse = stacked(&inverses, &leading, [*size, *size], &a)?;
        let known = x.clone();
        if let Some(da) = da {
            x = x.sub(&product(&[&inverse, &method.read(&da)?, &known])?)?;
        }
        if let Some(db) = db {
            x = x.add(&inverse.matmul(&db)?)?;
        }
    }
    if is_vector { x.squeeze(&[-1]) } else { Ok(x) }
}

fn system_spec(context: &str, (a, a_type): &Spec, (b, b_type): &Spec, is_vector: bool) -> Result<Spec> {
    let (before_a, size) = square(context, "a", a)?;
    let columns = if is_vector { Shape::new([b.dims(), &[Some(1)]].concat()) } else { b.clone() };
    let (before_b, rows, count) = sizes(context, "b", &columns)?;
    if size.zip(rows).is_some_and(|(size, rows)| size != rows) {
        return Err(Error::shape(context, "b", format!("as many rows as matrices of {a}"), b));
    }
    let leading = broadcast_symbolic(context, &Shape::new(before_a), &Shape::new(before_b))?;
    let mut after = vec![size.or(rows)];
    after.extend((!is_vector).then_some(count));
    Ok(spec(leading.dims(), &after, a_type.promote(*b_type)))
}
