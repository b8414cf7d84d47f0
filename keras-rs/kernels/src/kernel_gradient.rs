//! The gradient of a convolution's kernel: for each tap, inputs transposed times the gradients of outputs.

mod part;

use crate::cells::{Cells, range};
use crate::cpu::Level;
use crate::{AlignedBuffer, ConvolutionGradients, View, ViewMut, Window, threads};
use part::Part;
use std::cell::RefCell;

/// Numbers of inputs and gradients that are used for all tiles before the next ones: less than the second cache holds.
const BLOCK: usize = 96 << 10;
/// Tiles for each thread from which on threads share tiles; else they share pixels, and add up sums of their own.
const TILES: usize = 8;
/// Numbers of the gradient that a thread collects at a time.
const COLLECTED: usize = 1 << 14;
/// Parts for each thread, so that one that is held up leaves work to the others.
const SHARES: usize = 2;

thread_local! {
    static SCRATCH: RefCell<AlignedBuffer> = RefCell::default();
    /// The caller's: all tiles of all parts.
    static SUMS: RefCell<AlignedBuffer> = RefCell::default();
}

/// Computes the gradient of a kernel `(rows, columns, channels[0], channels[1])` without groups.
pub(crate) fn kernel_gradient(
    level: Level,
    of: &ConvolutionGradients,
    input: View<'_>,
    outputs: View<'_>,
    gradient: &mut [f32],
) {
    Plan::new(level, of.window, of.channels, of.batch, of.size).run(input, outputs, gradient);
}

/// How the work is cut into blocks of pixels and tiles of the gradient.
#[derive(Debug)]
struct Plan {
    level: Level,
    window: Window,
    channels: [usize; 2],
    batch: usize,
    size: [usize; 2],
    places: [usize; 2],
    /// Rows of the gradient, taps times input channels; rows of a tile.
    rows: usize,
    tile_rows: usize,
    /// Columns of a tile.
    tile_columns: usize,
    /// Images of a block, and rows of the output.
    block: [usize; 2],
}

/// Numbers of rows that tiles are compiled for, without and with 32 registers of vectors.
const FEW: [usize; 4] = [1, 2, 4, 6];
const MANY: [usize; 6] = [1, 2, 4, 7, 10, 14];

impl Plan {
    fn new(level: Level, window: Window, channels: [usize; 2], batch: usize, size: [usize; 2]) -> Self {
        let (places, [inputs, columns]) = (window.output(size), channels);
        let rows = window.kernel[0] * window.kernel[1] * inputs;
        let (lanes, shapes): (usize, &[usize]) = match level {
            Level::Portable => (4, &FEW),
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => (8, &FEW),
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => (16, &MANY),
        };
        let most = shapes.last().copied().unwrap_or(1);
        // As equal as can be.
        let equal = rows.div_ceil(rows.div_ceil(most).max(1));
        let tile_rows = shapes.iter().copied().find(|shape| *shape >= equal).unwrap_or(most);
        let tile_columns = if columns > lanes { 2 * lanes } else { lanes };
        let line = window.strides[0] * reach(&window, 1, places[1]) * inputs + places[1] * columns;
        let lines = (BLOCK / line.max(1)).clamp(1, places[0].max(1));
        let images =
            if lines == places[0] { (BLOCK / (line * lines).max(1)).clamp(1, batch.max(1)) } else { 1 };
        let block = [images, lines];
        Self { level, window, channels, batch, size, places, rows, tile_rows, tile_columns, block }
    }

    fn run(&self, input: View<'_>, outputs: View<'_>, gradient: &mut [f32]) {
        let [inputs, columns] = self.channels;
        let pixels = self.batch * self.places[0] * self.places[1];
        assert!(input.holds(self.batch * self.size[0] * self.size[1], inputs), "the input is too short");
        assert!(outputs.holds(pixels, columns), "the gradients are too short");
        assert_eq!(gradient.len(), self.rows * columns, "gradient of a kernel");
        if pixels * self.rows * columns == 0 {
            gradient.fill(0.0);
            return;
        }
        let offsets = self.offsets();
        let (tiles, tile_size) = (self.tiles(), self.tile_rows * self.tile_columns);
        let [pixel_parts, tile_parts] = self.parts(threads::count());
        let length = tiles * tile_size;
        let mut buffer = SUMS.take();
        if buffer.len() < pixel_parts * length {
            buffer = AlignedBuffer::new(pixel_parts * length);
        }
        let sums = &mut buffer[..pixel_parts * length];
        let cells = Cells::new(ViewMut::dense(sums, tile_size), pixel_parts * tiles, tile_size);
        threads::run(pixel_parts * tile_parts, &|part| {
            let (of_pixels, of_tiles) = (part / tile_parts, part % tile_parts);
            let work = Part {
                plan: self,
                offsets: &offsets,
                input,
                outputs,
                blocks: range(self.blocks(), pixel_parts, of_pixels),
                tiles: range(tiles, tile_parts, of_tiles),
                sums: &cells,
                first: of_pixels * tiles,
            };
            self.level.run(work);
        });
        let sums = &*sums;
        let rows = (COLLECTED / columns).max(1);
        threads::run_chunks(gradient, rows * columns, &|chunk, gradient| {
            for (row, to) in (chunk * rows..).zip(gradient.chunks_exact_mut(columns)) {
                for (tile, to) in to.chunks_mut(self.tile_columns).enumerate() {
                    let tile = tile * self.row_tiles() + row / self.tile_rows;
                    let first = tile * tile_size + row % self.tile_rows * self.tile_columns;
                    to.copy_from_slice(&sums[first..][..to.len()]);
                    for part in 1..pixel_parts {
                        let more = &sums[part * length + first..][..to.len()];
                        to.iter_mut().zip(more).for_each(|(to, more)| *to += more);
                    }
                }
            }
        });
        SUMS.set(buffer);
    }

