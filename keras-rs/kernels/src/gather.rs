//! The numbers under the windows of a convolution, pixel by pixel, as the rows of a product.

#![allow(unsafe_code, reason = "instructions that are there at run time only, and loads through pointers")]

use crate::multiply::Left;
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

    /// The windows `rows` where they are, if they lie inside the image in one row of windows, and the rows of each in one
    /// piece.
    pub(crate) fn direct(&self, rows: Range<usize>) -> Option<Left> {
        let [height, width] = self.size;
        let [out_height, out_width] = self.output;
        let line = rows.start / out_width;
        if !self.adjoining() || (rows.end - 1) / out_width != line {
            return None;
        }
        let (image, row) = (line / out_height, line % out_height);
        let Window { kernel, strides, dilation, pads: [[top, _], [left, _]] } = self.window;
        let y = (row * strides[0]).checked_sub(top)?;
        let x = (rows.start % out_width * strides[1]).checked_sub(left)?;
        let last = x + (rows.len() - 1) * strides[1];
        if y + (kernel[0] - 1) * dilation[0] >= height || last + kernel[1] > width {
            return None;
        }
        let pitch = self.input.pitch;
        let place = ((image * height + y) * width + x) * pitch;
        let depth = kernel[1] * pitch;
        Some(Left {
            first: self.input.values[self.input.offset + self.channels.start + place..].as_ptr(),
            stride: Some(strides[1] * pitch),
            depth,
            turns: kernel[0],
            skip: (dilation[0] * width * pitch).saturating_sub(depth),
        })
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

/// The runs that make up the numbers `inner` of a window, in order.
fn runs(source: &Gather, inner: Range<usize>) -> Vec<Run> {
    let channels = source.channels.len();
    let columns = source.window.kernel[1];
    let merged = source.adjoining();
    let unit = if merged { columns * channels } else { channels };
    let [down, right] = source.window.dilation;
    let mut runs = Vec::new();
    let mut place = inner.start;
    while place < inner.end {
        let (index, first) = (place / unit, place % unit);
        let length = (unit - first).min(inner.end - place);
        let (row, column) = if merged { (index, 0) } else { (index / columns, index % columns) };
        runs.push(Run { row: row * down, column: column * right, first, length });
        place += length;
    }
    runs
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
    let pitch = source.input.pitch;
    let start = source.input.offset + source.channels.start;
    let base = source.input.values.as_ptr().wrapping_add(start);
    let [[top, _], [left, _]] = source.window.pads;
    let reach = [0, 1].map(|axis| (source.window.kernel[axis] - 1) * source.window.dilation[axis]);
    let runs = runs(source, inner);
    // Whole vectors may reach beyond the end of a run, but not beyond that of the input.
    let last = runs.last().map_or(0, |run| (run.row * width + run.column) * pitch + run.first + run.length);
    let room = source.input.values.len().saturating_sub(start + last + V::LANES);
    let mut position =
        [rows.start / (out_height * out_width), rows.start / out_width % out_height, rows.start % out_width];
    for index in 0..rows.len() {
        let [image, row, column] = position;
        let (y, x) = (row * source.window.strides[0], column * source.window.strides[1]);
        let mut to = target.wrapping_add(index * STRIDE);
        let inside = y >= top && y - top + reach[0] < height && x >= left && x - left + reach[1] < width;
        let window = if inside { ((image * height + y - top) * width + x - left) * pitch } else { 0 };
        if inside && source.prologue.is_none() && window <= room {
            for run in &runs {
                let from = base.wrapping_add(window + (run.row * width + run.column) * pitch + run.first);
                // SAFETY: the vectors end before the input does, as was checked. What they write too much is written
                // again by the next run, or lies between the rows.
                unsafe { copy_whole::<V>(from, to, run.length) };
                to = to.wrapping_add(run.length);
            }
        } else {
            for run in &runs {
                // SAFETY: the run is a part of the row of the target.
                unsafe { gather_run::<V>(source, run, image, [y, x], to) };
                to = to.wrapping_add(run.length);
            }
        }
        position[2] += 1;
        if position[2] == out_width {
            position = [image, row + 1, 0];
            if position[1] == out_height {
                position = [image + 1, 0, 0];
            }
        }
    }
}

/// Writes a run of the window that starts at a row and column of a padded image.
#[inline(always)]
unsafe fn gather_run<V: Vector>(source: &Gather, run: &Run, image: usize, [y, x]: [usize; 2], to: *mut f32) {
    let [height, width] = source.size;
    let channels = source.channels.len();
    let pitch = source.input.pitch;
    let [[top, _], [left, _]] = source.window.pads;
    let y = (y + run.row).wrapping_sub(top);
    let end = run.first + run.length;
    // The part of the run that is inside the image.
    let inside = if y >= height {
        run.first..run.first
    } else if source.adjoining() {
        let start = (left.saturating_sub(x) * channels).clamp(run.first, end);
        start..((width + left).saturating_sub(x) * channels).clamp(start, end)
    } else if (x + run.column).wrapping_sub(left) < width {
        run.first..end
    } else {
        run.first..run.first
    };
    // Not used where the row is not in the image.
    let line = (image * height).wrapping_add(y);
    let pixel = line.wrapping_mul(width).wrapping_add(x + run.column).wrapping_sub(left);
    let base = source.input.values.as_ptr().wrapping_add(source.input.offset + source.channels.start);
    let from = base.wrapping_add(pixel.wrapping_mul(pitch).wrapping_add(inside.start));
    // SAFETY: `inside` is inside the image, and the run inside the row of the target.
    unsafe {
        fill::<V>(to, inside.start - run.first);
        let to = to.add(inside.start - run.first);
        match &source.prologue {
            None => copy::<V>(from, to, inside.len()),
            Some(prologue) => {
                scaled::<V>(from, to, inside.len(), prologue, source.channels.start + inside.start);
            }
        }
        fill::<V>(to.add(inside.len()), end - inside.end);
    }
}

/// Copies as many vectors as hold `length` numbers.
#[inline(always)]
unsafe fn copy_whole<V: Vector>(from: *const f32, to: *mut f32, length: usize) {
    for vector in 0..length.div_ceil(V::LANES) {
        // SAFETY: as the caller says.
        unsafe { V::load(from.add(vector * V::LANES)).store(to.add(vector * V::LANES)) };
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
