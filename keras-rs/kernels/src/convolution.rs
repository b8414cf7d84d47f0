//! Convolutions of images, channels last.

use crate::{Epilogue, Prologue, View, ViewMut, Window};

/// A convolution with its weights in the order in which it reads them; made once, run many times, from many threads.
///
/// ```
/// use keras_rs_kernels::{Activation, Convolution, Epilogue, View, ViewMut, Window};
///
/// let window = Window { kernel: [1, 2], strides: [1, 1], dilation: [1, 1], pads: [[0, 0], [0, 1]] };
/// let difference = Convolution::new(window, [1, 1], 1, &[-1.0, 1.0]);
/// let (input, mut output) = ([1.0, 4.0, 2.0], [0.0; 3]);
/// let epilogue = Epilogue { bias: Some(&[0.5]), residual: None, activation: Activation::Relu };
/// difference.run(1, [1, 3], View::dense(&input, 1), None, epilogue, ViewMut::dense(&mut output, 1));
/// assert_eq!(output, [3.5, 0.0, 0.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Convolution {
    window: Window,
    channels: [usize; 2],
    groups: usize,
    kernel: Vec<f32>,
}

impl Convolution {
    /// A convolution of `channels[0]` input channels to `channels[1]` output channels, both in `groups` equal parts.
    /// `kernel` has the shape (rows, columns, input channels / groups, output channels).
    ///
    /// # Panics
    ///
    /// If the groups do not divide the channels, or the kernel is not of that shape.
    pub fn new(window: Window, channels: [usize; 2], groups: usize, kernel: &[f32]) -> Self {
        let [inputs, outputs] = channels;
        assert!(groups > 0 && inputs.is_multiple_of(groups) && outputs.is_multiple_of(groups), "groups");
        let taps = window.kernel[0] * window.kernel[1];
        assert_eq!(kernel.len(), taps * (inputs / groups) * outputs, "length of the kernel");
        Self { window, channels, groups, kernel: kernel.to_vec() }
    }

    /// Convolves `batch` images of `size` rows and columns.
    ///
    /// # Panics
    ///
    /// If a view or a slice of numbers per channel is too short.
    pub fn run(
        &self,
        batch: usize,
        size: [usize; 2],
        input: View,
        prologue: Option<Prologue>,
        epilogue: Epilogue,
        mut output: ViewMut,
    ) {
        let [inputs, outputs] = self.channels;
        let [rows, columns] = self.window.output(size);
        assert!(input.holds(batch * size[0] * size[1], inputs), "the input is too short");
        assert!(output.holds(batch * rows * columns, outputs), "the output is too short");
        let (per_group, out_per_group) = (inputs / self.groups, outputs / self.groups);
        let mut sums = vec![0.0; outputs];
        let mut pixel = vec![0.0; inputs];
        for index in 0..batch * rows * columns {
            let (image, row, column) = (index / (rows * columns), index / columns % rows, index % columns);
            sums.fill(0.0);
            for tap in 0..self.window.kernel[0] * self.window.kernel[1] {
                let (tap_row, tap_column) = (tap / self.window.kernel[1], tap % self.window.kernel[1]);
                let Some(y) = self.window.source(0, row, tap_row, size[0]) else { continue };
                let Some(x) = self.window.source(1, column, tap_column, size[1]) else { continue };
                pixel.copy_from_slice(input.pixel((image * size[0] + y) * size[1] + x, inputs));
                if let Some(prologue) = prologue {
                    for ((x, scale), shift) in pixel.iter_mut().zip(prologue.scale).zip(prologue.shift) {
                        *x = *x * scale + shift;
                    }
                    prologue.activation.apply(&mut pixel);
                }
                for channel in 0..per_group {
                    let weights = &self.kernel[(tap * per_group + channel) * outputs..][..outputs];
                    for (out, (sum, weight)) in sums.iter_mut().zip(weights).enumerate() {
                        *sum += pixel[out / out_per_group * per_group + channel] * weight;
                    }
                }
            }
            finish(&mut sums, index, &epilogue);
            output.pixel(index, outputs).copy_from_slice(&sums);
        }
    }
}

/// The epilogue of one pixel.
pub(crate) fn finish(sums: &mut [f32], pixel: usize, epilogue: &Epilogue) {
    if let Some(bias) = epilogue.bias {
        sums.iter_mut().zip(&bias[..]).for_each(|(sum, bias)| *sum += bias);
    }
    if let Some(residual) = epilogue.residual {
        let values = residual.pixel(pixel, sums.len());
        sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
    }
    epilogue.activation.apply(sums);
}
