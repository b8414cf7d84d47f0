//! The transformations of weights, inputs and sums of Winograd's F(4 x 4, 3 x 3).

#![allow(unsafe_code, reason = "instructions that are there at run time only, and loads through pointers")]

use super::{Images, Layout, Part, SIDE, STEP, TAPS};
use crate::Activation;
use crate::gather::Gather;
use crate::multiply::part;
use crate::simd::Vector;
use crate::tile::STRIDE;
use std::f32::consts::{FRAC_1_SQRT_2, SQRT_2};
use std::ops::Range;

/// Transforms three weights: the powers of each point, over the product of its distances to the others.
#[inline(always)]
unsafe fn spread<V: Vector>([a, b, c]: [V; 3]) -> [V; SIDE] {
    // SAFETY: the CPU has the instructions, since there are vectors.
    let number = |x: f32| unsafe { V::splat(x) };
    let minus = number(-1.0);
    let middle = c.mul_add(number(0.5), a).mul(number(-2.0 / 3.0));
    let odd_middle = b.mul(number(FRAC_1_SQRT_2 * -2.0 / 3.0));
    let outer = c.mul_add(number(2.0), a).mul(number(1.0 / 6.0));
    let odd_outer = b.mul(number(SQRT_2 / 6.0));
    [
        a,
        middle.add(odd_middle),
        odd_middle.mul_add(minus, middle),
        outer.add(odd_outer),
        odd_outer.mul_add(minus, outer),
        c,
    ]
}

/// Transforms nine times `count` weights, those of each tap one after the other.
///
/// # Safety
///
/// The CPU has the instructions of `V`, `count` is a multiple of its numbers, and the target has 36 times as many.
#[inline(always)]
pub(crate) unsafe fn weights<V: Vector>(from: *const f32, count: usize, target: *mut f32) {
    for place in (0..count).step_by(V::LANES) {
        // SAFETY: as for this function.
        unsafe {
            let mut half = [[V::splat(0.0); 3]; SIDE];
            for j in 0..3 {
                let column = [0, 1, 2].map(|i| V::load(from.add((i * 3 + j) * count + place)));
                for (half, value) in half.iter_mut().zip(spread(column)) {
                    half[j] = value;
                }
            }
            for (i, half) in half.into_iter().enumerate() {
                for (j, value) in spread(half).into_iter().enumerate() {
                    value.store(target.add((i * SIDE + j) * count + place));
                }
            }
        }
    }
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
    for block in 0..layout.blocks {
        let channels = part(source.channels.len(), layout.blocks, block);
        let places: [usize; TAPS] = std::array::from_fn(|tap| layout.place(tap, block, 0));
        for (index, tile) in tiles.clone().enumerate() {
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
            let target = target.wrapping_add(index * STRIDE);
            for first in channels.clone().step_by(V::LANES) {
                let target = target.wrapping_add(first - channels.start);
                let count = channels.end - first;
                // SAFETY: so many channels of the pixels inside the image may be read, and of the target written.
                unsafe {
                    if count >= V::LANES {
                        transform_vector::<V, true>(source, &pixels, first, V::LANES, &places, target);
                    } else {
                        transform_vector::<V, false>(source, &pixels, first, count, &places, target);
                    }
                }
            }
        }
    }
}

/// Transforms a vector of channels (`WHOLE`: all of its places) of a tile; null pixels are zeros.
#[inline(always)]
unsafe fn transform_vector<V: Vector, const WHOLE: bool>(
    source: &Gather,
    pixels: &[[*const f32; SIDE]; SIDE],
    first: usize,
    count: usize,
    places: &[usize; TAPS],
    target: *mut f32,
) {
    let count = if WHOLE { V::LANES } else { count };
    // SAFETY: as the caller says.
    unsafe {
        let mut half = [[V::splat(0.0); SIDE]; SIDE];
        for j in 0..SIDE {
            let mut values = [V::splat(0.0); SIDE];
            for (value, pixels) in values.iter_mut().zip(pixels) {
                if !pixels[j].is_null() {
                    *value = read::<V>(source, pixels[j], first, count);
                }
            }
            for (half, value) in half.iter_mut().zip(forward(values)) {
                half[j] = value;
            }
        }
        for (half, places) in half.into_iter().zip(places.chunks_exact(SIDE)) {
            for (value, place) in forward(half).into_iter().zip(places) {
                write(value, target.add(*place), count);
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
