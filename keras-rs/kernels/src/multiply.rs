//! Products of gathered rows with packed weights, in blocks that fit the caches, shared out among threads.

#![allow(unsafe_code, reason = "threads write disjoint parts of one output through a pointer")]

use crate::gather::Gather;
use crate::panels::Panels;
use crate::tile::{DEPTH, Finish, Kernels, STRIDE, Tile};
use crate::{AlignedBuffer, Epilogue, ViewMut, threads};
use std::cell::RefCell;
use std::ops::Range;

/// Most tiles of rows that are gathered at a time: with [`DEPTH`] they fit the second cache, beside a panel.
const TILES: usize = 8;
/// Products that one thread computes while two would find each other.
const SMALL: usize = 1 << 17;
/// Rows so many numbers apart share a set of the first cache.
const PAGE: usize = 1024;
/// Parts for each thread, where there is enough work: threads that are held up leave the rest to the others.
const PARTS: usize = 4;

thread_local! {
    static ROWS: RefCell<AlignedBuffer> = RefCell::default();
}

/// Where the sums go.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    pointer: *mut f32,
    pitch: usize,
}

// SAFETY: every part of a product writes rows and columns of its own.
unsafe impl Send for Target {}
// SAFETY: as above.
unsafe impl Sync for Target {}

impl Target {
    /// The pixels of a view that is borrowed as long as this is used.
    pub(crate) fn new(view: &mut ViewMut) -> Self {
        Self { pointer: view.values.as_mut_ptr().wrapping_add(view.offset), pitch: view.pitch }
    }

    /// The same pixels from one on.
    pub(crate) fn at_pixel(self, pixel: usize) -> Self {
        Self { pointer: self.pointer.wrapping_add(pixel * self.pitch), ..self }
    }

    /// The same pixels, whose first channel counts as this one.
    pub(crate) fn at_channel(self, channel: usize) -> Self {
        Self { pointer: self.pointer.wrapping_sub(channel), ..self }
    }

    /// Numbers from the start of a pixel to that of the next one.
    pub(crate) fn pitch(&self) -> usize {
        self.pitch
    }

    /// The target whose first channel is that of a pixel here.
    pub(crate) fn moved(self, pixel: usize, channel: usize) -> Self {
        Self { pointer: self.at(pixel, channel), pitch: self.pitch }
    }

    /// The place of a channel of a pixel.
    #[inline(always)]
    pub(crate) fn at(&self, pixel: usize, channel: usize) -> *mut f32 {
        self.pointer.wrapping_add(pixel * self.pitch + channel)
    }
}

/// The rows of a tile.
#[derive(Clone, Copy)]
pub(crate) struct Left {
    pub(crate) first: *const f32,
    /// Numbers from a row to the next one; `None`: those of gathered rows.
    pub(crate) stride: Option<usize>,
    /// Numbers of a row that lie side by side.
    pub(crate) depth: usize,
    /// How often there are so many.
    pub(crate) turns: usize,
    /// Numbers from the end of a turn to the next one.
    pub(crate) skip: usize,
}

/// One product: `rows` gathered rows times the weights.
pub(crate) struct Multiply<'a> {
    pub(crate) kernels: &'static Kernels,
    pub(crate) source: Gather<'a>,
    pub(crate) rows: usize,
    pub(crate) panels: &'a Panels,
    /// For all channels of the output.
    pub(crate) epilogue: Epilogue<'a>,
    pub(crate) target: Target,
    /// The first channel of the output.
    pub(crate) first: usize,
}

/// How a product is cut into parts: so many pieces of rows, times so many of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    tiles: usize,
    row_pieces: usize,
    panels: usize,
    column_pieces: usize,
}

/// Part `index` of `count` nearly equal ones of the numbers up to `length`.
pub(crate) fn part(length: usize, count: usize, index: usize) -> Range<usize> {
    length * index / count..length * (index + 1) / count
}

