//! Pixels that several threads write, and how rows are shared out among threads.

use crate::{ViewMut, threads};
use std::marker::PhantomData;
use std::ops::Range;

/// Multiplications, or numbers read, below which a piece of work stays on one thread: some ten microseconds.
const SMALL: usize = 1 << 17;
/// Parts for each thread, so that one that is held up leaves work to the others.
const SHARES: usize = 4;

/// The pixels of a [`ViewMut`], of which each thread writes others.
pub(crate) struct Cells<'a> {
    first: *mut f32,
    pitch: usize,
    pixels: usize,
    channels: usize,
    view: PhantomData<&'a mut [f32]>,
}

#[allow(unsafe_code, reason = "threads write to parts of one slice")]
// SAFETY: writing is `unsafe`, and asks that no two threads write to the same pixel.
unsafe impl Sync for Cells<'_> {}

impl<'a> Cells<'a> {
    /// The `channels` of some pixels.
    ///
    /// # Panics
    /// Where the view does not hold them.
    pub(crate) fn new(view: ViewMut<'a>, pixels: usize, channels: usize) -> Self {
        assert!(view.holds(pixels, channels), "the output is too short");
        let first = view.values.as_mut_ptr().wrapping_add(view.offset);
        Self { first, pitch: view.pitch, pixels, channels, view: PhantomData }
    }

    /// Numbers from the start of a pixel to that of the next one.
    pub(crate) fn pitch(&self) -> usize {
        self.pitch
    }

    /// Where a channel of a pixel lies.
    #[inline(always)]
    pub(crate) fn at(&self, pixel: usize, channel: usize) -> *mut f32 {
        debug_assert!(pixel < self.pixels && channel < self.channels);
        self.first.wrapping_add(pixel * self.pitch + channel)
    }

    /// The channels of a pixel.
    ///
    /// # Safety
    /// No one else reads or writes this pixel meanwhile.
    #[allow(unsafe_code, reason = "threads write to parts of one slice")]
    #[allow(clippy::mut_from_ref, reason = "the caller has the pixel for itself")]
    #[inline(always)]
    pub(crate) unsafe fn pixel(&self, pixel: usize) -> &mut [f32] {
        assert!(pixel < self.pixels);
        // SAFETY: the pixel lies in the view, and no one else has it.
        unsafe { std::slice::from_raw_parts_mut(self.at(pixel, 0), self.channels) }
    }

    /// The numbers of some pixels: those of all in one piece where nothing lies between them, else those of one after
    /// the other.
    ///
    /// # Safety
    /// No one else reads or writes these pixels meanwhile.
    #[allow(unsafe_code, reason = "threads write to parts of one slice")]
    #[inline(always)]
    pub(crate) unsafe fn pieces(&self, pixels: Range<usize>) -> impl Iterator<Item = &mut [f32]> {
        assert!(pixels.end <= self.pixels);
        let count = pixels.len();
        let whole = self.pitch == self.channels;
        let (count, size) =
            if whole { (count.min(1), count * self.channels) } else { (count, self.channels) };
        (pixels.start..pixels.start + count).map(move |pixel| {
            // SAFETY: the pixels lie in the view, and no one else has them.
            unsafe { std::slice::from_raw_parts_mut(self.first.wrapping_add(pixel * self.pitch), size) }
        })
    }
}

/// Into how many parts `rows` are shared out, for `work` multiplications in all.
pub(crate) fn parts(rows: usize, work: usize) -> usize {
    let shares = (work / SMALL).min(SHARES);
    (threads::count() * shares).min(rows).max(1)
}

/// The rows of a part.
pub(crate) fn range(rows: usize, parts: usize, part: usize) -> Range<usize> {
    rows * part / parts..rows * (part + 1) / parts
}
