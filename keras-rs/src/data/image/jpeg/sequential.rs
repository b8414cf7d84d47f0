//! Blocks of baseline and extended files: all coefficients at once.

use super::bits::Bits;
use super::huffman::Huffman;
use super::markers::{Scan, Tables, ZIGZAG};
use super::scan::Coder;
use crate::data::image::failure::{Failure, Result};

/// Decodes whole blocks.
pub(super) struct Sequential<'a> {
    /// For each component: its tables and its last mean.
    parts: Vec<(&'a Huffman, &'a Huffman, i32)>,
}

impl<'a> Sequential<'a> {
    pub(super) fn new(scan: &Scan, tables: &'a Tables) -> Result<Self> {
        let part =
            |part: &super::markers::Part| Ok((tables.dc(part.dc_table)?, tables.ac(part.ac_table)?, 0));
        let parts = scan.parts.iter().map(part).collect::<Result<_>>()?;
        Ok(Self { parts })
    }
}

impl Coder for Sequential<'_> {
    fn restart(&mut self) {
        for (_, _, mean) in &mut self.parts {
            *mean = 0;
        }
    }

    fn block(&mut self, bits: &mut Bits<'_>, part: usize, block: &mut [i16; 64]) -> Result<()> {
        let (dc, ac, mean) = &mut self.parts[part];
        *mean = mean.wrapping_add(difference(dc, bits)?);
        block[0] = *mean as i16;
        let mut k = 1;
        while k < 64 {
            let code = ac.decode(bits)?;
            let (zeros, size) = (usize::from(code >> 4), u32::from(code & 15));
            if size > 0 {
                k += zeros;
                *at(block, k) = bits.take_signed(size)? as i16;
            } else if zeros == 15 {
                k += 15;
            } else {
                break;
            }
            k += 1;
        }
        Ok(())
    }
}

/// The difference of a block's mean to that of the block before.
pub(super) fn difference(dc: &Huffman, bits: &mut Bits<'_>) -> Result<i32> {
    match dc.decode(bits)? {
        size @ 0..=15 => bits.take_signed(u32::from(size)),
        _ => Err(Failure::broken("a Huffman table has values out of range")),
    }
}

/// The coefficient at `k` in zigzag order; damaged data may run past the last.
pub(super) fn at(block: &mut [i16; 64], k: usize) -> &mut i16 {
    &mut block[usize::from(ZIGZAG[k.min(63)])]
}
