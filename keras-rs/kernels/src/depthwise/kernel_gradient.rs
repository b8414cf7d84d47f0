//! The gradient of a depthwise convolution's kernel: for each channel and tap, inputs times gradients of outputs, summed
//! up in registers over rows.

#![allow(unsafe_code, reason = "reads and writes without checks of what `kernel_gradient` has checked")]

use super::PANEL;
use crate::cells::{Cells, parts, range};
use crate::cpu::{Kernel, Level};
use crate::simd::Vector;
use crate::unroll::unroll;
use crate::{AlignedBuffer, ConvolutionGradients, View, ViewMut, Window, threads};
use std::ops::Range;

/// Numbers of inputs and gradients that stay in the second cache while one vector of channels after the other reads them.
const NEAR: usize = 1 << 16;
/// The most columns of a kernel that are summed up together.
const COLUMNS: usize = 7;
/// Rows of a kernel of up to that many columns that are summed up together: registers hold no more sums.
const ROWS: usize = 3;

/// Computes the gradient of a kernel `(rows, columns, channels)` of as many input as output channels.
pub(crate) fn kernel_gradient(
    level: Level,
    of: &ConvolutionGradients,
    input: View<'_>,
    outputs: View<'_>,
    gradient: &mut [f32],
) {
    let ConvolutionGradients { window, channels: [channels, _], batch, size, .. } = *of;
    let (places, taps) = (window.output(size), window.kernel[0] * window.kernel[1]);
    let rows = batch * places[0];
    assert!(input.holds(batch * size[0] * size[1], channels), "the input is too short");
    assert!(outputs.holds(rows * places[1], channels), "the gradients are too short");
    assert_eq!(gradient.len(), taps * channels, "gradient of a kernel");
    if rows * places[1] * taps * channels == 0 {
        gradient.fill(0.0);
        return;
    }
    let parts = parts(rows, rows * places[1] * taps * channels);
    let length = channels.div_ceil(PANEL) * taps * PANEL;
    let mut sums = AlignedBuffer::new(parts * length);
    let cells = Cells::new(ViewMut::dense(&mut sums, length), parts, length);
    threads::run(parts, &|part| {
        let rows = range(rows, parts, part);
        level.run(Part { window, channels, size, places, rows, input, outputs, sums: cells.at(part, 0) });
    });
    for (tap, to) in gradient.chunks_exact_mut(channels).enumerate() {
        for (panel, to) in to.chunks_mut(PANEL).enumerate() {
            let first = (panel * taps + tap) * PANEL;
            to.copy_from_slice(&sums[first..][..to.len()]);
            for part in 1..parts {
                let more = &sums[part * length + first..][..to.len()];
                to.iter_mut().zip(more).for_each(|(to, more)| *to += more);
            }
        }
    }
}

/// The sums over some rows of the output.
struct Part<'a> {
    window: Window,
    channels: usize,
    size: [usize; 2],
    places: [usize; 2],
    rows: Range<usize>,
    input: View<'a>,
    outputs: View<'a>,
    /// `(panel, kh * kw, PANEL)`, which this part alone writes.
    sums: *mut f32,
}

impl Kernel for Part<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Window { kernel: [height, width], strides, .. } = self.window;
        let line = (self.size[1] * strides[0] + self.places[1]) * self.channels;
        let group = (NEAR / line.max(1)).max(1);
        for first in self.rows.clone().step_by(group) {
            let rows = first..self.rows.end.min(first + group);
            for channel in (0..self.channels).step_by(V::LANES) {
                let panel =
                    self.sums.wrapping_add(channel / PANEL * height * width * PANEL + channel % PANEL);
                let spot = Spot { channel, count: V::LANES.min(self.channels - channel), sums: panel };
                if spot.count == V::LANES {
                    self.all_taps::<V, true>(&spot, &rows);
                } else {
                    self.all_taps::<V, false>(&spot, &rows);
                }
            }
        }
    }
}

/// A vector of channels.
struct Spot {
    channel: usize,
    /// How many there are.
    count: usize,
    /// Those of the first tap; a panel's length on, those of the next one.
    sums: *mut f32,
}

/// Lines of the input under rows of the kernel, from the first place's column under the first tap on.
type Lines<const R: usize> = [*const f32; R];

