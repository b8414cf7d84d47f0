//! Depthwise convolutions: each channel has kernels of its own.

mod kernel_gradient;
mod rows;

pub(crate) use kernel_gradient::kernel_gradient;
pub(crate) use rows::Rows;

use crate::cells::{Cells, parts, range};
use crate::cpu::Level;
use crate::repeat::repeated;
use crate::{Epilogue, View, ViewMut, Window, threads};

/// Channels whose weights lie together: the longest vector.
pub(crate) const PANEL: usize = 16;

/// The weights of a depthwise convolution, in the order in which it reads them.
#[derive(Clone, Debug)]
pub struct Depthwise {
    window: Window,
    /// Of the output.
    channels: usize,
    /// Channels of the output for each of the input.
    multiplier: usize,
    weights: Weights,
}

#[derive(Clone, Debug)]
enum Weights {
    /// `(panel, kh * kw, PANEL)`. The last panel ends with the last channel, and shares channels with the one before.
    Panels(Vec<f32>),
    /// As given, for fewer channels than a panel has.
    Plain(Vec<f32>),
}

impl Depthwise {
    /// Packs a kernel `(kh, kw, channels, multiplier)`.
    ///
    /// # Panics
    /// Where the kernel has another length.
    pub fn new(window: Window, channels: usize, multiplier: usize, kernel: &[f32]) -> Self {
        let taps = window.kernel[0] * window.kernel[1];
        let channels = channels * multiplier;
        assert_eq!(kernel.len(), taps * channels, "weights of a depthwise kernel");
        let weights = if channels >= PANEL {
            let starts = (0..channels.div_ceil(PANEL)).map(|panel| start(panel, channels));
            let at = |start: usize| (0..taps).flat_map(move |tap| &kernel[tap * channels + start..][..PANEL]);
            Weights::Panels(starts.flat_map(at).copied().collect())
        } else {
            Weights::Plain(kernel.to_vec())
        };
        Self { window, channels, multiplier, weights }
    }

    /// Convolves `batch` images of `size`; the output has `channels * multiplier` channels.
    ///
    /// # Panics
    /// Where a view has fewer values than its pixels need.
    pub fn run(
        &self,
        batch: usize,
        size: [usize; 2],
        input: View<'_>,
        epilogue: Epilogue<'_>,
        output: ViewMut<'_>,
    ) {
        self.run_at(Level::best(), batch, size, input, epilogue, output);
    }

    pub(crate) fn run_at(
        &self,
        level: Level,
        batch: usize,
        size: [usize; 2],
        input: View<'_>,
        epilogue: Epilogue<'_>,
        output: ViewMut<'_>,
    ) {
        let places = self.window.output(size);
        let Self { channels: columns, multiplier, .. } = *self;
        let pixels = batch * places[0] * places[1];
        let wide;
        let input = if multiplier > 1 {
            wide = repeated(input, batch * size[0] * size[1], columns / multiplier, multiplier);
            View::dense(&wide, columns)
        } else {
            input
        };
        assert!(input.holds(batch * size[0] * size[1], columns), "the input is too short");
        assert!(epilogue.bias.is_none_or(|bias| bias.len() >= columns), "the bias is too short");
        assert!(
            epilogue.residual.is_none_or(|view| view.holds(pixels, columns)),
            "the residual is too short"
        );
        let output = Cells::new(output, pixels, columns);
        if pixels * columns == 0 {
            return;
        }
        let rows = batch * places[0];
        let work = pixels * columns * self.window.kernel[0] * self.window.kernel[1];
        let parts = parts(rows, work);
        threads::run(parts, &|part| {
            let rows = range(rows, parts, part);
            let output = &output;
            let (window, channels) = (self.window, 0..self.channels);
            level.run(Rows { layer: self, window, size, places, rows, channels, input, epilogue, output });
        });
    }

    pub(crate) fn window(&self) -> Window {
        self.window
    }

    /// Its channels, where each has one kernel of its own and whole panels hold them.
    pub(crate) fn whole_panels(&self) -> Option<usize> {
        let panels = matches!(self.weights, Weights::Panels(_)) && self.multiplier == 1;
        let whole = panels && self.channels.is_multiple_of(PANEL);
        whole.then_some(self.channels)
    }
}

/// First channel of a panel.
fn start(panel: usize, channels: usize) -> usize {
    (panel * PANEL).min(channels - PANEL)
}

#[cfg(test)]
mod tests;
