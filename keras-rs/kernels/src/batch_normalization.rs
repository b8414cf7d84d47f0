//! Normalization of channels by their mean and variance over all rows, and its gradients.

use crate::cells::{Cells, parts, range};
use crate::cpu::{self, Work};
use crate::memory::zeros;
use crate::{ViewMut, threads};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Rows whose numbers are added up in `f32`: longer sums lose digits.
const ROWS: usize = 64;

/// The mean of each channel of rows of `channels` numbers, and the mean of the squares of the differences from it.
///
/// ```
/// let [mean, variance] = keras_rs_kernels::channel_moments(&[1.0, 5.0, 3.0, 5.0], 2);
/// assert_eq!((mean, variance), (vec![2.0, 5.0], vec![1.0, 0.0]));
/// ```
///
/// # Panics
/// Where the numbers are no whole number of rows.
pub fn channel_moments(x: &[f32], channels: usize) -> [Vec<f32>; 2] {
    let rows = x.len() / channels.max(1);
    let average = |sums: &[f64]| sums.iter().map(|sum| (sum / rows.max(1) as f64) as f32).collect::<Vec<_>>();
    let [sums, _] = sums(Terms::Numbers, x, channels);
    let mean = average(&sums);
    let [squares, _] = self::sums(Terms::Squares { mean: &mean }, x, channels);
    let variance = average(&squares);
    [mean, variance]
}

/// Gradients of [`Normalization::apply`].
#[derive(Clone, Debug)]
pub struct NormalizationGradients {
    /// Of the numbers, of which mean and variance are.
    pub x: Vec<f32>,
    /// Of the factors.
    pub gamma: Vec<f32>,
    /// Of the terms.
    pub beta: Vec<f32>,
}

/// What channels are normalized with, a number of each kind for each of them.
#[derive(Clone, Copy, Debug)]
pub struct Normalization<'a> {
    /// Means.
    pub mean: &'a [f32],
    /// Variances.
    pub variance: &'a [f32],
    /// Is added to the variances.
    pub epsilon: f32,
    /// Factors of what is normalized.
    pub gamma: &'a [f32],
}

impl Normalization<'_> {
    /// What becomes of rows: `(x - mean) / sqrt(variance + epsilon) * gamma + beta`.
    ///
    /// ```
    /// use keras_rs_kernels::Normalization;
    ///
    /// let two = Normalization { mean: &[1.0], variance: &[3.0], epsilon: 1.0, gamma: &[4.0] };
    /// assert_eq!(two.apply(&[1.0, 2.0], &[0.5]), [0.5, 2.5]);
    /// ```
    ///
    /// # Panics
    /// Where there are not as many numbers of each kind, or the numbers are no whole number of rows.
    pub fn apply(self, x: &[f32], beta: &[f32]) -> Vec<f32> {
        self.check(x);
        let factors: Vec<f32> =
            self.roots().iter().zip(self.gamma).map(|(root, gamma)| root * gamma).collect();
        let terms: Vec<f32> = beta
            .iter()
            .zip(self.mean)
            .zip(&factors)
            .map(|((beta, mean), factor)| beta - mean * factor)
            .collect();
        assert_eq!(terms.len(), self.mean.len(), "terms");
        let zeros = vec![0.0; terms.len()];
        lines(x, x, [&factors, &zeros, &terms])
    }

    /// The gradients of rows of which mean and variance are, of those of what became of them.
    ///
    /// # Panics
    /// As [`Normalization::apply`].
    pub fn backward(self, x: &[f32], gradient: &[f32]) -> NormalizationGradients {
        self.check(x);
        assert_eq!(x.len(), gradient.len(), "gradients");
        let (channels, roots) = (self.mean.len(), self.roots());
        let rows = (x.len() / channels.max(1)).max(1) as f64;
        let [of_beta, of_gamma] =
            sums(Terms::Gradients { gradient, mean: self.mean, roots: &roots }, x, channels);
        // gamma * root * (gradient - mean of gradients - normalized * mean of gradients times normalized)
        let mut coefficients = [(); 3].map(|()| Vec::with_capacity(channels));
        for channel in 0..channels {
            let (root, mean) = (f64::from(roots[channel]), f64::from(self.mean[channel]));
            let factor = f64::from(self.gamma[channel]) * root;
            let slope = -factor * of_gamma[channel] / rows * root;
            let term = -factor * of_beta[channel] / rows - slope * mean;
            for (all, new) in coefficients.iter_mut().zip([factor, slope, term]) {
                all.push(new as f32);
            }
        }
        let [factors, slopes, terms] = &coefficients;
        let single = |sums: Vec<f64>| sums.into_iter().map(|sum| sum as f32).collect();
        NormalizationGradients {
            x: lines(gradient, x, [factors, slopes, terms]),
            gamma: single(of_gamma),
            beta: single(of_beta),
        }
    }

    fn check(&self, x: &[f32]) {
        let channels = self.mean.len();
        assert!(self.variance.len() == channels && self.gamma.len() == channels, "numbers for each channel");
        assert!(x.len().is_multiple_of(channels.max(1)), "rows of numbers");
    }

    fn roots(&self) -> Vec<f32> {
        self.variance.iter().map(|variance| 1.0 / (variance + self.epsilon).sqrt()).collect()
    }
}

