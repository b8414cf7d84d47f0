//! Determinants, inverses, systems of equations, and the factors that they are computed from. Computed on the host in
//! double precision, matrix by matrix over leading axes; no gradient flows.

use super::host::{made, require_constant};
use super::rule::Rule;
use crate::error::{Error, Result, tuple};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;

/// A matrix in C order.
#[derive(Clone)]
pub(super) struct Matrix {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) values: Vec<f64>,
}

impl Matrix {
    pub(super) fn new(rows: usize, columns: usize, values: Vec<f64>) -> Self {
        Self { rows, columns, values }
    }

    pub(super) fn identity(size: usize) -> Self {
        Self::made(size, size, |row, column| f64::from(u8::from(row == column)))
    }

    pub(super) fn made(rows: usize, columns: usize, value: impl Fn(usize, usize) -> f64) -> Self {
        let values = (0..rows * columns).map(|i| value(i / columns, i % columns)).collect();
        Self { rows, columns, values }
    }

    pub(super) fn at(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.columns + column]
    }

    pub(super) fn set(&mut self, row: usize, column: usize, value: f64) {
        self.values[row * self.columns + column] = value;
    }

    pub(super) fn transposed(&self) -> Self {
        Self::made(self.columns, self.rows, |row, column| self.at(column, row))
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        Self::made(self.rows, other.columns, |row, column| {
            (0..self.columns).map(|k| self.at(row, k) * other.at(k, column)).sum()
        })
    }
}

/// The matrices of a tensor, and the sizes of its leading axes.
pub(super) fn matrices(context: &str, argument: &str, x: &Tensor) -> Result<(Vec<Matrix>, Vec<usize>)> {
    require_constant(context, argument, x)?;
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
pub(super) fn square_matrices(
    context: &str,
    argument: &str,
    x: &Tensor,
) -> Result<(Vec<Matrix>, Vec<usize>)> {
    let (all, leading) = matrices(context, argument, x)?;
    if all.iter().any(|m| m.rows != m.columns) {
        return Err(Error::shape(context, argument, "square matrices", tuple(x.shape())));
    }
    Ok((all, leading))
}

/// A tensor of matrices of one size.
pub(super) fn stacked(all: &[Matrix], leading: &[usize], size: [usize; 2], like: &Tensor) -> Result<Tensor> {
    let values: Vec<f64> = all.iter().flat_map(|m| m.values.iter().copied()).collect();
    made(&values, [leading, &size].concat(), like.to_float()?.dtype(), like)
}

/// A tensor of one number a matrix.
fn numbers(values: &[f64], leading: &[usize], like: &Tensor) -> Result<Tensor> {
    made(values, leading.to_vec(), like.to_float()?.dtype(), like)
}

/// Triangular factors in one matrix, and the rows in the order that elimination took them in.
struct Factors {
    lu: Matrix,
    order: Vec<usize>,
    /// Sign of the order.
    sign: f64,
}

/// Gauss' elimination; the largest element of each column becomes its pivot.
fn factored(matrix: &Matrix) -> Factors {
    let size = matrix.rows;
    let mut factors = Factors { lu: matrix.clone(), order: (0..size).collect(), sign: 1.0 };
    for k in 0..size {
        let lu = &mut factors.lu;
        // Of equal ones the first, as LAPACK: `max_by` gives the last.
        let pivot =
            (k..size).rev().max_by(|a, b| lu.at(*a, k).abs().total_cmp(&lu.at(*b, k).abs())).unwrap_or(k);
        if pivot != k {
            (0..size).for_each(|column| lu.values.swap(k * size + column, pivot * size + column));
            factors.order.swap(k, pivot);
            factors.sign = -factors.sign;
        }
        if lu.at(k, k) == 0.0 {
            continue;
        }
        for row in k + 1..size {
            let factor = lu.at(row, k) / lu.at(k, k);
            lu.set(row, k, factor);
            (k + 1..size)
                .for_each(|column| lu.set(row, column, lu.at(row, column) - factor * lu.at(k, column)));
        }
    }
    factors
}

/// `x` with `a x = b` for a triangular `a`; `unit`: its diagonal counts as ones.
fn substituted(a: &Matrix, b: &Matrix, lower: bool, unit: bool) -> Matrix {
    let size = a.rows;
    let mut x = b.clone();
    let rows: Vec<usize> = if lower { (0..size).collect() } else { (0..size).rev().collect() };
    for column in 0..b.columns {
        for &row in &rows {
            let known = if lower { 0..row } else { row + 1..size };
            let sum: f64 = known.map(|k| a.at(row, k) * x.at(k, column)).sum();
            let rest = x.at(row, column) - sum;
            x.set(row, column, if unit { rest } else { rest / a.at(row, row) });
        }
    }
    x
}

/// `x` with `a x = b`.
fn solved(a: &Matrix, b: &Matrix) -> Matrix {
    let factors = factored(a);
    let ordered = Matrix::made(b.rows, b.columns, |row, column| b.at(factors.order[row], column));
    substituted(&factors.lu, &substituted(&factors.lu, &ordered, true, true), false, false)
}

/// Determinants of square matrices `(..., n, n)`. Keras' `ops.det`.
///
/// # Errors
/// [`Error::Shape`] for matrices that are not square, [`Error::Argument`] for a tensor whose gradient is asked for.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// assert_eq!(ops::det(&x)?.to_scalar()?, -2.0);
/// let [sign, logarithm] = ops::slogdet(&x)?;
/// assert_eq!(sign.to_scalar()?, -1.0);
/// assert!((logarithm.to_scalar()? - 2.0_f64.ln()).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn det(x: &Tensor) -> Result<Tensor> {
    let (all, leading) = square_matrices("det", "x", x)?;
    let value = |m: &Matrix| {
        let factors = factored(m);
        factors.sign * (0..m.rows).map(|i| factors.lu.at(i, i)).product::<f64>()
    };
    numbers(&all.iter().map(value).collect::<Vec<_>>(), &leading, x)
}

