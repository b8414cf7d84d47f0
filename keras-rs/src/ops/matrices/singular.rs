//! Singular values and vectors.

use super::eigenvalues::{SWEEPS, reciprocal, rotation, turn};
use super::matrix::Matrix;
use super::{change, matrices, numbers, product, require_factorable, sizes, smaller, spec, stacked};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::limits::check_shape;
use crate::ops::operand::Results;
use crate::ops::{Data, Operand, OperationCall, Value, diagonal};
use crate::shape::Spec;
use crate::tensor::Tensor;
use keras_rs_derive::operation;

/// Singular values and vectors: `u`, values in descending order, `v` transposed, with `u s v = x`. Keras' `ops.svd` with
/// `compute_uv`; without it [`svdvals`].
///
/// With `full_matrices`, `u` and `v` are square. Signs of vectors are not determined; vectors of equal values are not
/// either, and no gradient flows between them. Shapes: `(..., m, n)` gives `(..., m, k)`, `(..., k)` and `(..., k, n)`, with
/// `k` the smaller of `m` and `n`.
///
/// # Errors
/// [`Error::Shape`] for less than two axes, [`Error::DType`] for half precision. As on JAX, full matrices have no gradient
/// where `m` and `n` differ: [`Error::Argument`] where it is asked for. [`Error::TooLarge`] where they take too much memory.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[3.0, 0.0, 0.0, 4.0], [2, 2])?;
/// let (_, values, _) = ops::svd(&x, false)?;
/// assert_eq!(values.to_vec::<f32>()?, [4.0, 3.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation("SVD")]
pub fn svd(x: &Tensor, full_matrices: bool) -> Result<(Tensor, Tensor, Tensor)> {
    let found = Decomposition::of("svd", x)?;
    let Some(dx) = change(x)? else { return found.vectors(x, full_matrices) };
    let (rows, columns) = (x.dim(-2)?, x.dim(-1)?);
    if full_matrices && rows != columns {
        let expected =
            "false: full matrices have no gradient where there are more rows than columns, or fewer";
        return Err(Error::argument(
            "svd",
            "full_matrices",
            expected,
            format!("true of {}", tuple(x.shape())),
        ));
    }
    let (u, s, vt) = found.vectors(x, false)?;
    let (ut, v) = (u.transpose()?, vt.transpose()?);
    let inner = product(&[&ut, &dx, &v])?;
    let gaps = found.each(x, |values| {
        Matrix::made(values.len(), values.len(), |i, j| {
            reciprocal((values[j] + values[i]) * (values[j] - values[i]))
        })
    })?;
    let inverse = found.each(x, |values| Matrix::made(1, values.len(), |_, j| reciprocal(values[j])))?;
    let (of_columns, of_rows) = (inner.mul(&s.expand_dims(-2)?)?, inner.mul(&s.expand_dims(-1)?)?);
    let mut du = u.matmul(&of_columns.add(&of_columns.transpose()?)?.mul(&gaps)?)?;
    let mut dv = v.matmul(&of_rows.add(&of_rows.transpose()?)?.mul(&gaps)?)?;
    // What lies outside of the vectors there are.
    if rows > columns {
        let turned = dx.matmul(&v)?;
        du = du.add(&turned.sub(&product(&[&u, &ut, &turned])?)?.mul(&inverse)?)?;
    }
    if columns > rows {
        let turned = dx.transpose()?.matmul(&u)?;
        dv = dv.add(&turned.sub(&product(&[&v, &vt, &turned])?)?.mul(&inverse)?)?;
    }
    let s = s.add(&diagonal(&inner, 0, -2, -1)?)?;
    Ok((u.add(&du)?, s, vt.add(&dv.transpose()?)?))
}

pub(crate) fn svd_spec((x, dtype): &Spec, full_matrices: bool) -> Result<Vec<Spec>> {
    require_factorable("svd", *dtype)?;
    let (leading, rows, columns) = sizes("svd", "x", x)?;
    let count = smaller(rows, columns);
    let (left, right) = if full_matrices { (rows, columns) } else { (count, count) };
    let spec = |after: &[Option<usize>]| spec(leading, after, *dtype);
    Ok(vec![spec(&[rows, left]), spec(&[count]), spec(&[right, columns])])
}