impl Grid {
    pub(crate) fn new(rows: usize, tile_rows: usize, panels: usize, threads: usize) -> Self {
        let tiles = rows.div_ceil(tile_rows);
        let least = tiles.div_ceil(TILES);
        let mut best = Self { tiles, row_pieces: least, panels, column_pieces: 1 };
        if threads == 1 {
            return best;
        }
        let mut least_cost = usize::MAX;
        for column_pieces in (1..=threads.min(panels)).chain([(threads * PARTS).min(panels)]) {
            for wanted in [1, threads, threads * PARTS] {
                let row_pieces = least.next_multiple_of(wanted).min(tiles);
                let grid = Self { tiles, row_pieces, panels, column_pieces };
                let turns = (row_pieces * column_pieces).div_ceil(threads);
                // The time of a part in 64ths of a tile: its tiles, reading its panels, gathering its rows.
                let (tiles, panels) = (tiles.div_ceil(row_pieces), panels.div_ceil(column_pieces));
                let part = panels * (tiles * 64 + 16) + tiles * 10;
                let cost = turns * part + turns;
                if cost < least_cost {
                    (best, least_cost) = (grid, cost);
                }
            }
        }
        best
    }

    pub(crate) fn parts(&self) -> usize {
        self.row_pieces * self.column_pieces
    }

    /// The tiles and the panels of a part.
    fn part(&self, index: usize) -> (Range<usize>, Range<usize>) {
        let (row, column) = (index / self.column_pieces, index % self.column_pieces);
        (part(self.tiles, self.row_pieces, row), part(self.panels, self.column_pieces, column))
    }
}

