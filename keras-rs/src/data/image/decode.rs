//! The file formats, known by their first bytes, whatever the file is called.

use std::io::Cursor;

use image::{ImageDecoder, ImageFormat, ImageReader};

use super::failure::{Failure, MAX_PIXELS, Result, check_size};
use super::raster::{Mode, Raster};
use super::{gif, jpeg, png};
use crate::error::{Error, ImageProblem};

/// Decodes a file's bytes; `origin` names it in errors.
pub(super) fn decode(data: &[u8], origin: &str) -> crate::error::Result<Raster> {
    let (format, raster) = match data {
        [0xFF, 0xD8, 0xFF, ..] => ("JPEG", jpeg::decode(data)),
        [0x89, b'P', b'N', b'G', ..] => ("PNG", png::decode(data)),
        [b'G', b'I', b'F', b'8', ..] => ("GIF", gif::decode(data)),
        [b'B', b'M', ..] => ("BMP", other(data, ImageFormat::Bmp)),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => {
            ("WebP", other(data, ImageFormat::WebP))
        }
        _ => return Err(Error::Image { origin: origin.into(), problem: ImageProblem::UnknownFormat }),
    };
    raster.map_err(|failure| {
        let problem = match failure {
            Failure::TooLarge { width, height } => {
                ImageProblem::TooLarge { width, height, limit: MAX_PIXELS }
            }
            Failure::Broken(reason) => ImageProblem::Broken { format, reason },
        };
        Error::Image { origin: origin.into(), problem }
    })
}

/// Decodes what the `image` crate decodes as Pillow does.
fn other(data: &[u8], format: ImageFormat) -> Result<Raster> {
    let mut reader = ImageReader::with_format(Cursor::new(data), format);
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MAX_PIXELS * 8);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(Failure::broken)?;
    let (width, height) = decoder.dimensions();
    let size = (width as usize, height as usize);
    check_size(size.0, size.1)?;
    let has_alpha = decoder.color_type().has_alpha();
    let decoded = image::DynamicImage::from_decoder(decoder).map_err(Failure::broken)?;
    if data.starts_with(b"BM") && data.get(28..30) == Some(&[16, 0]) {
        let mut pixels = decoded.into_rgb8().into_raw();
        cut_off(&mut pixels, data);
        return Ok(Raster::bytes(size, Mode::Rgb, pixels));
    }
    Ok(if has_alpha {
        Raster::bytes(size, Mode::Rgba, decoded.into_rgba8().into_raw())
    } else {
        Raster::bytes(size, Mode::Rgb, decoded.into_rgb8().into_raw())
    })
}

/// Pillow cuts off where the `image` crate rounds when it stretches the 5 or 6 bits that 16-bit
/// BMP files have for a channel to 8.
fn cut_off(pixels: &mut [u8], file: &[u8]) {
    const GREEN_MASK_6: &[u8] = &0x07E0_u32.to_le_bytes();
    let has_masks = file.get(30..34) == Some(&[3, 0, 0, 0]);
    let green_bits = if has_masks && file.get(58..62) == Some(GREEN_MASK_6) { 6 } else { 5 };
    for pixel in pixels.as_chunks_mut::<3>().0 {
        for (value, bits) in pixel.iter_mut().zip([5, green_bits, 5]) {
            let most = (1_u32 << bits) - 1;
            let own = (u32::from(*value) * most + 127) / 255;
            *value = (own * 255 / most) as u8;
        }
    }
}
