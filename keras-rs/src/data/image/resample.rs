//! Resizing to floats, as `keras.ops.image.resize` and TensorFlow do it.
//!
//! Unlike in [`super::resize`], nothing is rounded, and filters do not widen where an image shrinks. The
//! vertical axis is resized first, then the horizontal one.

use super::raster::{Raster, Samples};
use crate::error::{Error, Result};
use std::f64::consts::PI;
use std::str::FromStr;

/// How `image_dataset_from_directory` interpolates between pixels.
///
/// ```
/// use keras_rs::data::image::ResizeMethod;
///
/// assert_eq!("lanczos3".parse::<ResizeMethod>()?, ResizeMethod::Lanczos3);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ResizeMethod {
    /// Linear between two pixels.
    #[default]
    Bilinear,
    /// The pixel whose centre is nearest.
    Nearest,
    /// Keys' cubic through four pixels.
    Bicubic,
    /// The mean of the covered area.
    Area,
    /// A windowed sinc over six pixels.
    Lanczos3,
    /// A windowed sinc over ten pixels.
    Lanczos5,
    /// A Gaussian of deviation 1/2 over three pixels.
    Gaussian,
    /// Mitchell and Netravali's cubic over four pixels, which blurs slightly.
    MitchellCubic,
}

const METHODS: [(&str, ResizeMethod); 8] = [
    ("bilinear", ResizeMethod::Bilinear),
    ("nearest", ResizeMethod::Nearest),
    ("bicubic", ResizeMethod::Bicubic),
    ("area", ResizeMethod::Area),
    ("lanczos3", ResizeMethod::Lanczos3),
    ("lanczos5", ResizeMethod::Lanczos5),
    ("gaussian", ResizeMethod::Gaussian),
    ("mitchellcubic", ResizeMethod::MitchellCubic),
];

impl FromStr for ResizeMethod {
    type Err = Error;

    /// Parses Keras' names; case is ignored.
    fn from_str(name: &str) -> Result<Self> {
        let lower = name.to_lowercase();
        let found = METHODS.iter().find(|(known, _)| *known == lower);
        found
            .map(|&(_, method)| method)
            .ok_or_else(|| Error::unknown_name("interpolation", name, METHODS.map(|(name, _)| name)))
    }
}

/// How an image of another aspect ratio than the target is resized.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::data) enum AspectRatio {
    /// The image is stretched.
    #[default]
    Stretch,
    /// The image is cropped around its center.
    Crop,
    /// The image is padded with zeros.
    Pad,
}

/// One axis of the image: `present` pixels from `start` on are used, with `before` zeros before them; with
/// the zeros after them there are `length`, which are resized to `size`.
#[derive(Clone, Copy, Debug)]
struct Axis {
    start: usize,
    present: usize,
    before: usize,
    length: usize,
    size: usize,
}

impl Axis {
    /// The axis of `length` pixels in an image whose other axis has `other`; both are resized, to `size` and
    /// `other_size`.
    fn new(
        aspect_ratio: AspectRatio,
        (length, other): (usize, usize),
        (size, other_size): (usize, usize),
    ) -> Self {
        // The length with the target's aspect ratio; both factors are below 2^32.
        let target_length = (other as u64 * size as u64 / other_size as u64) as usize;
        let whole = Self { start: 0, present: length, before: 0, length, size };
        match aspect_ratio {
            AspectRatio::Stretch => whole,
            AspectRatio::Crop => {
                let present = target_length.clamp(1, length);
                Self { start: (length - present) / 2, present, length: present, ..whole }
            }
            AspectRatio::Pad => {
                let before = target_length.saturating_sub(length) / 2;
                Self { before, length: length + 2 * before, ..whole }
            }
        }
    }

    /// For each new pixel, the pixels it is computed from, without the padding.
    fn taps(&self, method: ResizeMethod) -> Vec<Taps> {
        let step = self.length as f64 / self.size as f64;
        (0..self.size)
            .map(|i| match method {
                ResizeMethod::Nearest => {
                    // Single precision, so that ties are decided as in Keras.
                    let nearest = ((i as f32 + 0.5) * self.length as f32 / self.size as f32) as usize;
                    let nearest = nearest.min(self.length - 1);
                    self.within(nearest, [1.0].into_iter())
                }
                ResizeMethod::Area => {
                    let (from, to) = (i as f64 * step, (i + 1) as f64 * step);
                    let first = (from as usize).max(self.before);
                    let last = (to.ceil() as usize).min(self.before + self.present);
                    let overlap = |j: usize| (to.min((j + 1) as f64) - from.max(j as f64)).max(0.0) / step;
                    self.within(first, (first..last).map(overlap))
                }
                _ => {
                    let (kernel, radius) = kernel(method);
                    // Single precision, so that pixels at the edge of a filter are the same as in Keras.
                    let centre = (i as f32 + 0.5) * (1.0 / (self.size as f32 / self.length as f32));
                    let (from, to) = (f64::from(centre) - radius, f64::from(centre) + radius);
                    let first = (from - 0.5).ceil().max(0.0) as usize;
                    let last = ((to - 0.5).floor() as usize).min(self.length - 1);
                    let weigh = |j: usize| kernel((j as f32 + 0.5 - centre).abs().into());
                    let weights: Vec<f64> = (first..=last).map(weigh).collect();
                    let total: f64 = weights.iter().sum();
                    // Far from zero the precision may be too low for any weight to be positive.
                    let total = if total == 0.0 { 1.0 } else { total };
                    self.within(first, weights.into_iter().map(|w| w / total))
                }
            })
            .collect()
    }

