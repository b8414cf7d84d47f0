//! The largest number and the average of windows, channel by channel.

use crate::cells::{Cells, parts, range};
use crate::cpu::{Kernel, Level};
use crate::simd::Vector;
use crate::{View, ViewMut, Window, threads};
use std::ops::Range;

/// Vectors of channels that are computed together.
const VECTORS: usize = 4;
/// Channels of an image that a thread pools at a time.
const BLOCK: usize = 64;
/// Pixels after which a global average starts a new sum: long sums lose digits.
const PIXELS: usize = 128;

/// What becomes of the numbers of a window.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Join {
    Max,
    Average,
}

impl Join {
    fn start(self) -> f32 {
        if self == Self::Max { f32::NEG_INFINITY } else { 0.0 }
    }

    #[inline(always)]
    fn join<V: Vector>(self, a: V, b: V) -> V {
        if self == Self::Max { a.max_or_nan(b) } else { a.add(b) }
    }

    /// What the joined numbers are multiplied with.
    fn factor(self, count: usize) -> f32 {
        if self == Self::Max { 1.0 } else { 1.0 / count.max(1) as f32 }
    }
}

/// The same number in each lane.
#[inline(always)]
#[allow(unsafe_code, reason = "the instructions of the vectors")]
fn splat<V: Vector>(x: f32) -> V {
    // SAFETY: kernels are the only callers; `Level::run` has found the instructions.
    unsafe { V::splat(x) }
}

/// The largest number of each window of `batch` images of `size`; NaN where a window has one.
///
/// Cells of padding do not count; a window of nothing else gives minus infinity.
///
/// ```
/// use keras_rs_kernels::{View, ViewMut, Window, max_pool};
///
/// let window = Window { kernel: [1, 2], strides: [1, 1], dilation: [1, 1], pads: [[0, 0], [0, 1]] };
/// let mut output = [0.0; 3];
/// max_pool(window, 1, [1, 3], 1, View::dense(&[3.0, -1.0, -2.0], 1), ViewMut::dense(&mut output, 1));
/// assert_eq!(output, [3.0, -1.0, -2.0]);
/// ```
///
/// # Panics
/// Where a view has fewer values than its pixels need.
pub fn max_pool(
    window: Window,
    batch: usize,
    size: [usize; 2],
    channels: usize,
    input: View<'_>,
    output: ViewMut<'_>,
) {
    pool(Level::best(), Join::Max, window, [batch, size[0], size[1], channels], input, output);
}

/// The average of each window of `batch` images of `size`: the sum of its cells inside of the image, divided by their
/// number; a window without any gives zero.
///
/// ```
/// use keras_rs_kernels::{View, ViewMut, Window, average_pool};
///
/// let window = Window { kernel: [1, 2], strides: [1, 1], dilation: [1, 1], pads: [[0, 0], [0, 1]] };
/// let mut output = [0.0; 3];
/// average_pool(window, 1, [1, 3], 1, View::dense(&[3.0, -1.0, -2.0], 1), ViewMut::dense(&mut output, 1));
/// assert_eq!(output, [1.0, -1.5, -2.0]);
/// ```
///
/// # Panics
/// Where a view has fewer values than its pixels need.
pub fn average_pool(
    window: Window,
    batch: usize,
    size: [usize; 2],
    channels: usize,
    input: View<'_>,
    output: ViewMut<'_>,
) {
    pool(Level::best(), Join::Average, window, [batch, size[0], size[1], channels], input, output);
}

/// The largest number of all pixels of an image, for each channel; NaN where there is one. `output` is
/// `(batch, channels)`.
///
/// # Panics
/// Where a view has fewer values than its pixels need.
pub fn global_max_pool(batch: usize, pixels: usize, channels: usize, input: View<'_>, output: &mut [f32]) {
    global_pool(Level::best(), Join::Max, [batch, pixels, channels], input, output);
}

