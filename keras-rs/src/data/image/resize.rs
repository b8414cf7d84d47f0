//! Resizing with Pillow's arithmetic.
//!
//! `nearest` steps through the source in float64, adding up the step as Pillow does. The other
//! filters resize the horizontal axis first; weights are computed in float64, and for 8-bit samples
//! rounded to 22 bits and summed in integers. Where the image shrinks, the filter widens with it.

use std::f64::consts::PI;

use super::ImageInterpolation;
use super::raster::{Mode, Raster, Samples};

/// Fractional bits of a weight: products with 8 bits leave 2 bits for values outside 0 to 255.
const PRECISION: u32 = 32 - 8 - 2;

/// The part of the source that is used: left, top, right, bottom.
pub(super) type Crop = [usize; 4];

/// Resizes the `crop` of an image to `size`, width first.
pub(super) fn resize(
    image: Raster,
    size: (usize, usize),
    crop: Crop,
    interpolation: ImageInterpolation,
) -> Raster {
    match (interpolation, image.mode) {
        (ImageInterpolation::Nearest, _) => nearest(&image, size, crop),
        (_, Mode::Rgba) => filtered(image.premultiply(), size, crop, interpolation).unpremultiply(),
        _ => filtered(image, size, crop, interpolation),
    }
}

fn nearest(image: &Raster, size: (usize, usize), [left, top, right, bottom]: Crop) -> Raster {
    let source_indices = match image.mode {
        // For 16 bits, Pillow multiplies the step instead of adding it up.
        Mode::L16 => indices_by_multiplication,
        _ => indices_by_addition,
    };
    let columns = source_indices(left, right, size.0, image.width);
    let rows = source_indices(top, bottom, size.1, image.height);
    let samples = match &image.samples {
        Samples::Bytes(source) => Samples::Bytes(pick(source, image, &columns, &rows)),
        Samples::Words(source) => Samples::Words(pick(source, image, &columns, &rows)),
    };
    Raster { width: size.0, height: size.1, mode: image.mode, samples, transparent: None }
}

fn pick<T: Copy + Default>(
    source: &[T],
    image: &Raster,
    columns: &[Option<usize>],
    rows: &[Option<usize>],
) -> Vec<T> {
    let channels = image.mode.channels();
    let black = [T::default(); 4];
    let mut out = Vec::with_capacity(columns.len() * rows.len() * channels);
    for row in rows {
        for column in columns {
            match (row, column) {
                (Some(y), Some(x)) => {
                    let start = (y * image.width + x) * channels;
                    out.extend_from_slice(&source[start..start + channels]);
                }
                _ => out.extend_from_slice(&black[..channels]),
            }
        }
    }
    out
}

/// For each index along an edge of the result, the index in the source; `None` if rounding leads beyond
/// the source, where Pillow leaves black.
fn indices_by_addition(start: usize, end: usize, size: usize, limit: usize) -> Vec<Option<usize>> {
    let step = (end - start) as f64 / size as f64;
    let mut position = start as f64 + step * 0.5;
    let next = |_| {
        let index = position as usize;
        position += step;
        (index < limit).then_some(index)
    };
    (0..size).map(next).collect()
}

fn indices_by_multiplication(start: usize, end: usize, size: usize, limit: usize) -> Vec<Option<usize>> {
    let step = (end - start) as f64 / size as f64;
    let index = |i| (step * (i as f64 + 0.5) + start as f64) as usize;
    (0..size).map(index).map(|index| (index < limit).then_some(index)).collect()
}

fn filtered(
    image: Raster,
    size: (usize, usize),
    [left, top, right, bottom]: Crop,
    interpolation: ImageInterpolation,
) -> Raster {
    let across = weights(image.width, (left, right), size.0, interpolation);
    let down = weights(image.height, (top, bottom), size.1, interpolation);
    // An axis that keeps its size is not filtered.
    let keeps_width = size.0 == image.width && left == 0 && right == size.0;
    let keeps_height = size.1 == image.height && top == 0 && bottom == size.1;
    // As Pillow does since version 13. The order matters, because sums are clipped.
    let shrinks_down =
        size.1 < image.height && image.height - size.1 > 2 * image.width.saturating_sub(size.0);
    let passes = Passes {
        width: image.width,
        channels: image.mode.channels(),
        across: (!keeps_width).then_some(across),
        down: (!keeps_height).then_some(down),
        down_first: shrinks_down,
    };
    let samples = match image.samples {
        Samples::Bytes(samples) => Samples::Bytes(passes.map(rounded).run(samples)),
        Samples::Words(samples) => Samples::Words(passes.run(samples)),
    };
    Raster { width: size.0, height: size.1, mode: image.mode, samples, transparent: None }
}

/// The samples that a new sample is computed from: the index of the first, and the weights.
struct Window<W> {
    first: usize,
    weights: Vec<W>,
}

fn weights(
    limit: usize,
    (start, end): (usize, usize),
    size: usize,
    interpolation: ImageInterpolation,
) -> Vec<Window<f64>> {
    let (filter, radius) = filter(interpolation);
    let scale = (end - start) as f64 / size as f64;
    let stretch = scale.max(1.0);
    let support = radius * stretch;
    let window = |i: usize| {
        let center = start as f64 + (i as f64 + 0.5) * scale;
        // The casts clip at 0.
        let first = (center - support + 0.5) as usize;
        let last = ((center + support + 0.5) as usize).min(limit);
        let weigh = |x: usize| filter((x as f64 - center + 0.5) * (1.0 / stretch));
        let mut weights: Vec<f64> = (first..last).map(weigh).collect();
        let sum: f64 = weights.iter().sum();
        if sum != 0.0 {
            weights.iter_mut().for_each(|weight| *weight /= sum);
        }
        Window { first, weights }
    };
    (0..size).map(window).collect()
}