    /// Tiles one above the other.
    fn row_tiles(&self) -> usize {
        self.rows.div_ceil(self.tile_rows)
    }

    fn tiles(&self) -> usize {
        self.row_tiles() * self.channels[1].div_ceil(self.tile_columns)
    }

    fn blocks(&self) -> usize {
        self.batch.div_ceil(self.block[0]) * self.places[0].div_ceil(self.block[1])
    }

    /// Parts that have other pixels, and, for each of them, those that have other tiles.
    fn parts(&self, threads: usize) -> [usize; 2] {
        if threads == 1 {
            [1, 1]
        } else if self.tiles() >= TILES * threads {
            [1, threads * SHARES]
        } else {
            [self.blocks().min(threads * SHARES), 1]
        }
    }

    /// Rows and columns of a block's inputs.
    fn extent(&self) -> [usize; 2] {
        [reach(&self.window, 0, self.block[1]), reach(&self.window, 1, self.places[1])]
    }

    /// Where the inputs of each row of the gradient lie, from that of the first one on. Rows that fill the last tile
    /// repeat the first one.
    fn offsets(&self) -> Vec<usize> {
        let ([_, width], [inputs, _]) = (self.extent(), self.channels);
        let offset = |row: usize| {
            let (tap, channel) = (row / inputs, row % inputs);
            let (y, x) = (tap / self.window.kernel[1], tap % self.window.kernel[1]);
            (y * self.window.dilation[0] * width + x * self.window.dilation[1]) * inputs + channel
        };
        let all = self.row_tiles() * self.tile_rows;
        (0..all).map(|row| if row < self.rows { offset(row) } else { 0 }).collect()
    }

    /// Whether the gradients of outputs are used where they are: all vectors of them are whole.
    fn whole(&self) -> bool {
        self.channels[1].is_multiple_of(self.tile_columns)
    }
}

/// Rows (axis 0) or columns (axis 1) under so many windows.
fn reach(window: &Window, axis: usize, count: usize) -> usize {
    (count.max(1) - 1) * window.strides[axis] + (window.kernel[axis].max(1) - 1) * window.dilation[axis] + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plain::{Buffer, random_window};
    use crate::tests::Random;

    #[test]
    fn as_plain_loops() {
        let mut random = Random::new(11);
        for round in 0..250 {
            let window = random_window(&mut random, 4);
            let channels = [random.whole(1, 40), random.whole(1, 70)];
            let (batch, size) = (random.whole(1, 3), [random.whole(1, 12), random.whole(1, 12)]);
            let places = window.output(size);
            let input = Buffer::random(&mut random, batch * size[0] * size[1], channels[0]);
            let outputs = Buffer::random(&mut random, batch * places[0] * places[1], channels[1]);
            let taps = window.kernel[0] * window.kernel[1];
            let mut exact = vec![0.0_f64; taps * channels[0] * channels[1]];
            for pixel in 0..batch * places[0] * places[1] {
                let (row, x) = (pixel / places[1], pixel % places[1]);
                let gradients = outputs.view().pixel(pixel, channels[1]);
                for (tap, exact) in exact.chunks_exact_mut(channels[0] * channels[1]).enumerate() {
                    let y = window.source(0, row % places[0], tap / window.kernel[1], size[0]);
                    let x = window.source(1, x, tap % window.kernel[1], size[1]);
                    let (Some(y), Some(x)) = (y, x) else { continue };
                    let inputs =
                        input.view().pixel((row / places[0] * size[0] + y) * size[1] + x, channels[0]);
                    for (exact, input) in exact.chunks_exact_mut(channels[1]).zip(inputs) {
                        for (exact, gradient) in exact.iter_mut().zip(gradients) {
                            *exact += f64::from(*input) * f64::from(*gradient);
                        }
                    }
                }
            }
            let scale = exact.iter().fold(1.0_f64, |a, x| a.max(x.abs()));
            for &level in Level::all() {
                let mut plan = Plan::new(level, window, channels, batch, size);
                if round % 2 == 0 {
                    plan.block = [random.whole(1, batch), random.whole(1, places[0].max(1))];
                    if plan.block[1] < places[0] {
                        plan.block[0] = 1;
                    }
                }
                let mut made = vec![0.5; exact.len()];
                plan.run(input.view(), outputs.view(), &mut made);
                for (i, (made, exact)) in made.iter().zip(&exact).enumerate() {
                    let error = (f64::from(*made) - exact).abs() / scale;
                    assert!(error < 2e-6, "{i}: {made} for {exact}, {plan:?}");
                }
            }
        }
    }
}
