//! PNG, with the modes that Pillow gives its kinds.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, Limits, Transformations};

use super::failure::{Failure, MAX_PIXELS, Result, check_size};
use super::raster::{Mode, Raster};

/// Decodes a file; of an animation, its first image.
pub(super) fn decode(data: &[u8]) -> Result<Raster> {
    let limits = Limits { bytes: usize::try_from(MAX_PIXELS * 8).unwrap_or(usize::MAX) };
    let mut decoder = Decoder::new_with_limits(Cursor::new(data), limits);
    decoder.set_transformations(Transformations::IDENTITY);
    // Neither of them bears on the pixels.
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let header = decoder.read_header_info().map_err(Failure::broken)?;
    let (width, height) = (header.width as usize, header.height as usize);
    check_size(width, height)?;
    let mut reader = decoder.read_info().map_err(Failure::broken)?;
    let size = reader.output_buffer_size();
    let mut buffer = vec![0; size.ok_or_else(|| Failure::broken("its rows are too long"))?];
    reader.next_frame(&mut buffer).map_err(Failure::broken)?;

    let info = reader.info();
    let wide = info.bit_depth == BitDepth::Sixteen;
    let transparency = info.trns.as_deref();
    let size = (width, height);
    let raster = match info.color_type {
        ColorType::Grayscale if wide => {
            let words = buffer.as_chunks().0.iter().map(|&word| u16::from_be_bytes(word));
            Raster::words(size, words.collect())
        }
        ColorType::Grayscale => {
            let most = (1_u16 << (info.bit_depth as u8)) - 1;
            let mut samples = unpacked(&buffer, size, info.bit_depth as usize);
            for sample in &mut samples {
                *sample = (u16::from(*sample) * 255 / most) as u8;
            }
            Raster::bytes(size, Mode::L, samples)
        }
        ColorType::Indexed => {
            let indices = unpacked(&buffer, size, info.bit_depth as usize);
            let palette = info.palette.as_deref().unwrap_or_default();
            return Ok(expanded(size, &indices, palette, transparency.unwrap_or_default()));
        }
        ColorType::Rgb => Raster::bytes(size, Mode::Rgb, high_bytes(buffer, wide)),
        // Pillow has no 16-bit grey with alpha and takes it for coloured, which is the same.
        ColorType::GrayscaleAlpha => Raster::bytes(size, Mode::La, high_bytes(buffer, wide)),
        ColorType::Rgba => Raster::bytes(size, Mode::Rgba, high_bytes(buffer, wide)),
    };
    let one_bit = info.bit_depth == BitDepth::One;
    Ok(Raster { transparent: transparency.and_then(|key| transparent(raster.mode, one_bit, key)), ..raster })
}

/// The value that counts as transparent, of which Pillow looks at the lower 8 bits.
fn transparent(mode: Mode, one_bit: bool, key: &[u8]) -> Option<[u8; 3]> {
    match (mode, key) {
        (Mode::L, &[v]) if one_bit => Some([if v == 0 { 0 } else { 255 }; 3]),
        (Mode::L, &[v]) | (Mode::L16, &[_, v]) => Some([v; 3]),
        (Mode::Rgb, &([r, g, b] | [_, r, _, g, _, b])) => Some([r, g, b]),
        _ => None,
    }
}

/// 16-bit samples cut to 8 bits.
fn high_bytes(buffer: Vec<u8>, wide: bool) -> Vec<u8> {
    if wide { buffer.into_iter().step_by(2).collect() } else { buffer }
}

/// Samples of 1, 2, 4 or 8 bits, one a byte.
fn unpacked(buffer: &[u8], (width, height): (usize, usize), bits: usize) -> Vec<u8> {
    let stride = (width * bits).div_ceil(8);
    let mut out = Vec::with_capacity(width * height);
    for row in buffer.chunks(stride) {
        out.extend((0..width).map(|x| {
            let shift = 8 - bits - x * bits % 8;
            let mask = (0xFF_u16 >> (8 - bits)) as u8;
            row[x * bits / 8] >> shift & mask
        }));
    }
    out
}

/// Pixels of a palette; what lies beyond its end is black.
pub(super) fn expanded(size: (usize, usize), indices: &[u8], palette: &[u8], alphas: &[u8]) -> Raster {
    let colors = palette.as_chunks::<3>().0;
    let color = |&index: &u8| {
        let index = usize::from(index);
        let [r, g, b] = colors.get(index).copied().unwrap_or_default();
        [r, g, b, alphas.get(index).copied().unwrap_or(255)]
    };
    Raster::bytes(size, Mode::Rgba, indices.iter().flat_map(color).collect())
}
