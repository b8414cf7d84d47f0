//! Memory that starts at a cache line.

use std::ops::{Deref, DerefMut};
#[cfg(target_os = "linux")]
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

/// Bytes of a cache line, and of the widest vector.
const ALIGNMENT: usize = 64;

/// Numbers that start at a multiple of 64 bytes, zero at first.
///
/// ```
/// let buffer = keras_rs_kernels::AlignedBuffer::new(100);
/// assert_eq!(buffer.len(), 100);
/// assert_eq!(buffer.as_ptr() as usize % 64, 0);
/// ```
#[derive(Default)]
pub struct AlignedBuffer {
    values: Vec<f32>,
    first: usize,
    length: usize,
}

impl AlignedBuffer {
    /// A buffer of `length` zeros.
    pub fn new(length: usize) -> Self {
        if length == 0 {
            return Self::default();
        }
        // Fresh zeros come from the system without being touched, so a buffer costs nothing until it is used.
        let mut values = vec![0.0; length + ALIGNMENT / size_of::<f32>()];
        large_pages(&mut values);
        let first = values.as_ptr().align_offset(ALIGNMENT).min(values.len() - length);
        Self { values, first, length }
    }
}

/// Asks for large pages where the system gives them on demand, and uses each once: reading weights from front to back
/// takes a half to a quarter of the time then.
#[cfg(target_os = "linux")]
fn large_pages(values: &mut [f32]) {
    /// Bytes of a large page.
    const PAGE: usize = 2 << 20;
    /// The system's number for this advice.
    const HUGE_PAGE: i32 = 14;
    /// Milliseconds that a large page may take on average: about as long as the small ones in its place. A system whose
    /// free memory is in pieces takes longer.
    const PATIENCE: u64 = 2;
    /// Milliseconds that all large pages may take beyond that, until no more are asked for.
    const TRIAL: u64 = 50;
    static PAGES: AtomicU64 = AtomicU64::new(0);
    static NANOSECONDS: AtomicU64 = AtomicU64::new(0);
    #[allow(unsafe_code, reason = "a function of the system")]
    // SAFETY: the declaration is that of the system's C library, which the standard library links.
    unsafe extern "C" {
        fn madvise(address: *mut std::ffi::c_void, length: usize, advice: i32) -> i32;
    }
    let first = values.as_ptr().align_offset(PAGE).min(values.len());
    for values in values[first..].chunks_exact_mut(PAGE / size_of::<f32>()) {
        let limit = TRIAL + PATIENCE * PAGES.fetch_add(1, Ordering::Relaxed);
        if NANOSECONDS.load(Ordering::Relaxed) > limit * 1_000_000 {
            return;
        }
        let begin = Instant::now();
        #[allow(unsafe_code, reason = "a function of the system")]
        // SAFETY: the advice changes no content, and the range is a slice that is borrowed here.
        let advised = unsafe { madvise(values.as_mut_ptr().cast(), PAGE, HUGE_PAGE) };
        if advised != 0 {
            return;
        }
        std::hint::black_box(&mut *values)[0] = 0.0;
        let taken = u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX >> 1);
        NANOSECONDS.fetch_add(taken, Ordering::Relaxed);
    }
}

#[cfg(not(target_os = "linux"))]
fn large_pages(_values: &mut [f32]) {}

impl Clone for AlignedBuffer {
    fn clone(&self) -> Self {
        let mut copy = Self::new(self.length);
        copy.copy_from_slice(self);
        copy
    }
}

impl std::fmt::Debug for AlignedBuffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AlignedBuffer").field("length", &self.length).finish_non_exhaustive()
    }
}

impl Deref for AlignedBuffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.values[self.first..self.first + self.length]
    }
}

impl DerefMut for AlignedBuffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values[self.first..self.first + self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_aligned_and_copied() {
        for length in [0, 1, 15, 16, 17, 1000] {
            let mut buffer = AlignedBuffer::new(length);
            assert_eq!(&*buffer, vec![0.0; length]);
            assert!(length == 0 || (buffer.as_ptr() as usize).is_multiple_of(ALIGNMENT));
            buffer.iter_mut().zip(0..).for_each(|(value, i)| *value = i as f32);
            assert_eq!(&*buffer.clone(), &*buffer);
        }
    }
}
