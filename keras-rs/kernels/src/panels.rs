//! Weights in the order in which the kernels read them.

use crate::{AlignedBuffer, threads};

/// Panels that are packed at a time: a row of them is read in one piece of some cache lines.
const GROUP: usize = 8;

/// A matrix as panels of columns, each row by row, so that a kernel reads it from front to back.
#[derive(Clone, Debug, Default)]
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
        row: impl Fn(usize) -> &'a [f32] + Sync,
    ) -> Self {
        let mut values = AlignedBuffer::new(inner * columns.next_multiple_of(lanes));
        threads::run_chunks(&mut values, GROUP * width * inner, &|group, values| {
            for k in 0..inner {
                let numbers = &row(k)[..columns][group * GROUP * width..];
                for (panel, numbers) in numbers.chunks(width).take(GROUP).enumerate() {
                    let place = panel * width * inner + k * numbers.len().next_multiple_of(lanes);
                    values[place..][..numbers.len()].copy_from_slice(numbers);
                }
            }
        });
        Self { values, inner, columns, width, lanes }
    }

    /// A matrix of `inner` rows whose panels are made of those of this one, each with the same columns.
    pub(crate) fn map(&self, inner: usize, make: impl Fn(&[f32], usize, &mut [f32]) + Sync) -> Self {
        let mut values = AlignedBuffer::new(inner * self.columns.next_multiple_of(self.lanes));
        threads::run_chunks(&mut values, self.width * inner, &|panel, values| {
            let (from, _, vectors) = self.panel(panel);
            make(from, vectors * self.lanes, values);
        });
        Self { values, inner, ..*self }
    }

    /// Makes these panels those of another matrix, on this thread and as far as possible in the same memory.
    pub(crate) fn refill<'a>(
        &mut self,
        [inner, columns]: [usize; 2],
        width: usize,
        lanes: usize,
        mut row: impl FnMut(usize) -> &'a [f32],
    ) {
        self.make_room([inner, columns], width, lanes);
        for k in 0..inner {
            for (panel, numbers) in row(k)[..columns].chunks(width).enumerate() {
                let place = panel * width * inner + k * numbers.len().next_multiple_of(lanes);
                self.values[place..][..numbers.len()].copy_from_slice(numbers);
            }
        }
    }

    /// As [`Panels::refill`], by columns and times a factor.
    pub(crate) fn refill_columns<'a>(
        &mut self,
        [inner, columns]: [usize; 2],
        width: usize,
        lanes: usize,
        factor: f32,
        column: impl Fn(usize) -> &'a [f32],
    ) {
        self.make_room([inner, columns], width, lanes);
        for first in (0..columns).step_by(width) {
            let count = width.min(columns - first);
            let step = count.next_multiple_of(lanes);
            let panel = &mut self.values[first * inner..][..step * inner];
            for i in 0..count {
                let numbers = &column(first + i)[..inner];
                for (to, from) in panel[i..].iter_mut().step_by(step).zip(numbers) {
                    *to = from * factor;
                }
            }
        }
    }

    /// What fills the last vectors stays: no column of the output comes of it.
    fn make_room(&mut self, [inner, columns]: [usize; 2], width: usize, lanes: usize) {
        let needed = inner * columns.next_multiple_of(lanes);
        if self.values.len() < needed {
            self.values = AlignedBuffer::new(needed);
        }
        (self.inner, self.columns, self.width, self.lanes) = (inner, columns, width, lanes);
    }

    /// Columns of a panel.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Numbers of a vector.
    pub(crate) fn lanes(&self) -> usize {
        self.lanes
    }

    /// Number of panels.
    pub(crate) fn count(&self) -> usize {
        self.columns.div_ceil(self.width)
    }

    /// The numbers of a panel, its columns, and how many vectors hold them.
    #[inline]
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
        let doubled = panels.map(2, |from, width, to| {
            assert_eq!(from.len(), 2 * width);
            to.iter_mut().zip(from).for_each(|(to, from)| *to = 2.0 * from);
        });
        assert_eq!(doubled.panel(1).0[3..5], [0.0, 40.0]);
        assert_eq!(values, [9.0, 10.0, 11.0, 0.0, 20.0, 21.0, 22.0, 0.0]);
    }
}
