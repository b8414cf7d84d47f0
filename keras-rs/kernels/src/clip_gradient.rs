//! The gradient of numbers that are kept between bounds.

use crate::cpu::{self, Work};
use crate::threads;

/// Numbers that a thread takes at a time.
const PIECE: usize = 1 << 14;

/// Sets gradients to zero whose outputs are not strictly between two bounds; infinity, as the upper one, is none.
///
/// ```
/// let mut gradients = [1.0, 2.0, 3.0, 4.0];
/// keras_rs_kernels::clip_gradient(&[0.0, 0.5, 6.0, f32::NAN], [0.0, 6.0], &mut gradients);
/// assert_eq!(gradients, [0.0, 2.0, 0.0, 0.0]);
/// ```
///
/// # Panics
/// Where there are not as many gradients as outputs.
pub fn clip_gradient(outputs: &[f32], [low, high]: [f32; 2], gradients: &mut [f32]) {
    assert_eq!(outputs.len(), gradients.len(), "length of the outputs");
    threads::run_chunks(gradients, PIECE, &|piece, gradients| {
        let outputs = &outputs[piece * PIECE..][..gradients.len()];
        cpu::run(Piece { outputs, low, high, gradients });
    });
}

struct Piece<'a> {
    outputs: &'a [f32],
    low: f32,
    high: f32,
    gradients: &'a mut [f32],
}

impl Work for Piece<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { outputs, low, high, gradients } = self;
        if high == f32::INFINITY {
            for (gradient, y) in gradients.iter_mut().zip(outputs) {
                *gradient = if *y > low { *gradient } else { 0.0 };
            }
            return;
        }
        for (gradient, y) in gradients.iter_mut().zip(outputs) {
            *gradient = if *y > low && *y < high { *gradient } else { 0.0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Random;

    #[test]
    fn as_plain_loops() {
        let mut random = Random::new(7);
        for length in [0, 1, 17, PIECE, 3 * PIECE + 5] {
            for bounds in [[0.0, f32::INFINITY], [-0.25, 0.5], [0.0, 0.0]] {
                let mut outputs = random.numbers(length);
                outputs.iter_mut().step_by(7).for_each(|y| *y = bounds[0]);
                outputs.iter_mut().step_by(11).for_each(|y| *y = bounds[1]);
                outputs.iter_mut().step_by(13).for_each(|y| *y = f32::NAN);
                let before = random.numbers(length);
                let mut made = before.clone();
                clip_gradient(&outputs, bounds, &mut made);
                for ((made, before), y) in made.iter().zip(before).zip(outputs) {
                    let passes = y > bounds[0] && (y < bounds[1] || bounds[1].is_infinite());
                    assert_eq!(*made, if passes { before } else { 0.0 }, "{y}");
                }
            }
        }
    }
}
