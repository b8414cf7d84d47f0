//! Rows divided by how far their numbers spread: layer normalization and its kin.

#![allow(unsafe_code, reason = "threads write to parts of one slice")]

use crate::cells::{Cells, parts, range};
use crate::cpu::{Kernel, Level, fma};
use crate::simd::Vector;
use crate::softmax::fold;
use crate::{View, ViewMut, threads};
use std::ops::Range;

/// What a row is divided by; a small number is added under each root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// The root of the variance, once the mean is taken off: layer normalization.
    Centered,
    /// The root of the variance; the mean stays.
    Deviation,
    /// The root of the mean of the squares.
    RootMeanSquare,
}

/// `x / spread * scale + shift` for each of `pixels`; factors and shifts that are empty are left out.
///
/// ```
/// use keras_rs_kernels::{Spread, View, ViewMut, standardize};
///
/// let (x, mut y) = ([1.0, 3.0], [0.0; 2]);
/// let (input, output) = (View::dense(&x, 2), ViewMut::dense(&mut y, 2));
/// standardize(Spread::Centered, 0.0, [1, 2], input, [&[], &[0.0, 10.0]], output);
/// assert_eq!(y, [-1.0, 11.0]);
/// ```
///
/// # Panics
/// Where a view has fewer values than the pixels need, or there are fewer factors or shifts.
pub fn standardize(
    spread: Spread,
    epsilon: f32,
    sizes: [usize; 2],
    input: View<'_>,
    affine: [&[f32]; 2],
    output: ViewMut<'_>,
) {
    standardize_at(Level::best(), spread, epsilon, sizes, input, affine, output);
}

fn standardize_at(
    level: Level,
    spread: Spread,
    epsilon: f32,
    [pixels, channels]: [usize; 2],
    input: View<'_>,
    affine: [&[f32]; 2],
    output: ViewMut<'_>,
) {
    assert!(input.holds(pixels, channels), "the input is too short");
    assert!(affine.iter().all(|all| all.is_empty() || all.len() >= channels), "too few factors or shifts");
    let output = Cells::new(output, pixels, channels);
    let parts = parts(pixels, 4 * pixels * channels);
    threads::run(parts, &|part| {
        let pixels = range(pixels, parts, part);
        level.run(Rows { spread, epsilon, channels, input, affine, pixels, output: &output });
    });
}

struct Rows<'a> {
    spread: Spread,
    epsilon: f32,
    channels: usize,
    input: View<'a>,
    affine: [&'a [f32]; 2],
    pixels: Range<usize>,
    output: &'a Cells<'a>,
}

impl Kernel for Rows<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        for pixel in self.pixels.clone() {
            // SAFETY: this part alone has the pixel.
            let to = unsafe { self.output.pixel(pixel) };
            let from = self.input.pixel(pixel, self.channels);
            if V::FMA { self.row::<true>(from, to) } else { self.row::<false>(from, to) }
        }
    }
}

impl Rows<'_> {
    #[inline(always)]
    fn row<const FMA: bool>(&self, from: &[f32], to: &mut [f32]) {
        let share = 1.0 / from.len() as f32;
        let sum = |row: &[f32]| fold(row, 0.0, |a, b| a + b);
        let mean = if self.spread == Spread::RootMeanSquare { 0.0 } else { sum(from) * share };
        to.iter_mut().zip(from).for_each(|(to, x)| *to = (x - mean) * (x - mean));
        let factor = 1.0 / (sum(to) * share + self.epsilon).sqrt();
        let center = if self.spread == Spread::Centered { mean } else { 0.0 };
        to.iter_mut().zip(from).for_each(|(to, x)| *to = (x - center) * factor);
        match self.affine {
            [[], []] => {}
            [scale, []] => to.iter_mut().zip(scale).for_each(|(to, scale)| *to *= scale),
            [[], shift] => to.iter_mut().zip(shift).for_each(|(to, shift)| *to += shift),
            [scale, shift] => {
                for ((to, scale), shift) in to.iter_mut().zip(scale).zip(shift) {
                    *to = fma::<FMA>(*to, *scale, *shift);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Random;

    #[test]
    fn rows_are_those_of_the_formulas_on_every_set_of_instructions() {
        let mut random = Random::new(29);
        for level in Level::all() {
            for round in 0..40 {
                let spread = [Spread::Centered, Spread::Deviation, Spread::RootMeanSquare][round % 3];
                let [pixels, channels] = [random.whole(1, 40), random.whole(1, 90)];
                let (pitch, offset) = (channels + random.whole(0, 3), random.whole(0, 2));
                let x: Vec<f32> = random.numbers(offset + pixels * pitch).iter().map(|x| x + 2.0).collect();
                let optional = |there: bool, count: usize, random: &mut Random| match there {
                    true => random.numbers(count),
                    false => Vec::new(),
                };
                let scale = optional(round % 4 < 2, channels, &mut random);
                let shift = optional(round % 2 == 0, channels, &mut random);
                let mut y = vec![-9.0; pixels * (channels + 1)];
                let input = View { values: &x, pitch, offset };
                let output = ViewMut { values: &mut y, pitch: channels + 1, offset: 1 };
                standardize_at(*level, spread, 1e-3, [pixels, channels], input, [&scale, &shift], output);
                for pixel in 0..pixels {
                    let row: Vec<f64> = input.pixel(pixel, channels).iter().map(|x| f64::from(*x)).collect();
                    let count = channels as f64;
                    let mean = row.iter().sum::<f64>() / count;
                    let about = if spread == Spread::RootMeanSquare { 0.0 } else { mean };
                    let square = row.iter().map(|x| (x - about).powi(2)).sum::<f64>() / count;
                    let center = if spread == Spread::Centered { mean } else { 0.0 };
                    for (i, x) in row.iter().enumerate() {
                        let number = |all: &[f32], other: f64| all.get(i).map_or(other, |x| f64::from(*x));
                        let expected =
                            (x - center) / (square + 1e-3).sqrt() * number(&scale, 1.0) + number(&shift, 0.0);
                        let y = f64::from(y[pixel * (channels + 1) + 1 + i]);
                        assert!((y - expected).abs() < 2e-5, "{level:?} {spread:?} {y} {expected}");
                    }
                    assert_eq!(y[pixel * (channels + 1)], -9.0);
                }
            }
        }
    }

    #[test]
    fn numbers_that_are_not_finite_stay_in_their_row() {
        let x = [1.0, f32::NAN, 2.0, 4.0, f32::INFINITY, 0.0];
        let mut y = [0.0; 6];
        let output = ViewMut::dense(&mut y, 2);
        standardize(Spread::Centered, 1e-3, [3, 2], View::dense(&x, 2), [&[], &[]], output);
        assert!(y[..2].iter().chain(&y[4..]).all(|y| y.is_nan()) && y[2..4].iter().all(|y| y.is_finite()));
    }
}
