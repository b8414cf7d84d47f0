//! Functions of each number, and of two numbers at the same place.

use crate::cells::{Cells, parts, range};
use crate::cpu::{Kernel, Level};
use crate::simd::Vector;
use crate::{Activation, Prologue, View, ViewMut, threads};
use std::ops::Range;

/// Numbers that are taken through an activation while they are in the cache.
const PIECE: usize = 2048;

/// What a pixel is computed of, besides the numbers of the input.
#[derive(Clone, Copy)]
enum Other<'a> {
    /// A sum with a pixel of another view.
    Plus(View<'a>),
    /// A product with a pixel of another view.
    Times(View<'a>),
    /// A product with a number for each channel of each image, and the pixels of an image.
    TimesChannels(&'a [f32], usize),
    /// A number for each channel to multiply with, and one to add.
    ScaleShift(&'a [f32], &'a [f32]),
}

/// `activation(a + b)` at each of `pixels`.
///
/// ```
/// use keras_rs_kernels::{Activation, View, ViewMut, add};
///
/// let (a, b, mut sum) = ([1.0, -4.0], [2.0, 3.0], [0.0; 2]);
/// add(1, 2, View::dense(&a, 2), View::dense(&b, 2), Activation::Relu, ViewMut::dense(&mut sum, 2));
/// assert_eq!(sum, [3.0, 0.0]);
/// ```
///
/// # Panics
/// Where a view has fewer values than the pixels need.
pub fn add(
    pixels: usize,
    channels: usize,
    a: View<'_>,
    b: View<'_>,
    activation: Activation,
    output: ViewMut<'_>,
) {
    assert!(b.holds(pixels, channels), "the second input is too short");
    map(Level::best(), [pixels, channels], a, Other::Plus(b), activation, output);
}

/// `activation(a * b)` at each of `pixels`.
///
/// # Panics
/// Where a view has fewer values than the pixels need.
pub fn multiply(
    pixels: usize,
    channels: usize,
    a: View<'_>,
    b: View<'_>,
    activation: Activation,
    output: ViewMut<'_>,
) {
    assert!(b.holds(pixels, channels), "the second input is too short");
    map(Level::best(), [pixels, channels], a, Other::Times(b), activation, output);
}

/// `activation(input * factors)` at each of the `pixels` of `batch` images: all pixels of an image have the same
/// factors, which are `(batch, channels)`. That is how squeeze and excitation ends.
///
/// ```
/// use keras_rs_kernels::{Activation, View, ViewMut, multiply_channels};
///
/// let (x, mut y) = ([1.0, 2.0, 3.0, 4.0], [0.0; 4]);
/// let (input, output) = (View::dense(&x, 2), ViewMut::dense(&mut y, 2));
/// multiply_channels(1, 2, 2, input, &[10.0, 0.5], Activation::Linear, output);
/// assert_eq!(y, [10.0, 1.0, 30.0, 2.0]);
/// ```
///
/// # Panics
/// Where a view has fewer values than the pixels need, or there are fewer factors.
pub fn multiply_channels(
    batch: usize,
    pixels: usize,
    channels: usize,
    input: View<'_>,
    factors: &[f32],
    activation: Activation,
    output: ViewMut<'_>,
) {
    assert!(factors.len() >= batch * channels, "too few factors");
    let other = Other::TimesChannels(factors, pixels);
    map(Level::best(), [batch * pixels, channels], input, other, activation, output);
}

/// A prologue alone, `activation(input * scale + shift)` at each of `pixels`: a batch normalization that stands alone.
///
/// # Panics
/// Where a view has fewer values than the pixels need, or there are fewer factors.
pub fn scale_shift(
    pixels: usize,
    channels: usize,
    input: View<'_>,
    prologue: Prologue<'_>,
    output: ViewMut<'_>,
) {
    let Prologue { scale, shift, activation } = prologue;
    assert!(scale.len() >= channels && shift.len() >= channels, "too few factors");
    map(Level::best(), [pixels, channels], input, Other::ScaleShift(scale, shift), activation, output);
}

/// Puts a function of each number in its place.
///
/// ```
/// let mut values = [-2.0, 0.5];
/// keras_rs_kernels::activate(keras_rs_kernels::Activation::Relu, &mut values);
/// assert_eq!(values, [0.0, 0.5]);
/// ```
pub fn activate(activation: Activation, values: &mut [f32]) {
    let count = values.len();
    let cells = Cells::new(ViewMut::dense(values, 1), count, 1);
    // An exponential function takes about as long as ten products.
    let pieces = count.div_ceil(PIECE);
    let parts = parts(pieces, count * if activation.bounds().is_some() { 1 } else { 10 });
    threads::run(parts, &|part| {
        let pieces = range(pieces, parts, part);
        let numbers = pieces.start * PIECE..count.min(pieces.end * PIECE);
        Level::best().run(Activate { activation, cells: &cells, numbers });
    });
}

/// [`Activation::apply`] with the instructions of vectors.
#[inline(always)]
pub(crate) fn activate_inline<V: Vector>(activation: Activation, values: &mut [f32]) {
    if V::FMA { activation.apply_inline::<true>(values) } else { activation.apply_inline::<false>(values) }
}

fn map(
    level: Level,
    [pixels, channels]: [usize; 2],
    input: View<'_>,
    other: Other<'_>,
    activation: Activation,
    output: ViewMut<'_>,
) {
    assert!(input.holds(pixels, channels), "the input is too short");
    let output = Cells::new(output, pixels, channels);
    let parts = parts(pixels, pixels * channels);
    threads::run(parts, &|part| {
        let pixels = range(pixels, parts, part);
        level.run(Map { input, other, activation, pixels, channels, output: &output });
    });
}

struct Activate<'a> {
    activation: Activation,
    cells: &'a Cells<'a>,
    numbers: Range<usize>,
}

impl Kernel for Activate<'_> {
    #[inline(always)]
    #[allow(unsafe_code, reason = "the instructions of the vectors")]
    unsafe fn run<V: Vector>(self) {
        // SAFETY: this part alone has these numbers.
        #[allow(unsafe_code, reason = "threads write to parts of one slice")]
        for values in unsafe { self.cells.pieces(self.numbers) } {
            activate_inline::<V>(self.activation, values);
        }
    }
}