/// The average of all pixels of an image, for each channel. `output` is `(batch, channels)`.
///
/// ```
/// let input = keras_rs_kernels::View::dense(&[1.0, 2.0, 3.0, 6.0], 2);
/// let mut output = [0.0; 2];
/// keras_rs_kernels::global_average_pool(1, 2, 2, input, &mut output);
/// assert_eq!(output, [2.0, 4.0]);
/// ```
///
/// # Panics
/// Where a view has fewer values than its pixels need.
pub fn global_average_pool(
    batch: usize,
    pixels: usize,
    channels: usize,
    input: View<'_>,
    output: &mut [f32],
) {
    global_pool(Level::best(), Join::Average, [batch, pixels, channels], input, output);
}

fn pool(
    level: Level,
    join: Join,
    window: Window,
    [batch, height, width, channels]: [usize; 4],
    input: View<'_>,
    output: ViewMut<'_>,
) {
    let places = window.output([height, width]);
    let (rows, pixels) = (batch * places[0], batch * places[0] * places[1]);
    assert!(input.holds(batch * height * width, channels), "the input is too short");
    let output = Cells::new(output, pixels, channels);
    if pixels * channels == 0 {
        return;
    }
    let parts = parts(rows, pixels * channels * window.kernel[0] * window.kernel[1]);
    threads::run(parts, &|part| {
        let (rows, output) = (range(rows, parts, part), &output);
        level.run(Rows { join, window, size: [height, width], places, rows, channels, input, output });
    });
}

fn global_pool(
    level: Level,
    join: Join,
    [batch, pixels, channels]: [usize; 3],
    input: View<'_>,
    output: &mut [f32],
) {
    assert!(input.holds(batch * pixels, channels), "the input is too short");
    let output = Cells::new(ViewMut::dense(output, channels), batch, channels);
    let blocks = batch * channels.div_ceil(BLOCK);
    let parts = parts(blocks, batch * pixels * channels);
    threads::run(parts, &|part| {
        let (blocks, output) = (range(blocks, parts, part), &output);
        level.run(Global { join, blocks, pixels, channels, input, output });
    });
}

/// Pixels at the crossings of some rows and columns.
#[derive(Clone, Copy)]
struct Grid {
    first: usize,
    /// How many rows and columns there are.
    count: [usize; 2],
    /// Pixels from one to the next.
    step: [usize; 2],
}

/// Channels of a view whose numbers are joined.
#[derive(Clone, Copy)]
struct Channels<'a> {
    join: Join,
    input: View<'a>,
    first: usize,
    /// How many there are, for a single vector.
    count: usize,
}

#[allow(
    unsafe_code,
    reason = "reads and writes without checks of what `pool` and `global_pool` have checked"
)]
impl Channels<'_> {
    /// Joins the numbers of some pixels with `values`. These are `N` vectors, or one of `count` numbers.
    #[inline(always)]
    fn join<V: Vector, const N: usize>(self, grid: Grid, mut values: [V; N]) -> [V; N] {
        let Self { join, input: View { values: numbers, pitch, offset }, first, count } = self;
        for row in 0..grid.count[0] {
            for column in 0..grid.count[1] {
                let pixel = grid.first + row * grid.step[0] + column * grid.step[1];
                let from = numbers.as_ptr().wrapping_add(offset + pixel * pitch + first);
                for (i, value) in values.iter_mut().enumerate() {
                    // SAFETY: the input has these channels of the pixel.
                    let number = unsafe {
                        if N > 1 || count == V::LANES {
                            V::load(from.add(i * V::LANES))
                        } else {
                            V::load_some(from, count)
                        }
                    };
                    *value = join.join(*value, number);
                }
            }
        }
        values
    }

    /// Writes numbers of a pixel.
    #[inline(always)]
    fn store<V: Vector, const N: usize>(self, values: [V; N], factor: f32, output: &Cells<'_>, pixel: usize) {
        for (i, value) in values.into_iter().enumerate() {
            let value = if self.join == Join::Max { value } else { value.mul(splat(factor)) };
            let to = output.at(pixel, self.first + i * V::LANES);
            // SAFETY: this part alone has these channels of the pixel.
            unsafe {
                if N > 1 || self.count == V::LANES {
                    value.store(to)
                } else {
                    value.store_some(to, self.count)
                }
            }
        }
    }
}