    /// Leaves out the weights of padding.
    fn within(&self, first: usize, weights: impl Iterator<Item = f64>) -> Taps {
        let skipped = self.before.saturating_sub(first);
        let index = (first + skipped).saturating_sub(self.before);
        let left = self.present.saturating_sub(index);
        Taps {
            first: (self.start + index).min(self.start + self.present),
            weights: weights.skip(skipped).take(left).map(|w| w as f32).collect(),
        }
    }
}

/// The pixels that a new pixel is computed from: the index of the first, and the weights.
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

/// Resizes an image to `(height, width)`; rows after each other, pixels in a row, channels in a
/// pixel.
pub(super) fn resample(
    image: &Raster,
    size: (usize, usize),
    method: ResizeMethod,
    aspect_ratio: AspectRatio,
) -> Vec<f32> {
    let down = Axis::new(aspect_ratio, (image.height, image.width), size);
    let across = Axis::new(aspect_ratio, (image.width, image.height), (size.1, size.0));
    let channels = image.mode.channels();
    let down = down.taps(method);
    let rows = match &image.samples {
        Samples::Bytes(samples) => vertical(samples, image.width * channels, &down),
        Samples::Words(samples) => vertical(samples, image.width * channels, &down),
    };
    let mut out = Vec::with_capacity(size.0 * size.1 * channels);
    let across = across.taps(method);
    for row in rows.chunks_exact(image.width * channels) {
        for taps in &across {
            let pixels = row[taps.first * channels..].chunks_exact(channels);
            let mut sums = [0.0; 4];
            for (pixel, weight) in pixels.zip(&taps.weights) {
                for (sum, sample) in sums.iter_mut().zip(pixel) {
                    *sum += weight * sample;
                }
            }
            out.extend_from_slice(&sums[..channels]);
        }
    }
    out
}

fn vertical<T: Copy + Into<f32>>(samples: &[T], stride: usize, taps: &[Taps]) -> Vec<f32> {
    let mut out = vec![0.0; stride * taps.len()];
    for (sums, taps) in out.chunks_exact_mut(stride).zip(taps) {
        let rows = samples[taps.first * stride..].chunks_exact(stride);
        for (row, &weight) in rows.zip(&taps.weights) {
            for (sum, &sample) in sums.iter_mut().zip(row) {
                *sum += weight * sample.into();
            }
        }
    }
    out
}

type Kernel = fn(f64) -> f64;

/// Weight of a pixel at a distance, and the distance from which on it is zero.
fn kernel(method: ResizeMethod) -> (Kernel, f64) {
    match method {
        ResizeMethod::Bilinear | ResizeMethod::Nearest | ResizeMethod::Area => (|x| (1.0 - x).max(0.0), 1.0),
        ResizeMethod::Bicubic => (super::resize::bicubic, 2.0),
        ResizeMethod::Lanczos3 => (|x| lanczos(3.0, x), 3.0),
        ResizeMethod::Lanczos5 => (|x| lanczos(5.0, x), 5.0),
        ResizeMethod::Gaussian => (|x| if x < 1.5 { (-2.0 * x * x).exp() } else { 0.0 }, 1.5),
        ResizeMethod::MitchellCubic => (mitchell, 2.0),
    }
}

fn lanczos(radius: f64, x: f64) -> f64 {
    match x {
        x if x > radius => 0.0,
        // The limit, where the quotient loses its digits.
        x if x <= 1e-3 => 1.0,
        x => radius * (PI * x).sin() * (PI * x / radius).sin() / (PI * PI * x * x),
    }
}

/// With B = C = 1/3.
fn mitchell(x: f64) -> f64 {
    match x {
        x if x < 1.0 => (7.0 / 6.0 * x - 2.0) * x * x + 8.0 / 9.0,
        x if x < 2.0 => ((-7.0 / 18.0 * x + 2.0) * x - 10.0 / 3.0) * x + 16.0 / 9.0,
        _ => 0.0,
    }
}
