//! Rows of a matrix by number.

#![allow(unsafe_code, reason = "threads write to parts of one slice")]

use crate::cells::{Cells, parts, range};
use crate::{ViewMut, threads};

/// Copies the row with each number to a pixel of its own; the rows of `vectors` have `size` numbers.
///
/// ```
/// use keras_rs_kernels::{ViewMut, look_up};
///
/// let (vectors, mut output) = ([1.0, 2.0, 3.0, 4.0], [0.0; 6]);
/// look_up(&vectors, 2, &[1, 0, 1], ViewMut::dense(&mut output, 2));
/// assert_eq!(output, [3.0, 4.0, 1.0, 2.0, 3.0, 4.0]);
/// ```
///
/// # Panics
/// Where there is no such row, or the output is too short.
pub fn look_up(vectors: &[f32], size: usize, rows: &[usize], output: ViewMut<'_>) {
    let cells = Cells::new(output, rows.len(), size);
    let parts = parts(rows.len(), rows.len() * size);
    threads::run(parts, &|part| {
        for pixel in range(rows.len(), parts, part) {
            let row = &vectors[rows[pixel] * size..][..size];
            // SAFETY: this part alone has the pixel.
            unsafe { cells.pixel(pixel) }.copy_from_slice(row);
        }
    });
}
