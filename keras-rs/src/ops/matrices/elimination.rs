//! Gauss' elimination.

use super::matrix::Matrix;
use std::cmp::Ordering;

/// Triangular factors in one matrix, and the rows that were exchanged.
pub(super) struct Factors {
    pub(super) lu: Matrix,
    /// The row that each row was exchanged with, in turn.
    pub(super) pivots: Vec<usize>,
    /// Sign of the order.
    pub(super) sign: f64,
}

impl Factors {
    pub(super) fn diagonal(&self) -> impl Iterator<Item = f64> {
        (0..self.pivots.len()).map(|i| self.lu.at(i, i))
    }

    pub(super) fn determinant(&self) -> f64 {
        self.sign * self.diagonal().product::<f64>()
    }

    /// The lower factor, made square by columns of the identity.
    pub(super) fn lower(&self) -> Matrix {
        let (rows, columns) = (self.lu.rows, self.lu.columns);
        Matrix::made(rows, rows, |row, column| match row.cmp(&column) {
            Ordering::Equal => 1.0,
            Ordering::Greater if column < columns => self.lu.at(row, column),
            _ => 0.0,
        })
    }

    /// The upper factor, made square by rows of the identity.
    pub(super) fn upper(&self) -> Matrix {
        let (rows, columns) = (self.lu.rows, self.lu.columns);
        Matrix::made(columns, columns, |row, column| match row < rows {
            true if row <= column => self.lu.at(row, column),
            true => 0.0,
            false => f64::from(u8::from(row == column)),
        })
    }

    /// A matrix whose rows are exchanged as those of the factored one were.
    pub(super) fn ordered(&self, matrix: &Matrix) -> Matrix {
        let mut ordered = matrix.clone();
        for (k, pivot) in self.pivots.iter().enumerate().filter(|(k, pivot)| k != *pivot) {
            for column in 0..matrix.columns {
                ordered.values.swap(k * matrix.columns + column, pivot * matrix.columns + column);
            }
        }
        ordered
    }
}

/// The largest element of each column becomes its pivot.
pub(super) fn factored(matrix: &Matrix) -> Factors {
    let (rows, columns) = (matrix.rows, matrix.columns);
    let mut factors = Factors { lu: matrix.clone(), pivots: Vec::new(), sign: 1.0 };
    for k in 0..rows.min(columns) {
        let lu = &mut factors.lu;
        // Of equal ones the first, as LAPACK: `max_by` gives the last.
        let pivot =
            (k..rows).rev().max_by(|a, b| lu.at(*a, k).abs().total_cmp(&lu.at(*b, k).abs())).unwrap_or(k);
        factors.pivots.push(pivot);
        if pivot != k {
            (0..columns).for_each(|column| lu.values.swap(k * columns + column, pivot * columns + column));
            factors.sign = -factors.sign;
        }
        if lu.at(k, k) == 0.0 {
            continue;
        }
        for row in k + 1..rows {
            let factor = lu.at(row, k) / lu.at(k, k);
            lu.set(row, k, factor);
            for column in k + 1..columns {
                lu.set(row, column, lu.at(row, column) - factor * lu.at(k, column));
            }
        }
    }
    factors
}

/// `x` with `a x = b` for a triangular `a`; `unit`: its diagonal counts as ones.
pub(super) fn substituted(a: &Matrix, b: &Matrix, lower: bool, unit: bool) -> Matrix {
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
pub(super) fn solved(a: &Matrix, b: &Matrix) -> Matrix {
    let factors = factored(a);
    let ordered = factors.ordered(b);
    substituted(&factors.lu, &substituted(&factors.lu, &ordered, true, true), false, false)
}

pub(super) fn inverted(a: &Matrix) -> Matrix {
    solved(a, &Matrix::identity(a.rows))
}
