//! The gradients of a convolution, with or without groups.

use crate::cpu::Level;
use crate::input_gradient::input_gradient;
use crate::kernel_gradient::kernel_gradient;
use crate::memory::zeros;
use crate::repeat::repeated;
use crate::{View, ViewMut, Window, depthwise};

/// The gradients of a convolution of `batch` images of `size`, whose input and output channels are in `groups` equal
/// parts; its kernel is `(rows, columns, channels[0] / groups, channels[1])`.
///
/// ```
/// use keras_rs_kernels::{ConvolutionGradients, View, ViewMut, Window};
///
/// let window = Window { kernel: [1, 2], strides: [1, 1], dilation: [1, 1], pads: [[0, 0], [0, 1]] };
/// let gradients = ConvolutionGradients { window, channels: [1, 1], groups: 1, batch: 1, size: [1, 3] };
/// let (inputs, kernel, outputs) = ([1.0, 2.0, 3.0], [2.0, 3.0], [1.0, 10.0, 100.0]);
/// let (mut of_kernel, mut of_inputs) = ([0.0; 2], [0.0; 3]);
/// gradients.kernel(View::dense(&inputs, 1), View::dense(&outputs, 1), &mut of_kernel);
/// assert_eq!(of_kernel, [321.0, 32.0]);
/// assert!(gradients.input(&kernel, View::dense(&outputs, 1), ViewMut::dense(&mut of_inputs, 1)));
/// assert_eq!(of_inputs, [2.0, 23.0, 230.0]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ConvolutionGradients {
    /// How the kernel moves.
    pub window: Window,
    /// Channels of the input and of the output.
    pub channels: [usize; 2],
    /// Groups of channels, which divide both.
    pub groups: usize,
    /// Number of images.
    pub batch: usize,
    /// Rows and columns of an image.
    pub size: [usize; 2],
}

impl ConvolutionGradients {
    /// Computes the gradient of the kernel from the inputs and the gradients of the outputs.
    ///
    /// # Panics
    /// Where a view has fewer values than its pixels need, the gradient has another length, or groups do not divide the
    /// channels.
    pub fn kernel(&self, input: View<'_>, outputs: View<'_>, gradient: &mut [f32]) {
        self.kernel_at(Level::best(), input, outputs, gradient);
    }

    pub(crate) fn kernel_at(&self, level: Level, input: View<'_>, outputs: View<'_>, gradient: &mut [f32]) {
        let Self { window, channels: [inputs, columns], groups, batch, size } = *self;
        let [each_input, each_output] = self.of_a_group();
        if groups == 1 {
            kernel_gradient(level, self, input, outputs, gradient);
        } else if self.is_depthwise() && each_output == 1 {
            depthwise::kernel_gradient(level, self, input, outputs, gradient);
        } else if self.is_depthwise() {
            let wide = repeated(input, batch * size[0] * size[1], inputs, each_output);
            depthwise::kernel_gradient(
                level,
                &self.widened(),
                View::dense(&wide, columns),
                outputs,
                gradient,
            );
        } else {
            let taps = window.kernel[0] * window.kernel[1];
            assert_eq!(gradient.len(), taps * each_input * columns, "gradient of a kernel");
            let one = Self { channels: [each_input, each_output], groups: 1, ..*self };
            let mut made = zeros(taps * each_input * each_output);
            for group in 0..groups {
                let input = View { offset: input.offset + group * each_input, ..input };
                let outputs = View { offset: outputs.offset + group * each_output, ..outputs };
                kernel_gradient(level, &one, input, outputs, &mut made);
                let rows = gradient.chunks_exact_mut(columns).zip(made.chunks_exact(each_output));
                rows.for_each(|(to, from)| to[group * each_output..][..each_output].copy_from_slice(from));
            }
        }
    }

    /// Computes the gradient of the inputs from the kernel and the gradients of the outputs. Returns whether it does so:
    /// not where an axis has both strides and dilation.
    ///
    /// # Panics
    /// Where a view has fewer values than its pixels need, the kernel has another length, or groups do not divide the
    /// channels.
    pub fn input(&self, kernel: &[f32], outputs: View<'_>, input: ViewMut<'_>) -> bool {
        self.of_a_group();
        input_gradient(Level::best(), self, kernel, outputs, input)
    }

    /// Channels of the input and of the output in a group.
    pub(crate) fn of_a_group(&self) -> [usize; 2] {
        let Self { channels, groups, .. } = *self;
        assert!(groups > 0 && channels.iter().all(|channels| channels.is_multiple_of(groups)), "groups");
        channels.map(|channels| channels / groups)
    }

    /// Whether each channel of the input is a group, and there are several.
    pub(crate) fn is_depthwise(&self) -> bool {
        self.groups > 1 && self.groups == self.channels[0]
    }

    /// Of a depthwise convolution, the same on inputs of which each is there for each of its outputs.
    pub(crate) fn widened(&self) -> Self {
        let columns = self.channels[1];
        Self { channels: [columns; 2], groups: columns, ..*self }
    }
}

#[cfg(test)]
mod tests;
