//! Orthogonal factors, eigenvalues and singular values. Computed on the host in double precision, matrix by matrix over
//! leading axes; no gradient flows.

use super::host::{counted, made};
use super::systems::{Matrix, matrices, square_matrices, stacked};
use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// Sweeps of rotations after which values are as exact as they get.
const SWEEPS: usize = 60;

/// Orthogonal factors `q` and upper triangles `r` with `q r = x`. Keras' `ops.qr`.
///
/// `mode` is `"reduced"` or `"complete"`.
///
/// # Errors
/// [`Error::Argument`] for another mode or a tensor whose gradient is asked for, [`Error::Shape`] for less than two
/// axes.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [3, 2])?;
/// let [q, r] = ops::qr(&x, "reduced")?;
/// let again = q.matmul(&r)?.sub(&x)?.abs()?.max(&[], false)?;
/// assert!(again.to_scalar()? < 1e-5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn qr(x: &Tensor, mode: &str) -> Result<[Tensor; 2]> {
    let complete = match mode {
        "reduced" => false,
        "complete" => true,
        other => return Err(Error::argument("qr", "mode", "\"reduced\" or \"complete\"", other)),
    };
    let (all, leading) = matrices("qr", "x", x)?;
    let (rows, columns) = (x.dim(-2)?, x.dim(-1)?);
    let kept = if complete { rows } else { rows.min(columns) };
    let (mut qs, mut rs) = (Vec::new(), Vec::new());
    for matrix in &all {
        let (q, r) = reflected(matrix);
        qs.push(Matrix::made(rows, kept, |row, column| q.at(row, column)));
        rs.push(Matrix::made(
            kept,
            columns,
            |row, column| if row > column { 0.0 } else { r.at(row, column) },
        ));
    }
    Ok([stacked(&qs, &leading, [rows, kept], x)?, stacked(&rs, &leading, [kept, columns], x)?])
}

/// Householder's reflections: the whole orthogonal factor, and the triangle.
fn reflected(matrix: &Matrix) -> (Matrix, Matrix) {
    let (rows, columns) = (matrix.rows, matrix.columns);
    let (mut q, mut r) = (Matrix::identity(rows), matrix.clone());
    for k in 0..columns.min(rows.saturating_sub(1)) {
        let length = (k..rows).map(|row| r.at(row, k).powi(2)).sum::<f64>().sqrt();
        if length == 0.0 {
            continue;
        }
        let mut normal: Vec<f64> = (k..rows).map(|row| r.at(row, k)).collect();
        normal[0] += length.copysign(normal[0]);
        let squared: f64 = normal.iter().map(|v| v * v).sum();
        for column in 0..columns {
            let dot: f64 = normal.iter().enumerate().map(|(i, v)| v * r.at(k + i, column)).sum();
            let factor = 2.0 * dot / squared;
            normal
                .iter()
                .enumerate()
                .for_each(|(i, v)| r.set(k + i, column, r.at(k + i, column) - factor * v));
        }
        for row in 0..rows {
            let dot: f64 = normal.iter().enumerate().map(|(i, v)| v * q.at(row, k + i)).sum();
            let factor = 2.0 * dot / squared;
            normal.iter().enumerate().for_each(|(i, v)| q.set(row, k + i, q.at(row, k + i) - factor * v));
        }
    }
    (q, r)
}

/// Eigenvalues of symmetric matrices in ascending order, and eigenvectors as columns. Keras' `ops.eigh`.
///
/// Eigenvectors are of length one; their signs are not determined.
///
/// # Errors
/// [`Error::Shape`] for matrices that are not square, [`Error::Argument`] for a tensor whose gradient is asked for.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[2.0, 1.0, 1.0, 2.0], [2, 2])?;
/// let [values, _vectors] = ops::eigh(&x)?;
/// let values = values.to_vec::<f32>()?;
/// assert!((values[0] - 1.0).abs() < 1e-6 && (values[1] - 3.0).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn eigh(x: &Tensor) -> Result<[Tensor; 2]> {
    let (all, leading) = square_matrices("eigh", "x", x)?;
    let size = x.dim(-1)?;
    let (mut values, mut vectors) = (Vec::new(), Vec::new());
    for matrix in &all {
        let (diagonal, columns) = rotated(matrix);
        let mut order: Vec<usize> = (0..size).collect();
        order.sort_by(|a, b| diagonal[*a].total_cmp(&diagonal[*b]));
        values.extend(order.iter().map(|&i| diagonal[i]));
        vectors.push(Matrix::made(size, size, |row, column| columns.at(row, order[column])));
    }
    let values = made(&values, [&leading[..], &[size]].concat(), x.to_float()?.dtype(), x)?;
    Ok([values, stacked(&vectors, &leading, [size, size], x)?])
}

