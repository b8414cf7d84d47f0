//! What weights go through before they are packed.

use crate::threads;
use std::sync::atomic::{AtomicBool, Ordering};

/// Numbers that a thread takes at a time.
const PIECE: usize = 1 << 15;

/// Multiplies each row of numbers, one for each factor, with the factors: the scale of a normalization becomes a part of
/// the weights before it. Products are rounded once.
///
/// ```
/// let mut weights = [1.0, 2.0, 3.0, 4.0];
/// keras_rs_kernels::scale_columns(&mut weights, &[2.0, 0.5]);
/// assert_eq!(weights, [2.0, 1.0, 6.0, 2.0]);
/// ```
pub fn scale_columns(weights: &mut [f32], factors: &[f64]) {
    let columns = factors.len().max(1);
    let rows = (PIECE / columns).max(1);
    threads::run_chunks(weights, rows * columns, &|_, rows| {
        for row in rows.chunks_mut(columns) {
            row.iter_mut().zip(factors).for_each(|(x, factor)| *x = (f64::from(*x) * factor) as f32);
        }
    });
}

/// Whether no number is infinite or NaN.
///
/// ```
/// assert!(keras_rs_kernels::all_finite(&[0.0, f32::MAX]));
/// assert!(!keras_rs_kernels::all_finite(&[0.0, f32::NAN]));
/// ```
pub fn all_finite(values: &[f32]) -> bool {
    const EXPONENT: u32 = 0x7F80_0000;
    let finite = AtomicBool::new(true);
    threads::run(values.len().div_ceil(PIECE), &|part| {
        let piece = &values[part * PIECE..values.len().min((part + 1) * PIECE)];
        // Without a way out, so that it becomes vector instructions.
        if !piece.iter().fold(true, |finite, x| finite & (x.to_bits() & EXPONENT != EXPONENT)) {
            finite.store(false, Ordering::Relaxed);
        }
    });
    finite.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_and_every_place() {
        let mut weights = vec![1.5; 3 * (PIECE + 7)];
        scale_columns(&mut weights, &[1.0, 2.0, -1.0]);
        assert!(weights.chunks_exact(3).all(|row| row == [1.5, 3.0, -1.5]));
        assert!(all_finite(&[]) && all_finite(&weights));
        for place in [0, PIECE - 1, PIECE, weights.len() - 1] {
            for special in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let before = std::mem::replace(&mut weights[place], special);
                assert!(!all_finite(&weights), "{place}");
                weights[place] = before;
            }
        }
    }
}
