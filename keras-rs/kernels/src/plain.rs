//! What the tests of kernels share: windows and views.

use crate::tests::Random;
use crate::{View, ViewMut, Window};

/// A window of up to `largest` rows and columns, with any strides, dilation and padding.
pub(crate) fn random_window(random: &mut Random, largest: usize) -> Window {
    Window {
        kernel: [random.whole(1, largest), random.whole(1, largest)],
        strides: [random.whole(1, 3), random.whole(1, 3)],
        dilation: [random.whole(1, 2), random.whole(1, 2)],
        pads: [[random.whole(0, 4), random.whole(0, 4)], [random.whole(0, 4), random.whole(0, 4)]],
    }
}

/// Pixels somewhere in a buffer.
#[derive(Clone, Debug)]
pub(crate) struct Buffer {
    values: Vec<f32>,
    pitch: usize,
    offset: usize,
    pixels: usize,
    channels: usize,
}

impl Buffer {
    /// Random numbers; now and then with something between pixels and before the first one.
    pub(crate) fn random(random: &mut Random, pixels: usize, channels: usize) -> Self {
        let pitch = channels + if random.whole(0, 1) == 0 { 0 } else { random.whole(1, 5) };
        let offset = if random.whole(0, 1) == 0 { 0 } else { random.whole(1, 9) };
        let values = random.numbers(offset + pixels.saturating_sub(1) * pitch + channels);
        Self { values, pitch, offset, pixels, channels }
    }

    pub(crate) fn view(&self) -> View<'_> {
        View { values: &self.values, pitch: self.pitch, offset: self.offset }
    }

    pub(crate) fn view_mut(&mut self) -> ViewMut<'_> {
        ViewMut { values: &mut self.values, pitch: self.pitch, offset: self.offset }
    }

    /// Puts numbers that are not finite in some places.
    pub(crate) fn spoil(&mut self, random: &mut Random) {
        for _ in 0..=self.values.len() / 50 {
            let at = random.whole(0, self.values.len() - 1);
            self.values[at] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY][random.whole(0, 2)];
        }
    }

    /// Leaves few different numbers.
    pub(crate) fn coarsen(&mut self) {
        self.values.iter_mut().for_each(|x| *x = (*x * 2.0).round());
    }

    /// Compares all pixels with what they should be, and everything else with what was there before.
    pub(crate) fn expect(&self, exact: &[f32], before: &Self, what: &str) {
        let mut expected = before.values.clone();
        for (pixel, exact) in exact.chunks_exact(self.channels.max(1)).enumerate().take(self.pixels) {
            expected[self.offset + pixel * self.pitch..][..self.channels].copy_from_slice(exact);
        }
        let scale = exact.iter().filter(|x| x.is_finite()).fold(1.0_f32, |a, x| a.max(x.abs()));
        for (i, (value, expected)) in self.values.iter().zip(&expected).enumerate() {
            let same = value == expected || value.is_nan() && expected.is_nan();
            assert!(same || (value - expected).abs() <= 4e-6 * scale, "{i}: {value} for {expected}: {what}");
        }
    }
}
