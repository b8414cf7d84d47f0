//! Convolutions of 3 rows and columns by fewer products: Winograd's F(4 x 4, 3 x 3).
//!
//! Sixteen outputs of a tile need 36 products for each pair of channels instead of 144: numbers of 6 x 6 inputs are
//! transformed, multiplied with transformed weights, and transformed back. The interpolation points are 0, ±√½, ±√2
//! and infinity, whose rounding errors are less than half of those of the usual 0, ±1, ±2.

#![allow(unsafe_code, reason = "instructions that are there at run time only, and loads through pointers")]

use crate::gather::Gather;
use crate::multiply::{Target, part};
use crate::panels::Panels;
use crate::simd::Vector;
use crate::tile::{DEPTH, Kernels, STRIDE, Tile};
use crate::{Activation, AlignedBuffer, Epilogue, threads};
use std::cell::RefCell;
use std::f32::consts::{FRAC_1_SQRT_2, SQRT_2};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// Rows and columns of transformed tiles.
const SIDE: usize = 6;
/// Rows and columns of tiles of the output.
const STEP: usize = 4;
/// Numbers of a transformed tile.
const TAPS: usize = SIDE * SIDE;
/// Most numbers of transformed tiles that are kept at a time.
const ROOM: usize = 1 << 18;

thread_local! {
    static TRANSFORMED: RefCell<[AlignedBuffer; 2]> = RefCell::default();
}

/// Transformed weights.
#[derive(Clone, Debug)]
pub(crate) struct Winograd {
    /// For each number of a transformed tile: input channels times output channels.
    taps: Vec<Panels>,
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
    /// Transforms a kernel of 3 rows and columns; `row` gives the output channels of a tap and an input channel.
    pub(crate) fn new<'a>(
        kernels: &Kernels,
        [inputs, outputs]: [usize; 2],
        row: impl Fn(usize, usize) -> &'a [f32],
    ) -> Self {
        let transform = transform_of_weights();
        let tap = |index: usize| {
            let (y, x) = (index / SIDE, index % SIDE);
            let mut values = vec![0.0; inputs * outputs];
            for (input, values) in values.chunks_exact_mut(outputs.max(1)).enumerate() {
                for tap in 0..9 {
                    let factor = transform[y][tap / 3] * transform[x][tap % 3];
                    let weights = &row(tap, input)[..outputs];
                    values.iter_mut().zip(weights).for_each(|(sum, w)| *sum += factor * f64::from(*w));
                }
            }
            let values: Vec<f32> = values.into_iter().map(|x| x as f32).collect();
            Panels::new([inputs, outputs], kernels.width(), kernels.lanes, |k| &values[k * outputs..])
        };
        Self { taps: (0..TAPS).map(tap).collect() }
    }

    /// Convolves images. Returns whether all numbers are finite: others spread over whole tiles here, so that they come
    /// out where they should not.
    pub(crate) fn run(&self, images: &Images) -> bool {
        let [rows, columns] = images.grid();
        let tiles = images.batch * rows * columns;
        let panels = self.taps[0].count();
        if tiles == 0 || panels == 0 {
            return true;
        }
        let finite = AtomicBool::new(true);
        let channels = images.source.channels.len();
        let threads = threads::count();
        let most = (ROOM / (TAPS * channels.max(1))).clamp(images.kernels.rows(), 4 * images.kernels.rows());
        let mut blocks = tiles.div_ceil(most);
        if blocks > 1 || panels < threads {
            blocks = blocks.next_multiple_of(threads).min(tiles);
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
            let mut shape = Part { channel: panel * kernels.width(), columns: 0, vectors: 0 };
            for (tap, weights) in self.taps.iter().enumerate() {
                let (values, columns, vectors) = weights.panel(panel);
                shape = Part { columns, vectors, ..shape };
                let width = vectors * kernels.lanes;
                let pieces = tiles.len().div_ceil(kernels.rows());
                for block in 0..layout.blocks {
                    let depth = part(channels, layout.blocks, block);
                    for piece in 0..pieces {
                        let rows = part(tiles.len(), pieces, piece);
                        let tile = Tile {
                            left: left[layout.place(tap, block, rows.start)..].as_ptr(),
                            stride: STRIDE,
                            panel: values[depth.start * width..].as_ptr(),
                            depth: depth.len(),
                            output: sums[tap * layout.pitch(kernels.width()) + rows.start * width..]
                                .as_mut_ptr(),
                            pitch: width,
                            columns: width,
                            add: block > 0,
                            finish: None,
                        };
                        // SAFETY: as above; the panel has `width` columns, and so have the rows of the sums.
                        unsafe { (kernels.tiles[vectors - 1][rows.len() - 1])(&tile) };
                    }
                }
            }
            // SAFETY: as above; these channels of these tiles belong to this part alone.
            finite &= unsafe { (kernels.restore)(images, tiles.clone(), &layout, shape, sums.as_ptr()) };
        }
        finite
    }
}

