//! Cross entropy of rows of classes, and its gradient.

use crate::cells::parts;
use crate::cpu::{self, Work};
use crate::exponential::exp;
use crate::softmax::fold;
use crate::threads;
use std::ops::Range;

/// How near to 0 and 1 probabilities come at most.
const EPSILON: f32 = 1e-7;

/// What is true of each row: one class, or a share of each class.
#[derive(Clone, Copy, Debug)]
pub enum Truth<'a> {
    /// The class of each row; rows with a number that is no class have no loss.
    Labels(&'a [i32]),
    /// As many shares a row as there are classes.
    Shares(&'a [f32]),
}

/// Rows of predictions, and what they are.
#[derive(Clone, Copy, Debug)]
pub struct CrossEntropy<'a> {
    /// Rows of as many numbers as there are classes.
    pub predictions: &'a [f32],
    /// What is true of them.
    pub truth: Truth<'a>,
    /// Number of classes.
    pub classes: usize,
    /// Whether predictions are logits; else they are probabilities, which are divided by their sum and kept 1e-7 away
    /// from 0 and 1.
    pub from_logits: bool,
}

impl CrossEntropy<'_> {
    /// The loss of each row.
    ///
    /// ```
    /// use keras_rs_kernels::{CrossEntropy, Truth};
    ///
    /// let (predictions, truth) = (&[0.5, 0.5, 3.0, 1.0], Truth::Labels(&[0, 1]));
    /// let losses = CrossEntropy { predictions, truth, classes: 2, from_logits: false }.losses();
    /// assert!((losses[0] - 0.5_f32.ln().abs()).abs() < 1e-6 && (losses[1] - 4_f32.ln()).abs() < 1e-6);
    /// ```
    ///
    /// # Panics
    /// Where predictions and truth are not rows of so many classes.
    pub fn losses(&self) -> Vec<f32> {
        let rows = self.rows();
        let mut losses = vec![0.0; rows];
        self.each_part(&mut losses, 1, |losses, rows| cpu::run(Forward { of: self, losses, rows }));
        losses
    }

    /// The gradient of the predictions for gradients of the losses.
    ///
    /// It is half of that inside at the bounds of probabilities and zero beyond them, as in JAX.
    ///
    /// ```
    /// use keras_rs_kernels::{CrossEntropy, Truth};
    ///
    /// let of = CrossEntropy { predictions: &[0.0, 0.0], truth: Truth::Labels(&[1]), classes: 2, from_logits: true };
    /// assert_eq!(of.backward(&[2.0]), [1.0, -1.0]);
    /// ```
    ///
    /// # Panics
    /// Where predictions, truth and gradients are not of as many rows of so many classes.
    pub fn backward(&self, gradients: &[f32]) -> Vec<f32> {
        assert_eq!(gradients.len(), self.rows(), "gradients of the losses");
        let mut made = crate::zeros(self.predictions.len());
        self.each_part(&mut made, self.classes, |made, rows| {
            cpu::run(Backward { of: self, gradients: &gradients[rows.clone()], made, rows });
        });
        made
    }

    fn rows(&self) -> usize {
        let rows = self.predictions.len() / self.classes.max(1);
        assert_eq!(rows * self.classes, self.predictions.len(), "predictions are no rows of the classes");
        match self.truth {
            Truth::Labels(labels) => assert_eq!(labels.len(), rows, "a label for each row"),
            Truth::Shares(shares) => assert_eq!(shares.len(), self.predictions.len(), "shares of each row"),
        }
        rows
    }

    /// Hands out the rows to threads, each with its part of what is made.
    fn each_part(&self, made: &mut [f32], width: usize, run: impl Fn(&mut [f32], Range<usize>) + Sync) {
        let rows = self.rows();
        let parts = parts(rows, self.predictions.len());
        let part = rows.div_ceil(parts.max(1)).max(1);
        threads::run_chunks(made, part * width, &|index, made| {
            run(made, index * part..(index * part + made.len() / width));
        });
    }
}

