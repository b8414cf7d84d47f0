//! Averages of the steps that a mask leaves.

use crate::View;

/// The average of the pixels that count, of each sample and channel; NaN of a sample without any. What does not count
/// may be anything. `counts` is `(batch, pixels)`, `output` `(batch, channels)`.
///
/// ```
/// use keras_rs_kernels::{View, masked_average};
///
/// let (x, mut y) = ([1.0, f32::NAN, 3.0], [0.0]);
/// masked_average([1, 3, 1], View::dense(&x, 1), &[true, false, true], &mut y);
/// assert_eq!(y, [2.0]);
/// ```
///
/// # Panics
/// Where there are fewer values or flags than pixels.
pub fn masked_average(
    [batch, pixels, channels]: [usize; 3],
    input: View<'_>,
    counts: &[bool],
    output: &mut [f32],
) {
    assert!(input.holds(batch * pixels, channels), "the input is too short");
    let samples = output[..batch * channels].chunks_exact_mut(channels.max(1));
    for (sample, sums) in samples.enumerate() {
        sums.fill(0.0);
        let flags = &counts[sample * pixels..][..pixels];
        let mut count = 0;
        for pixel in (0..pixels).filter(|pixel| flags[*pixel]) {
            let numbers = input.pixel(sample * pixels + pixel, channels);
            sums.iter_mut().zip(numbers).for_each(|(sum, x)| *sum += x);
            count += 1;
        }
        sums.iter_mut().for_each(|sum| *sum /= count as f32);
    }
}
