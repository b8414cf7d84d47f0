//! Depthwise convolutions: each channel has kernels of its own.

use crate::cells::{Cells, parts, range};
use crate::cpu::{Kernel, Level};
use crate::elementwise::activate_inline;
use crate::simd::Vector;
use crate::unroll::unroll;
use crate::{Activation, Epilogue, View, ViewMut, Window, threads};
use std::ops::Range;

/// Channels whose weights lie together: the longest vector.
const PANEL: usize = 16;
/// Places of a row that are computed together. The widths of common networks are multiples of it, and it leaves
/// registers for seven weights and an input, also where there are only sixteen.
const PLACES: usize = 7;

/// The weights of a depthwise convolution, in the order in which it reads them.
#[derive(Clone, Debug)]
pub struct Depthwise {
    window: Window,
    channels: usize,
    multiplier: usize,
    weights: Weights,
}

#[derive(Clone, Debug)]
enum Weights {
    /// `(panel, kh * kw, PANEL)`. The last panel ends with the last channel, and shares channels with the one before.
    Panels(Vec<f32>),
    /// As given, for fewer channels than a panel has and for multipliers above one.
    Plain(Vec<f32>),
}

impl Depthwise {
    /// Packs a kernel `(kh, kw, channels, multiplier)`.
    ///
    /// # Panics
    /// Where the kernel has another length.
    pub fn new(window: Window, channels: usize, multiplier: usize, kernel: &[f32]) -> Self {
        let taps = window.kernel[0] * window.kernel[1];
        assert_eq!(kernel.len(), taps * channels * multiplier, "weights of a depthwise kernel");
        let weights = if multiplier == 1 && channels >= PANEL {
            let starts = (0..channels.div_ceil(PANEL)).map(|panel| start(panel, channels));
            let at = |start: usize| (0..taps).flat_map(move |tap| &kernel[tap * channels + start..][..PANEL]);
            Weights::Panels(starts.flat_map(at).copied().collect())
        } else {
            Weights::Plain(kernel.to_vec())
        };
        Self { window, channels, multiplier, weights }
    }

    /// Convolves `batch` images of `size`; the output has `channels * multiplier` channels.
    ///
    /// # Panics
    /// Where a view has fewer values than its pixels need.
    pub fn run(
        &self,
        batch: usize,
        size: [usize; 2],
        input: View<'_>,
        epilogue: Epilogue<'_>,
        output: ViewMut<'_>,
    ) {
        self.run_at(Level::best(), batch, size, input, epilogue, output);
    }

    fn run_at(
        &self,
        level: Level,
        batch: usize,
        size: [usize; 2],
        input: View<'_>,
        epilogue: Epilogue<'_>,
        output: ViewMut<'_>,
    ) {
        let places = self.window.output(size);
        let columns = self.channels * self.multiplier;
        let pixels = batch * places[0] * places[1];
        assert!(input.holds(batch * size[0] * size[1], self.channels), "the input is too short");
        assert!(epilogue.bias.is_none_or(|bias| bias.len() >= columns), "the bias is too short");
        assert!(
            epilogue.residual.is_none_or(|view| view.holds(pixels, columns)),
            "the residual is too short"
        );
        let output = Cells::new(output, pixels, columns);
        if pixels * columns == 0 {
            return;
        }
        let rows = batch * places[0];
        let work = pixels * columns * self.window.kernel[0] * self.window.kernel[1];
        let parts = parts(rows, work);
        threads::run(parts, &|part| {
            let rows = range(rows, parts, part);
            let output = &output;
            level.run(Rows { layer: self, size, places, rows, input, epilogue, output });
        });
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

/// First channel of a panel.
fn start(panel: usize, channels: usize) -> usize {
    (panel * PANEL).min(channels - PANEL)
}

/// Some rows of the output.
struct Rows<'a> {
    layer: &'a Depthwise,
    size: [usize; 2],
    places: [usize; 2],
    rows: Range<usize>,
    input: View<'a>,
    epilogue: Epilogue<'a>,
    output: &'a Cells<'a>,
}

impl Kernel for Rows<'_> {
    #[inline(always)]
    #[allow(unsafe_code, reason = "the instructions of the vectors")]
    unsafe fn run<V: Vector>(self) {
        let Window { kernel, strides, dilation, .. } = self.layer.window;
        for row in self.rows.clone() {
            match (&self.layer.weights, kernel[1], strides[1], dilation[1]) {
                (Weights::Plain(weights), ..) => self.plain(weights, row),
                (Weights::Panels(weights), 3, 1, 1) => self.row::<V, 3, 1>(weights, row),
                (Weights::Panels(weights), 3, 2, 1) => self.row::<V, 3, 2>(weights, row),
                (Weights::Panels(weights), 5, 1, 1) => self.row::<V, 5, 1>(weights, row),
                (Weights::Panels(weights), 5, 2, 1) => self.row::<V, 5, 2>(weights, row),
                (Weights::Panels(weights), 7, 1, 1) => self.row::<V, 7, 1>(weights, row),
                (Weights::Panels(weights), ..) => self.any::<V>(weights, row),
            }
            self.finish::<V>(row);
        }
    }
}