/// What is added up in each channel.
#[derive(Clone, Copy)]
enum Terms<'a> {
    Numbers,
    Squares {
        mean: &'a [f32],
    },
    /// Gradients, and gradients times normalized numbers.
    Gradients {
        gradient: &'a [f32],
        mean: &'a [f32],
        roots: &'a [f32],
    },
}

/// Sums of each channel over all rows.
fn sums(terms: Terms<'_>, x: &[f32], channels: usize) -> [Vec<f64>; 2] {
    assert!(x.len().is_multiple_of(channels.max(1)), "rows of numbers");
    let rows = x.len() / channels.max(1);
    let parts = parts(rows, x.len());
    let all: Vec<_> = (0..parts).map(|_| Mutex::new([vec![0.0; channels], vec![0.0; channels]])).collect();
    threads::run(parts, &|part| {
        // Each is locked once.
        let mut sums = all[part].lock().unwrap_or_else(PoisonError::into_inner);
        cpu::run(Part { terms, x, channels, rows: range(rows, parts, part), sums: &mut sums });
    });
    let mut total = [vec![0.0; channels], vec![0.0; channels]];
    for sums in all {
        let sums = sums.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (total, sums) in total.iter_mut().zip(&sums) {
            total.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
        }
    }
    total
}

struct Part<'a> {
    terms: Terms<'a>,
    x: &'a [f32],
    channels: usize,
    rows: Range<usize>,
    sums: &'a mut [Vec<f64>; 2],
}

impl Work for Part<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let mut block = [vec![0.0_f32; self.channels], vec![0.0; self.channels]];
        for first in self.rows.clone().step_by(ROWS) {
            let [first_sums, second_sums] = &mut block;
            for row in first..self.rows.end.min(first + ROWS) {
                let place = row * self.channels..(row + 1) * self.channels;
                let x = &self.x[place.clone()];
                match self.terms {
                    Terms::Numbers => first_sums.iter_mut().zip(x).for_each(|(sum, x)| *sum += x),
                    Terms::Squares { mean } => {
                        for ((sum, x), mean) in first_sums.iter_mut().zip(x).zip(mean) {
                            *sum += (x - mean) * (x - mean);
                        }
                    }
                    Terms::Gradients { gradient, mean, roots } => {
                        let sums = first_sums.iter_mut().zip(second_sums.iter_mut());
                        let numbers = x.iter().zip(&gradient[place]).zip(mean.iter().zip(roots));
                        for ((first, second), ((x, gradient), (mean, root))) in sums.zip(numbers) {
                            *first += gradient;
                            *second += gradient * ((x - mean) * root);
                        }
                    }
                }
            }
            for (sums, block) in self.sums.iter_mut().zip(&mut block) {
                for (sum, number) in sums.iter_mut().zip(block) {
                    *sum += f64::from(*number);
                    *number = 0.0;
                }
            }
        }
    }
}

