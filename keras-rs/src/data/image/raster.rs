//! Decoded pixels, in the modes that Pillow knows, and its conversions between them.

use super::ColorMode;

/// The channels of a [`Raster`]. Palettes are expanded by the decoders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Grey.
    L,
    /// Grey and alpha.
    La,
    Rgb,
    Rgba,
    /// Red, green and blue times alpha over 255, and alpha. Only while resizing.
    Premultiplied,
    /// 16-bit grey.
    L16,
}

impl Mode {
    pub(super) fn channels(self) -> usize {
        match self {
            Self::L | Self::L16 => 1,
            Self::La => 2,
            Self::Rgb => 3,
            Self::Rgba | Self::Premultiplied => 4,
        }
    }
}

/// Samples, rows after each other, pixels in a row, channels in a pixel.
#[derive(Debug)]
pub(super) enum Samples {
    Bytes(Vec<u8>),
    /// Of mode `L16`.
    Words(Vec<u16>),
}

/// An image.
#[derive(Debug)]
pub(super) struct Raster {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) mode: Mode,
    pub(super) samples: Samples,
    /// The grey or colour that counts as transparent, if the file names one.
    pub(super) transparent: Option<[u8; 3]>,
}

impl Raster {
    pub(super) fn bytes((width, height): (usize, usize), mode: Mode, samples: Vec<u8>) -> Self {
        Self { width, height, mode, samples: Samples::Bytes(samples), transparent: None }
    }

    pub(super) fn words((width, height): (usize, usize), samples: Vec<u16>) -> Self {
        Self { width, height, mode: Mode::L16, samples: Samples::Words(samples), transparent: None }
    }

    /// The image in the mode that `load_img` makes of it.
    pub(super) fn into_color_mode(self, color_mode: ColorMode) -> Self {
        match (color_mode, self.mode) {
            // Keras leaves grey alone, 16-bit too.
            (ColorMode::Grayscale, Mode::L | Mode::L16) => self,
            (ColorMode::Grayscale, Mode::La) => self.map(Mode::L, |p: [u8; 2]| [p[0]]),
            (ColorMode::Grayscale, Mode::Rgb) => self.map(Mode::L, |p: [u8; 3]| [luma(p)]),
            (ColorMode::Grayscale, _) => self.map(Mode::L, |[r, g, b, _]: [u8; 4]| [luma([r, g, b])]),
            (ColorMode::Rgb, Mode::L | Mode::L16) => self.map(Mode::Rgb, |[v]: [u8; 1]| [v; 3]),
            (ColorMode::Rgb, Mode::La) => self.map(Mode::Rgb, |[v, _]: [u8; 2]| [v; 3]),
            (ColorMode::Rgb, Mode::Rgb) => self,
            (ColorMode::Rgb, _) => self.map(Mode::Rgb, |[r, g, b, _]: [u8; 4]| [r, g, b]),
            (ColorMode::Rgba, mode) => {
                let key = self.transparent;
                let alpha = move |rgb| if key == Some(rgb) { 0 } else { 255 };
                match mode {
                    Mode::L | Mode::L16 => self.map(Mode::Rgba, move |[v]: [u8; 1]| [v, v, v, alpha([v; 3])]),
                    Mode::La => self.map(Mode::Rgba, |[v, a]: [u8; 2]| [v, v, v, a]),
                    Mode::Rgb => self.map(Mode::Rgba, move |[r, g, b]| [r, g, b, alpha([r, g, b])]),
                    Mode::Rgba | Mode::Premultiplied => self,
                }
            }
        }
    }

    /// Colours times alpha, so that resizing does not mix in those of transparent pixels.
    pub(super) fn premultiply(self) -> Self {
        self.map(Mode::Premultiplied, |[r, g, b, a]: [u8; 4]| [times(r, a), times(g, a), times(b, a), a])
    }

    /// Undoes [`Raster::premultiply`].
    pub(super) fn unpremultiply(self) -> Self {
        self.map(Mode::Rgba, |[r, g, b, a]: [u8; 4]| {
            let over = |v: u8| match a {
                0 | 255 => v,
                _ => (u32::from(v) * 255 / u32::from(a)).min(255) as u8,
            };
            [over(r), over(g), over(b), a]
        })
    }

    /// Changes each pixel from `A` to `B` channels. 16-bit grey comes as 8-bit, larger values as
    /// white: so Pillow converts it.
    fn map<const A: usize, const B: usize>(self, mode: Mode, change: impl Fn([u8; A]) -> [u8; B]) -> Self {
        let size = (self.width, self.height);
        let samples = match self.samples {
            Samples::Bytes(samples) => samples,
            Samples::Words(samples) => samples.iter().map(|&v| v.min(255) as u8).collect(),
        };
        let (pixels, _) = samples.as_chunks::<A>();
        let mut out = Vec::with_capacity(pixels.len() * B);
        out.extend(pixels.iter().flat_map(|&pixel| change(pixel)));
        Self::bytes(size, mode, out)
    }
}

/// BT.601 luma in 16-bit fixed point.
fn luma([r, g, b]: [u8; 3]) -> u8 {
    let sum = u32::from(r) * 19_595 + u32::from(g) * 38_470 + u32::from(b) * 7_471;
    ((sum + (1 << 15)) >> 16) as u8
}

/// `a * b / 255`, rounded.
pub(super) fn times(a: u8, b: u8) -> u8 {
    let product = u32::from(a) * u32::from(b) + 128;
    (((product >> 8) + product) >> 8) as u8
}
