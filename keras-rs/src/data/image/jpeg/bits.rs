//! The entropy-coded bits between two markers.

use super::markers::next_marker;
use crate::data::image::failure::{Failure, Result};

/// Reads bits, most significant first, and undoes byte stuffing.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    position: usize,
    buffer: u64,
    count: u32,
    /// The marker that ended the data, if one was met.
    marker: Option<u8>,
    /// Whether bits were asked for beyond that marker. Zeros stand in for them, and libjpeg
    /// then leaves all blocks up to the next restart empty.
    pub(super) exhausted: bool,
}

impl<'a> Bits<'a> {
    pub(super) fn new(data: &'a [u8], position: usize) -> Self {
        Self { data, position, buffer: 0, count: 0, marker: None, exhausted: false }
    }

    /// Where the marker after the data begins, or where reading stopped.
    pub(super) fn position(&self) -> usize {
        match self.marker {
            Some(_) => self.position - 2,
            None => self.position,
        }
    }

    /// The next `n` bits (at most 16) without taking them.
    pub(super) fn peek(&mut self, n: u32) -> Result<u32> {
        if let Some(bits) = self.try_peek(n) {
            return Ok(bits);
        }
        if self.marker.is_none() {
            return Err(Failure::truncated());
        }
        self.exhausted = true;
        self.buffer <<= 32;
        self.count += 32;
        Ok((self.buffer >> (self.count - n)) as u32 & ((1 << n) - 1))
    }

    /// The next `n` bits (at most 16), if there are as many.
    pub(super) fn try_peek(&mut self, n: u32) -> Option<u32> {
        if self.count < n {
            self.fill();
        }
        let rest = self.count.checked_sub(n)?;
        Some((self.buffer >> rest) as u32 & ((1 << n) - 1))
    }

    /// Drops `n` bits that were peeked at.
    pub(super) fn skip(&mut self, n: u32) {
        self.count -= n;
    }

    /// Takes the next `n` bits (at most 16).
    pub(super) fn take(&mut self, n: u32) -> Result<u32> {
        let value = self.peek(n)?;
        self.skip(n);
        Ok(value)
    }

    /// Takes the `n`-bit form of a signed number: the upper half counts up from 2^(n-1), the
    /// lower half up from 1 - 2^n.
    pub(super) fn take_signed(&mut self, n: u32) -> Result<i32> {
        if n == 0 {
            return Ok(0);
        }
        let value = self.take(n)? as i32;
        Ok(if value < 1 << (n - 1) { value + 1 - (1 << n) } else { value })
    }

    /// Reads ahead, up to the next marker or the end of the file.
    fn fill(&mut self) {
        while self.count <= 48 && self.marker.is_none() {
            let Some(&byte) = self.data.get(self.position) else {
                break;
            };
            self.position += 1;
            if byte == 0xFF {
                match self.after_ff() {
                    Some(0) => {}
                    Some(marker) => {
                        self.marker = Some(marker);
                        break;
                    }
                    None => break,
                }
            }
            self.buffer = self.buffer << 8 | u64::from(byte);
            self.count += 8;
        }
    }

    /// The byte after any number of 0xFF, which is 0 for a stuffed 0xFF and else a marker.
    fn after_ff(&mut self) -> Option<u8> {
        loop {
            let &byte = self.data.get(self.position)?;
            self.position += 1;
            if byte != 0xFF {
                return Some(byte);
            }
        }
    }

    /// Goes on behind the restart marker numbered `expected`; looks for the place to go on if
    /// another marker stands there, as libjpeg does.
    pub(super) fn restart(&mut self, expected: u8) -> Result<()> {
        self.buffer = 0;
        self.count = 0;
        let mut marker = self.marker.take();
        loop {
            let found = match marker.take() {
                Some(found) => found,
                None => {
                    let (found, end) = next_marker(self.data, self.position)?;
                    self.position = end;
                    found
                }
            };
            let ahead = found.wrapping_sub(0xD0).wrapping_sub(expected) & 7;
            match found {
                // Not a marker that can stand in data: look further.
                0x00..=0xBF => {}
                // One or two intervals were lost, or the scan ends: zeros until it is reached.
                0xD0..=0xD7 if ahead == 1 || ahead == 2 => return self.stop_at(found),
                // Left over from before: look further.
                0xD0..=0xD7 if ahead == 6 || ahead == 7 => {}
                0xD0..=0xD7 => {
                    self.exhausted = false;
                    return Ok(());
                }
                _ => return self.stop_at(found),
            }
        }
    }

    fn stop_at(&mut self, marker: u8) -> Result<()> {
        self.marker = Some(marker);
        Ok(())
    }
}