/// `a * factor + b * slope + term` in each channel.
fn lines(a: &[f32], b: &[f32], coefficients: [&[f32]; 3]) -> Vec<f32> {
    let channels = coefficients[0].len();
    let rows = a.len() / channels.max(1);
    let mut made = zeros(a.len());
    let cells = Cells::new(ViewMut::dense(&mut made, channels), rows, channels);
    let parts = parts(rows, a.len());
    threads::run(parts, &|part| {
        let to = &cells;
        cpu::run(Lines { a, b, coefficients, rows: range(rows, parts, part), to });
    });
    made
}

struct Lines<'a> {
    a: &'a [f32],
    b: &'a [f32],
    coefficients: [&'a [f32]; 3],
    rows: Range<usize>,
    to: &'a Cells<'a>,
}

impl Work for Lines<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let [factors, slopes, terms] = self.coefficients;
        let channels = factors.len();
        for row in self.rows {
            // SAFETY: no two parts have the same rows.
            #[allow(unsafe_code, reason = "threads write to parts of one slice")]
            let to = unsafe { self.to.pixel(row) };
            let numbers = self.a[row * channels..].iter().zip(&self.b[row * channels..]);
            let coefficients = factors.iter().zip(slopes).zip(terms);
            for ((to, (a, b)), ((factor, slope), term)) in to.iter_mut().zip(numbers).zip(coefficients) {
                *to = a * factor + b * slope + term;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Random;

    fn loss(x: &[f64], gamma: &[f64], beta: &[f64], weights: &[f32]) -> f64 {
        let (channels, rows) = (gamma.len(), x.len() / gamma.len());
        let column = |c: usize| x.iter().skip(c).step_by(channels);
        let mut sum = 0.0;
        for c in 0..channels {
            let mean = column(c).sum::<f64>() / rows as f64;
            let variance = column(c).map(|x| (x - mean).powi(2)).sum::<f64>() / rows as f64;
            let root = (variance + 0.01).sqrt();
            let weights = weights.iter().skip(c).step_by(channels);
            sum += column(c)
                .zip(weights)
                .map(|(x, w)| ((x - mean) / root * gamma[c] + beta[c]) * f64::from(*w))
                .sum::<f64>();
        }
        sum
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let mut random = Random::new(33);
        for (rows, channels) in [(1, 3), (2, 1), (7, 5), (70, 17)] {
            let numbers = |random: &mut Random, count| random.numbers(count);
            let (x, weights) = (numbers(&mut random, rows * channels), numbers(&mut random, rows * channels));
            let (gamma, beta) = (numbers(&mut random, channels), numbers(&mut random, channels));
            let [mean, variance] = channel_moments(&x, channels);
            let of = Normalization { mean: &mean, variance: &variance, epsilon: 0.01, gamma: &gamma };
            let wide = |values: &[f32]| values.iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
            let all = [wide(&x), wide(&gamma), wide(&beta)];
            let made: f64 = of.apply(&x, &beta).iter().zip(&weights).map(|(y, w)| f64::from(y * w)).sum();
            assert!((made - loss(&all[0], &all[1], &all[2], &weights)).abs() < 1e-4, "{rows} {channels}");
            let gradients = of.backward(&x, &weights);
            for (which, gradients) in [gradients.x, gradients.gamma, gradients.beta].iter().enumerate() {
                for (i, gradient) in gradients.iter().enumerate() {
                    let at = |step: f64| {
                        let mut moved = all.clone();
                        moved[which][i] += step;
                        loss(&moved[0], &moved[1], &moved[2], &weights)
                    };
                    let exact = (at(1e-5) - at(-1e-5)) / 2e-5;
                    assert!((f64::from(*gradient) - exact).abs() < 1e-4, "{rows} {channels} {which} {i}");
                }
            }
        }
    }

    #[test]
    fn many_rows_far_from_zero() {
        let x: Vec<f32> = (0..3_000_000).map(|i| 100.0 + (i % 7) as f32).collect();
        let [mean, variance] = channel_moments(&x, 1);
        assert!((mean[0] - 103.0).abs() < 1e-4 && (variance[0] - 4.0).abs() < 1e-4, "{mean:?} {variance:?}");
    }
}
