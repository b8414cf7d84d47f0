//! Rows of a depthwise convolution's output: some places of a row and a vector of channels at a time, sums in registers.

#![allow(unsafe_code, reason = "reads and writes without checks of what the callers have checked")]

use super::{Depthwise, PANEL, Weights, start};
use crate::cells::Cells;
use crate::cpu::Kernel;
use crate::elementwise::activate_inline;
use crate::simd::Vector;
use crate::unroll::unroll;
use crate::{Activation, Epilogue, View, Window};
use std::ops::Range;

/// Places of a row that are computed together. The widths of common networks are multiples of it, and it leaves
/// registers for seven weights and an input, also where there are only sixteen.
const PLACES: usize = 7;
/// Numbers of the input that stay in the second cache while one panel after the other reads them.
const NEAR: usize = 1 << 15;

/// Some rows of the output, in all channels or in some panels.
pub(crate) struct Rows<'a> {
    pub(crate) layer: &'a Depthwise,
    /// The layer's, or with other padding where the images are rows of larger ones.
    pub(crate) window: Window,
    pub(crate) size: [usize; 2],
    pub(crate) places: [usize; 2],
    pub(crate) rows: Range<usize>,
    /// Whole vectors of panels without channels in common, or all channels.
    pub(crate) channels: Range<usize>,
    /// Of all channels: of parts the offset says where the first one of all would be.
    pub(crate) input: View<'a>,
    pub(crate) epilogue: Epilogue<'a>,
    pub(crate) output: &'a Cells<'a>,
}

impl Kernel for Rows<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Window { kernel, strides, dilation, .. } = self.window;
        let weights = match &self.layer.weights {
            Weights::Panels(weights) => weights,
            Weights::Plain(weights) => {
                for row in self.rows.clone() {
                    self.plain(weights, row);
                    self.finish::<V>(row, false);
                }
                return;
            }
        };
        let line = self.size[1] * self.channels.len() * strides[0];
        let group = (NEAR / line.max(1)).max(1);
        for first in self.rows.clone().step_by(group) {
            let rows = first..self.rows.end.min(first + group);
            match (kernel[1], strides[1], dilation[1]) {
                (1, 1, 1) => self.group::<V, 1, 1>(weights, rows.clone()),
                (2, 1, 1) => self.group::<V, 2, 1>(weights, rows.clone()),
                (3, 1, 1) => self.group::<V, 3, 1>(weights, rows.clone()),
                (3, 2, 1) => self.group::<V, 3, 2>(weights, rows.clone()),
                (5, 1, 1) => self.group::<V, 5, 1>(weights, rows.clone()),
                (5, 2, 1) => self.group::<V, 5, 2>(weights, rows.clone()),
                (7, 1, 1) => self.group::<V, 7, 1>(weights, rows.clone()),
                _ => rows.clone().for_each(|row| self.any::<V>(weights, row)),
            }
            rows.for_each(|row| self.finish::<V>(row, true));
        }
    }
}

/// Adds what an input in a column of the block gives to the places whose windows it lies in.
#[inline(always)]
fn spread<V: Vector, const K: usize, const S: usize, const B: usize>(
    column: usize,
    value: V,
    factors: &[V; K],
    sums: &mut [V; B],
) {
    for (k, factor) in factors.iter().enumerate() {
        if column >= k && (column - k).is_multiple_of(S) && (column - k) / S < B {
            let sum = &mut sums[(column - k) / S];
            *sum = value.mul_add(*factor, *sum);
        }
    }
}

/// A vector of channels in a row of the output, and what it is made of.
struct Line {
    /// Its number among the rows.
    row: usize,
    channel: usize,
    /// The first number of the first line of the input under the kernel.
    from: *const f32,
    /// From a line to the next one under the kernel.
    step: usize,
    /// The rows of the kernel that are inside the image.
    taps: Range<usize>,
    /// Of the kernel's first row.
    weights: *const f32,
}

