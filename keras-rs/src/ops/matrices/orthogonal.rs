//! Orthogonal factors.

use super::elimination::substituted;
use super::matrix::Matrix;
use super::{change, matrices, product, require_factorable, sizes, smaller, spec, stacked};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::limits::check_shape;
use crate::ops::{tril, triu};
use crate::shape::Spec;
use crate::tensor::Tensor;
use keras_rs_derive::operation;

/// Whether `q` is square.
fn complete(mode: &str) -> Result<bool> {
    match mode {
        "reduced" => Ok(false),
        "complete" => Ok(true),
        other => Err(Error::argument("qr", "mode", "\"reduced\" or \"complete\"", other)),
    }
}

/// Orthogonal factors `q` and upper triangles `r` with `q r = x`. Keras' `ops.qr`.
///
/// `mode` is `"reduced"` or `"complete"`. Shapes: `(..., m, n)` gives `(..., m, k)` and `(..., k, n)`, with `k` the smaller
/// of `m` and `n`; where `complete`, `k` is `m`.
///
/// # Errors
/// [`Error::Argument`] for another mode, [`Error::Shape`] for less than two axes, [`Error::DType`] for half precision. As
/// on JAX, complete factors of more rows than columns have no gradient: [`Error::Argument`] where it is asked for.
/// [`Error::TooLarge`] where they take too much memory.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [3, 2])?;
/// let (q, r) = ops::qr(&x, "reduced")?;
/// let again = q.matmul(&r)?.sub(&x)?.abs()?.max(&[], false)?;
/// assert!(again.to_scalar()? < 1e-5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn qr(x: &Tensor, mode: &str) -> Result<(Tensor, Tensor)> {
    require_factorable("qr", x.dtype())?;
    let complete = complete(mode)?;
    let (all, leading) = matrices("qr", "x", x)?;
    let (rows, columns) = (x.dim(-2)?, x.dim(-1)?);
    let kept = if complete { rows } else { rows.min(columns) };
    check_shape("qr", DType::F64, &[&leading[..], &[rows, kept]].concat())?;
    let (mut qs, mut rs) = (Vec::new(), Vec::new());
    for matrix in &all {
        let (q, r) = reflected(matrix, kept);
        qs.push(q);
        rs.push(Matrix::made(
            kept,
            columns,
            |row, column| if row > column { 0.0 } else { r.at(row, column) },
        ));
    }
    let q = stacked(&qs, &leading, [rows, kept], x)?;
    let r = stacked(&rs, &leading, [kept, columns], x)?;
    let Some(dx) = change(x)? else { return Ok((q, r)) };
    if kept > columns {
        let expected = "\"reduced\": complete factors of more rows than columns have no gradient";
        return Err(Error::argument("qr", "mode", expected, format!("\"{mode}\" of {}", tuple(x.shape()))));
    }
    // `q` depends on as many columns as it has.
    let triangles: Vec<Matrix> =
        rs.iter().map(|r| substituted(r, &Matrix::identity(kept), false, false)).collect();
    let inverse = stacked(&triangles, &leading, [kept, kept], x)?;
    let turned = dx.narrow(-1, 0..kept)?.matmul(&inverse)?;
    let inner = q.transpose()?.matmul(&turned)?;
    let below = tril(&inner, -1)?;
    let rotation = below.sub(&below.transpose()?)?;
    let dq = q.matmul(&rotation.sub(&inner)?)?.add(&turned)?;
    let dr = dq.transpose()?.matmul(&x.detach())?.add(&product(&[&q.transpose()?, &dx])?)?;
    Ok((q.add(&dq)?, r.add(&triu(&dr, 0)?)?))
}

pub(crate) fn qr_spec((x, dtype): &Spec, mode: &str) -> Result<(Spec, Spec)> {
    require_factorable("qr", *dtype)?;
    let (leading, rows, columns) = sizes("qr", "x", x)?;
    let kept = if complete(mode)? { rows } else { smaller(rows, columns) };
    Ok((spec(leading, &[rows, kept], *dtype), spec(leading, &[kept, columns], *dtype)))
}

/// Householder's reflections: the first columns of the orthogonal factor, and the triangle.
fn reflected(matrix: &Matrix, kept: usize) -> (Matrix, Matrix) {
    let (rows, columns) = (matrix.rows, matrix.columns);
    let (mut r, mut normals) = (matrix.clone(), Vec::new());
    for k in 0..columns.min(rows.saturating_sub(1)) {
        let length = (k..rows).map(|row| r.at(row, k).powi(2)).sum::<f64>().sqrt();
        if length == 0.0 {
            continue;
        }
        let mut normal: Vec<f64> = (k..rows).map(|row| r.at(row, k)).collect();
        normal[0] += length.copysign(normal[0]);
        reflect(&mut r, k, &normal);
        normals.push((k, normal));
    }
    let mut q = Matrix::made(rows, kept, |row, column| f64::from(u8::from(row == column)));
    normals.iter().rev().for_each(|(k, normal)| reflect(&mut q, *k, normal));
    (q, r)
}

/// Reflects the rows from `k` on at the plane of a normal.
fn reflect(matrix: &mut Matrix, k: usize, normal: &[f64]) {
    let squared: f64 = normal.iter().map(|v| v * v).sum();
    for column in 0..matrix.columns {
        let dot: f64 = normal.iter().enumerate().map(|(i, v)| v * matrix.at(k + i, column)).sum();
        let factor = 2.0 * dot / squared;
        for (i, v) in normal.iter().enumerate() {
            matrix.set(k + i, column, matrix.at(k + i, column) - factor * v);
        }
    }
}
