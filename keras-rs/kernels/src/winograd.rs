//! Convolutions of 3 rows and columns by fewer products: Winograd's F(4 x 4, 3 x 3).
//!
//! Sixteen outputs of a tile need 36 products for each pair of channels instead of 144: numbers of 6 x 6 inputs are
//! transformed, multiplied with transformed weights, and transformed back. The interpolation points are 0, ±√½, ±√2
//! and infinity, whose rounding errors are less than half of those of the usual 0, ±1, ±2.

#![allow(unsafe_code, reason = "instructions that are there at run time only, and loads through pointers")]

mod transforms;

pub(crate) use transforms::{restore, transform, weights};

use crate::gather::Gather;
use crate::multiply::{Target, part};
use crate::panels::Panels;
use crate::tile::{DEPTH, Kernels, STRIDE, Tile};
use crate::{AlignedBuffer, Epilogue, threads};
use std::cell::RefCell;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// Rows and columns of transformed tiles.
const SIDE: usize = 6;
/// Rows and columns of tiles of the output.
const STEP: usize = 4;
/// Numbers of a transformed tile.
const TAPS: usize = SIDE * SIDE;
/// Most numbers of transformed tiles that are kept at a time.
const ROOM: usize = 1 << 17;

thread_local! {
    static TRANSFORMED: RefCell<[AlignedBuffer; 2]> = RefCell::default();
}

/// Transformed weights.
#[derive(Clone, Debug)]
pub(crate) struct Winograd {
    /// For each number of a transformed tile: input channels times output channels.
    panels: Panels,
}

/// Where the numbers of transformed tiles lie: short rows share one of [`STRIDE`] numbers.
#[derive(Clone, Copy)]
pub(crate) struct Layout {
    tiles: usize,
    blocks: usize,
    depth: usize,
    sharing: usize,
}

impl Layout {
    fn new(tiles: usize, channels: usize) -> Self {
        let blocks = channels.div_ceil(DEPTH).max(1);
        let depth = channels.div_ceil(blocks).max(1);
        Self { tiles, blocks, depth, sharing: DEPTH / depth }
    }

    fn place(&self, tap: usize, block: usize, tile: usize) -> usize {
        let index = tap * self.blocks + block;
        (index / self.sharing * self.tiles + tile) * STRIDE + index % self.sharing * self.depth
    }

    fn length(&self) -> usize {
        (TAPS * self.blocks).div_ceil(self.sharing) * self.tiles * STRIDE
    }

    /// Numbers from a number of a transformed output tile to the next one; no multiple of a page.
    fn pitch(&self, width: usize) -> usize {
        self.tiles * width + 16
    }
}

/// One convolution.
pub(crate) struct Images<'a> {
    pub(crate) kernels: &'static Kernels,
    pub(crate) source: Gather<'a>,
    pub(crate) batch: usize,
    pub(crate) epilogue: Epilogue<'a>,
    pub(crate) target: Target,
}

impl Images<'_> {
    /// Rows and columns of tiles of an image.
    fn grid(&self) -> [usize; 2] {
        self.source.output.map(|size| size.div_ceil(STEP))
    }
}

/// The output channels of a panel.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    channel: usize,
    columns: usize,
    vectors: usize,
}

impl Winograd {
    /// Transforms the weights of a kernel of 3 rows and columns.
    pub(crate) fn new(kernels: &Kernels, kernel: &Panels) -> Self {
        let inputs = kernel.inner / 9;
        let panels = kernel.map(TAPS * inputs, |from, width, to| {
            assert!(
                from.len() == 9 * inputs * width && to.len() == TAPS * inputs * width,
                "length of a panel"
            );
            // SAFETY: the kernels are those of a level that the CPU has; the lengths were checked.
            unsafe { (kernels.weights)(from.as_ptr(), inputs * width, to.as_mut_ptr()) };
        });
        Self { panels }
    }

    /// Convolves images. Returns whether all numbers are finite: others spread over whole tiles here, so that they come
    /// out where they should not.
    pub(crate) fn run(&self, images: &Images) -> bool {
        let [rows, columns] = images.grid();
        let tiles = images.batch * rows * columns;
        let panels = self.panels.count();
        if tiles == 0 || panels == 0 {
            return true;
        }
        let finite = AtomicBool::new(true);
        let channels = images.source.channels.len();
        let threads = threads::count();
        let most = (ROOM / (TAPS * channels.max(1))).clamp(images.kernels.rows(), 4 * images.kernels.rows());
        let mut blocks = tiles.div_ceil(most);
        let even = blocks.next_multiple_of(threads).min(tiles);
        if tiles >= even * images.kernels.rows() || panels < threads {
            blocks = even;
        }
        // Whole blocks for each thread where that shares the work evenly, else panels of the same block.
        let pieces = if blocks.is_multiple_of(threads) { 1 } else { threads.min(panels) };
        threads::run(blocks * pieces, &|index| {
            let tiles = part(tiles, blocks, index / pieces);
            let panels = part(panels, pieces, index % pieces);
            if !TRANSFORMED.with_borrow_mut(|buffers| self.block(images, tiles, panels, buffers)) {
                finite.store(false, Ordering::Relaxed);
            }
        });
        finite.into_inner()
    }

    fn block(
        &self,
        images: &Images,
        tiles: Range<usize>,
        panels: Range<usize>,
        buffers: &mut [AlignedBuffer; 2],
    ) -> bool {
        let kernels = images.kernels;
        let channels = images.source.channels.len();
        let layout = Layout::new(tiles.len(), channels);
        let lengths = [layout.length(), TAPS * layout.pitch(kernels.width())];
        for (buffer, length) in buffers.iter_mut().zip(lengths) {
            if buffer.len() < length {
                *buffer = AlignedBuffer::new(length);
            }
        }
        let [left, sums] = buffers;
        // SAFETY: the kernels are those of a level that the CPU has; the buffer has the length of the layout.
        unsafe { (kernels.transform)(images, tiles.clone(), &layout, left.as_mut_ptr()) };
        let mut finite = true;
        for panel in panels {
            let (values, columns, vectors) = self.panels.panel(panel);
            let shape = Part { channel: panel * kernels.width(), columns, vectors };
            let width = vectors * kernels.lanes;
            for tap in 0..TAPS {
                let pieces = tiles.len().div_ceil(kernels.rows());
                for block in 0..layout.blocks {
                    let depth = part(channels, layout.blocks, block);
                    for piece in 0..pieces {
                        let rows = part(tiles.len(), pieces, piece);
                        let tile = Tile {
                            left: left[layout.place(tap, block, rows.start)..].as_ptr(),
                            stride: STRIDE,
                            panel: values[(tap * channels + depth.start) * width..].as_ptr(),
                            depth: depth.len(),
                            turns: 1,
                            skip: 0,
                            bias: std::ptr::null(),
                            output: sums[tap * layout.pitch(kernels.width()) + rows.start * width..]
                                .as_mut_ptr(),
                            pitch: width,
                            columns: width,
                            add: block > 0,
                            finish: None,
                        };
                        // SAFETY: as above; the panel has `width` columns, and so have the rows of the sums.
                        unsafe { kernels.tile(false, vectors, width)[rows.len() - 1](&tile) };
                    }
                }
            }
            // SAFETY: as above; these channels of these tiles belong to this part alone.
            finite &= unsafe { (kernels.restore)(images, tiles.clone(), &layout, shape, sums.as_ptr()) };
        }
        finite
    }
}