/// Some pixels of a function of numbers at the same place.
struct Map<'a> {
    input: View<'a>,
    other: Other<'a>,
    activation: Activation,
    pixels: Range<usize>,
    channels: usize,
    output: &'a Cells<'a>,
}

impl Kernel for Map<'_> {
    #[inline(always)]
    #[allow(
        unsafe_code,
        reason = "the instructions of the vectors, and threads that write to parts of one slice"
    )]
    unsafe fn run<V: Vector>(self) {
        let channels = self.channels;
        let step = self.step();
        for pixel in self.pixels.clone().step_by(step) {
            let pixels = pixel..self.pixels.end.min(pixel + step);
            let size = pixels.len() * channels;
            // SAFETY: this part alone has the pixels.
            for to in unsafe { self.output.pieces(pixels) } {
                let a = self.input.pixel(pixel, size);
                match self.other {
                    Other::Plus(b) => self.write::<V>(to, pairs(a, b.pixel(pixel, size)).map(|(a, b)| a + b)),
                    Other::Times(b) => {
                        self.write::<V>(to, pairs(a, b.pixel(pixel, size)).map(|(a, b)| a * b))
                    }
                    Other::TimesChannels(factors, pixels) => {
                        let factors = &factors[pixel / pixels * channels..][..channels];
                        self.write::<V>(to, pairs(a, factors).map(|(a, b)| a * b));
                    }
                    Other::ScaleShift(scale, shift) => {
                        let numbers = pairs(a, scale).zip(shift);
                        self.write::<V>(to, numbers.map(|((a, b), c)| fma::<V>(*a, *b, *c)));
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn fma<V: Vector>(a: f32, b: f32, c: f32) -> f32 {
    if V::FMA { a.mul_add(b, c) } else { a * b + c }
}

#[inline(always)]
fn pairs<'a>(a: &'a [f32], b: &'a [f32]) -> impl Iterator<Item = (&'a f32, &'a f32)> {
    a.iter().zip(b)
}

impl Map<'_> {
    /// Pixels that are computed as one: more than one where no view has anything between them, and all numbers have
    /// another one beside them.
    fn step(&self) -> usize {
        let other = match self.other {
            Other::Plus(b) | Other::Times(b) => b.pitch,
            Other::TimesChannels(..) | Other::ScaleShift(..) => return 1,
        };
        let whole = [self.input.pitch, other, self.output.pitch()].iter().all(|p| *p == self.channels);
        if whole { (PIECE / self.channels.max(1)).max(1) } else { 1 }
    }

    /// The activations of some numbers.
    #[inline(always)]
    fn write<V: Vector>(&self, to: &mut [f32], numbers: impl Iterator<Item = f32>) {
        if let Some([low, high]) = self.activation.bounds() {
            for (to, x) in to.iter_mut().zip(numbers) {
                // Not a number stays that.
                let x = if x < low { low } else { x };
                *to = if x > high { high } else { x };
            }
            return;
        }
        to.iter_mut().zip(numbers).for_each(|(to, x)| *to = x);
        activate_inline::<V>(self.activation, to);
    }
}

#[cfg(test)]
mod tests;
