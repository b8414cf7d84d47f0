//! Determinants and their logarithms.

use super::elimination::{factored, inverted};
use super::matrix::Matrix;
use super::singular::{Singular, singular};
use super::{change, inner, numbers, require_factorable, spec, square, square_matrices, stacked};
use crate::error::Result;
use crate::shape::Spec;
use crate::tensor::Tensor;
use keras_rs_derive::operation;

/// Determinants of square matrices `(..., n, n)`. Keras' `ops.det`.
///
/// The gradient is the matrix of cofactors, that of singular matrices included.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) for matrices that are not square.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// assert_eq!(ops::det(&x)?.to_scalar()?, -2.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn det(x: &Tensor) -> Result<Tensor> {
    let (all, leading) = square_matrices("det", "x", x)?;
    let values: Vec<f64> = all.iter().map(|m| factored(m).determinant()).collect();
    let y = numbers(&values, &leading, x)?;
    let Some(dx) = change(x)? else { return Ok(y) };
    let size = x.dim(-1)?;
    let slopes: Vec<Matrix> = all.iter().map(cofactors).collect();
    y.add(&inner(&dx, &stacked(&slopes, &leading, [size, size], x)?)?)
}

pub(crate) fn det_spec((x, dtype): &Spec) -> Result<Spec> {
    Ok(spec(square("det", "x", x)?.0, &[], *dtype))
}

/// Determinants of what is left without a row and a column, with their signs: `det(u) det(v) u c v` for singular values
/// whose cofactors `c` are the products of the others.
fn cofactors(matrix: &Matrix) -> Matrix {
    let Singular { u, values, vt } = singular(matrix);
    let sign = factored(&u).determinant() * factored(&vt).determinant();
    let others = |i: usize| -> f64 {
        values.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, value)| value).product()
    };
    let products: Vec<f64> = (0..values.len()).map(|i| sign * others(i)).collect();
    Matrix::made(u.rows, u.columns, |row, column| u.at(row, column) * products[column]).times(&vt)
}

/// Signs of determinants, and the logarithms of their absolute values. Keras' `ops.slogdet`.
///
/// # Errors
/// As [`det`]; [`Error::DType`](crate::Error::DType) for half precision.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// let (sign, logarithm) = ops::slogdet(&x)?;
/// assert_eq!(sign.to_scalar()?, -1.0);
/// assert!((logarithm.to_scalar()? - 2.0_f64.ln()).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn slogdet(x: &Tensor) -> Result<(Tensor, Tensor)> {
    logarithms("slogdet", x)
}

pub(crate) fn slogdet_spec(x: &Spec) -> Result<(Spec, Spec)> {
    let one = logarithms_spec("slogdet", x)?;
    Ok((one.clone(), one))
}

/// Logarithms of the determinants of positive definite matrices. Keras' `ops.logdet`.
///
/// # Errors
/// As [`slogdet`].
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[2.0, 0.0, 0.0, 4.0], [2, 2])?;
/// assert!((ops::logdet(&x)?.to_scalar()? - 8.0_f64.ln()).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn logdet(x: &Tensor) -> Result<Tensor> {
    Ok(logarithms("logdet", x)?.1)
}

pub(crate) fn logdet_spec(x: &Spec) -> Result<Spec> {
    logarithms_spec("logdet", x)
}

fn logarithms(context: &str, x: &Tensor) -> Result<(Tensor, Tensor)> {
    require_factorable(context, x.dtype())?;
    let (all, leading) = square_matrices(context, "x", x)?;
    let sign_of = |v: f64| if v == 0.0 || v.is_nan() { v } else { v.signum() };
    let (mut signs, mut values) = (Vec::new(), Vec::new());
    for matrix in &all {
        let factors = factored(matrix);
        signs.push(factors.sign * factors.diagonal().map(sign_of).product::<f64>());
        values.push(factors.diagonal().map(|v| v.abs().ln()).sum());
    }
    let (sign, y) = (numbers(&signs, &leading, x)?, numbers(&values, &leading, x)?);
    let Some(dx) = change(x)? else { return Ok((sign, y)) };
    let size = x.dim(-1)?;
    let slopes: Vec<Matrix> = all.iter().map(|m| inverted(m).transposed()).collect();
    let y = y.add(&inner(&dx, &stacked(&slopes, &leading, [size, size], x)?)?)?;
    Ok((sign, y))
}

fn logarithms_spec(context: &str, (x, dtype): &Spec) -> Result<Spec> {
    require_factorable(context, *dtype)?;
    Ok(spec(square(context, "x", x)?.0, &[], *dtype))
}
