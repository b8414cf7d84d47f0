//! The gradient of a convolution's kernel: for each tap, inputs transposed times the gradients of outputs.

use crate::cells::{Cells, range};
use crate::cpu::{Kernel, Level};
use crate::simd::Vector;
use crate::unroll::unroll;
use crate::{AlignedBuffer, View, ViewMut, Window, threads};
use std::cell::RefCell;
use std::ops::Range;

/// Numbers of inputs and gradients that are used for all tiles before the next ones: less than the second cache holds.
const BLOCK: usize = 96 << 10;
/// Tiles for each thread from which on threads share tiles; else they share pixels, and add up sums of their own.
const TILES: usize = 8;
/// Parts for each thread, so that one that is held up leaves work to the others.
const SHARES: usize = 2;

thread_local! {
    static SCRATCH: RefCell<AlignedBuffer> = RefCell::default();
}

/// Computes the gradient of a kernel `(rows, columns, channels[0], channels[1])` of the inputs and of the gradients of
/// the outputs, for a convolution of `batch` images of `size` without groups.
///
/// ```
/// use keras_rs_kernels::{View, Window, kernel_gradient};
///
/// let window = Window { kernel: [1, 2], strides: [1, 1], dilation: [1, 1], pads: [[0, 0], [0, 1]] };
/// let (inputs, outputs, mut gradient) = ([1.0, 2.0, 3.0], [1.0, 10.0, 100.0], [0.0; 2]);
/// kernel_gradient(window, [1, 1], 1, [1, 3], View::dense(&inputs, 1), View::dense(&outputs, 1), &mut gradient);
/// assert_eq!(gradient, [321.0, 32.0]);
/// ```
///
/// # Panics
/// Where a view has fewer values than its pixels need, or the gradient has another length.
pub fn kernel_gradient(
    window: Window,
    channels: [usize; 2],
    batch: usize,
    size: [usize; 2],
    input: View<'_>,
    outputs: View<'_>,
    gradient: &mut [f32],
) {
    Plan::new(Level::best(), window, channels, batch, size).run(input, outputs, gradient);
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
        let mut sums = AlignedBuffer::new(pixel_parts * tiles * tile_size);
        let cells = Cells::new(ViewMut::dense(&mut sums, tile_size), pixel_parts * tiles, tile_size);
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
        let (own, others) = sums.split_at_mut(tiles * tile_size);
        for other in others.chunks_exact(tiles * tile_size) {
            own.iter_mut().zip(other).for_each(|(sum, other)| *sum += other);
        }
        for (row, to) in gradient.chunks_exact_mut(columns).enumerate() {
            for (tile, to) in to.chunks_mut(self.tile_columns).enumerate() {
                let tile = tile * self.row_tiles() + row / self.tile_rows;
                let first = tile * tile_size + row % self.tile_rows * self.tile_columns;
                to.copy_from_slice(&own[first..first + to.len()]);
            }
        }
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

/// Some tiles' sums over some pixels.
struct Part<'a> {
    plan: &'a Plan,
    offsets: &'a [usize],
    input: View<'a>,
    outputs: View<'a>,
    blocks: Range<usize>,
    tiles: Range<usize>,
    sums: &'a Cells<'a>,
    /// Number of this part's first tile.
    first: usize,
}

/// Pixels of outputs, and the inputs under their windows: `lines` for each of some images.
struct Block {
    inputs: *const f32,
    outputs: *const f32,
    /// From an output's gradient to the next one.
    pitch: usize,
    images: usize,
    lines: usize,
}

impl Kernel for Part<'_> {
    #[inline(always)]
    #[allow(unsafe_code, reason = "the instructions of the vectors")]
    unsafe fn run<V: Vector>(self) {
        let plan = self.plan;
        let ([height, width], [inputs, columns]) = (plan.extent(), plan.channels);
        let padded = columns.next_multiple_of(plan.tile_columns);
        let input_size = (plan.block[0] * height * width * inputs).next_multiple_of(16);
        let output_size =
            if plan.whole() { 0 } else { plan.block[0] * plan.block[1] * plan.places[1] * padded };
        let mut scratch = SCRATCH.take();
        if scratch.len() < input_size + output_size {
            scratch = AlignedBuffer::new(input_size + output_size);
        }
        let per_image = plan.places[0].div_ceil(plan.block[1]);
        for block in self.blocks.clone() {
            let image = block / per_image * plan.block[0];
            let images = plan.block[0].min(plan.batch - image);
            let line = block % per_image * plan.block[1];
            let lines = plan.block[1].min(plan.places[0] - line);
            let (to, outputs) = scratch.split_at_mut(input_size);
            self.gather(image..image + images, line, to);
            let pixel = (image * plan.places[0] + line) * plan.places[1];
            let (outputs, pitch) = if plan.whole() {
                (
                    self.outputs.values[self.outputs.offset + pixel * self.outputs.pitch..].as_ptr(),
                    self.outputs.pitch,
                )
            } else {
                let pixels = images * lines * plan.places[1];
                for (i, to) in outputs.chunks_exact_mut(padded).enumerate().take(pixels) {
                    to[..columns].copy_from_slice(self.outputs.pixel(pixel + i, columns));
                    to[columns..].fill(0.0);
                }
                (outputs.as_ptr(), padded)
            };
            let block = Block { inputs: to.as_ptr(), outputs, pitch, images, lines };
            for tile in self.tiles.clone() {
                self.tile::<V>(&block, tile);
            }
        }
        SCRATCH.set(scratch);
    }
}