/// The probability, and the factor of its gradient: none beyond the bounds, half of it on them.
#[inline(always)]
fn bounded(probability: f32) -> (f32, f32) {
    let at = |bound: f32| if probability == bound { 0.5 } else { 1.0 };
    let beyond = !(EPSILON..=1.0 - EPSILON).contains(&probability) && !probability.is_nan();
    let factor = if beyond { 0.0 } else { at(EPSILON) * at(1.0 - EPSILON) };
    (probability.clamp(EPSILON, 1.0 - EPSILON), factor)
}

/// The largest number of a row, and the sum of the exponentials of what lacks to it.
#[inline(always)]
fn largest_and_sum<const FMA: bool>(row: &[f32]) -> (f32, f32) {
    let largest = fold(row, f32::NEG_INFINITY, |a, b| if b > a || b.is_nan() { b } else { a });
    let sum = row.iter().fold(0.0, |sum, x| sum + power::<FMA>(x - largest));
    (largest, sum)
}

/// The exponential of a number that is not above zero.
#[inline(always)]
fn power<const FMA: bool>(below: f32) -> f32 {
    // The exponential function ends at -87.
    let power = if below < -87.0 { 0.0 } else { exp::<FMA>(below) };
    if below.is_nan() { below } else { power }
}

fn class(label: i32, classes: usize) -> Option<usize> {
    usize::try_from(label).ok().filter(|class| *class < classes)
}

struct Forward<'a> {
    of: &'a CrossEntropy<'a>,
    losses: &'a mut [f32],
    rows: Range<usize>,
}

impl Work for Forward<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { of, losses, rows } = self;
        for (loss, row) in losses.iter_mut().zip(rows) {
            let x = &of.predictions[row * of.classes..][..of.classes];
            let logarithm = |by: &dyn Fn(f32) -> f32| match of.truth {
                Truth::Labels(labels) => class(labels[row], of.classes).map_or(0.0, |class| -by(x[class])),
                Truth::Shares(shares) => {
                    let shares = &shares[row * of.classes..][..of.classes];
                    -x.iter().zip(shares).fold(0.0, |sum, (x, share)| sum + share * by(*x))
                }
            };
            *loss = if of.from_logits {
                let (largest, sum) = largest_and_sum::<FMA>(x);
                let of_sum = sum.ln();
                logarithm(&|x| x - largest - of_sum)
            } else {
                let sum = fold(x, 0.0, |a, b| a + b);
                logarithm(&|x| bounded(x / sum).0.ln())
            };
        }
    }
}

struct Backward<'a> {
    of: &'a CrossEntropy<'a>,
    gradients: &'a [f32],
    made: &'a mut [f32],
    rows: Range<usize>,
}

impl Work for Backward<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { of, gradients, made, rows } = self;
        for ((row, gradient), made) in rows.zip(gradients).zip(made.chunks_exact_mut(of.classes)) {
            let x = &of.predictions[row * of.classes..][..of.classes];
            match of.truth {
                Truth::Labels(labels) => {
                    if let Some(class) = class(labels[row], of.classes) {
                        row_backward::<FMA>(
                            of.from_logits,
                            x,
                            |at| f32::from(u8::from(at == class)),
                            *gradient,
                            made,
                        );
                    }
                }
                Truth::Shares(shares) => {
                    let shares = &shares[row * of.classes..][..of.classes];
                    row_backward::<FMA>(of.from_logits, x, |at| shares[at], *gradient, made);
                }
            }
        }
    }
}

