//! Channels that are there several times, one next to the other, for depthwise convolutions with several outputs for each
//! input.

use crate::cells::{Cells, parts, range};
use crate::memory::zeros;
use crate::{View, ViewMut, threads};

/// Each channel of some pixels `times` times.
pub(crate) fn repeated(from: View<'_>, pixels: usize, channels: usize, times: usize) -> Vec<f32> {
    assert!(from.holds(pixels, channels), "the input is too short");
    let mut made = zeros(pixels * channels * times);
    if !made.is_empty() {
        let rows = (made.len() / (channels * times)).div_ceil(parts(pixels, made.len()));
        threads::run_chunks(&mut made, rows * channels * times, &|part, to| {
            for (pixel, to) in (part * rows..).zip(to.chunks_exact_mut(channels * times)) {
                let values = from.pixel(pixel, channels);
                to.chunks_exact_mut(times).zip(values).for_each(|(to, value)| to.fill(*value));
            }
        });
    }
    made
}

/// The sums of `times` channels of some pixels, one next to the other.
pub(crate) fn folded(from: &[f32], pixels: usize, channels: usize, times: usize, to: ViewMut<'_>) {
    assert_eq!(from.len(), pixels * channels * times, "numbers to sum up");
    let to = Cells::new(to, pixels, channels);
    let parts = parts(pixels, from.len());
    threads::run(parts, &|part| {
        for pixel in range(pixels, parts, part) {
            let from = from[pixel * channels * times..].chunks_exact(times);
            // SAFETY: no two parts have the same pixels.
            #[allow(unsafe_code, reason = "threads write to parts of one slice")]
            let to = unsafe { to.pixel(pixel) };
            to.iter_mut().zip(from).for_each(|(to, from)| *to = from.iter().sum());
        }
    });
}