/// Signs of determinants, and the logarithms of their absolute values. Keras' `ops.slogdet`.
///
/// Gradients flow through the logarithms.
///
/// # Errors
/// As [`det`].
#[super::operation]
pub fn slogdet(x: &Tensor) -> Result<[Tensor; 2]> {
    let constant = x.detach();
    let (all, leading) = square_matrices("slogdet", "x", &constant)?;
    let (mut signs, mut logarithms) = (Vec::new(), Vec::new());
    for matrix in &all {
        let factors = factored(matrix);
        let diagonal = || (0..matrix.rows).map(|i| factors.lu.at(i, i));
        let sign = |v: f64| if v == 0.0 { 0.0 } else { v.signum() };
        signs.push(factors.sign * diagonal().map(sign).product::<f64>());
        logarithms.push(diagonal().map(|v| v.abs().ln()).sum());
    }
    let (sign, logarithm) = (numbers(&signs, &leading, x)?, numbers(&logarithms, &leading, x)?);
    if !x.is_recorded() {
        return Ok([sign, logarithm]);
    }
    let slope = inv(&constant)?.transpose()?;
    Ok([sign, logarithm.add(&x.sub(&constant)?.mul(&slope)?.sum(&[-2, -1], false)?)?])
}

pub(crate) fn slogdet_spec(x: &Spec) -> Result<[Spec; 2]> {
    let logarithm = logdet_spec(x)?;
    Ok([logarithm.clone(), logarithm])
}

/// Logarithms of the determinants of positive definite matrices. Keras' `ops.logdet`.
///
/// Gradients flow.
///
/// # Errors
/// As [`det`].
#[super::operation]
pub fn logdet(x: &Tensor) -> Result<Tensor> {
    let [_, logarithm] = slogdet(x)?;
    Ok(logarithm)
}

pub(crate) fn logdet_spec((x, dtype): &Spec) -> Result<Spec> {
    match x.dims() {
        [leading @ .., rows, columns] if rows.zip(*columns).is_none_or(|(a, b)| a == b) => {
            Ok((Shape::new(leading), Rule::Float.apply(*dtype)))
        }
        _ => Err(Error::shape("logdet", "x", "square matrices", x.clone())),
    }
}

/// Inverses of square matrices `(..., n, n)`; those of singular ones are not finite. Keras' `ops.inv`.
///
/// # Errors
/// As [`det`].
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[2.0, 0.0, 0.0, 4.0], [2, 2])?;
/// assert_eq!(ops::inv(&x)?.to_vec::<f32>()?, [0.5, 0.0, 0.0, 0.25]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn inv(x: &Tensor) -> Result<Tensor> {
    let (all, leading) = square_matrices("inv", "x", x)?;
    let size = x.dim(-1)?;
    let inverses: Vec<Matrix> = all.iter().map(|m| solved(m, &Matrix::identity(size))).collect();
    stacked(&inverses, &leading, [size, size], x)
}