#[allow(unsafe_code, reason = "reads and writes without checks of what `run_at` has checked")]
impl Rows<'_> {
    /// A row, for a kernel of `K` columns with steps of `S`.
    #[inline(always)]
    fn row<V: Vector, const K: usize, const S: usize>(&self, weights: &[f32], row: usize) {
        let [_, width] = self.size;
        let left = self.layer.window.pads[1][0];
        let mut x = 0;
        while x < self.places[1] {
            let first = x * S;
            let inside = first >= left && first + (PLACES - 1) * S + K <= width + left;
            match self.places[1] - x {
                PLACES.. if inside => x += self.block::<V, K, S, PLACES, false>(weights, row, x),
                PLACES.. => x += self.block::<V, K, S, PLACES, true>(weights, row, x),
                3.. => x += self.block::<V, K, S, 3, true>(weights, row, x),
                _ => x += self.block::<V, K, S, 1, true>(weights, row, x),
            }
        }
    }

    /// `B` places of a row, in all channels. Each input is read once for each row of the kernel. With `EDGE`, columns
    /// may lie outside of the image.
    #[inline(always)]
    fn block<V: Vector, const K: usize, const S: usize, const B: usize, const EDGE: bool>(
        &self,
        weights: &[f32],
        row: usize,
        x: usize,
    ) -> usize {
        let [_, width] = self.size;
        let (channels, pitch) = (self.layer.channels, self.input.pitch);
        let taps = self.layer.window.kernel[0] * K;
        let (image, lines) = self.lines(row);
        let first = x * S;
        let left = self.layer.window.pads[1][0];
        for (panel, weights) in weights.chunks_exact(taps * PANEL).enumerate() {
            for lane in (0..PANEL).step_by(V::LANES) {
                let channel = start(panel, channels) + lane;
                let mut sums = [self.bias::<V>(channel); B];
                for (y, tap) in lines.clone() {
                    let line = self.input.offset + (image + y) * width * pitch + channel;
                    let weights = &weights[tap * K * PANEL + lane..];
                    // SAFETY: the panel has `K` rows of weights from this tap on.
                    let factors: [V; K] =
                        std::array::from_fn(|k| unsafe { V::load(weights.as_ptr().add(k * PANEL)) });
                    unroll!(column => {
                        let at = first + column;
                        if column < (B - 1) * S + K && (!EDGE || at >= left && at - left < width) {
                            // SAFETY: the pixel lies in the image, whose channels were found to be there.
                            let value = unsafe { V::load(self.input.values.as_ptr().add(line + (at - left) * pitch)) };
                            spread::<V, K, S, B>(column, value, &factors, &mut sums);
                        }
                    });
                }
                self.store(row * self.places[1] + x, channel, sums);
            }
        }
        B
    }

    /// A row, for a kernel that has no loop of its own.
    #[inline(always)]
    fn any<V: Vector>(&self, weights: &[f32], row: usize) {
        let (window, [_, width]) = (self.layer.window, self.size);
        let taps = window.kernel[0] * window.kernel[1];
        let (image, lines) = self.lines(row);
        for x in (0..self.places[1]).step_by(PLACES) {
            let count = PLACES.min(self.places[1] - x);
            for (panel, weights) in weights.chunks_exact(taps * PANEL).enumerate() {
                for lane in (0..PANEL).step_by(V::LANES) {
                    let channel = start(panel, self.layer.channels) + lane;
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

    /// A row with weights as given: any number of channels, with a multiplier.
    #[inline(always)]
    fn plain(&self, weights: &[f32], row: usize) {
        let Depthwise { window, channels, multiplier, .. } = *self.layer;
        let [_, width] = self.size;
        let columns = channels * multiplier;
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
                    let values = self.input.pixel((image + y) * width + at, channels);
                    let weights = &weights[(tap * window.kernel[1] + k) * columns..][..columns];
                    if multiplier == 1 {
                        add_products(sums, values, weights);
                        continue;
                    }
                    let by_channel = sums.chunks_exact_mut(multiplier).zip(weights.chunks_exact(multiplier));
                    for ((sums, weights), value) in by_channel.zip(values) {
                        sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += value * weight);
                    }
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
        let ([height, _], window) = (self.size, self.layer.window);
        let (image, row) = (row / self.places[0], row % self.places[0]);
        let lines = (0..window.kernel[0]).filter_map(move |k| Some((window.source(0, row, k, height)?, k)));
        (image * height, lines)
    }

    #[inline(always)]
    fn input<V: Vector>(&self, pixel: usize, channel: usize) -> V {
        // SAFETY: the pixel lies in the image, whose channels were found to be there.
        unsafe {
            V::load(self.input.values.as_ptr().add(self.input.offset + pixel * self.input.pitch + channel))
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

    /// What the activation is more than bounds, which the sums had when they were written, while the row is in the cache.
    #[inline(always)]
    fn finish<V: Vector>(&self, row: usize) {
        let activation = self.epilogue.activation;
        let bounded = activation.bounds().is_some() && matches!(self.layer.weights, Weights::Panels(_));
        if bounded || activation == Activation::Linear {
            return;
        }
        let pixels = row * self.places[1]..(row + 1) * self.places[1];
        // SAFETY: this part alone has the pixels.
        for values in unsafe { self.output.pieces(pixels) } {
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

#[cfg(test)]
mod tests;
