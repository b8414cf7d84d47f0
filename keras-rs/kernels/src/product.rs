//! Products of matrices whose right side is used many times.

use crate::cpu::fma;

/// Columns of a panel: two vectors of eight.
pub(crate) const PANEL: usize = 16;
/// Rows that are computed together.
const ROWS: usize = 4;

/// A matrix as panels of columns, each row by row, so that a product reads it from front to back.
#[derive(Debug)]
pub(crate) struct Packed {
    values: Vec<f32>,
    rows: usize,
    columns: usize,
}

impl Packed {
    /// Packs `rows` times `columns` values; `at` gives the one of a row and a column.
    pub(crate) fn new(rows: usize, columns: usize, at: impl Fn(usize, usize) -> f32) -> Self {
        let panels = columns.div_ceil(PANEL);
        let mut values = vec![0.0; panels * rows * PANEL];
        for (panel, values) in values.chunks_exact_mut((rows * PANEL).max(1)).enumerate() {
            let first = panel * PANEL;
            for (row, values) in values.chunks_exact_mut(PANEL).enumerate() {
                for (value, column) in values.iter_mut().zip(first..columns) {
                    *value = at(row, column);
                }
            }
        }
        Self { values, rows, columns }
    }

    /// Packs vectors as the rows of a matrix, multiplied by a factor; zeros stand below the last one.
    pub(crate) fn of_rows<'a>(
        rows: usize,
        columns: usize,
        vectors: usize,
        vector: impl Fn(usize) -> &'a [f32],
        factor: f32,
    ) -> Self {
        let panels = columns.div_ceil(PANEL);
        let mut values = vec![0.0; panels * rows * PANEL];
        for row in 0..vectors {
            for (panel, from) in vector(row).chunks(PANEL).enumerate() {
                let to = &mut values[(panel * rows + row) * PANEL..][..PANEL];
                to.iter_mut().zip(from).for_each(|(to, from)| *to = from * factor);
            }
        }
        Self { values, rows, columns }
    }

    /// Packs vectors as the columns of a matrix, multiplied by a factor.
    pub(crate) fn of_columns<'a>(
        rows: usize,
        columns: usize,
        vector: impl Fn(usize) -> &'a [f32],
        factor: f32,
    ) -> Self {
        let panels = columns.div_ceil(PANEL);
        let mut values = vec![0.0; panels * rows * PANEL];
        for column in 0..columns {
            let to = &mut values[column / PANEL * rows * PANEL..][..rows * PANEL];
            for (to, from) in to.chunks_exact_mut(PANEL).zip(vector(column)) {
                to[column % PANEL] = from * factor;
            }
        }
        Self { values, rows, columns }
    }

    /// Number of columns with those that fill the last panel.
    pub(crate) fn width(&self) -> usize {
        Self::width_of(self.columns)
    }

    /// As [`Packed::width`], of so many columns.
    pub(crate) fn width_of(columns: usize) -> usize {
        columns.next_multiple_of(PANEL)
    }

    /// Adds the product of `left` with this matrix to `sums`, whose rows have [`Packed::width`] columns.
    #[inline(always)]
    pub(crate) fn add_product<const FMA: bool>(&self, left: &[f32], sums: &mut [f32]) {
        if self.rows == 0 || self.columns == 0 {
            return;
        }
        let (inner, width) = (self.rows, self.width());
        for (panel, values) in self.values.chunks_exact(inner * PANEL).enumerate() {
            let first = panel * PANEL;
            for (left, sums) in left.chunks(inner * ROWS).zip(sums.chunks_mut(width * ROWS)) {
                if left.len() == inner * ROWS {
                    let rows = std::array::from_fn(|i| &left[i * inner..(i + 1) * inner]);
                    block::<FMA, ROWS>(rows, values, sums, width, first);
                    continue;
                }
                for (row, sums) in left.chunks_exact(inner).zip(sums.chunks_exact_mut(width)) {
                    block::<FMA, 1>([row], values, sums, width, first);
                }
            }
        }
    }
}

/// Adds the products of some rows with a panel.
#[inline(always)]
fn block<const FMA: bool, const N: usize>(
    rows: [&[f32]; N],
    panel: &[f32],
    sums: &mut [f32],
    width: usize,
    first: usize,
) {
    let mut all = [[0.0_f32; PANEL]; N];
    for (i, all) in all.iter_mut().enumerate() {
        all.copy_from_slice(&sums[i * width + first..][..PANEL]);
    }
    for (k, values) in panel.chunks_exact(PANEL).enumerate() {
        for (row, all) in rows.iter().zip(&mut all) {
            let left = row[k];
            for (sum, value) in all.iter_mut().zip(values) {
                *sum = fma::<FMA>(left, *value, *sum);
            }
        }
    }
    for (i, all) in all.iter().enumerate() {
        sums[i * width + first..][..PANEL].copy_from_slice(all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_rows_and_columns() {
        for (rows, inner, columns) in [(1, 1, 1), (3, 5, 7), (4, 16, 16), (9, 20, 33), (0, 3, 4), (2, 0, 3)] {
            let left: Vec<f32> = (0..rows * inner).map(|i| (i % 7) as f32 - 3.0).collect();
            let packed = Packed::new(inner, columns, |i, j| ((i * columns + j) % 5) as f32 - 2.0);
            let mut sums = vec![1.0; rows * packed.width()];
            packed.add_product::<false>(&left, &mut sums);
            for row in 0..rows {
                for column in 0..columns {
                    let product =
                        |k: usize| left[row * inner + k] * (((k * columns + column) % 5) as f32 - 2.0);
                    let expected = 1.0 + (0..inner).map(product).sum::<f32>();
                    assert_eq!(sums[row * packed.width() + column], expected, "{rows} {inner} {columns}");
                }
            }
        }
    }
}
