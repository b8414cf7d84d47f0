//! From components to red, green and blue.

use super::frame::Frame;
use super::markers::Tables;
use super::upsample::upsample;
use crate::data::image::failure::Result;
use crate::data::image::raster::{Mode, Raster, times};

/// What three or four components mean.
#[derive(Clone, Copy)]
enum Space {
    Rgb,
    YCbCr,
    Cmyk,
    Ycck,
}

/// Transforms, upsamples and converts a whole frame.
pub(super) fn to_raster(frame: Frame, tables: &Tables) -> Result<Raster> {
    let size = (frame.width, frame.height);
    let space = space(&frame, tables);
    // Taken one by one, so that coefficients and samples of all do not lie in memory at once.
    let planes =
        frame.components.iter().map(|component| upsample(component, size)).collect::<Result<Vec<_>>>()?;
    match planes.as_slice() {
        [r, g, b] => {
            let mut out = Vec::with_capacity(3 * r.len());
            for ((&r, &g), &b) in r.iter().zip(g).zip(b) {
                out.extend(match space {
                    Space::YCbCr => rgb(r, g, b),
                    _ => [r, g, b],
                });
            }
            Ok(Raster::bytes(size, Mode::Rgb, out))
        }
        [c, m, y, k] => {
            let mut out = Vec::with_capacity(3 * k.len());
            for (((&c, &m), &y), &k) in c.iter().zip(m).zip(y).zip(k) {
                let inks = match space {
                    Space::Ycck => rgb(c, m, y).map(|x| 255 - x),
                    _ => [c, m, y],
                };
                // Pillow takes all such files for Adobe's, whose inks are inverted.
                out.extend(inks.map(|ink| k - times(255 - ink, k)));
            }
            Ok(Raster::bytes(size, Mode::Rgb, out))
        }
        _ => {
            let grey = planes.into_iter().next().unwrap_or_default();
            Ok(Raster::bytes(size, Mode::L, grey))
        }
    }
}

/// What the file says, or what libjpeg guesses where it says nothing.
fn space(frame: &Frame, tables: &Tables) -> Space {
    let ids: Vec<u8> = frame.components.iter().map(|c| c.id).collect();
    match (ids.as_slice(), tables.jfif, tables.adobe) {
        (&[_, _, _, _], _, None | Some(0)) => Space::Cmyk,
        (&[_, _, _, _], _, Some(_)) => Space::Ycck,
        (_, false, Some(0)) => Space::Rgb,
        (b"RGB", false, None) => Space::Rgb,
        _ => Space::YCbCr,
    }
}

/// BT.601 with full range, in 16-bit fixed point.
fn rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    const HALF: i32 = 1 << 15;
    let (y, cb, cr) = (i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128);
    [
        y + ((91_881 * cr + HALF) >> 16),
        y + ((-22_554 * cb - 46_802 * cr + HALF) >> 16),
        y + ((116_130 * cb + HALF) >> 16),
    ]
    .map(|x| x.clamp(0, 255) as u8)
}
