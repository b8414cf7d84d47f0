//! Memory that starts at a cache line.

use std::ops::{Deref, DerefMut};

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
        let values = vec![0.0; length + ALIGNMENT / size_of::<f32>()];
        let first = values.as_ptr().align_offset(ALIGNMENT).min(values.len() - length);
        Self { values, first, length }
    }
}

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
