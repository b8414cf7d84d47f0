//! Functions of each number, and of two numbers at the same place.

use crate::cells::{Cells, parts, range};
use crate::level::{Kernel, Level};
use crate::vector::Vector;
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

/// Copies images into larger ones, with zeros on `pads`: `[[top, bottom], [left, right]]`.
///
/// ```
/// use keras_rs_kernels::{View, ViewMut, pad};
///
/// let mut output = [9.0; 6];
/// let (input, larger) = (View::dense(&[1.0, 2.0], 1), ViewMut::dense(&mut output, 1));
/// pad(1, [1, 2], 1, [[1, 0], [0, 1]], input, larger);
/// assert_eq!(output, [0.0, 0.0, 0.0, 1.0, 2.0, 0.0]);
/// ```
///
/// # Panics
/// Where a view has fewer values than its pixels need.
pub fn pad(
    batch: usize,
    size: [usize; 2],
    channels: usize,
    pads: [[usize; 2]; 2],
    input: View<'_>,
    output: ViewMut<'_>,
) {
    let [height, width] = size;
    let [[top, bottom], [left, right]] = pads;
    let (rows, columns) = (height + top + bottom, width + left + right);
    assert!(input.holds(batch * height * width, channels), "the input is too short");
    let output = Cells::new(output, batch * rows * columns, channels);
    let parts = parts(batch * rows, batch * rows * columns * channels);
    threads::run(parts, &|part| {
        for row in range(batch * rows, parts, part) {
            let (image, y) = (row / rows, row % rows);
            let first = row * columns;
            let line = y.checked_sub(top).filter(|y| *y < height);
            let filled = if line.is_some() { first + left..first + left + width } else { first..first };
            let from = (image * height + line.unwrap_or(0)) * width;
            // SAFETY: this part alone has the row.
            #[allow(unsafe_code, reason = "threads write to parts of one slice")]
            unsafe {
                output.change(first..filled.start, |zeros| zeros.fill(0.0));
                output.change(filled.end..first + columns, |zeros| zeros.fill(0.0));
                copy(input, from, channels, &output, filled);
            }
        }
    });
}

/// Copies pixels of a view, from `first` on.
///
/// # Safety
/// No one else reads or writes the pixels of the output meanwhile.
#[allow(unsafe_code, reason = "threads write to parts of one slice")]
unsafe fn copy(input: View<'_>, first: usize, channels: usize, output: &Cells<'_>, pixels: Range<usize>) {
    let mut from = first;
    let size = pixels.len();
    let whole = input.pitch == channels;
    let copy = |to: &mut [f32]| {
        if to.len() == channels || whole {
            to.copy_from_slice(input.pixel(from, to.len()));
        } else {
            for (i, to) in to.chunks_exact_mut(channels).enumerate() {
                to.copy_from_slice(input.pixel(from + i, channels));
            }
        }
        from += if to.len() == channels { 1 } else { size };
    };
    // SAFETY: the caller has the pixels for itself.
    unsafe { output.change(pixels, copy) }
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
    fn run<V: Vector>(self) {
        // SAFETY: this part alone has these numbers.
        #[allow(unsafe_code, reason = "threads write to parts of one slice")]
        unsafe {
            self.cells.change(self.numbers, |values| activate_inline::<V>(self.activation, values));
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
    fn run<V: Vector>(self) {
        match self.other {
            Other::Plus(b) => self.pieces(b, |to, a, b| self.join::<V>(to, a, b, |a, b| a + b)),
            Other::Times(b) => self.pieces(b, |to, a, b| self.join::<V>(to, a, b, |a, b| a * b)),
            Other::TimesChannels(factors, pixels) => self.each(|to, a, pixel| {
                let factors = &factors[pixel / pixels * self.channels..][..self.channels];
                self.join::<V>(to, a, factors, |a, b| a * b);
            }),
            Other::ScaleShift(scale, shift) => self.each(|to, a, _| {
                for (((to, a), scale), shift) in to.iter_mut().zip(a).zip(scale).zip(shift) {
                    *to = if V::FMA { a.mul_add(*scale, *shift) } else { a * scale + shift };
                }
                activate_inline::<V>(self.activation, to);
            }),
        }
    }
}

impl Map<'_> {
    /// Calls `work` with each pixel of the output, that of the input and its number.
    #[inline(always)]
    fn each(&self, mut work: impl FnMut(&mut [f32], &[f32], usize)) {
        for pixel in self.pixels.clone() {
            // SAFETY: this part alone has the pixel.
            #[allow(unsafe_code, reason = "threads write to parts of one slice")]
            let to = unsafe { self.output.pixel(pixel) };
            work(to, self.input.pixel(pixel, self.channels), pixel);
        }
    }

    /// Calls `work` with pieces of the output, of the input and of another view: pixels, or many pixels at a time where
    /// none of the views has anything between them.
    #[inline(always)]
    fn pieces(&self, other: View<'_>, mut work: impl FnMut(&mut [f32], &[f32], &[f32])) {
        let whole = [self.input.pitch, other.pitch, self.output.pitch()].iter().all(|p| *p == self.channels);
        if !whole {
            return self.each(|to, a, pixel| work(to, a, other.pixel(pixel, self.channels)));
        }
        let first = self.pixels.start;
        // SAFETY: this part alone has the pixels.
        #[allow(unsafe_code, reason = "threads write to parts of one slice")]
        unsafe {
            self.output.change(self.pixels.clone(), |to| {
                let (a, b) = (self.input.pixel(first, to.len()), other.pixel(first, to.len()));
                for ((to, a), b) in to.chunks_mut(PIECE).zip(a.chunks(PIECE)).zip(b.chunks(PIECE)) {
                    work(to, a, b);
                }
            });
        }
    }

    /// Two numbers joined, then the activation.
    #[inline(always)]
    fn join<V: Vector>(&self, to: &mut [f32], a: &[f32], b: &[f32], join: impl Fn(f32, f32) -> f32) {
        if let Some([low, high]) = self.activation.bounds() {
            for ((to, a), b) in to.iter_mut().zip(a).zip(b) {
                let x = join(*a, *b);
                // Not a number stays that.
                let x = if x < low { low } else { x };
                *to = if x > high { high } else { x };
            }
            return;
        }
        for ((to, a), b) in to.iter_mut().zip(a).zip(b) {
            *to = join(*a, *b);
        }
        activate_inline::<V>(self.activation, to);
    }
}

#[cfg(test)]
mod tests;