/// The matrix that transforms three weights: the powers of each point over the product of its distances to the others.
fn transform_of_weights() -> [[f64; 3]; SIDE] {
    let points = [0.0, 0.5_f64.sqrt(), -(0.5_f64.sqrt()), 2.0_f64.sqrt(), -(2.0_f64.sqrt())];
    let mut matrix = [[0.0, 0.0, 1.0]; SIDE];
    for (i, (row, point)) in matrix.iter_mut().zip(points).enumerate() {
        let others = points.iter().enumerate().filter(|(j, _)| *j != i);
        let distances: f64 = others.map(|(_, other)| point - other).product();
        *row = [1.0, point, point * point].map(|power| power / distances);
    }
    matrix
}

/// Transforms six inputs.
#[inline(always)]
unsafe fn forward<V: Vector>([a, b, c, d, e, f]: [V; SIDE]) -> [V; SIDE] {
    // SAFETY: the CPU has the instructions, since there are vectors.
    let number = |x: f32| unsafe { V::splat(x) };
    let middle = c.mul_add(number(-2.0), e);
    let outer = c.mul_add(number(-0.5), e);
    let odd_middle = b.mul_add(number(-2.0), d).mul(number(FRAC_1_SQRT_2));
    let odd_outer = b.mul_add(number(-0.5), d).mul(number(SQRT_2));
    let minus = number(-1.0);
    [
        c.mul_add(number(-2.5), a.add(e)),
        middle.add(odd_middle),
        odd_middle.mul_add(minus, middle),
        outer.add(odd_outer),
        odd_outer.mul_add(minus, outer),
        d.mul_add(number(-2.5), b.add(f)),
    ]
}

/// Transforms six sums back to four outputs.
#[inline(always)]
unsafe fn backward<V: Vector>([a, b, c, d, e, f]: [V; SIDE]) -> [V; STEP] {
    // SAFETY: the CPU has the instructions, since there are vectors.
    let number = |x: f32| unsafe { V::splat(x) };
    let minus = number(-1.0);
    let (middle, outer) = (b.add(c), d.add(e));
    let (odd_middle, odd_outer) = (c.mul_add(minus, b), e.mul_add(minus, d));
    [
        a.add(middle).add(outer),
        odd_middle.mul_add(number(FRAC_1_SQRT_2), odd_outer.mul(number(SQRT_2))),
        middle.mul_add(number(0.5), outer.add(outer)),
        odd_middle.mul_add(number(FRAC_1_SQRT_2 / 2.0), odd_outer.mul_add(number(SQRT_2 * 2.0), f)),
    ]
}

/// Transforms the inputs of some tiles.
///
/// # Safety
///
/// The CPU has the instructions of `V`, the input holds the images, the target the layout.
#[inline(always)]
pub(crate) unsafe fn transform<V: Vector>(
    images: &Images,
    tiles: Range<usize>,
    layout: &Layout,
    target: *mut f32,
) {
    let source = &images.source;
    let [height, width] = source.size;
    let [rows, columns] = images.grid();
    let base = source.input.values.as_ptr().wrapping_add(source.input.offset + source.channels.start);
    for (index, tile) in tiles.enumerate() {
        let (image, row, column) = (tile / (rows * columns), tile / columns % rows, tile % columns);
        let mut pixels = [[std::ptr::null::<f32>(); SIDE]; SIDE];
        for (i, pixels) in pixels.iter_mut().enumerate() {
            let Some(y) = source.window.source(0, row * STEP + i, 0, height) else { continue };
            for (j, pixel) in pixels.iter_mut().enumerate() {
                if let Some(x) = source.window.source(1, column * STEP + j, 0, width) {
                    *pixel = base.wrapping_add(((image * height + y) * width + x) * source.input.pitch);
                }
            }
        }
        for block in 0..layout.blocks {
            let channels = part(source.channels.len(), layout.blocks, block);
            let mut first = channels.start;
            while first < channels.end {
                let count = V::LANES.min(channels.end - first);
                // SAFETY: `count` channels of the pixels inside the image may be read, and so many written.
                unsafe {
                    let mut half = [[V::splat(0.0); SIDE]; SIDE];
                    for j in 0..SIDE {
                        let mut values = [V::splat(0.0); SIDE];
                        for (value, pixels) in values.iter_mut().zip(&pixels) {
                            if !pixels[j].is_null() {
                                *value = read::<V>(source, pixels[j], first, count);
                            }
                        }
                        for (half, value) in half.iter_mut().zip(forward(values)) {
                            half[j] = value;
                        }
                    }
                    for (i, half) in half.into_iter().enumerate() {
                        for (j, value) in forward(half).into_iter().enumerate() {
                            let place = layout.place(i * SIDE + j, block, index) + first - channels.start;
                            write(value, target.add(place), count);
                        }
                    }
                }
                first += count;
            }
        }
    }
}

