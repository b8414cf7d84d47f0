//! The gradient of a bias that is added to each row, and that of a `relu` after it.

use crate::cells::{Cells, parts, range};
use crate::cpu::{self, Work};
use crate::{AlignedBuffer, ViewMut, threads};
use std::ops::Range;

/// Computes the gradient of a bias, the sums of the columns of the gradients of outputs.
///
/// Where `outputs` are given, they are those of `relu`: the gradients of outputs that are not above zero become zero.
///
/// ```
/// let (mut gradients, mut bias) = ([1.0, 2.0, 3.0, 4.0], [0.0; 2]);
/// keras_rs_kernels::bias_gradient(Some(&[0.5, 0.0, 1.0, 2.0]), &mut gradients, &mut bias);
/// assert_eq!((gradients, bias), ([1.0, 0.0, 3.0, 4.0], [4.0, 4.0]));
/// ```
///
/// # Panics
/// Where the gradients are no whole number of rows, or not as many as the outputs.
pub fn bias_gradient(outputs: Option<&[f32]>, gradients: &mut [f32], bias: &mut [f32]) {
    let columns = bias.len();
    assert!(gradients.len().is_multiple_of(columns.max(1)), "gradients are no rows of the bias's length");
    assert!(outputs.is_none_or(|outputs| outputs.len() == gradients.len()), "length of the outputs");
    if gradients.is_empty() {
        bias.fill(0.0);
        return;
    }
    let rows = gradients.len() / columns;
    let parts = parts(rows, gradients.len());
    let mut sums = AlignedBuffer::new(parts * columns);
    let of_parts = Cells::new(ViewMut::dense(&mut sums, columns), parts, columns);
    let cells = Cells::new(ViewMut::dense(gradients, columns), rows, columns);
    threads::run(parts, &|part| {
        let rows = range(rows, parts, part);
        // SAFETY: each part has a row of sums for itself.
        #[allow(unsafe_code, reason = "threads write to parts of one slice")]
        let sums = unsafe { of_parts.pixel(part) };
        cpu::run(Part { outputs, gradients: &cells, rows, sums });
    });
    bias.copy_from_slice(&sums[..columns]);
    for sums in sums[columns..].chunks_exact(columns) {
        bias.iter_mut().zip(sums).for_each(|(bias, sum)| *bias += sum);
    }
}

struct Part<'a> {
    outputs: Option<&'a [f32]>,
    gradients: &'a Cells<'a>,
    rows: Range<usize>,
    sums: &'a mut [f32],
}

impl Work for Part<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let columns = self.sums.len();
        for row in self.rows {
            // SAFETY: no two parts have the same rows.
            #[allow(unsafe_code, reason = "threads write to parts of one slice")]
            let gradients = unsafe { self.gradients.pixel(row) };
            if let Some(outputs) = self.outputs {
                for (gradient, y) in gradients.iter_mut().zip(&outputs[row * columns..]) {
                    *gradient = if *y > 0.0 { *gradient } else { 0.0 };
                }
            }
            self.sums.iter_mut().zip(&*gradients).for_each(|(sum, gradient)| *sum += gradient);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Random;

    #[test]
    fn as_plain_loops() {
        let mut random = Random::new(32);
        for (rows, columns) in [(1, 1), (0, 3), (7, 5), (300, 17), (20_000, 33), (3, 0)] {
            for with_outputs in [false, true] {
                let (outputs, before) = (random.numbers(rows * columns), random.numbers(rows * columns));
                let (mut gradients, mut bias) = (before.clone(), vec![7.0; columns]);
                bias_gradient(with_outputs.then_some(&outputs), &mut gradients, &mut bias);
                let passes = |i: usize| !with_outputs || outputs[i] > 0.0;
                let expected: Vec<f32> =
                    before.iter().enumerate().map(|(i, g)| if passes(i) { *g } else { 0.0 }).collect();
                assert_eq!(gradients, expected);
                for (column, bias) in bias.iter().enumerate() {
                    let sum: f64 = (0..rows).map(|row| f64::from(expected[row * columns + column])).sum();
                    assert!((f64::from(*bias) - sum).abs() < 1e-6 * rows.max(10) as f64, "{rows} {columns}");
                }
            }
        }
    }
}
