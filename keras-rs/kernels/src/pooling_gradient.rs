//! Gradients of the inputs of poolings.

use crate::cells::{Cells, parts, range};
use crate::cpu::{Kernel, Level};
use crate::simd::Vector;
use crate::{View, ViewMut, Window, threads};
use std::ops::Range;

/// Channels of an image that a thread takes at a time.
const BLOCK: usize = 64;

/// Computes the gradient of the inputs `x` of [`crate::max_pool`] of these, its outputs `y` and their gradients. Of equal
/// numbers in a window, the first one gets the gradient, as in Keras.
///
/// ```
/// use keras_rs_kernels::{View, ViewMut, Window, max_pool_gradient};
///
/// let window = Window { kernel: [1, 2], strides: [1, 2], dilation: [1, 1], pads: [[0, 0], [0, 0]] };
/// let (x, y, outputs, mut inputs) = ([1.0, 4.0, 2.0, 2.0], [4.0, 2.0], [10.0, 20.0], [0.5; 4]);
/// let views = [&x[..], &y, &outputs].map(|values| View::dense(values, 1));
/// max_pool_gradient(window, 1, [1, 4], 1, views, ViewMut::dense(&mut inputs, 1));
/// assert_eq!(inputs, [0.0, 10.0, 20.0, 0.0]);
/// ```
///
/// # Panics
/// Where a view has fewer values than its pixels need.
pub fn max_pool_gradient(
    window: Window,
    batch: usize,
    size: [usize; 2],
    channels: usize,
    [x, y, outputs]: [View<'_>; 3],
    inputs: ViewMut<'_>,
) {
    Pool { window, batch, size, channels, outputs, values: Some([x, y]) }.run(Level::best(), inputs);
}

/// Computes the gradient of the inputs of [`crate::average_pool`] of those of its outputs.
///
/// ```
/// use keras_rs_kernels::{View, ViewMut, Window, average_pool_gradient};
///
/// let window = Window { kernel: [1, 2], strides: [1, 1], dilation: [1, 1], pads: [[0, 0], [0, 0]] };
/// let mut inputs = [0.5; 3];
/// let outputs = View::dense(&[10.0, 20.0], 1);
/// average_pool_gradient(window, 1, [1, 3], 1, outputs, ViewMut::dense(&mut inputs, 1));
/// assert_eq!(inputs, [5.0, 15.0, 10.0]);
/// ```
///
/// # Panics
/// Where a view has fewer values than its pixels need.
pub fn average_pool_gradient(
    window: Window,
    batch: usize,
    size: [usize; 2],
    channels: usize,
    outputs: View<'_>,
    inputs: ViewMut<'_>,
) {
    Pool { window, batch, size, channels, outputs, values: None }.run(Level::best(), inputs);
}

/// A pooling and the gradients of its outputs.
#[derive(Clone, Copy)]
struct Pool<'a> {
    window: Window,
    batch: usize,
    size: [usize; 2],
    channels: usize,
    outputs: View<'a>,
    /// Inputs and outputs, of a pooling that takes the largest number.
    values: Option<[View<'a>; 2]>,
}

impl Pool<'_> {
    fn run(&self, level: Level, inputs: ViewMut<'_>) {
        let [height, width] = self.size;
        let places = self.window.output(self.size);
        let (pixels, results) = (self.batch * height * width, self.batch * places[0] * places[1]);
        let short =
            |[x, y]: [View<'_>; 2]| !x.holds(pixels, self.channels) || !y.holds(results, self.channels);
        assert!(!self.values.is_some_and(short), "the inputs or the outputs are too short");
        assert!(self.outputs.holds(results, self.channels), "the gradients are too short");
        let inputs = Cells::new(inputs, pixels, self.channels);
        let blocks = self.batch * self.channels.div_ceil(BLOCK);
        let cells = self.window.kernel[0] * self.window.kernel[1];
        let parts = parts(blocks, pixels * self.channels + results * self.channels * cells);
        threads::run(parts, &|part| {
            level.run(Part { pool: self, places, blocks: range(blocks, parts, part), inputs: &inputs });
        });
    }
}

/// Some blocks of channels, which are numbered through all images.
struct Part<'a> {
    pool: &'a Pool<'a>,
    places: [usize; 2],
    blocks: Range<usize>,
    inputs: &'a Cells<'a>,
}

impl Kernel for Part<'_> {
    #[inline(always)]
    #[allow(unsafe_code, reason = "the instructions of the vectors")]
    unsafe fn run<V: Vector>(self) {
        let Pool { window, size: [height, width], channels, .. } = *self.pool;
        let per_image = channels.div_ceil(BLOCK);
        // Each pixel is under one window at most.
        let apart = (0..2).all(|axis| {
            window.dilation[axis] == 1 && window.kernel[axis] <= window.strides[axis]
                || self.places[axis] == 1
        });
        for block in self.blocks.clone() {
            let (image, first) = (block / per_image, block % per_image * BLOCK);
            let block = first..channels.min(first + BLOCK);
            for pixel in image * height * width..(image + 1) * height * width {
                // SAFETY: this part alone has these channels of the image.
                unsafe {
                    std::slice::from_raw_parts_mut(self.inputs.at(pixel, block.start), block.len()).fill(0.0);
                }
            }
            for y in 0..self.places[0] {
                for x in 0..self.places[1] {
                    if apart {
                        self.window::<V, true>(image, [y, x], &block);
                    } else {
                        self.window::<V, false>(image, [y, x], &block);
                    }
                }
            }
        }
    }
}