fn rounded(window: Window<f64>) -> Window<i32> {
    let round = |weight: f64| {
        let scaled = weight * f64::from(1 << PRECISION);
        (scaled + 0.5_f64.copysign(weight)) as i32
    };
    Window { first: window.first, weights: window.weights.into_iter().map(round).collect() }
}

/// The horizontal and the vertical pass, where they are needed.
struct Passes<W> {
    width: usize,
    channels: usize,
    across: Option<Vec<Window<W>>>,
    down: Option<Vec<Window<W>>>,
    down_first: bool,
}

impl<W> Passes<W> {
    fn map<V>(self, change: fn(Window<W>) -> Window<V>) -> Passes<V> {
        let all = |windows: Vec<Window<W>>| windows.into_iter().map(change).collect();
        Passes {
            width: self.width,
            channels: self.channels,
            across: self.across.map(all),
            down: self.down.map(all),
            down_first: self.down_first,
        }
    }

    fn run<S: Sample<Weight = W>>(&self, mut samples: Vec<S>) -> Vec<S> {
        let mut width = self.width;
        for down in [self.down_first, !self.down_first] {
            match (down, &self.down, &self.across) {
                (true, Some(windows), _) => {
                    samples = vertical(&samples, width * self.channels, windows);
                }
                (false, _, Some(windows)) => {
                    samples = horizontal(&samples, width, self.channels, windows);
                    width = windows.len();
                }
                _ => {}
            }
        }
        samples
    }
}

/// A sample that can be summed with weights.
trait Sample: Copy {
    type Weight: Copy;

    fn sum(terms: impl Iterator<Item = (Self, Self::Weight)>) -> Self;
}

impl Sample for u8 {
    type Weight = i32;

    fn sum(terms: impl Iterator<Item = (Self, i32)>) -> Self {
        let half = 1 << (PRECISION - 1);
        let sum = terms.fold(half, |sum: i32, (sample, weight)| {
            sum.wrapping_add(i32::from(sample).wrapping_mul(weight))
        });
        (sum >> PRECISION).clamp(0, 255) as u8
    }
}

impl Sample for u16 {
    type Weight = f64;

    fn sum(terms: impl Iterator<Item = (Self, f64)>) -> Self {
        let sum = terms.fold(0.0, |sum, (sample, weight)| sum + f64::from(sample) * weight);
        // The cast clips.
        (sum + 0.5) as u16
    }
}

fn horizontal<S: Sample>(
    samples: &[S],
    width: usize,
    channels: usize,
    windows: &[Window<S::Weight>],
) -> Vec<S> {
    let rows = samples.chunks_exact(width * channels);
    let mut out = Vec::with_capacity(rows.len() * windows.len() * channels);
    for row in rows {
        for window in windows {
            for channel in 0..channels {
                let samples = row[window.first * channels + channel..].iter().step_by(channels);
                let terms = samples.copied().zip(window.weights.iter().copied());
                out.push(S::sum(terms));
            }
        }
    }
    out
}

fn vertical<S: Sample>(samples: &[S], stride: usize, windows: &[Window<S::Weight>]) -> Vec<S> {
    let mut out = Vec::with_capacity(stride * windows.len());
    for window in windows {
        for x in 0..stride {
            let samples = samples[window.first * stride + x..].iter().step_by(stride);
            let terms = samples.copied().zip(window.weights.iter().copied());
            out.push(S::sum(terms));
        }
    }
    out
}

type Filter = fn(f64) -> f64;

/// A filter and its radius.
fn filter(interpolation: ImageInterpolation) -> (Filter, f64) {
    match interpolation {
        ImageInterpolation::Nearest | ImageInterpolation::Box => (box_filter, 0.5),
        ImageInterpolation::Bilinear => (|x| (1.0 - x.abs()).max(0.0), 1.0),
        ImageInterpolation::Hamming => (hamming, 1.0),
        ImageInterpolation::Bicubic => (bicubic, 2.0),
        ImageInterpolation::Lanczos => (lanczos, 3.0),
    }
}

fn box_filter(x: f64) -> f64 {
    f64::from(u8::from(x > -0.5 && x <= 0.5))
}

fn hamming(x: f64) -> f64 {
    // Pillow's constants are float32.
    let window = |x: f64| f64::from(0.54_f32) + f64::from(0.46_f32) * x.cos();
    match x.abs() {
        0.0 => 1.0,
        x if x >= 1.0 => 0.0,
        x => (x * PI).sin() / (x * PI) * window(x * PI),
    }
}

/// Keys' cubic with a = -1/2.
pub(super) fn bicubic(x: f64) -> f64 {
    const A: f64 = -0.5;
    match x.abs() {
        x if x < 1.0 => ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0,
        x if x < 2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * A,
        _ => 0.0,
    }
}

fn lanczos(x: f64) -> f64 {
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { (x * PI).sin() / (x * PI) };
    if (-3.0..3.0).contains(&x) { sinc(x) * sinc(x / 3.0) } else { 0.0 }
}
