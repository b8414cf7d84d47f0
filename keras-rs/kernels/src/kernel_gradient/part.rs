//! Sums of tiles of a kernel's gradient over blocks of pixels.

use super::{Plan, SCRATCH};
use crate::cells::Cells;
use crate::cpu::Kernel;
use crate::simd::Vector;
use crate::unroll::unroll;
use crate::{AlignedBuffer, View};
use std::ops::Range;

/// Some tiles' sums over some pixels.
pub(super) struct Part<'a> {
    pub(super) plan: &'a Plan,
    pub(super) offsets: &'a [usize],
    pub(super) input: View<'a>,
    pub(super) outputs: View<'a>,
    pub(super) blocks: Range<usize>,
    pub(super) tiles: Range<usize>,
    pub(super) sums: &'a Cells<'a>,
    /// Number of this part's first tile.
    pub(super) first: usize,
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
        for tile in self.tiles.clone() {
            // SAFETY: no other part has these tiles.
            unsafe { self.sums.pixel(self.first + tile) }.fill(0.0);
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
