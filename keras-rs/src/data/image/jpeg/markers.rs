//! Markers and the segments behind them.

use super::frame::Frame;
use super::huffman::Huffman;
use crate::data::image::failure::{Failure, Result};

pub(super) const END: u8 = 0xD9;
pub(super) const SCAN: u8 = 0xDA;

/// Coefficients are written from low frequencies to high ones: the place of each in its block.
pub(super) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,
    46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// The first marker at or after `position`, and where it ends.
pub(super) fn next_marker(data: &[u8], position: usize) -> Result<(u8, usize)> {
    let mut rest = data.iter().enumerate().skip(position);
    while let Some((_, &byte)) = rest.next() {
        if byte != 0xFF {
            continue;
        }
        match rest.by_ref().find(|&(_, &byte)| byte != 0xFF) {
            Some((_, 0)) => {}
            Some((at, &marker)) => return Ok((marker, at + 1)),
            None => break,
        }
    }
    Err(Failure::truncated())
}

/// Whether a marker is followed by a segment with a length.
pub(super) fn has_segment(marker: u8) -> bool {
    !matches!(marker, 0x01 | 0xD0..=0xD9)
}

/// The segment at `start`, without its length.
pub(super) fn segment(data: &[u8], start: usize) -> Result<&[u8]> {
    let length = data.get(start..start + 2).ok_or_else(Failure::truncated)?;
    let length = usize::from(u16_at(length, 0)?);
    if length < 2 {
        return Err(Failure::broken("a segment has no length"));
    }
    data.get(start + 2..start + length).ok_or_else(Failure::truncated)
}

/// The byte at `at`.
pub(super) fn u8_at(segment: &[u8], at: usize) -> Result<u8> {
    let byte = segment.get(at).copied();
    byte.ok_or_else(|| Failure::broken("a segment is too short"))
}

/// The two bytes at `at`.
pub(super) fn u16_at(segment: &[u8], at: usize) -> Result<u16> {
    Ok(u16::from_be_bytes([u8_at(segment, at)?, u8_at(segment, at + 1)?]))
}

/// What segments say that holds until they say otherwise.
#[derive(Default)]
pub(super) struct Tables {
    quantisers: [Option<[u16; 64]>; 4],
    dc: [Option<Huffman>; 4],
    ac: [Option<Huffman>; 4],
    /// Number of MCUs between restart markers; 0 for none.
    pub(super) restart_interval: usize,
    /// Whether it is a JFIF file.
    pub(super) jfif: bool,
    /// The colour transform of an Adobe file.
    pub(super) adobe: Option<u8>,
}

impl Tables {
    /// Takes in what a segment says; those that do not concern pixels are passed over.
    pub(super) fn read(&mut self, marker: u8, segment: &[u8]) -> Result<()> {
        match marker {
            0xC4 => self.read_huffman(segment),
            0xDB => self.read_quantisers(segment),
            0xDD => {
                self.restart_interval = usize::from(u16_at(segment, 0)?);
                Ok(())
            }
            0xE0 => {
                self.jfif |= segment.starts_with(b"JFIF\0") && segment.len() >= 14;
                Ok(())
            }
            0xEE if segment.starts_with(b"Adobe") && segment.len() >= 12 => {
                self.adobe = Some(segment[11]);
                Ok(())
            }
            0xC9..=0xCB | 0xCD..=0xCF => Err(Failure::broken("arithmetic coding is not supported")),
            0xC3 | 0xC5..=0xC7 => Err(Failure::broken("lossless coding is not supported")),
            _ => Ok(()),
        }
    }

    fn read_huffman(&mut self, mut segment: &[u8]) -> Result<()> {
        while !segment.is_empty() {
            let (head, rest) = segment
                .split_first_chunk::<17>()
                .ok_or_else(|| Failure::broken("a Huffman table is too short"))?;
            let [class, counts @ ..] = *head;
            let total = counts.iter().map(|&n| usize::from(n)).sum();
            let (values, rest) = rest
                .split_at_checked(total)
                .ok_or_else(|| Failure::broken("a Huffman table is too short"))?;
            let tables = if class >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            let slot = tables.get_mut(usize::from(class & 15));
            *slot.ok_or_else(|| Failure::broken("there are more than 4 Huffman tables"))? =
                Some(Huffman::new(&counts, values)?);
            segment = rest;
        }
        Ok(())
    }