impl Rows<'_> {
    /// The panels that hold the channels, with their weights.
    #[inline(always)]
    fn panels<'a>(&self, weights: &'a [f32]) -> impl Iterator<Item = (usize, &'a [f32])> + use<'a> {
        let size = self.window.kernel[0] * self.window.kernel[1] * PANEL;
        let all = self.layer.channels;
        let panels = self.channels.start / PANEL..self.channels.end.div_ceil(PANEL);
        panels.map(move |panel| (start(panel, all), &weights[panel * size..][..size]))
    }

    /// Rows, for a kernel of `K` columns with steps of `S`: each panel reads all of them, so that a line is in the first
    /// cache when the next row needs it.
    #[inline(always)]
    fn group<V: Vector, const K: usize, const S: usize>(&self, weights: &[f32], rows: Range<usize>) {
        let [height, width] = self.size;
        let window = self.window;
        let step = window.dilation[0] * width * self.input.pitch;
        for (first, weights) in self.panels(weights) {
            for lane in (0..PANEL).step_by(V::LANES) {
                let channel = first + lane;
                if !self.channels.contains(&channel) {
                    continue;
                }
                for row in rows.clone() {
                    let (image, y) = (row / self.places[0], row % self.places[0]);
                    let inside = |k: &usize| window.source(0, y, *k, height).is_some();
                    let begin = (0..window.kernel[0]).find(inside).unwrap_or(0);
                    let count = (begin..window.kernel[0]).take_while(inside).count();
                    let line = image * height + window.source(0, y, begin, height).unwrap_or(0);
                    let from = self.input.offset.wrapping_add(line * width * self.input.pitch + channel);
                    self.row::<V, K, S>(&Line {
                        row,
                        channel,
                        from: self.input.values.as_ptr().wrapping_add(from),
                        step,
                        taps: begin..begin + count,
                        weights: weights[lane..].as_ptr(),
                    });
                }
            }
        }
    }

    #[inline(always)]
    fn row<V: Vector, const K: usize, const S: usize>(&self, line: &Line) {
        let (width, left, places) = (self.size[1], self.window.pads[1][0], self.places[1]);
        let mut x = 0;
        while x < places {
            // The last block of a row begins earlier where places are left over, and computes some of them again.
            let wide = places >= PLACES;
            let count = if wide {
                x = x.min(places - PLACES);
                PLACES
            } else if places - x >= 3 {
                3
            } else {
                1
            };
            let columns = (count - 1) * S + K;
            let from = left.saturating_sub(x * S).min(columns);
            let to = (width + left).saturating_sub(x * S).clamp(from, columns);
            let whole = (PLACES - 1) * S + K;
            // With bounds that are known to the compiler nothing is left of their checks.
            match (count, from, whole - to.min(whole)) {
                (PLACES, 0, 0) => self.block::<V, K, S, PLACES>(line, x, 0, whole),
                (PLACES, 1, 0) if K == 3 => self.block::<V, K, S, PLACES>(line, x, 1, whole),
                (PLACES, 0, 1) if K == 3 => self.block::<V, K, S, PLACES>(line, x, 0, whole - 1),
                (PLACES, 1, 1) if K == 3 => self.block::<V, K, S, PLACES>(line, x, 1, whole - 1),
                (PLACES, ..) => self.block::<V, K, S, PLACES>(line, x, from, to),
                (3, ..) => self.block::<V, K, S, 3>(line, x, from, to),
                _ => self.block::<V, K, S, 1>(line, x, from, to),
            }
            x += count;
        }
    }

    /// `B` places of a row. Each input is read once for each row of the kernel. Only the columns from `from` to `to` of
    /// those under the windows lie in the image.
    #[inline(always)]
    fn block<V: Vector, const K: usize, const S: usize, const B: usize>(
        &self,
        line: &Line,
        x: usize,
        from: usize,
        to: usize,
    ) {
        let pitch = self.input.pitch;
        let mut sums = [self.bias::<V>(line.channel); B];
        // The place of the first column may lie before the image.
        let place = (x * S).wrapping_sub(self.window.pads[1][0]).wrapping_mul(pitch);
        let mut base = line.from.wrapping_add(place);
        for tap in line.taps.clone() {
            let weights = line.weights.wrapping_add(tap * K * PANEL);
            // SAFETY: the panel has `K` rows of weights from this tap on.
            let factors: [V; K] = std::array::from_fn(|k| unsafe { V::load(weights.add(k * PANEL)) });
            unroll!(column => {
                if column < (B - 1) * S + K && column >= from && column < to {
                    // SAFETY: the pixel lies in the image, whose channels were found to be there.
                    let value = unsafe { V::load(base.wrapping_add(column * pitch)) };
                    spread::<V, K, S, B>(column, value, &factors, &mut sums);
                }
            });
            base = base.wrapping_add(line.step);
        }
        self.store(line.row * self.places[1] + x, line.channel, sums);
    }

    /// A row, for a kernel that has no loop of its own.
    #[inline(always)]
    fn any<V: Vector>(&self, weights: &[f32], row: usize) {
        let (window, [_, width]) = (self.window, self.size);
        let (image, lines) = self.lines(row);
        for x in (0..self.places[1]).step_by(PLACES) {
            let count = PLACES.min(self.places[1] - x);
            for (first, weights) in self.panels(weights) {
                for lane in (0..PANEL).step_by(V::LANES) {
                    let channel = first + lane;
                    if !self.channels.contains(&channel) {
                        continue;
                    }
                    let mut sums = [self.bias::<V>(channel); PLACES];
                    for (y, tap) in lines.clone() {
                        for k in 0..window.kernel[1] {
                            let at = (tap * window.kernel[1] + k) * PANEL + lane;
                            // SAFETY: the panel has weights of this tap.
                            let factor = unsafe { V::load(weights.as_ptr().add(at)) };
                            for (i, sum) in sums.iter_mut().enumerate().take(count) {
                                if let Some(at) = window.source(1, x + i, k, width) {
                                    let value = self.input::<V>((image + y) * width + at, channel);
                                    *sum = value.mul_add(factor, *sum);
                                }
                            }
                        }
                    }
                    for (i, sum) in sums.iter().enumerate().take(count) {
                        self.store(row * self.places[1] + x + i, channel, [*sum]);
                    }
                }
            }
        }
    }

    /// A row with weights as given: any number of channels.
    #[inline(always)]
    fn plain(&self, weights: &[f32], row: usize) {
        let (columns, window, [_, width]) = (self.layer.channels, self.window, self.size);
        let (image, lines) = self.lines(row);
        for x in 0..self.places[1] {
            let pixel = row * self.places[1] + x;
            // SAFETY: this part alone has the pixel.
            let sums = unsafe { self.output.pixel(pixel) };
            match self.epilogue.bias {
                Some(bias) => sums.copy_from_slice(&bias[..columns]),
                None => sums.fill(0.0),
            }
            for (y, tap) in lines.clone() {
                for k in 0..window.kernel[1] {
                    let Some(at) = window.source(1, x, k, width) else { continue };
                    let values = self.input.pixel((image + y) * width + at, columns);
                    let weights = &weights[(tap * window.kernel[1] + k) * columns..][..columns];
                    add_products(sums, values, weights);
                }
            }
            if let Some(residual) = self.epilogue.residual {
                let values = residual.pixel(pixel, columns);
                sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
        }
    }

    /// First row of the image that a row of the output lies in, and the rows of it that the kernel covers, with those of
    /// the kernel.
    #[inline(always)]
    fn lines(&self, row: usize) -> (usize, impl Iterator<Item = (usize, usize)> + Clone + use<>) {
        let ([height, _], window) = (self.size, self.window);
        let (image, row) = (row / self.places[0], row % self.places[0]);
        let lines = (0..window.kernel[0]).filter_map(move |k| Some((window.source(0, row, k, height)?, k)));
        (image * height, lines)
    }

    #[inline(always)]
    fn input<V: Vector>(&self, pixel: usize, channel: usize) -> V {
        // SAFETY: the pixel lies in the image, whose channels were found to be there.
        unsafe {
            let from = self.input.offset.wrapping_add(pixel * self.input.pitch + channel);
            V::load(self.input.values.as_ptr().wrapping_add(from))
        }
    }

    #[inline(always)]
    fn bias<V: Vector>(&self, channel: usize) -> V {
        match self.epilogue.bias {
            // SAFETY: there is a number for each channel, and a panel ends with the last one.
            Some(bias) => unsafe { V::load(bias.as_ptr().add(channel)) },
            // SAFETY: `Level::run` has found the instructions.
            None => unsafe { V::splat(0.0) },
        }
    }

    /// Writes sums of pixels that follow each other, with what the epilogue does to them.
    #[inline(always)]
    fn store<V: Vector, const B: usize>(&self, pixel: usize, channel: usize, mut sums: [V; B]) {
        if let Some(View { values, pitch, offset }) = self.epilogue.residual {
            for (i, sum) in sums.iter_mut().enumerate() {
                // SAFETY: the residual has these channels of as many pixels as the output.
                *sum =
                    sum.add(unsafe { V::load(values.as_ptr().add(offset + (pixel + i) * pitch + channel)) });
            }
        }
        if let Some([low, high]) = self.epilogue.activation.bounds() {
            // SAFETY: `Level::run` has found the instructions.
            let (low, high) = unsafe { (V::splat(low), V::splat(high)) };
            sums.iter_mut().for_each(|sum| *sum = sum.max(low).min(high));
        }
        for (i, sum) in sums.iter().enumerate() {
            // SAFETY: this part alone has the row, and the panel ends with the last channel.
            unsafe { sum.store(self.output.at(pixel + i, channel)) };
        }
    }

    /// What the activation is more than bounds, which the sums of panels had when they were written, while the row is in
    /// the cache.
    #[inline(always)]
    fn finish<V: Vector>(&self, row: usize, panels: bool) {
        let activation = self.epilogue.activation;
        let bounded = activation.bounds().is_some() && panels;
        if bounded || activation == Activation::Linear {
            return;
        }
        let pixels = row * self.places[1]..(row + 1) * self.places[1];
        if self.channels.len() == self.layer.channels {
            // SAFETY: this part alone has the pixels.
            for values in unsafe { self.output.pieces(pixels) } {
                activate_inline::<V>(activation, values);
            }
            return;
        }
        for pixel in pixels {
            let first = self.output.at(pixel, self.channels.start);
            // SAFETY: this part alone has these channels of the pixel.
            let values = unsafe { std::slice::from_raw_parts_mut(first, self.channels.len()) };
            activate_inline::<V>(activation, values);
        }
    }
}

#[inline(always)]
fn add_products(sums: &mut [f32], values: &[f32], weights: &[f32]) {
    for ((sum, value), weight) in sums.iter_mut().zip(values).zip(weights) {
        *sum += value * weight;
    }
}