/// Singular values in descending order, `(..., k)` of `(..., m, n)`. Keras' `ops.svd` without `compute_uv`.
///
/// # Errors
/// [`Error::Shape`] for less than two axes, [`Error::DType`] for half precision.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[3.0, 0.0, 0.0, 4.0], [2, 2])?;
/// assert_eq!(ops::svdvals(&x)?.to_vec::<f32>()?, [4.0, 3.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn svdvals<X: Operand>(x: &X) -> Result<X::Output> {
    if <X::Output as Value>::SYMBOLIC {
        let mut call = OperationCall::new("SVD");
        call.argument("full_matrices", Data::Flag(true));
        call.argument("compute_uv", Data::Flag(false));
        call.operand(x.given()?);
        return <Tensor as Results<X::Output>>::of_call(call);
    }
    Value::of(values_of("svd", &*x.real(&[])?)?)
}

pub(crate) fn svdvals_spec((x, dtype): &Spec) -> Result<Spec> {
    require_factorable("svd", *dtype)?;
    let (leading, rows, columns) = sizes("svd", "x", x)?;
    Ok(spec(leading, &[smaller(rows, columns)], *dtype))
}

/// Singular values in descending order.
pub(in crate::ops) fn values_of(context: &str, x: &Tensor) -> Result<Tensor> {
    let found = Decomposition::of(context, x)?;
    let Some(dx) = change(x)? else { return found.values(x) };
    let (u, s, vt) = found.vectors(x, false)?;
    s.add(&diagonal(&product(&[&u.transpose()?, &dx, &vt.transpose()?])?, 0, -2, -1)?)
}

/// Of every matrix of a tensor.
struct Decomposition {
    all: Vec<Singular>,
    leading: Vec<usize>,
    rows: usize,
    columns: usize,
}

impl Decomposition {
    fn of(context: &str, x: &Tensor) -> Result<Self> {
        require_factorable(context, x.dtype())?;
        let (all, leading) = matrices(context, "x", x)?;
        Ok(Self { all: all.iter().map(singular).collect(), leading, rows: x.dim(-2)?, columns: x.dim(-1)? })
    }

    fn count(&self) -> usize {
        self.rows.min(self.columns)
    }

    fn values(&self, x: &Tensor) -> Result<Tensor> {
        let values: Vec<f64> = self.all.iter().flat_map(|found| found.values.iter().copied()).collect();
        numbers(&values, &[&self.leading[..], &[self.count()]].concat(), x)
    }

    fn vectors(&self, x: &Tensor, full_matrices: bool) -> Result<(Tensor, Tensor, Tensor)> {
        let count = self.count();
        let (left, right) = if full_matrices { (self.rows, self.columns) } else { (count, count) };
        for (size, vectors) in [(self.rows, left), (right, self.columns)] {
            check_shape("svd", DType::F64, &[&self.leading[..], &[size, vectors]].concat())?;
        }
        let us: Vec<Matrix> = self.all.iter().map(|found| wider(&found.u, left)).collect();
        let vts: Vec<Matrix> =
            self.all.iter().map(|found| wider(&found.vt.transposed(), right).transposed()).collect();
        let u = stacked(&us, &self.leading, [self.rows, left], x)?;
        Ok((u, self.values(x)?, stacked(&vts, &self.leading, [right, self.columns], x)?))
    }

    /// A matrix for the values of each, all of one size.
    fn each(&self, x: &Tensor, of: impl Fn(&[f64]) -> Matrix) -> Result<Tensor> {
        let all: Vec<Matrix> = self.all.iter().map(|found| of(&found.values)).collect();
        let size = all.first().map_or([0, 0], |matrix| [matrix.rows, matrix.columns]);
        stacked(&all, &self.leading, size, x)
    }
}

/// With columns after its own that are orthogonal to them.
fn wider(narrow: &Matrix, size: usize) -> Matrix {
    let mut wide =
        Matrix::made(
            narrow.rows,
            size,
            |row, column| {
                if column < narrow.columns { narrow.at(row, column) } else { 0.0 }
            },
        );
    if narrow.is_finite() {
        completed(&mut wide);
    }
    wide
}

/// Singular vectors and values: `u` with as many columns as there are values, values in descending order, `v`
/// transposed.
pub(super) struct Singular {
    pub(super) u: Matrix,
    pub(super) values: Vec<f64>,
    pub(super) vt: Matrix,
}

/// One-sided rotations of the columns until they are orthogonal.
pub(super) fn singular(matrix: &Matrix) -> Singular {
    if matrix.rows < matrix.columns {
        let Singular { u, values, vt } = singular(&matrix.transposed());
        return Singular { u: vt.transposed(), values, vt: u.transposed() };
    }
    let (rows, columns) = (matrix.rows, matrix.columns);
    if !matrix.is_finite() {
        let unknown = |rows: usize| Matrix::made(rows, columns, |_, _| f64::NAN);
        return Singular { u: unknown(rows), values: vec![f64::NAN; columns], vt: unknown(columns) };
    }
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