impl Part<'_> {
    #[inline(always)]
    fn all_taps<V: Vector, const WHOLE: bool>(&self, spot: &Spot, rows: &Range<usize>) {
        let [height, width] = self.window.kernel;
        for column in (0..width).step_by(COLUMNS) {
            let mut row = 0;
            while row < height {
                let first = [row, column];
                let mut done = 1;
                match (width - column).min(COLUMNS) {
                    3 if height - row >= ROWS => {
                        self.taps::<V, WHOLE, ROWS, 3>(spot, rows, first);
                        done = ROWS;
                    }
                    1 => self.taps::<V, WHOLE, 1, 1>(spot, rows, first),
                    2 => self.taps::<V, WHOLE, 1, 2>(spot, rows, first),
                    3 => self.taps::<V, WHOLE, 1, 3>(spot, rows, first),
                    4 => self.taps::<V, WHOLE, 1, 4>(spot, rows, first),
                    5 => self.taps::<V, WHOLE, 1, 5>(spot, rows, first),
                    6 => self.taps::<V, WHOLE, 1, 6>(spot, rows, first),
                    _ => self.taps::<V, WHOLE, 1, COLUMNS>(spot, rows, first),
                }
                row += done;
            }
        }
    }

    /// Adds rows to the sums of `R` rows and `K` columns of the kernel.
    #[inline(always)]
    fn taps<V: Vector, const WHOLE: bool, const R: usize, const K: usize>(
        &self,
        spot: &Spot,
        rows: &Range<usize>,
        first: [usize; 2],
    ) {
        let Window { kernel, dilation, pads, .. } = self.window;
        let at = |r: usize, k: usize| ((first[0] + r) * kernel[1] + first[1] + k) * PANEL;
        // SAFETY: the panel has a whole number of vectors for each tap, and no other part has them.
        let load = |r: usize, k: usize| unsafe { V::load(spot.sums.add(at(r, k))) };
        let mut sums: [[V; K]; R] = std::array::from_fn(|r| std::array::from_fn(|k| load(r, k)));
        let left = (first[1] * dilation[1]).wrapping_sub(pads[1][0]);
        let line = |image: usize, y: usize| {
            let pixel = ((image * self.size[0] + y) * self.size[1]).wrapping_add(left);
            let from = self.input.offset.wrapping_add(pixel.wrapping_mul(self.input.pitch));
            self.input.values.as_ptr().wrapping_add(from.wrapping_add(spot.channel))
        };
        for row in rows.clone() {
            let (image, place) = (row / self.places[0], row % self.places[0]);
            let source = |r: usize| self.window.source(0, place, first[0] + r, self.size[0]);
            let from = self.outputs.offset + row * self.places[1] * self.outputs.pitch + spot.channel;
            let gradients = self.outputs.values.as_ptr().wrapping_add(from);
            let sources: [Option<usize>; R] = std::array::from_fn(source);
            if sources.iter().all(Option::is_some) {
                let lines = sources.map(|y| line(image, y.unwrap_or(0)));
                self.row::<V, WHOLE, R, K>(spot, gradients, lines, first[1], &mut sums);
                continue;
            }
            unroll!(r => {
                if r < R && let Some(y) = sources[r] {
                    let mut one = [sums[r]];
                    self.row::<V, WHOLE, 1, K>(spot, gradients, [line(image, y)], first[1], &mut one);
                    sums[r] = one[0];
                }
            }; 0 1 2);
        }
        for (r, sums) in sums.iter().enumerate() {
            for (k, sum) in sums.iter().enumerate() {
                // SAFETY: as above.
                unsafe { sum.store(spot.sums.add(at(r, k))) };
            }
        }
    }

    /// Adds a row of the output.
    #[inline(always)]
    fn row<V: Vector, const WHOLE: bool, const R: usize, const K: usize>(
        &self,
        spot: &Spot,
        gradients: *const f32,
        lines: Lines<R>,
        first: usize,
        sums: &mut [[V; K]; R],
    ) {
        let Window { strides: [_, stride], dilation: [_, step], pads: [_, [left, _]], .. } = self.window;
        let (width, places) = (self.size[1], self.places[1]);
        // The places whose windows lie inside the image with all of these taps.
        let from = left.saturating_sub(first * step).div_ceil(stride).min(places);
        let to = (width + left).saturating_sub((first + K - 1) * step).div_ceil(stride).clamp(from, places);
        let (next, tap) = (stride * self.input.pitch, step * self.input.pitch);
        let read = |from: *const f32| {
            // SAFETY: the pixel has these channels. `Level::run` has found the instructions.
            unsafe { if WHOLE { V::load(from) } else { V::load_some(from, spot.count) } }
        };
        for place in (0..from).chain(to..places) {
            let gradient = read(gradients.wrapping_add(place * self.outputs.pitch));
            unroll!(k => {
                if k < K && self.window.source(1, place, first + k, width).is_some() {
                    for r in 0..R {
                        let value = read(lines[r].wrapping_add(place * next + k * tap));
                        sums[r][k] = value.mul_add(gradient, sums[r][k]);
                    }
                }
            }; 0 1 2 3 4 5 6);
        }
        for place in from..to {
            let gradient = read(gradients.wrapping_add(place * self.outputs.pitch));
            unroll!(r => {
                if r < R {
                    let line = lines[r].wrapping_add(place * next);
                    unroll!(k => {
                        if k < K {
                            sums[r][k] = read(line.wrapping_add(k * tap)).mul_add(gradient, sums[r][k]);
                        }
                    }; 0 1 2 3 4 5 6);
                }
            }; 0 1 2);
        }
    }
}
