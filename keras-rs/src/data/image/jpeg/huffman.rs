//! Huffman tables.

use super::bits::Bits;
use crate::data::image::failure::{Failure, Result};

const LOOKUP_BITS: u32 = 9;

/// A table that turns codes of up to 16 bits into bytes.
#[derive(Clone)]
pub(super) struct Huffman {
    /// By the next 9 bits: length of the code (0 if longer) and its value.
    lookup: Vec<(u8, u8)>,
    /// By length: the largest code, -1 if there is none.
    max_code: [i32; 17],
    /// By length: what to add to a code to get its value's place.
    offset: [i32; 17],
    values: Vec<u8>,
}

impl Huffman {
    /// From the number of codes of each length and the values in order of their codes.
    pub(super) fn new(counts: &[u8; 16], values: &[u8]) -> Result<Self> {
        let mut table = Self {
            lookup: vec![(0, 0); 1 << LOOKUP_BITS],
            max_code: [-1; 17],
            offset: [0; 17],
            values: values.to_vec(),
        };
        let (mut code, mut place) = (0_i32, 0_i32);
        for (length, &count) in (1..).zip(counts) {
            let count = i32::from(count);
            if code + count > 1 << length {
                return Err(Failure::broken("a Huffman table has too many codes"));
            }
            if count > 0 {
                table.offset[length] = place - code;
                table.max_code[length] = code + count - 1;
            }
            for _ in 0..count {
                table.enter(length as u32, code, place);
                code += 1;
                place += 1;
            }
            code <<= 1;
        }
        Ok(table)
    }

    fn enter(&mut self, length: u32, code: i32, place: i32) {
        let value = self.values.get(place as usize).copied();
        if let (Some(value), true) = (value, length <= LOOKUP_BITS) {
            let free = LOOKUP_BITS - length;
            let start = (code as usize) << free;
            if let Some(entries) = self.lookup.get_mut(start..start + (1 << free)) {
                entries.fill((length as u8, value));
            }
        }
    }

    /// The value of the next code. A code that is not in the table counts as 0, as in libjpeg.
    pub(super) fn decode(&self, bits: &mut Bits<'_>) -> Result<u8> {
        // Near the end of the data there may be fewer bits than this, and still a code.
        if let Some(next) = bits.try_peek(LOOKUP_BITS)
            && let Some(&(length, value)) = self.lookup.get(next as usize)
            && length > 0
        {
            bits.skip(u32::from(length));
            return Ok(value);
        }
        for length in 1..=16 {
            let code = bits.peek(length)? as i32;
            if code <= self.max_code[length as usize] {
                bits.skip(length);
                let place = code + self.offset[length as usize];
                return Ok(self.values.get(place as usize).copied().unwrap_or(0));
            }
        }
        bits.skip(16);
        Ok(0)
    }
}
