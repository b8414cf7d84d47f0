//! The numbers under the windows of a convolution, pixel by pixel, as the rows of a product.

#![allow(unsafe_code, reason = "instructions that are there at run time only, and loads through pointers")]

use crate::simd::Vector;
use crate::tile::STRIDE;
use crate::{Prologue, View, Window};
use std::ops::Range;

/// Images, and the windows over them.
pub(crate) struct Gather<'a> {
    /// All channels of the images.
    pub(crate) input: View<'a>,
    /// Rows and columns of an image.
    pub(crate) size: [usize; 2],
    /// Rows and columns of windows.
    pub(crate) output: [usize; 2],
    pub(crate) window: Window,
    /// The channels to take.
    pub(crate) channels: Range<usize>,
    /// For all channels.
    pub(crate) prologue: Option<Prologue<'a>>,
}

impl Gather<'_> {
    /// The first row and the distance to the next one, if the rows lie in the input as they are.
    pub(crate) fn plain(&self) -> Option<(&[f32], usize)> {
        let point = self.window == Window::POINT && self.prologue.is_none();
        point.then(|| (&self.input.values[self.input.offset + self.channels.start..], self.input.pitch))
    }

    /// Whether the columns of a window lie in memory one after the other.
    fn adjoining(&self) -> bool {
        self.window.dilation[1] == 1 && self.channels.len() == self.input.pitch && self.prologue.is_none()
    }
}

/// A part of a window's row: `length` numbers from the place `first` on, of the pixels from `column` on.
#[derive(Clone, Copy)]
struct Run {
    row: usize,
    column: usize,
    first: usize,
    length: usize,
}

/// Calls `each` with the runs that make up the numbers `inner` of a window, in order.
#[inline(always)]
fn runs(source: &Gather, inner: Range<usize>, mut each: impl FnMut(Run)) {
    let channels = source.channels.len();
    let columns = source.window.kernel[1];
    let merged = source.adjoining();
    let unit = if merged { columns * channels } else { channels };
    let mut place = inner.start;
    while place < inner.end {
        let (index, first) = (place / unit, place % unit);
        let length = (unit - first).min(inner.end - place);
        let (row, column) = if merged { (index, 0) } else { (index / columns, index % columns) };
        let [down, right] = source.window.dilation;
        each(Run { row: row * down, column: column * right, first, length });
        place += length;
    }
}

/// Writes the numbers `inner` of the windows `rows` to rows that are [`STRIDE`] apart.
///
/// # Safety
///
/// The CPU has the instructions of `V`, the input holds the images, the target that many rows.
#[inline(always)]
pub(crate) unsafe fn gather<V: Vector>(
    source: &Gather,
    rows: Range<usize>,
    inner: Range<usize>,
    target: *mut f32,
) {
    let [height, width] = source.size;
    let [out_height, out_width] = source.output;
    let merged = source.adjoining();
    let channels = source.channels.len();
    let pitch = source.input.pitch;
    let base = source.input.values.as_ptr().wrapping_add(source.input.offset + source.channels.start);
    let [[top, _], [left, _]] = source.window.pads;
    let mut position =
        [rows.start / (out_height * out_width), rows.start / out_width % out_height, rows.start % out_width];
    for index in 0..rows.len() {
        let [image, row, column] = position;
        let (y, x) = (row * source.window.strides[0], column * source.window.strides[1]);
        let mut to = target.wrapping_add(index * STRIDE);
        runs(source, inner.clone(), |run| {
            let y = (y + run.row).wrapping_sub(top);
            // The part of the run that is inside the image.
            let inside = if y >= height {
                0..0
            } else if merged {
                let start = (left.saturating_sub(x) * channels).clamp(run.first, run.first + run.length);
                let end = ((width + left).saturating_sub(x) * channels).clamp(start, run.first + run.length);
                start..end
            } else if (x + run.column).wrapping_sub(left) < width {
                run.first..run.first + run.length
            } else {
                0..0
            };
            // SAFETY: `inside` is inside the image, and the run inside the row of the target.
            unsafe {
                if inside.is_empty() {
                    fill::<V>(to, run.length);
                } else {
                    fill::<V>(to, inside.start - run.first);
                    let pixel = (image * height + y) * width + x + run.column;
                    let place = (pixel * pitch + inside.start).wrapping_sub(left * pitch);
                    let to = to.add(inside.start - run.first);
                    let from = base.wrapping_add(place);
                    match &source.prologue {
                        None => copy::<V>(from, to, inside.len()),
                        Some(prologue) => {
                            let first = source.channels.start + inside.start;
                            scaled::<V>(from, to, inside.len(), prologue, first);
                        }
                    }
                    fill::<V>(to.add(inside.len()), run.first + run.length - inside.end);
                }
            }
            to = to.wrapping_add(run.length);
        });
        position[2] += 1;
        if position[2] == out_width {
            position = [image, row + 1, 0];
            if position[1] == out_height {
                position = [image + 1, 0, 0];
            }
        }
    }
}

#[inline(always)]
unsafe fn copy<V: Vector>(from: *const f32, to: *mut f32, length: usize) {
    let mut done = 0;
    // SAFETY: as the caller says.
    unsafe {
        while done + V::LANES <= length {
            V::load(from.add(done)).store(to.add(done));
            done += V::LANES;
        }
        if done < length {
            V::load_some(from.add(done), length - done).store_some(to.add(done), length - done);
        }
    }
}

#[inline(always)]
unsafe fn fill<V: Vector>(to: *mut f32, length: usize) {
    let mut done = 0;
    // SAFETY: as the caller says.
    unsafe {
        while done + V::LANES <= length {
            V::splat(0.0).store(to.add(done));
            done += V::LANES;
        }
        if done < length {
            V::splat(0.0).store_some(to.add(done), length - done);
        }
    }
}

#[inline(always)]
unsafe fn scaled<V: Vector>(
    from: *const f32,
    to: *mut f32,
    length: usize,
    prologue: &Prologue,
    channel: usize,
) {
    let scale = prologue.scale[channel..channel + length].as_ptr();
    let shift = prologue.shift[channel..channel + length].as_ptr();
    let bounds = prologue.activation.bounds();
    let mut done = 0;
    // SAFETY: as the caller says; the slices are that long.
    unsafe {
        let [low, high] = bounds.unwrap_or([0.0; 2]).map(|x| V::splat(x));
        while done < length {
            let count = V::LANES.min(length - done);
            let [x, scale, shift] = if count == V::LANES {
                [from, scale, shift].map(|p| V::load(p.add(done)))
            } else {
                [from, scale, shift].map(|p| V::load_some(p.add(done), count))
            };
            let mut y = x.mul_add(scale, shift);
            if bounds.is_some() {
                y = y.max(low).min(high);
            }
            if count == V::LANES {
                y.store(to.add(done));
            } else {
                y.store_some(to.add(done), count);
            }
            done += count;
        }
        if bounds.is_none() {
            let values = std::slice::from_raw_parts_mut(to, length);
            if V::FMA {
                prologue.activation.apply_inline::<true>(values);
            } else {
                prologue.activation.apply_inline::<false>(values);
            }
        }
    }
}