/// Some channels of a pixel, after the prologue.
#[inline(always)]
unsafe fn read<V: Vector>(source: &Gather, pixel: *const f32, first: usize, count: usize) -> V {
    // SAFETY: as the caller says; scale and shift have numbers for all channels.
    unsafe {
        let load = |from: *const f32| {
            if count == V::LANES { V::load(from) } else { V::load_some(from, count) }
        };
        let value = load(pixel.add(first));
        let Some(prologue) = &source.prologue else { return value };
        let channel = source.channels.start + first;
        let value = value
            .mul_add(load(prologue.scale.as_ptr().add(channel)), load(prologue.shift.as_ptr().add(channel)));
        match prologue.activation.bounds() {
            Some([low, high]) => value.max(V::splat(low)).min(V::splat(high)),
            None => value,
        }
    }
}

#[inline(always)]
unsafe fn write<V: Vector>(value: V, to: *mut f32, count: usize) {
    // SAFETY: as the caller says.
    unsafe {
        if count == V::LANES {
            value.store(to);
        } else {
            value.store_some(to, count);
        }
    }
}

/// Transforms the sums of some tiles and a panel back and finishes them. Returns whether all are finite.
///
/// # Safety
///
/// The CPU has the instructions of `V`, `sums` those of the tiles; nobody else uses these channels of the output.
#[inline(always)]
pub(crate) unsafe fn restore<V: Vector>(
    images: &Images,
    tiles: Range<usize>,
    layout: &Layout,
    part: Part,
    sums: *const f32,
) -> bool {
    let [height, width] = images.source.output;
    let [rows, columns] = images.grid();
    let epilogue = &images.epilogue;
    let bounds = epilogue.activation.bounds();
    let stride = layout.pitch(V::LANES * crate::tile::VECTORS);
    // SAFETY: as for this function.
    let zero = unsafe { V::splat(0.0) };
    // Stays zero as long as all numbers are finite.
    let mut check = zero;
    for (index, tile) in tiles.enumerate() {
        let (image, row, column) = (tile / (rows * columns), tile / columns % rows, tile % columns);
        let pixel = |i: usize, j: usize| {
            let (y, x) = (row * STEP + i, column * STEP + j);
            (y < height && x < width).then_some((image * height + y) * width + x)
        };
        for vector in 0..part.vectors {
            let first = vector * V::LANES;
            let count = V::LANES.min(part.columns - first);
            let channel = part.channel + first;
            // SAFETY: as for this function; bias, residual and output have all channels of all pixels.
            unsafe {
                let load = |from: *const f32| {
                    if count == V::LANES { V::load(from) } else { V::load_some(from, count) }
                };
                let from = sums.add((index * part.vectors + vector) * V::LANES);
                let mut half = [[V::splat(0.0); SIDE]; STEP];
                for j in 0..SIDE {
                    let mut values = [V::splat(0.0); SIDE];
                    for (i, value) in values.iter_mut().enumerate() {
                        *value = V::load(from.add((i * SIDE + j) * stride));
                    }
                    for (half, value) in half.iter_mut().zip(backward(values)) {
                        half[j] = value;
                    }
                }
                let bias = epilogue.bias.map_or(V::splat(0.0), |bias| load(bias.as_ptr().add(channel)));
                for (i, half) in half.into_iter().enumerate() {
                    for (j, value) in backward(half).into_iter().enumerate() {
                        let Some(pixel) = pixel(i, j) else { continue };
                        let mut value = value.add(bias);
                        check = value.mul_add(zero, check);
                        if let Some(view) = &epilogue.residual {
                            let place = view.offset + pixel * view.pitch + channel;
                            value = value.add(load(view.values.as_ptr().add(place)));
                        }
                        if let Some([low, high]) = bounds {
                            value = value.max(V::splat(low)).min(V::splat(high));
                        }
                        write(value, images.target.at(pixel, channel), count);
                    }
                }
            }
        }
        if bounds.is_none() && epilogue.activation != Activation::Linear {
            for pixel in (0..STEP * STEP).filter_map(|place| pixel(place / STEP, place % STEP)) {
                let to = images.target.at(pixel, part.channel);
                // SAFETY: as for this function.
                let values = unsafe { std::slice::from_raw_parts_mut(to, part.columns) };
                if V::FMA {
                    epilogue.activation.apply_inline::<true>(values);
                } else {
                    epilogue.activation.apply_inline::<false>(values);
                }
            }
        }
    }
    let mut lanes = [0.0; 16];
    // SAFETY: no vector is longer than that.
    unsafe { check.store(lanes.as_mut_ptr()) };
    lanes.iter().all(|lane| *lane == 0.0)
}
