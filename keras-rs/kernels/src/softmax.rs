//! Softmax of rows, and its gradient.

use crate::cpu::{self, Work};
use crate::exponential::exp;
use rayon::prelude::*;

/// Numbers that a thread takes at a time.
const PART: usize = 1 << 14;
/// Numbers that are added up side by side, so that the compiler makes vector instructions of the sums.
const LANES: usize = 16;

/// Puts the softmax of each row of `size` numbers in its place.
pub fn softmax(values: &mut [f32], size: usize) {
    let size = size.max(1);
    let part = size * (PART / size).max(1);
    values.par_chunks_mut(part).for_each(|rows| cpu::run(Forward { rows, size }));
}

/// Makes the gradients of what [`softmax`] got of those of its results `y`.
pub fn softmax_backward(y: &[f32], gradients: &mut [f32], size: usize) {
    let size = size.max(1);
    let part = size * (PART / size).max(1);
    let parts = gradients.par_chunks_mut(part).zip(y.par_chunks(part));
    parts.for_each(|(gradients, y)| cpu::run(Backward { y, gradients, size }));
}

struct Forward<'a> {
    rows: &'a mut [f32],
    size: usize,
}

impl Work for Forward<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        self.rows.chunks_exact_mut(self.size).for_each(row::<FMA>);
    }
}

/// Puts the softmax of a row in its place.
#[inline(always)]
pub(crate) fn row<const FMA: bool>(row: &mut [f32]) {
    let largest = fold(row, f32::NEG_INFINITY, |a, b| if b > a { b } else { a });
    for x in row.iter_mut() {
        let below = *x - largest;
        // The exponential function ends at -87.
        let power = if below < -87.0 { 0.0 } else { exp::<FMA>(below) };
        *x = if below.is_nan() { below } else { power };
    }
    let factor = 1.0 / fold(row, 0.0, |a, b| a + b);
    row.iter_mut().for_each(|x| *x *= factor);
}

struct Backward<'a> {
    y: &'a [f32],
    gradients: &'a mut [f32],
    size: usize,
}

impl Work for Backward<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (gradients, y) in self.gradients.chunks_exact_mut(self.size).zip(self.y.chunks_exact(self.size)) {
            row_backward(y, gradients);
        }
    }
}

/// Makes the gradients of what [`row`] got of those of its results `y`.
#[inline(always)]
pub(crate) fn row_backward(y: &[f32], gradients: &mut [f32]) {
    for (g, y) in gradients.iter_mut().zip(y) {
        *g *= y;
    }
    let sum = fold(gradients, 0.0, |a, b| a + b);
    for (g, y) in gradients.iter_mut().zip(y) {
        *g -= y * sum;
    }
}

/// All numbers of a row taken together, in an order that suits vector instructions.
#[inline(always)]
pub(crate) fn fold(row: &[f32], start: f32, join: impl Fn(f32, f32) -> f32) -> f32 {
    let (whole, rest) = row.as_chunks::<LANES>();
    let mut lanes = [start; LANES];
    for numbers in whole {
        for (lane, x) in lanes.iter_mut().zip(numbers) {
            *lane = join(*lane, *x);
        }
    }
    rest.iter().chain(&lanes).fold(start, |a, b| join(a, *b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(size: usize) -> Vec<f32> {
        (0..size).map(|i| (i as f32 * 0.7).sin() * 20.0).collect()
    }

    #[test]
    fn rows_of_any_size_are_as_in_float64() {
        for size in [1, 3, 16, 37, 128] {
            let x = [numbers(size), numbers(size).iter().map(|x| x - 100.0).collect()].concat();
            let mut y = x.clone();
            softmax(&mut y, size);
            for (x, y) in x.chunks(size).zip(y.chunks(size)) {
                let top = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let powers: Vec<f64> = x.iter().map(|x| f64::from(x - top).exp()).collect();
                let sum: f64 = powers.iter().sum();
                assert!(y.iter().zip(powers).all(|(y, p)| (f64::from(*y) - p / sum).abs() < 5e-7));
            }
        }
    }

    #[test]
    fn numbers_that_are_not_finite() {
        let mut y = [0.0, f32::NEG_INFINITY, 0.0, f32::NAN, 0.0, 0.0, f32::INFINITY, 0.0, 0.0];
        softmax(&mut y, 3);
        assert_eq!(y[..3], [0.5, 0.0, 0.5]);
        assert!(y[3..6].iter().all(|y| y.is_nan()) && y[6].is_nan());
        let mut none = [f32::NEG_INFINITY; 2];
        softmax(&mut none, 2);
        assert!(none.iter().all(|y| y.is_nan()));
    }

    #[test]
    fn gradients_are_those_of_the_formula() {
        let (size, mut y) = (21, numbers(21));
        softmax(&mut y, size);
        let g: Vec<f32> = (0..size).map(|i| (i as f32).cos()).collect();
        let mut made = g.clone();
        softmax_backward(&y, &mut made, size);
        let sum: f32 = y.iter().zip(&g).map(|(y, g)| y * g).sum();
        assert!((0..size).all(|i| (made[i] - y[i] * (g[i] - sum)).abs() < 1e-6));
    }
}
