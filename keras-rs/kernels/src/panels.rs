//! Weights in the order in which the kernels read them.

use crate::AlignedBuffer;

/// A matrix as panels of columns, each row by row, so that a kernel reads it from front to back.
#[derive(Clone, Debug)]
pub(crate) struct Panels {
    values: AlignedBuffer,
    /// Rows of the matrix.
    pub(crate) inner: usize,
    /// Columns of the matrix.
    pub(crate) columns: usize,
    width: usize,
    lanes: usize,
}

impl Panels {
    /// Packs `inner` rows of `columns`, into panels of `width` columns; the last one has as many vectors of `lanes` as
    /// it needs. `row` gives the columns of a row.
    pub(crate) fn new<'a>(
        [inner, columns]: [usize; 2],
        width: usize,
        lanes: usize,
        row: impl Fn(usize) -> &'a [f32],
    ) -> Self {
        let mut values = AlignedBuffer::new(inner * columns.next_multiple_of(lanes));
        for k in 0..inner {
            for (panel, numbers) in row(k)[..columns].chunks(width).enumerate() {
                let padded = width.min((columns - panel * width).next_multiple_of(lanes));
                values[panel * width * inner + k * padded..][..numbers.len()].copy_from_slice(numbers);
            }
        }
        Self { values, inner, columns, width, lanes }
    }

    /// The columns of a row.
    pub(crate) fn row(&self, row: usize) -> Vec<f32> {
        let panels = (0..self.count()).map(|index| self.panel(index));
        panels
            .flat_map(|(values, columns, vectors)| &values[row * vectors * self.lanes..][..columns])
            .copied()
            .collect()
    }

    /// Number of panels.
    pub(crate) fn count(&self) -> usize {
        self.columns.div_ceil(self.width)
    }

    /// The numbers of a panel, its columns, and how many vectors hold them.
    pub(crate) fn panel(&self, index: usize) -> (&[f32], usize, usize) {
        let columns = self.width.min(self.columns - index * self.width);
        let vectors = columns.div_ceil(self.lanes);
        let first = index * self.width * self.inner;
        (&self.values[first..first + vectors * self.lanes * self.inner], columns, vectors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_zeros() {
        let matrix: Vec<f32> = (0..22).map(|i| i as f32 + 1.0).collect();
        let panels = Panels::new([2, 11], 8, 4, |k| &matrix[k * 11..]);
        assert_eq!(panels.count(), 2);
        let (values, columns, vectors) = panels.panel(0);
        assert_eq!((columns, vectors), (8, 2));
        assert_eq!(values[..9], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 12.0]);
        let (values, columns, vectors) = panels.panel(1);
        assert_eq!((columns, vectors), (3, 1));
        assert_eq!(panels.row(1), matrix[11..]);
        assert_eq!(values, [9.0, 10.0, 11.0, 0.0, 20.0, 21.0, 22.0, 0.0]);
    }
}