/// `x` with `a x = b` for square matrices `a`, `(..., n, n)`; `b` is `(..., n)` or `(..., n, k)`. Keras' `ops.solve`.
///
/// # Errors
/// As [`det`]; [`Error::Shape`] where `b` does not fit.
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
pub fn solve(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    system("solve", a, b, solved)
}

/// As [`solve`], for matrices that are lower or upper triangles; the other elements are not read. Keras'
/// `ops.solve_triangular`.
///
/// # Errors
/// As [`solve`].
pub fn solve_triangular(a: &Tensor, b: &Tensor, lower: bool) -> Result<Tensor> {
    system("solve_triangular", a, b, |a, b| substituted(a, b, lower, false))
}

fn system(
    context: &str,
    a: &Tensor,
    b: &Tensor,
    solve: impl Fn(&Matrix, &Matrix) -> Matrix,
) -> Result<Tensor> {
    let (left, leading) = square_matrices(context, "a", a)?;
    let is_vector = b.rank() + 1 == a.rank();
    let (right, right_leading) =
        matrices(context, "b", &if is_vector { b.expand_dims(-1)? } else { b.clone() })?;
    let (size, columns) = (a.dim(-1)?, right.first().map_or(1, |m| m.columns));
    if leading != right_leading || right.iter().any(|m| m.rows != size) {
        let expected = format!("{size} rows for each matrix of {}", tuple(a.shape()));
        return Err(Error::shape(context, "b", expected, tuple(b.shape())));
    }
    let x: Vec<Matrix> = left.iter().zip(&right).map(|(a, b)| solve(a, b)).collect();
    stacked(&x, &leading, [size, columns], a)?.reshape(b.shape())
}

/// Triangular factors of square matrices in one, and the row that elimination exchanged each row with. Keras'
/// `ops.lu_factor`.
///
/// # Errors
/// As [`det`].
pub fn lu_factor(x: &Tensor) -> Result<[Tensor; 2]> {
    let (all, leading) = square_matrices("lu_factor", "x", x)?;
    let size = x.dim(-1)?;
    let factors: Vec<Factors> = all.iter().map(factored).collect();
    let mut pivots = Vec::new();
    for factor in &factors {
        let mut rows: Vec<usize> = (0..size).collect();
        for k in 0..size {
            let found = rows.iter().position(|row| *row == factor.order[k]).unwrap_or(k);
            rows.swap(k, found);
            pivots.push(found);
        }
    }
    let lu: Vec<Matrix> = factors.into_iter().map(|factor| factor.lu).collect();
    let pivots = super::host::counted(&pivots, [&leading[..], &[size]].concat(), x)?;
    Ok([stacked(&lu, &leading, [size, size], x)?, pivots])
}

/// Triangles whose product with their transpose is a positive definite matrix: the lower ones, or the upper ones where
/// `upper` is set. Keras' `ops.cholesky`.
///
/// # Errors
/// As [`det`]; [`Error::Argument`] where a matrix is not positive definite.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[4.0, 2.0, 2.0, 5.0], [2, 2])?;
/// assert_eq!(ops::cholesky(&x, false)?.to_vec::<f32>()?, [2.0, 0.0, 1.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn cholesky(x: &Tensor, upper: bool) -> Result<Tensor> {
    let (all, leading) = square_matrices("cholesky", "x", x)?;
    let size = x.dim(-1)?;
    let mut triangles = Vec::with_capacity(all.len());
    for matrix in &all {
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
        triangles.push(if upper { triangle.transposed() } else { triangle });
    }
    stacked(&triangles, &leading, [size, size], x)
}

/// Inverses of the matrices whose triangles [`cholesky`] gave. Keras' `ops.cholesky_inverse`.
///
/// # Errors
/// As [`det`].
pub fn cholesky_inverse(x: &Tensor, upper: bool) -> Result<Tensor> {
    let (all, leading) = square_matrices("cholesky_inverse", "x", x)?;
    let size = x.dim(-1)?;
    let inverse = |m: &Matrix| {
        let inverse = substituted(m, &Matrix::identity(size), !upper, false);
        if upper { inverse.times(&inverse.transposed()) } else { inverse.transposed().times(&inverse) }
    };
    let inverses: Vec<Matrix> = all.iter().map(inverse).collect();
    stacked(&inverses, &leading, [size, size], x)
}