/// Some rows of the output of a pooling.
struct Rows<'a> {
    join: Join,
    window: Window,
    size: [usize; 2],
    places: [usize; 2],
    rows: Range<usize>,
    channels: usize,
    input: View<'a>,
    output: &'a Cells<'a>,
}

impl Kernel for Rows<'_> {
    #[inline(always)]
    #[allow(unsafe_code, reason = "the instructions of the vectors")]
    unsafe fn run<V: Vector>(self) {
        let [height, width] = self.size;
        for row in self.rows.clone() {
            let first = row / self.places[0] * height;
            let lines = inside(&self.window, 0, row % self.places[0], height);
            for x in 0..self.places[1] {
                let columns = inside(&self.window, 1, x, width);
                let grid = Grid {
                    first: (first + lines.0) * width + columns.0,
                    count: [lines.1, columns.1],
                    step: [self.window.dilation[0] * width, self.window.dilation[1]],
                };
                self.pixel::<V>(row * self.places[1] + x, grid);
            }
        }
    }
}

impl Rows<'_> {
    #[inline(always)]
    fn pixel<V: Vector>(&self, pixel: usize, grid: Grid) {
        let Self { join, input, output, .. } = *self;
        let start = splat::<V>(join.start());
        let factor = join.factor(grid.count[0] * grid.count[1]);
        let mut first = 0;
        while first + VECTORS * V::LANES <= self.channels {
            let channels = Channels { join, input, first, count: V::LANES };
            channels.store(channels.join(grid, [start; VECTORS]), factor, output, pixel);
            first += VECTORS * V::LANES;
        }
        while first < self.channels {
            let channels = Channels { join, input, first, count: V::LANES.min(self.channels - first) };
            channels.store(channels.join(grid, [start; 1]), factor, output, pixel);
            first += V::LANES;
        }
    }
}

/// The first row (axis 0) or column (axis 1) of an image of that size in a window, and how many there are.
fn inside(window: &Window, axis: usize, index: usize, size: usize) -> (usize, usize) {
    let step = window.dilation[axis];
    let (place, pad) = (index * window.strides[axis], window.pads[axis][0]);
    let skipped = pad.saturating_sub(place).div_ceil(step);
    let first = (place + skipped * step).saturating_sub(pad);
    let rest = window.kernel[axis].saturating_sub(skipped);
    (first, rest.min(size.saturating_sub(first).div_ceil(step)))
}

/// Channels of images that are pooled as a whole; blocks of channels are numbered through all images.
struct Global<'a> {
    join: Join,
    blocks: Range<usize>,
    pixels: usize,
    channels: usize,
    input: View<'a>,
    output: &'a Cells<'a>,
}

impl Kernel for Global<'_> {
    #[inline(always)]
    #[allow(unsafe_code, reason = "the instructions of the vectors")]
    unsafe fn run<V: Vector>(self) {
        let per_image = self.channels.div_ceil(BLOCK);
        for block in self.blocks.clone() {
            let (image, mut first) = (block / per_image, block % per_image * BLOCK);
            let end = self.channels.min(first + BLOCK);
            while first + VECTORS * V::LANES <= end {
                self.block::<V, VECTORS>(image, first, V::LANES);
                first += VECTORS * V::LANES;
            }
            while first < end {
                self.block::<V, 1>(image, first, V::LANES.min(end - first));
                first += V::LANES;
            }
        }
    }
}

impl Global<'_> {
    #[inline(always)]
    fn block<V: Vector, const N: usize>(&self, image: usize, first: usize, count: usize) {
        let channels = Channels { join: self.join, input: self.input, first, count };
        let start = [splat::<V>(self.join.start()); N];
        let mut whole = start;
        for pixel in (0..self.pixels).step_by(PIXELS) {
            let count = [1, PIXELS.min(self.pixels - pixel)];
            let grid = Grid { first: image * self.pixels + pixel, count, step: [0, 1] };
            let part = channels.join(grid, start);
            for (whole, part) in whole.iter_mut().zip(part) {
                *whole = self.join.join(*whole, part);
            }
        }
        channels.store(whole, self.join.factor(self.pixels), self.output, image);
    }
}

#[cfg(test)]
mod tests;