/// Jacobi's rotations of a symmetric matrix: its eigenvalues and eigenvectors.
fn rotated(matrix: &Matrix) -> (Vec<f64>, Matrix) {
    let size = matrix.rows;
    // As LAPACK with its default, only the lower triangle is read.
    let mut a = Matrix::made(size, size, |row, column| matrix.at(row.max(column), row.min(column)));
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
fn rotation(first: f64, second: f64, off: f64) -> (f64, f64) {
    let ratio = (second - first) / (2.0 * off);
    let tangent = ratio.signum() / (ratio.abs() + (ratio * ratio + 1.0).sqrt());
    let tangent = if ratio == 0.0 { 1.0 } else { tangent };
    let cos = 1.0 / (tangent * tangent + 1.0).sqrt();
    (cos, tangent * cos)
}

fn turn(matrix: &mut Matrix, a: (usize, usize), b: (usize, usize), cos: f64, sin: f64) {
    let (x, y) = (matrix.at(a.0, a.1), matrix.at(b.0, b.1));
    matrix.set(a.0, a.1, cos * x - sin * y);
    matrix.set(b.0, b.1, sin * x + cos * y);
}

/// Singular vectors and values: `u` with as many columns as there are values, values in descending order, `v`
/// transposed.
struct Singular {
    u: Matrix,
    values: Vec<f64>,
    vt: Matrix,
}

/// One-sided rotations of the columns until they are orthogonal.
fn singular(matrix: &Matrix) -> Singular {
    if matrix.rows < matrix.columns {
        let Singular { u, values, vt } = singular(&matrix.transposed());
        return Singular { u: vt.transposed(), values, vt: u.transposed() };
    }
    let (rows, columns) = (matrix.rows, matrix.columns);
    let (mut a, mut v) = (matrix.clone(), Matrix::identity(columns));
    for _ in 0..SWEEPS {
        let mut turned = false;
        for p in 0..columns {
            for q in p + 1..columns {
                let dot = |x: usize, y: usize| (0..rows).map(|k| a.at(k, x) * a.at(k, y)).sum::<f64>();
                let (pp, qq, off) = (dot(p, p), dot(q, q), dot(p, q));
                if off.abs() <= f64::EPSILON * (pp * qq).sqrt() {
                    continue;
                }
                turned = true;
                let (cos, sin) = rotation(pp, qq, off);
                (0..rows).for_each(|k| turn(&mut a, (k, p), (k, q), cos, sin));
                (0..columns).for_each(|k| turn(&mut v, (k, p), (k, q), cos, sin));
            }
        }
        if !turned {
            break;
        }
    }
    let lengths: Vec<f64> =
        (0..columns).map(|c| (0..rows).map(|k| a.at(k, c).powi(2)).sum::<f64>().sqrt()).collect();
    let mut order: Vec<usize> = (0..columns).collect();
    order.sort_by(|x, y| lengths[*y].total_cmp(&lengths[*x]));
    let largest = order.first().map_or(0.0, |&c| lengths[c]);
    let mut u = Matrix::made(rows, columns, |row, column| {
        let length = lengths[order[column]];
        if length > largest * f64::EPSILON { a.at(row, order[column]) / length } else { 0.0 }
    });
    completed(&mut u);
    let vt = Matrix::made(columns, columns, |row, column| v.at(column, order[row]));
    Singular { u, values: order.iter().map(|&c| lengths[c]).collect(), vt }
}

/// Makes columns of zeros unit vectors that are orthogonal to the others.
fn completed(u: &mut Matrix) {
    for column in 0..u.columns {
        if (0..u.rows).any(|row| u.at(row, column) != 0.0) {
            continue;
        }
        for axis in 0..u.rows {
            let mut vector: Vec<f64> = (0..u.rows).map(|row| f64::from(u8::from(row == axis))).collect();
            for other in (0..u.columns).filter(|other| *other != column) {
                let dot: f64 = (0..u.rows).map(|row| vector[row] * u.at(row, other)).sum();
                vector.iter_mut().enumerate().for_each(|(row, v)| *v -= dot * u.at(row, other));
            }
            let length = vector.iter().map(|v| v * v).sum::<f64>().sqrt();
            if length > 0.5 / (u.rows as f64).sqrt() {
                vector.iter().enumerate().for_each(|(row, v)| u.set(row, column, v / length));
                break;
            }
        }
    }
}

/// Singular values and vectors: `u`, values in descending order, `v` transposed, with `u s v = x`. Keras' `ops.svd` with
/// `compute_uv`.
///
/// With `full_matrices`, `u` and `v` are square. Signs of vectors are not determined.
///
/// # Errors
/// [`Error::Shape`] for less than two axes, [`Error::Argument`] for a tensor whose gradient is asked for.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[3.0, 0.0, 0.0, 4.0], [2, 2])?;
/// let [_, values, _] = ops::svd(&x, false)?;
/// assert_eq!(values.to_vec::<f32>()?, [4.0, 3.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn svd(x: &Tensor, full_matrices: bool) -> Result<[Tensor; 3]> {
    let (all, leading) = matrices("svd", "x", x)?;
    let (rows, columns) = (x.dim(-2)?, x.dim(-1)?);
    let count = rows.min(columns);
    let (left, right) = if full_matrices { (rows, columns) } else { (count, count) };
    let wider = |narrow: &Matrix, size: usize| {
        let mut wide = Matrix::made(narrow.rows, size, |row, column| {
            if column < narrow.columns { narrow.at(row, column) } else { 0.0 }
        });
        completed(&mut wide);
        wide
    };
    let (mut us, mut values, mut vts) = (Vec::new(), Vec::new(), Vec::new());
    for matrix in &all {
        let found = singular(matrix);
        us.push(wider(&found.u, left));
        values.extend(found.values);
        vts.push(wider(&found.vt.transposed(), right).transposed());
    }
    let values = made(&values, [&leading[..], &[count]].concat(), x.to_float()?.dtype(), x)?;
    Ok([stacked(&us, &leading, [rows, left], x)?, values, stacked(&vts, &leading, [right, columns], x)?])
}

