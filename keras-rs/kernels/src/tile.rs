//! The innermost loop of products and convolutions: some rows times a panel of columns, sums kept in registers.

#![allow(unsafe_code, reason = "instructions that are there at run time only, and loads through pointers")]

use crate::Activation;
use crate::cpu::Level;
use crate::gather::{self, Gather};
use crate::simd::{Portable, Vector};
use crate::unroll::unroll;
use crate::winograd::{self, Images, Layout, Part};
use std::ops::Range;

/// Most products that are summed at a time: so many numbers of some rows and a panel fit the first two caches.
pub(crate) const DEPTH: usize = 256;
/// Numbers from a gathered row to the next one; known to the compiler, so that one register addresses all rows, and no
/// power of two, so that they do not share a set of the cache.
pub(crate) const STRIDE: usize = DEPTH + 16;
/// Vectors in a panel.
pub(crate) const VECTORS: usize = 2;

/// What one call of the innermost loop computes.
pub(crate) struct Tile {
    /// The first row; the others follow [`STRIDE`] apart.
    pub(crate) left: *const f32,
    /// Numbers from a row to the next one, for kernels that take it from here.
    pub(crate) stride: usize,
    /// The panel: the columns of a row, then those of the next one.
    pub(crate) panel: *const f32,
    /// Number of products of each sum, in a turn.
    pub(crate) depth: usize,
    /// Number of turns, for kernels that take the stride from here.
    pub(crate) turns: usize,
    /// Numbers of a row from the end of a turn to the next one.
    pub(crate) skip: usize,
    /// What the sums begin with; null: zero.
    pub(crate) bias: *const f32,
    /// Where the sums go.
    pub(crate) output: *mut f32,
    /// Numbers from a row of the output to the next one.
    pub(crate) pitch: usize,
    /// Columns of the panel that there are in the output.
    pub(crate) columns: usize,
    /// Whether the output holds the sums of earlier products.
    pub(crate) add: bool,
    /// What is done to the sums after the last product.
    pub(crate) finish: Option<Finish>,
}

/// The epilogue at the first row and column of a tile.
#[derive(Clone, Copy)]
pub(crate) struct Finish {
    /// Null: none.
    pub(crate) residual: *const f32,
    pub(crate) residual_pitch: usize,
    pub(crate) activation: Activation,
}

/// A kernel for a number of rows and of vectors in a panel.
pub(crate) type Kernel = unsafe fn(&Tile);

/// The functions that are compiled for a set of instructions.
pub(crate) struct Kernels {
    /// Numbers in a vector.
    pub(crate) lanes: usize,
    /// By the number of half vectors in a panel less two, then by the number of rows less one.
    tiles: [&'static [Kernel]; 3],
    /// The same for rows that are not gathered, any number apart.
    plain_tiles: [&'static [Kernel]; 3],
    /// Gathers rows.
    pub(crate) gather: unsafe fn(&Gather, Range<usize>, Range<usize>, *mut f32),
    /// Transforms weights for Winograd's algorithm.
    pub(crate) weights: unsafe fn(*const f32, usize, *mut f32),
    /// Transforms tiles of images.
    pub(crate) transform: unsafe fn(&Images, Range<usize>, &Layout, *mut f32),
    /// Transforms sums back; returns whether all are finite.
    pub(crate) restore: unsafe fn(&Images, Range<usize>, &Layout, Part, *const f32) -> bool,
}

impl Kernels {
    pub(crate) fn of(level: Level) -> &'static Self {
        match level {
            Level::Portable => &portable::KERNELS,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => &avx2::KERNELS,
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => &avx512::KERNELS,
        }
    }

    /// Most rows of a tile.
    pub(crate) fn rows(&self) -> usize {
        self.tiles[0].len()
    }

    /// The kernels for a panel of so many vectors that has so many columns, and for plain rows or gathered ones, by the
    /// number of rows less one.
    #[inline]
    pub(crate) fn tile(&self, plain: bool, vectors: usize, columns: usize) -> &'static [Kernel] {
        let halves = columns.div_ceil(self.lanes / 2).clamp(2 * vectors - 1, 2 * vectors).max(2);
        if plain { self.plain_tiles[halves - 2] } else { self.tiles[halves - 2] }
    }

    /// Columns of a panel.
    pub(crate) fn width(&self) -> usize {
        self.lanes * VECTORS
    }
}

