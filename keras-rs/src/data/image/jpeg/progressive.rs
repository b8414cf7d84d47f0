//! Blocks of progressive files: a band of coefficients at a time, high bits before low ones.

use super::bits::Bits;
use super::huffman::Huffman;
use super::markers::{Scan, Tables};
use super::scan::Coder;
use super::sequential::{at, difference};
use crate::data::image::failure::Result;

/// Decodes a band of each block, or refines it by a bit.
pub(super) struct Progressive<'a> {
    band: (usize, usize),
    refines: bool,
    shift: u32,
    /// For each component: the table, where one is used, and its last mean.
    parts: Vec<(Option<&'a Huffman>, i32)>,
    /// How many blocks, from this one on, have nothing more in the band.
    empty_blocks: u32,
}

impl<'a> Progressive<'a> {
    pub(super) fn new(scan: &Scan, tables: &'a Tables) -> Result<Self> {
        let part = |part: &super::markers::Part| {
            let table = match (scan.band.0, scan.refines) {
                (0, false) => Some(tables.dc(part.dc_table)?),
                (0, true) => None,
                _ => Some(tables.ac(part.ac_table)?),
            };
            Ok((table, 0))
        };
        Ok(Self {
            band: scan.band,
            refines: scan.refines,
            shift: scan.shift,
            parts: scan.parts.iter().map(part).collect::<Result<_>>()?,
            empty_blocks: 0,
        })
    }

    fn first(&mut self, bits: &mut Bits<'_>, ac: &Huffman, block: &mut [i16; 64]) -> Result<()> {
        if self.empty_blocks > 0 {
            self.empty_blocks -= 1;
            return Ok(());
        }
        let mut k = self.band.0;
        while k <= self.band.1 {
            let code = ac.decode(bits)?;
            let (zeros, size) = (u32::from(code >> 4), u32::from(code & 15));
            if size > 0 {
                k += zeros as usize;
                *at(block, k) = (bits.take_signed(size)? << self.shift) as i16;
            } else if zeros == 15 {
                k += 15;
            } else {
                self.empty_blocks = (1 << zeros) + bits.take(zeros)? - 1;
                break;
            }
            k += 1;
        }
        Ok(())
    }

    fn refine(&mut self, bits: &mut Bits<'_>, ac: &Huffman, block: &mut [i16; 64]) -> Result<()> {
        let mut k = self.band.0;
        while k <= self.band.1 && self.empty_blocks == 0 {
            let code = ac.decode(bits)?;
            let (zeros, size) = (u32::from(code >> 4), code & 15);
            let mut new = 0;
            if size > 0 {
                let positive = bits.take(1)? == 1;
                new = if positive { 1 << self.shift } else { -1 << self.shift };
            } else if zeros < 15 {
                self.empty_blocks = (1 << zeros) + bits.take(zeros)?;
                break;
            }
            k = self.refine_up_to(bits, block, k, zeros)?;
            if new != 0 {
                *at(block, k) = new;
            }
            k += 1;
        }
        if self.empty_blocks > 0 {
            self.refine_up_to(bits, block, k, u32::MAX)?;
            self.empty_blocks -= 1;
        }
        Ok(())
    }

    /// Gives each coefficient that is not zero its next bit, until `zeros` that are have been
    /// passed; returns where the zero after those is.
    fn refine_up_to(
        &self,
        bits: &mut Bits<'_>,
        block: &mut [i16; 64],
        mut k: usize,
        mut zeros: u32,
    ) -> Result<usize> {
        let bit = 1_i16 << self.shift;
        while k <= self.band.1 {
            let coefficient = at(block, k);
            if *coefficient == 0 {
                if zeros == 0 {
                    break;
                }
                zeros -= 1;
            } else if bits.take(1)? == 1 && *coefficient & bit == 0 {
                let step = if *coefficient > 0 { bit } else { -bit };
                *coefficient = coefficient.wrapping_add(step);
            }
            k += 1;
        }
        Ok(k)
    }
}

impl Coder for Progressive<'_> {
    fn restart(&mut self) {
        self.empty_blocks = 0;
        for (_, mean) in &mut self.parts {
            *mean = 0;
        }
    }

    fn block(&mut self, bits: &mut Bits<'_>, part: usize, block: &mut [i16; 64]) -> Result<()> {
        let (table, mean) = &mut self.parts[part];
        match (*table, self.band.0, self.refines) {
            (Some(dc), 0, _) => {
                *mean = mean.wrapping_add(difference(dc, bits)?);
                block[0] = mean.wrapping_shl(self.shift) as i16;
                Ok(())
            }
            (Some(ac), _, false) => self.first(bits, ac, block),
            (Some(ac), _, true) => self.refine(bits, ac, block),
            (None, ..) => {
                if bits.take(1)? == 1 {
                    block[0] |= 1 << self.shift;
                }
                Ok(())
            }
        }
    }
}
