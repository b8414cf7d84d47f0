//! A JPEG decoder that gives the pixels libjpeg-turbo gives, to the last bit.
//!
//! Keras reads images through Pillow, which reads JPEG through libjpeg-turbo. The standard leaves
//! the rounding of the inverse cosine transform, of colour conversion and of chroma upsampling to
//! the decoder, and decoders differ there. This one follows libjpeg's arithmetic: the slow integer
//! transform ([`idct`]), triangle-filter upsampling ([`upsample`]) and 16-bit fixed-point
//! conversion ([`color`]). Damage inside the data is bridged as libjpeg does it, save that
//! progressive files are not smoothed and coefficients out of range are not cut off alike.
//!
//! # Why not a library
//! `zune-jpeg` 0.5.15 was measured against Pillow 13.0.0 (libjpeg-turbo 3.2.0) by the example `jpeg`
//! of the tests' crate, on the 173 files of `tests/python/jpeg_photographs.py`. There its mean
//! difference is 0.07 of a level, 0.35 in the worst file, and 18 levels at most; ResNet50's outputs
//! with the fixtures' weights move by up to 1.0e-4, or by up to 2.6e-3 of an image's largest output,
//! and one file gets other top 5 classes. Here the difference is 0 in all of them. On the
//! applications' fixtures, whose pixels must equal Pillow's, `zune-jpeg` differs by 7.3 levels on
//! average in a narrow 4:2:0 file, by 36 where a restart marker is lost, and does not convert YCCK
//! to CMYK. A 4:2:0 photograph of 4000 x 3000 takes 304 ms here, 90 ms in Pillow and 56 ms in
//! `zune-jpeg`, each on one thread of the same machine.
//!
//! Hostile files are covered by `applications/tests/image.rs`, which cuts and changes each fixture in
//! a fixed sequence.
//!
//! Decoded are 8-bit baseline, extended and progressive Huffman files of 1, 3 or 4 components
//! with sampling factors that divide each other. Not decoded are arithmetic coding, lossless
//! files and 12-bit samples.

mod bits;
mod color;
mod frame;
mod huffman;
mod idct;
mod markers;
mod progressive;
mod scan;
mod sequential;
mod upsample;

use super::failure::{Failure, Result};
use super::raster::Raster;
use bits::Bits;
use frame::Frame;
use markers::{Scan, Tables};

/// Far above what encoders write; each scan may cost a walk over the whole image.
const MAX_SCANS: usize = 200;

/// Decodes a file to `L` or `Rgb`.
pub(super) fn decode(data: &[u8]) -> Result<Raster> {
    let mut tables = Tables::default();
    let mut frame: Option<Frame> = None;
    let mut position = 0;
    let mut scans = 0;
    loop {
        let (marker, start) = markers::next_marker(data, position)?;
        position = start;
        if !markers::has_segment(marker) {
            if marker == markers::END {
                break;
            }
            continue;
        }
        let segment = markers::segment(data, start)?;
        position = start + 2 + segment.len();
        match marker {
            0xC0..=0xC2 if frame.is_none() => frame = Some(Frame::new(segment, marker == 0xC2)?),
            0xC0..=0xC2 => return Err(Failure::broken("there are two frames")),
            markers::SCAN => {
                let frame = frame.as_mut().ok_or_else(|| Failure::broken("a scan precedes the frame"))?;
                let scan = Scan::new(segment, frame)?;
                position = decode_scan(frame, &scan, &tables, Bits::new(data, position))?;
                scans += 1;
                if scans > MAX_SCANS {
                    return Err(Failure::broken("there are too many scans"));
                }
                if !frame.progressive && scan.parts.len() == frame.components.len() {
                    break;
                }
            }
            _ => tables.read(marker, segment)?,
        }
    }
    match frame {
        Some(frame) if scans > 0 => color::to_raster(frame, &tables),
        _ => Err(Failure::broken("there is no image in it")),
    }
}

/// Decodes one scan into the frame's coefficients; returns where the file goes on.
fn decode_scan(frame: &mut Frame, scan: &Scan, tables: &Tables, mut bits: Bits<'_>) -> Result<usize> {
    for part in &scan.parts {
        let component = &mut frame.components[part.component];
        if component.quantisers.is_none() {
            component.quantisers = Some(tables.quantisers(component.quantiser_table)?);
        }
    }
    let interval = tables.restart_interval;
    if frame.progressive {
        let mut coder = progressive::Progressive::new(scan, tables)?;
        scan::run(frame, scan, interval, &mut bits, &mut coder)?;
    } else {
        let mut coder = sequential::Sequential::new(scan, tables)?;
        scan::run(frame, scan, interval, &mut bits, &mut coder)?;
    }
    Ok(bits.position())
}