impl Part<'_> {
    /// Copies the inputs under the windows of a block, with zeros around the images.
    fn gather(&self, images: Range<usize>, line: usize, to: &mut [f32]) {
        let Plan { window, channels: [inputs, _], size, .. } = *self.plan;
        let [height, width] = self.plan.extent();
        let [[top, _], [left, _]] = window.pads;
        let before = left.min(width);
        // Columns of the image that some window covers.
        let inside = size[1].min(width - before);
        let rows = to.chunks_exact_mut(width * inputs).take(images.len() * height);
        for (row, to) in rows.enumerate() {
            let (image, y) = (images.start + row / height, line * window.strides[0] + row % height);
            let Some(y) = y.checked_sub(top).filter(|y| *y < size[0]) else {
                to.fill(0.0);
                continue;
            };
            let (zeros, rest) = to.split_at_mut(before * inputs);
            let (to, more) = rest.split_at_mut(inside * inputs);
            zeros.fill(0.0);
            more.fill(0.0);
            let first = (image * size[0] + y) * size[1];
            if self.input.pitch == inputs {
                to.copy_from_slice(self.input.pixel(first, inside * inputs));
                continue;
            }
            for (i, to) in to.chunks_exact_mut(inputs).enumerate() {
                to.copy_from_slice(self.input.pixel(first + i, inputs));
            }
        }
    }

    /// Adds a block to the sums of a tile.
    #[inline(always)]
    fn tile<V: Vector>(&self, block: &Block, tile: usize) {
        let two = self.plan.tile_columns == 2 * V::LANES;
        macro_rules! shapes {
            ($($rows:literal)*) => {
                match (self.plan.tile_rows, two) {
                    $(($rows, true) => self.sums::<V, $rows, 2>(block, tile),)*
                    $(($rows, false) => self.sums::<V, $rows, 1>(block, tile),)*
                    (rows, _) => unreachable!("no tile has {rows} rows"),
                }
            };
        }
        if V::LANES == 16 { shapes!(1 2 4 7 10 14) } else { shapes!(1 2 4 6) }
    }

    #[inline(always)]
    fn sums<V: Vector, const ROWS: usize, const COUNT: usize>(&self, block: &Block, tile: usize) {
        let row_tiles = self.plan.row_tiles();
        let first = tile % row_tiles * ROWS;
        let mut offsets = [0; ROWS];
        offsets.copy_from_slice(&self.offsets[first..first + ROWS]);
        let adjoining = offsets.iter().enumerate().all(|(i, offset)| *offset == offsets[0] + i);
        let column = tile / row_tiles * COUNT * V::LANES;
        let sums = self.sums.at(self.first + tile, 0);
        if adjoining {
            self.add::<V, ROWS, COUNT, true>(block, offsets, column, sums);
        } else {
            self.add::<V, ROWS, COUNT, false>(block, offsets, column, sums);
        }
    }

    /// Adds products of a block to `ROWS` rows of `COUNT` vectors. With `ADJOINING`, the rows' inputs follow each other.
    #[inline(always)]
    #[allow(unsafe_code, reason = "reads and writes without checks of what `Plan::run` has checked")]
    #[allow(clippy::needless_range_loop, reason = "loops over vectors that stay in registers")]
    fn add<V: Vector, const ROWS: usize, const COUNT: usize, const ADJOINING: bool>(
        &self,
        block: &Block,
        offsets: [usize; ROWS],
        column: usize,
        to: *mut f32,
    ) {
        let Plan { window, channels: [inputs, _], places, .. } = *self.plan;
        let [height, width] = self.plan.extent();
        let step = window.strides[1] * inputs;
        // SAFETY: the tile's numbers belong to this part alone. Windows lie in the block's inputs, whose rows and columns
        // are those under all its windows; the outputs' gradients have whole vectors up to their last channel.
        unsafe {
            let mut sums = [[V::splat(0.0); COUNT]; ROWS];
            unroll!(row => {
                if row < ROWS {
                    for i in 0..COUNT {
                        sums[row][i] = V::load(to.add((row * COUNT + i) * V::LANES));
                    }
                }
            });
            let mut gradients = block.outputs.add(column);
            for image in 0..block.images {
                for line in 0..block.lines {
                    let row = image * height + line * window.strides[0];
                    let mut inputs = block.inputs.add(row * width * inputs);
                    for _ in 0..places[1] {
                        let mut right = [V::splat(0.0); COUNT];
                        for i in 0..COUNT {
                            right[i] = V::load(gradients.add(i * V::LANES));
                        }
                        unroll!(row => {
                            if row < ROWS {
                                let offset = if ADJOINING { offsets[0] + row } else { offsets[row] };
                                let left = V::splat(*inputs.add(offset));
                                for i in 0..COUNT {
                                    sums[row][i] = left.mul_add(right[i], sums[row][i]);
                                }
                            }
                        });
                        inputs = inputs.wrapping_add(step);
                        gradients = gradients.wrapping_add(block.pitch);
                    }
                }
            }
            unroll!(row => {
                if row < ROWS {
                    for (i, sum) in sums[row].iter().enumerate() {
                        sum.store(to.add((row * COUNT + i) * V::LANES));
                    }
                }
            });
        }
    }
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
