//! GIF: the first image, on its canvas.

use gif::{ColorOutput, DecodeOptions, MemoryLimit};

use super::failure::{Failure, MAX_PIXELS, Result, check_size};
use super::png::expanded;
use super::raster::{Mode, Raster};

/// Decodes the first image of a file.
pub(super) fn decode(data: &[u8]) -> Result<Raster> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.set_memory_limit(MemoryLimit::Bytes(MAX_PIXELS.try_into().unwrap_or(std::num::NonZeroU64::MAX)));
    let mut decoder = options.read_info(data).map_err(Failure::broken)?;
    let canvas = (usize::from(decoder.width()), usize::from(decoder.height()));
    let frame = decoder.next_frame_info().map_err(Failure::broken)?;
    let frame = frame.ok_or_else(|| Failure::broken("there is no image in it"))?;
    let (left, top) = (usize::from(frame.left), usize::from(frame.top));
    let (width, height) = (usize::from(frame.width), usize::from(frame.height));
    let size = (canvas.0.max(left + width), canvas.1.max(top + height));
    check_size(size.0, size.1)?;
    let transparent = frame.transparent;
    let own_palette = frame.palette.clone();

    let mut pixels = vec![0; width * height];
    decoder.read_into_buffer(&mut pixels).map_err(Failure::broken)?;
    // Around the image Pillow leaves the transparent colour, or else the first.
    let mut indices = vec![transparent.unwrap_or(0); size.0 * size.1];
    let lines = indices.chunks_exact_mut(size.0).skip(top);
    for (line, row) in lines.zip(pixels.chunks_exact(width.max(1))) {
        line[left..left + width].copy_from_slice(row);
    }

    let palette = own_palette.as_deref().or(decoder.global_palette());
    let palette = palette.unwrap_or_default();
    let is_grey = |(i, &[r, g, b]): (usize, &[u8; 3])| [r, g, b].map(usize::from) == [i; 3];
    if palette.as_chunks().0.iter().enumerate().all(is_grey) {
        return Ok(Raster {
            transparent: transparent.map(|index| [index; 3]),
            ..Raster::bytes(size, Mode::L, indices)
        });
    }
    let mut alphas = [255; 256];
    if let Some(index) = transparent {
        alphas[usize::from(index)] = 0;
    }
    Ok(expanded(size, &indices, palette, &alphas))
}