    fn read_quantisers(&mut self, mut segment: &[u8]) -> Result<()> {
        while let Some((&head, rest)) = segment.split_first() {
            let bytes = if head >> 4 == 0 { 1 } else { 2 };
            let (values, rest) = rest
                .split_at_checked(64 * bytes)
                .ok_or_else(|| Failure::broken("a quantisation table is too short"))?;
            let mut table = [0; 64];
            for (&place, value) in ZIGZAG.iter().zip(values.chunks(bytes)) {
                table[usize::from(place)] = value.iter().fold(0, |n, &byte| n << 8 | u16::from(byte));
            }
            let slot = self.quantisers.get_mut(usize::from(head & 15));
            *slot.ok_or_else(|| Failure::broken("there are more than 4 quantisation tables"))? = Some(table);
            segment = rest;
        }
        Ok(())
    }

    pub(super) fn quantisers(&self, table: u8) -> Result<[u16; 64]> {
        let table = self.quantisers.get(usize::from(table)).copied().flatten();
        table.ok_or_else(|| Failure::broken("a quantisation table is missing"))
    }

    pub(super) fn dc(&self, table: u8) -> Result<&Huffman> {
        huffman(&self.dc, table)
    }

    pub(super) fn ac(&self, table: u8) -> Result<&Huffman> {
        huffman(&self.ac, table)
    }
}

fn huffman(tables: &[Option<Huffman>], table: u8) -> Result<&Huffman> {
    let table = tables.get(usize::from(table)).and_then(Option::as_ref);
    table.ok_or_else(|| Failure::broken("a Huffman table is missing"))
}

/// The head of a scan.
pub(super) struct Scan {
    pub(super) parts: Vec<Part>,
    /// First and last coefficient, in zigzag order.
    pub(super) band: (usize, usize),
    /// Whether the scan refines earlier ones.
    pub(super) refines: bool,
    /// By how many bits coefficients are shifted.
    pub(super) shift: u32,
}

/// A component's part in a scan.
pub(super) struct Part {
    /// Its place in the frame.
    pub(super) component: usize,
    pub(super) dc_table: u8,
    pub(super) ac_table: u8,
}

impl Scan {
    pub(super) fn new(segment: &[u8], frame: &Frame) -> Result<Self> {
        let count = usize::from(u8_at(segment, 0)?);
        if count == 0 || count > frame.components.len() {
            return Err(Failure::broken("a scan has a wrong number of components"));
        }
        let mut parts: Vec<Part> = Vec::with_capacity(count);
        for i in 0..count {
            let (id, tables) = (u8_at(segment, 1 + 2 * i)?, u8_at(segment, 2 + 2 * i)?);
            let component = frame.components.iter().position(|c| c.id == id);
            let component = component
                .filter(|c| parts.iter().all(|part| part.component != *c))
                .ok_or_else(|| Failure::broken("a scan has an unknown component"))?;
            parts.push(Part { component, dc_table: tables >> 4, ac_table: tables & 15 });
        }
        let [first, last, bits] = [0, 1, 2].map(|i| u8_at(segment, 1 + 2 * count + i));
        let (first, last, bits) = (usize::from(first?), usize::from(last?), bits?);
        let (high, low) = (bits >> 4, bits & 15);
        let sound = if first == 0 { last == 0 } else { first <= last && last <= 63 && count == 1 };
        if frame.progressive && (!sound || low > 13 || (high != 0 && low + 1 != high)) {
            return Err(Failure::broken("a scan has unsound parameters"));
        }
        Ok(Self { parts, band: (first, last), refines: high != 0, shift: u32::from(low) })
    }
}