/// Compiles the kernels for a vector and the instructions that it needs; with 1 there are some for a vector and a half.
macro_rules! kernels {
    ($module:ident, $vector:ty, $half:literal, [$($rows:literal)*] $(, $features:literal)?) => {
        mod $module {
            use super::*;

            $(#[target_feature(enable = $features)])?
            unsafe fn tile<const ROWS: usize, const WHOLE: usize, const HALF: usize>(tile: &Tile) {
                // SAFETY: as for this function.
                unsafe { super::tile::<$vector, ROWS, WHOLE, HALF, STRIDE>(tile) };
            }

            $(#[target_feature(enable = $features)])?
            unsafe fn plain_tile<const ROWS: usize, const WHOLE: usize, const HALF: usize>(tile: &Tile) {
                // SAFETY: as for this function.
                unsafe { super::tile::<$vector, ROWS, WHOLE, HALF, 0>(tile) };
            }

            $(#[target_feature(enable = $features)])?
            unsafe fn gather(
                source: &Gather,
                rows: Range<usize>,
                inner: Range<usize>,
                target: *mut f32,
            ) {
                // SAFETY: as for this function.
                unsafe { gather::gather::<$vector>(source, rows, inner, target) };
            }

            $(#[target_feature(enable = $features)])?
            unsafe fn weights(from: *const f32, count: usize, target: *mut f32) {
                // SAFETY: as for this function.
                unsafe { winograd::weights::<$vector>(from, count, target) };
            }

            $(#[target_feature(enable = $features)])?
            unsafe fn transform(images: &Images, tiles: Range<usize>, layout: &Layout, target: *mut f32) {
                // SAFETY: as for this function.
                unsafe { winograd::transform::<$vector>(images, tiles, layout, target) };
            }

            $(#[target_feature(enable = $features)])?
            unsafe fn restore(images: &Images, tiles: Range<usize>, layout: &Layout, part: Part, sums: *const f32) -> bool {
                // SAFETY: as for this function.
                unsafe { winograd::restore::<$vector>(images, tiles, layout, part, sums) }
            }

            pub(super) static KERNELS: Kernels = Kernels {
                lanes: <$vector>::LANES,
                tiles: [
                    &[$(tile::<$rows, 1, 0>),*],
                    &[$(tile::<$rows, { 2 - $half }, $half>),*],
                    &[$(tile::<$rows, 2, 0>),*],
                ],
                plain_tiles: [
                    &[$(plain_tile::<$rows, 1, 0>),*],
                    &[$(plain_tile::<$rows, { 2 - $half }, $half>),*],
                    &[$(plain_tile::<$rows, 2, 0>),*],
                ],
                gather,
                weights,
                transform,
                restore,
            };
        }
    };
}

kernels!(portable, Portable, 0, [1 2 3 4 5 6]);
#[cfg(target_arch = "x86_64")]
kernels!(avx2, crate::simd::Avx2, 0, [1 2 3 4 5 6], "avx2,fma");
#[cfg(target_arch = "x86_64")]
kernels!(avx512, crate::simd::Avx512, 1, [1 2 3 4 5 6 7 8 9 10 11 12 13 14], "avx512f,avx512vl,avx2,fma");

/// Computes a tile of `ROWS` rows, `STRIDE` apart (zero: as the tile says), and of `WHOLE` vectors of columns with `HALF`
/// halves of one behind them. The panel has a whole vector in place of a half.
///
/// # Safety
///
/// The CPU has the instructions of `V`; the pointers of the tile reach as far as its numbers say, and nobody else uses
/// its part of the output.
#[inline(always)]
unsafe fn tile<V: Vector, const ROWS: usize, const WHOLE: usize, const HALF: usize, const STRIDE: usize>(
    tile: &Tile,
) {
    let stride = if STRIDE > 0 { STRIDE } else { tile.stride };
    // SAFETY: as for this function.
    unsafe {
        let mut sums = begin::<V, ROWS, WHOLE>(tile, 0);
        let mut halves = begin::<V::Half, ROWS, HALF>(tile, WHOLE * V::LANES);
        let (mut left, mut panel) = (tile.left, tile.panel);
        // A second pointer to the same rows: a factor that is known to be that of a whole vector would be widened by an
        // instruction of its own, where a product can take it from memory.
        let mut left_of_halves = if HALF > 0 { std::hint::black_box(left) } else { left };
        for _ in 0..if STRIDE > 0 { 1 } else { tile.turns } {
            for _ in 0..tile.depth {
                let mut right = [V::splat(0.0); WHOLE];
                for (vector, right) in right.iter_mut().enumerate() {
                    *right = V::load(panel.add(vector * V::LANES));
                }
                let mut right_halves = [V::Half::splat(0.0); HALF];
                for (vector, right) in right_halves.iter_mut().enumerate() {
                    *right = V::Half::load(panel.add((WHOLE + vector) * V::LANES));
                }
                unroll!(row => {
                    if row < ROWS {
                        let factor = V::splat(*left.add(row * stride));
                        for (vector, right) in right.iter().enumerate() {
                            sums[row][vector] = factor.mul_add(*right, sums[row][vector]);
                        }
                        if HALF > 0 {
                            let factor = V::Half::splat(*left_of_halves.add(row * stride));
                            for (vector, right) in right_halves.iter().enumerate() {
                                halves[row][vector] = factor.mul_add(*right, halves[row][vector]);
                            }
                        }
                    }
                });
                left = left.add(1);
                left_of_halves = left_of_halves.wrapping_add(1);
                panel = panel.add((WHOLE + HALF) * V::LANES);
            }
            left = left.wrapping_add(tile.skip);
            left_of_halves = left_of_halves.wrapping_add(tile.skip);
        }
        end(tile, 0, sums);
        end(tile, WHOLE * V::LANES, halves);
        if let Some(Finish { activation, .. }) = tile.finish
            && activation.bounds().is_none()
            && activation != Activation::Linear
        {
            for row in 0..ROWS {
                let row = std::slice::from_raw_parts_mut(tile.output.add(row * tile.pitch), tile.columns);
                if V::FMA {
                    activation.apply_inline::<true>(row);
                } else {
                    activation.apply_inline::<false>(row);
                }
            }
        }
    }
}

/// The numbers of a row from column `first` on: as many as there are where not all are.
///
/// # Safety
///
/// As for [`tile`].
#[inline(always)]
unsafe fn load<V: Vector>(tile: &Tile, from: *const f32, first: usize, whole: bool) -> V {
    // SAFETY: as for this function.
    unsafe {
        if whole {
            V::load(from.add(first))
        } else {
            V::load_some(from.wrapping_add(first), tile.columns.saturating_sub(first))
        }
    }
}

/// What the sums of `COUNT` vectors from column `first` on begin with.
///
/// # Safety
///
/// As for [`tile`].
#[inline(always)]
unsafe fn begin<V: Vector, const ROWS: usize, const COUNT: usize>(
    tile: &Tile,
    first: usize,
) -> [[V; COUNT]; ROWS] {
    let whole = tile.columns >= first + COUNT * V::LANES;
    // SAFETY: as for this function.
    unsafe {
        let mut sums = [[V::splat(0.0); COUNT]; ROWS];
        for vector in 0..COUNT {
            let first = first + vector * V::LANES;
            if tile.add {
                unroll!(row => {
                    if row < ROWS {
                        sums[row][vector] = load(tile, tile.output.add(row * tile.pitch), first, whole);
                    }
                });
            } else if !tile.bias.is_null() {
                let bias = load(tile, tile.bias, first, whole);
                sums.iter_mut().for_each(|sums| sums[vector] = bias);
            }
        }
        sums
    }
}

/// Writes the sums of `COUNT` vectors from column `first` on, with what is done to them after the last product.
///
/// # Safety
///
/// As for [`tile`].
#[inline(always)]
unsafe fn end<V: Vector, const ROWS: usize, const COUNT: usize>(
    tile: &Tile,
    first: usize,
    mut sums: [[V; COUNT]; ROWS],
) {
    let whole = tile.columns >= first + COUNT * V::LANES;
    // SAFETY: as for this function.
    unsafe {
        if let Some(finish) = &tile.finish {
            if !finish.residual.is_null() {
                unroll!(row => {
                    if row < ROWS {
                        let from = finish.residual.add(row * finish.residual_pitch);
                        for (vector, sum) in sums[row].iter_mut().enumerate() {
                            *sum = sum.add(load(tile, from, first + vector * V::LANES, whole));
                        }
                    }
                });
            }
            if let Some([low, high]) = finish.activation.bounds() {
                let (low, high) = (V::splat(low), V::splat(high));
                sums.iter_mut().flatten().for_each(|sum| *sum = sum.max(low).min(high));
            }
        }
        unroll!(row => {
            if row < ROWS {
                let to = tile.output.add(row * tile.pitch);
                for (vector, sum) in sums[row].iter().enumerate() {
                    let first = first + vector * V::LANES;
                    if whole {
                        sum.store(to.add(first));
                    } else {
                        sum.store_some(to.wrapping_add(first), tile.columns.saturating_sub(first));
                    }
                }
            }
        });
    }
}