impl Multiply<'_> {
    pub(crate) fn run(&self) {
        if self.rows == 0 || self.panels.columns == 0 {
            return;
        }
        let work = self.rows.saturating_mul(self.panels.columns).saturating_mul(self.panels.inner);
        let threads = if work < SMALL { 1 } else { threads::count() };
        let grid = Grid::new(self.rows, self.kernels.rows(), self.panels.count(), threads);
        let part = |index: usize| {
            let (tiles, panels) = grid.part(index);
            self.buffered_part(&grid, tiles, panels);
        };
        if threads == 1 {
            (0..grid.parts()).for_each(part);
        } else {
            threads::run(grid.parts(), &part);
        }
    }

    /// Some panels, on the thread of the caller.
    pub(crate) fn run_alone(&self, panels: Range<usize>) {
        let grid = Grid::new(self.rows, self.kernels.rows(), self.panels.count(), 1);
        for index in 0..grid.parts() {
            let (tiles, _) = grid.part(index);
            self.buffered_part(&grid, tiles, panels.clone());
        }
    }

    fn buffered_part(&self, grid: &Grid, tiles: Range<usize>, panels: Range<usize>) {
        ROWS.with_borrow_mut(|buffer| {
            let length = TILES * self.kernels.rows() * STRIDE;
            if buffer.len() < length {
                *buffer = AlignedBuffer::new(length);
            }
            self.part(grid, tiles, panels, buffer);
        });
    }

    fn part(&self, grid: &Grid, tiles: Range<usize>, panels: Range<usize>, buffer: &mut [f32]) {
        // Rows of each tile: divided once, not for each panel.
        let mut rows_of: [Range<usize>; TILES] = std::array::from_fn(|_| 0..0);
        for (rows, tile) in rows_of.iter_mut().zip(tiles.clone()) {
            *rows = part(self.rows, grid.tiles, tile);
        }
        let rows_of = &rows_of[..tiles.len()];
        let first_row = rows_of[0].start;
        let rows = first_row..rows_of[tiles.len() - 1].end;
        let inner = self.panels.inner;
        if let Some((left, stride)) = self.source.plain()
            && (rows.len() <= 4 || !stride.is_multiple_of(PAGE))
        {
            // A single tile reads each weight once, from front to back.
            let blocks = if tiles.len() == 1 { 1 } else { inner.div_ceil(DEPTH).max(1) };
            for block in 0..blocks {
                let depth = part(inner, blocks, block);
                for panel in panels.clone() {
                    for rows in rows_of {
                        let first = left[rows.start * stride + depth.start..].as_ptr();
                        let (stride, depth_of) = (Some(stride), depth.len());
                        let left = Left { first, stride, depth: depth_of, turns: 1, skip: 0 };
                        self.tile(left, rows.clone(), panel, depth.start, [block == 0, block + 1 == blocks]);
                    }
                }
            }
            return;
        }
        let blocks = inner.div_ceil(DEPTH).max(1);
        // Tiles whose windows are read where they are.
        let mut direct = [None; TILES];
        if blocks == 1 {
            for (direct, rows) in direct.iter_mut().zip(rows_of) {
                *direct = self.source.direct(rows.clone());
            }
        }
        let all_gathered = direct.iter().all(Option::is_none);
        for block in 0..blocks {
            let depth = part(inner, blocks, block);
            let mut gather = |rows: Range<usize>| {
                let to = buffer[(rows.start - first_row) * STRIDE..].as_mut_ptr();
                // SAFETY: the kernels are those of a level that the CPU has; the rows fit the buffer, since a piece has
                // at most `TILES` tiles and a block at most `DEPTH` numbers.
                unsafe { (self.kernels.gather)(&self.source, rows, depth.clone(), to) };
            };
            if all_gathered {
                gather(rows.clone());
            } else {
                let missing = rows_of.iter().zip(&direct).filter(|(_, direct)| direct.is_none());
                missing.for_each(|(rows, _)| gather(rows.clone()));
            }
            for panel in panels.clone() {
                for (rows, direct) in rows_of.iter().zip(&direct) {
                    let gathered = || Left {
                        first: buffer[(rows.start - first_row) * STRIDE..].as_ptr(),
                        stride: None,
                        depth: depth.len(),
                        turns: 1,
                        skip: 0,
                    };
                    let left = direct.unwrap_or_else(gathered);
                    self.tile(left, rows.clone(), panel, depth.start, [block == 0, block + 1 == blocks]);
                }
            }
        }
    }

    /// A tile of some rows and a panel, whose weights are used from row `first` on; `ends` says whether these are the
    /// first and the last ones.
    #[inline]
    fn tile(&self, left: Left, rows: Range<usize>, panel: usize, first: usize, ends: [bool; 2]) {
        let (values, columns, vectors) = self.panels.panel(panel);
        let channel = self.first + panel * self.kernels.width();
        let finish = || {
            let residual = self.epilogue.residual.map(|view| {
                (view.values[view.offset + rows.start * view.pitch + channel..].as_ptr(), view.pitch)
            });
            let (residual, residual_pitch) = residual.unwrap_or((std::ptr::null(), 0));
            Finish { residual, residual_pitch, activation: self.epilogue.activation }
        };
        let bias = self.epilogue.bias.filter(|_| ends[0]);
        let tile = Tile {
            left: left.first,
            stride: left.stride.unwrap_or(STRIDE),
            panel: values[first * vectors * self.kernels.lanes..].as_ptr(),
            depth: left.depth,
            turns: left.turns,
            skip: left.skip,
            bias: bias.map_or(std::ptr::null(), |bias| bias[channel..].as_ptr()),
            output: self.target.at(rows.start, channel),
            pitch: self.target.pitch,
            columns,
            add: !ends[0],
            finish: ends[1].then(finish),
        };
        // SAFETY: the kernels are those of a level that the CPU has; `Convolution::run` has checked the lengths of all
        // slices; the tile's part of the output belongs to this part of the product.
        unsafe { self.kernels.tile(left.stride.is_some(), vectors, columns)[rows.len() - 1](&tile) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Random;

    #[test]
    fn parts_cover_a_product_once_and_fit_the_buffer() {
        let mut random = Random::new(3);
        for _ in 0..500 {
            let [rows, panels] = [random.whole(1, 4000), random.whole(1, 70)];
            let (tile_rows, threads) = (random.pick(&[6, 14]), random.whole(1, 9));
            let grid = Grid::new(rows, tile_rows, panels, threads);
            let mut covered = vec![0; grid.tiles * panels];
            for index in 0..grid.parts() {
                let (tiles, panels_of_part) = grid.part(index);
                assert!(tiles.len() <= TILES);
                for tile in tiles {
                    assert!((1..=tile_rows).contains(&part(rows, grid.tiles, tile).len()));
                    panels_of_part.clone().for_each(|panel| covered[tile * panels + panel] += 1);
                }
            }
            assert!(covered.iter().all(|times| *times == 1), "{grid:?}");
        }
    }

    #[test]
    fn threads_share_evenly() {
        // 49 rows and 16 panels: the columns are cut, since four tiles are few.
        let grid = Grid::new(49, 14, 16, 2);
        assert_eq!((grid.parts() % 2, grid.column_pieces % 2), (0, 0));
        let rows = |tile| part(49, grid.tiles, tile).len();
        assert_eq!([0, 1, 2, 3].map(rows), [12, 12, 12, 13]);
    }
}