impl Part<'_> {
    /// The cells of a window along an axis that are inside of the image, and where the first one of all would be.
    #[inline(always)]
    fn inside(&self, axis: usize, place: usize) -> (Range<usize>, isize) {
        let Pool { window, size, .. } = *self.pool;
        let (start, before) = (place * window.strides[axis], window.pads[axis][0]);
        let step = window.dilation[axis];
        let first = before.saturating_sub(start).div_ceil(step);
        let end = (size[axis] + before).saturating_sub(start).div_ceil(step).min(window.kernel[axis]);
        (first.min(end)..end, start as isize - before as isize)
    }

    /// Adds what a window gives to the gradients of its cells, or writes it where windows lie `APART`.
    #[inline(always)]
    #[allow(unsafe_code, reason = "reads and writes without checks of what `Pool::run` has checked")]
    fn window<V: Vector, const APART: bool>(&self, image: usize, place: [usize; 2], block: &Range<usize>) {
        let Pool { window, size: [height, width], outputs, values, .. } = *self.pool;
        let result = (image * self.places[0] + place[0]) * self.places[1] + place[1];
        let (rows, top) = self.inside(0, place[0]);
        let (columns, left) = self.inside(1, place[1]);
        let at = |view: &View<'_>, pixel: usize, channel: usize| {
            view.values.as_ptr().wrapping_add(view.offset + pixel * view.pitch + channel)
        };
        let factor = 1.0 / (rows.len() * columns.len()).max(1) as f32;
        for first in block.clone().step_by(V::LANES) {
            let count = (block.end - first).min(V::LANES);
            // SAFETY: the views hold these channels of the result, and of the pixels, which are inside of the image; this
            // part alone has these channels of the image's gradients.
            unsafe {
                let load = |from: *const f32| {
                    if count == V::LANES { V::load(from) } else { V::load_some(from, count) }
                };
                let mut rest = load(at(&outputs, result, first));
                let y = values.as_ref().map(|[_, y]| load(at(y, result, first)));
                if y.is_none() {
                    rest = rest.mul(V::splat(factor));
                }
                for row in rows.clone() {
                    let row = (top + (row * window.dilation[0]) as isize) as usize;
                    for column in columns.clone() {
                        let column = (left + (column * window.dilation[1]) as isize) as usize;
                        let pixel = (image * height + row) * width + column;
                        let mut taken = rest;
                        if let (Some([x, _]), Some(y)) = (&values, y) {
                            [taken, rest] = load(at(x, pixel, first)).divide(y, rest);
                        }
                        let to = self.inputs.at(pixel, first);
                        if !APART {
                            taken = load(to).add(taken);
                        }
                        if count == V::LANES { taken.store(to) } else { taken.store_some(to, count) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plain::{Buffer, random_window};
    use crate::tests::Random;
    use crate::{average_pool, max_pool};

    #[test]
    fn as_plain_loops() {
        let mut random = Random::new(13);
        for round in 0..200 {
            let window = random_window(&mut random, 4);
            let (batch, size) = (random.whole(1, 3), [random.whole(1, 10), random.whole(1, 10)]);
            let channels = random.whole(1, 100);
            let places = window.output(size);
            let results = batch * places[0] * places[1];
            let mut x = Buffer::random(&mut random, batch * size[0] * size[1], channels);
            if round % 3 == 0 {
                x.coarsen();
            }
            let mut y = Buffer::random(&mut random, results, channels);
            let average = round % 2 == 0;
            let pool = if average { average_pool } else { max_pool };
            pool(window, batch, size, channels, x.view(), y.view_mut());
            let outputs = Buffer::random(&mut random, results, channels);
            let mut exact = vec![0.0; batch * size[0] * size[1] * channels];
            for i in 0..results * channels {
                let (result, channel) = (i / channels, i % channels);
                let (row, column) = (result / places[1], result % places[1]);
                let mut cells = Vec::new();
                for tap in 0..window.kernel[0] * window.kernel[1] {
                    let source_y = window.source(0, row % places[0], tap / window.kernel[1], size[0]);
                    let source_x = window.source(1, column, tap % window.kernel[1], size[1]);
                    if let (Some(y), Some(x)) = (source_y, source_x) {
                        cells.push((row / places[0] * size[0] + y) * size[1] + x);
                    }
                }
                let gradient = outputs.view().pixel(result, channels)[channel];
                let count = cells.len();
                let at = |pixel: usize| x.view().pixel(pixel, channels)[channel];
                let largest = cells.iter().map(|cell| at(*cell)).fold(f32::NEG_INFINITY, f32::max);
                let first = cells.iter().copied().find(|cell| at(*cell) == largest);
                for cell in cells {
                    if average {
                        exact[cell * channels + channel] += gradient / count as f32;
                    } else if Some(cell) == first {
                        exact[cell * channels + channel] += gradient;
                    }
                }
            }
            let before = Buffer::random(&mut random, batch * size[0] * size[1], channels);
            for &level in Level::all() {
                let mut made = before.clone();
                let values = (!average).then_some([x.view(), y.view()]);
                let pool = Pool { window, batch, size, channels, outputs: outputs.view(), values };
                pool.run(level, made.view_mut());
                made.expect(&exact, &before, &format!("{level:?} {average} {window:?} {size:?} {channels}"));
            }
        }
    }
}