/// Makes the gradient of a row for that of its loss.
#[inline(always)]
fn row_backward<const FMA: bool>(
    from_logits: bool,
    x: &[f32],
    share: impl Fn(usize) -> f32,
    gradient: f32,
    made: &mut [f32],
) {
    if from_logits {
        let (largest, sum) = largest_and_sum::<FMA>(x);
        let shares: f32 = (0..x.len()).map(&share).sum();
        for (at, (made, x)) in made.iter_mut().zip(x).enumerate() {
            *made = gradient * (power::<FMA>(x - largest) / sum * shares - share(at));
        }
        return;
    }
    let sum = fold(x, 0.0, |a, b| a + b);
    // First the gradients of the probabilities after the division.
    let mut of_sum = 0.0;
    for (at, (made, x)) in made.iter_mut().zip(x).enumerate() {
        let share = share(at);
        let (probability, factor) = bounded(x / sum);
        *made = if share == 0.0 && !probability.is_nan() {
            0.0
        } else {
            -gradient * share * factor / probability
        };
        of_sum += *made * x;
    }
    let of_sum = of_sum / sum;
    made.iter_mut().for_each(|made| *made = (*made - of_sum) / sum);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Random;

    /// The loss of a row in float64, without bounds.
    fn loss(x: &[f64], shares: &[f64], from_logits: bool) -> f64 {
        let powers: Vec<f64> = x.iter().map(|x| if from_logits { x.exp() } else { *x }).collect();
        let sum: f64 = powers.iter().sum();
        -powers.iter().zip(shares).map(|(p, share)| share * (p / sum).ln()).sum::<f64>()
    }

    #[test]
    fn losses_and_gradients_are_those_of_the_formula() {
        let mut random = Random::new(5);
        for (rows, classes) in [(1, 1), (3, 2), (7, 10), (130, 33), (900, 100)] {
            for from_logits in [false, true] {
                let x: Vec<f32> = random.numbers(rows * classes).iter().map(|x| x.abs() + 0.05).collect();
                let labels: Vec<i32> = (0..rows as i32).map(|row| row * 7 % classes as i32).collect();
                let mut shares = vec![0.0; rows * classes];
                for (row, label) in labels.iter().enumerate() {
                    shares[row * classes + *label as usize] = 1.0;
                }
                let soft: Vec<f32> = random.numbers(rows * classes).iter().map(|x| x.abs()).collect();
                let gradients = random.numbers(rows);
                for (truth, shares) in [(Truth::Labels(&labels), &shares), (Truth::Shares(&soft), &soft)] {
                    let of = CrossEntropy { predictions: &x, truth, classes, from_logits };
                    let (losses, made) = (of.losses(), of.backward(&gradients));
                    for row in 0..rows {
                        let part = |all: &[f32]| {
                            all[row * classes..][..classes].iter().map(|x| f64::from(*x)).collect()
                        };
                        let (x, shares): (Vec<f64>, Vec<f64>) = (part(&x), part(shares));
                        let expected = loss(&x, &shares, from_logits);
                        // A single class has the probability one, which the bounds change.
                        let bounds = if classes == 1 { 1e-6 } else { 0.0 };
                        assert!(
                            (f64::from(losses[row]) - expected).abs()
                                < 2e-5 * expected.abs().max(1.0) + bounds
                        );
                        for at in (0..classes).filter(|_| classes > 1) {
                            let moved = |by: f64| {
                                let mut x = x.clone();
                                x[at] += by;
                                loss(&x, &shares, from_logits)
                            };
                            let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5 * f64::from(gradients[row]);
                            let got = f64::from(made[row * classes + at]);
                            assert!((got - slope).abs() < 2e-4 * slope.abs().max(1.0), "{got} {slope}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn bounds_infinities_and_labels_that_are_no_class() {
        let of =
            |predictions, truth, from_logits| CrossEntropy { predictions, truth, classes: 2, from_logits };
        let sure = of(&[1.0, 0.0, 1.0, 0.0], Truth::Labels(&[0, 1]), false);
        assert_eq!(sure.losses()[1], -(1e-7_f32.ln()));
        assert_eq!(sure.backward(&[1.0, 1.0]), [0.0; 4]);
        let none = of(&[0.5, 0.5, 0.5, 0.5], Truth::Labels(&[-1, 2]), false);
        assert_eq!((none.losses(), none.backward(&[1.0, 1.0])), (vec![0.0; 2], vec![0.0; 4]));
        let far = of(&[1000.0, 0.0], Truth::Labels(&[1]), true);
        assert_eq!((far.losses(), far.backward(&[1.0])), (vec![1000.0], vec![1.0, -1.0]));
        assert!(of(&[f32::NAN, 0.0], Truth::Labels(&[1]), true).losses()[0].is_nan());
        assert!(of(&[f32::NAN, 0.0], Truth::Labels(&[1]), false).losses()[0].is_nan());
    }
}
