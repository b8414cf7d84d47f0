//! Matrices on the host.

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

    /// The mean of itself and its transpose.
    pub(super) fn symmetric(&self) -> Self {
        Self::made(self.rows, self.columns, |row, column| {
            f64::midpoint(self.at(row, column), self.at(column, row))
        })
    }

    pub(super) fn is_finite(&self) -> bool {
        self.values.iter().all(|v| v.is_finite())
    }
}