/// The value at and below which singular values count as zero.
fn threshold(values: &[f64], relative: f64) -> f64 {
    values.first().copied().unwrap_or(0.0) * relative
}

/// The precision of a tensor's type, for as many rows or columns as there are.
fn precision(x: &Tensor) -> Result<f64> {
    let epsilon =
        if x.to_float()?.dtype() == crate::DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) };
    Ok(x.dim(-1)?.max(x.dim(-2)?) as f64 * epsilon)
}

/// Moore and Penrose's inverses: singular values of at most `rcond` times the largest one count as zero. Keras'
/// `ops.pinv`.
///
/// # Errors
/// As [`svd`].
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 1.0], [2, 1])?;
/// assert!((ops::pinv(&x, None)?.to_vec::<f32>()?[0] - 0.5).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn pinv(x: &Tensor, rcond: impl Into<Option<f64>>) -> Result<Tensor> {
    let (all, leading) = matrices("pinv", "x", x)?;
    let relative = rcond.into().unwrap_or(10.0 * precision(x)?);
    let inverses: Vec<Matrix> = all.iter().map(|m| inverse(m, relative)).collect();
    stacked(&inverses, &leading, [x.dim(-1)?, x.dim(-2)?], x)
}

fn inverse(matrix: &Matrix, relative: f64) -> Matrix {
    let found = singular(matrix);
    let limit = threshold(&found.values, relative);
    let scaled = Matrix::made(matrix.columns, found.values.len(), |row, column| {
        let value = found.values[column];
        if value > limit { found.vt.at(column, row) / value } else { 0.0 }
    });
    scaled.times(&found.u.transposed())
}

/// Numbers of singular values above `tol`, by default the largest one times the type's precision. Keras'
/// `ops.matrix_rank`.
///
/// # Errors
/// As [`svd`].
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 2.0, 4.0], [2, 2])?;
/// assert_eq!(ops::matrix_rank(&x, None)?.to_scalar()?, 1.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn matrix_rank(x: &Tensor, tol: impl Into<Option<f64>>) -> Result<Tensor> {
    let (all, leading) = matrices("matrix_rank", "x", x)?;
    let (tol, relative) = (tol.into(), precision(x)?);
    let rank = |m: &Matrix| {
        let values = singular(m).values;
        let limit = tol.unwrap_or_else(|| threshold(&values, relative));
        values.iter().filter(|v| **v > limit).count()
    };
    counted(&all.iter().map(rank).collect::<Vec<_>>(), leading, x)
}

/// The `x` of least length for which `a x` is nearest to `b`. Keras' `ops.lstsq`.
///
/// # Errors
/// As [`svd`]; [`Error::Shape`] where `b` has not as many rows as `a`.
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
pub fn lstsq(a: &Tensor, b: &Tensor, rcond: impl Into<Option<f64>>) -> Result<Tensor> {
    let relative = rcond.into().unwrap_or(precision(a)?);
    let inverses = pinv(a, relative)?;
    let b = b.cast(inverses.dtype())?;
    if b.rank() == 1 { inverses.matmul(&b.expand_dims(-1)?)?.squeeze(&[-1]) } else { inverses.matmul(&b) }
}
