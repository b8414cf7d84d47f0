use super::*;
use crate::plain::{Buffer, random_window};
use crate::tests::Random;

/// A convolution with its inputs, its kernel and gradients of its outputs.
struct Case {
    of: ConvolutionGradients,
    input: Buffer,
    kernel: Vec<f32>,
    outputs: Buffer,
}

impl Case {
    /// Half of them depthwise.
    fn random(random: &mut Random, largest: usize) -> Self {
        let window = random_window(random, largest);
        let depthwise = random.whole(0, 1) == 0;
        let groups = if depthwise { random.whole(1, 40) } else { random.pick(&[1, 1, 2, 3, 4]) };
        let channels = if depthwise {
            [groups, groups * random.pick(&[1, 1, 1, 2, 3])]
        } else {
            [groups * random.whole(1, 12), groups * random.whole(1, 35)]
        };
        let (batch, size) = (random.whole(1, 3), [random.whole(1, 12), random.whole(1, 18)]);
        let of = ConvolutionGradients { window, channels, groups, batch, size };
        let places = window.output(size);
        let input = Buffer::random(random, batch * size[0] * size[1], channels[0]);
        let kernel = random.numbers(window.kernel[0] * window.kernel[1] * channels[0] / groups * channels[1]);
        let outputs = Buffer::random(random, batch * places[0] * places[1], channels[1]);
        Self { of, input, kernel, outputs }
    }

    /// Calls `sum` with the pixels of input and output, the channels of both, and the index of the weight of each product.
    fn each(&self, mut sum: impl FnMut([usize; 2], [usize; 2], usize)) {
        let ConvolutionGradients { window, channels: [_, columns], batch, size, .. } = self.of;
        let ([inputs, outputs], places) = (self.of.of_a_group(), window.output(size));
        for pixel in 0..batch * places[0] * places[1] {
            let (row, x) = (pixel / places[1], pixel % places[1]);
            for tap in 0..window.kernel[0] * window.kernel[1] {
                let y = window.source(0, row % places[0], tap / window.kernel[1], size[0]);
                let x = window.source(1, x, tap % window.kernel[1], size[1]);
                let (Some(y), Some(x)) = (y, x) else { continue };
                let source = (row / places[0] * size[0] + y) * size[1] + x;
                for column in 0..columns {
                    for channel in 0..inputs {
                        let weight = (tap * inputs + channel) * columns + column;
                        sum([source, pixel], [column / outputs * inputs + channel, column], weight);
                    }
                }
            }
        }
    }

    fn input(&self, pixel: usize, channel: usize) -> f64 {
        f64::from(self.input.view().pixel(pixel, self.of.channels[0])[channel])
    }

    fn output(&self, pixel: usize, channel: usize) -> f64 {
        f64::from(self.outputs.view().pixel(pixel, self.of.channels[1])[channel])
    }
}

#[test]
fn kernels_as_plain_loops() {
    let mut random = Random::new(41);
    for round in 0..300 {
        let case = Case::random(&mut random, if round % 4 == 0 { 9 } else { 5 });
        let mut exact = vec![0.0_f64; case.kernel.len()];
        case.each(|[source, pixel], [channel, column], weight| {
            exact[weight] += case.input(source, channel) * case.output(pixel, column);
        });
        let scale = exact.iter().fold(1.0_f64, |a, x| a.max(x.abs()));
        for &level in Level::all() {
            let mut made = vec![0.5; exact.len()];
            case.of.kernel_at(level, case.input.view(), case.outputs.view(), &mut made);
            for (i, (made, exact)) in made.iter().zip(&exact).enumerate() {
                let error = (f64::from(*made) - exact).abs() / scale;
                assert!(error < 2e-6, "{i}: {made} for {exact}, {level:?} {:?}", case.of);
            }
        }
    }
}

#[test]
fn inputs_as_plain_loops() {
    let mut random = Random::new(42);
    for round in 0..300 {
        let mut case = Case::random(&mut random, 5);
        let window = &mut case.of.window;
        // With both, an axis has another size of output; the gradients were made for it.
        let mixed = |window: &Window, axis: usize| {
            window.strides[axis] > 1 && window.dilation[axis] > 1 && window.kernel[axis] > 1
        };
        for axis in 0..2 {
            if round % 4 > 0 && mixed(window, axis) {
                window.dilation[axis] = 1;
            }
        }
        let ConvolutionGradients { window, channels, batch, size, .. } = case.of;
        let places = window.output(size);
        case.outputs = Buffer::random(&mut random, batch * places[0] * places[1], channels[1]);
        let mut exact = vec![0.0_f64; batch * size[0] * size[1] * channels[0]];
        case.each(|[source, pixel], [channel, column], weight| {
            exact[source * channels[0] + channel] +=
                f64::from(case.kernel[weight]) * case.output(pixel, column);
        });
        let exact: Vec<f32> = exact.iter().map(|x| *x as f32).collect();
        let before = Buffer::random(&mut random, batch * size[0] * size[1], channels[0]);
        for &level in Level::all() {
            let mut made = before.clone();
            let known = input_gradient(level, &case.of, &case.kernel, case.outputs.view(), made.view_mut());
            assert_eq!(known, !mixed(&window, 0) && !mixed(&window, 1));
            if known {
                made.expect(&exact, &before, &format!("{level:?} {:?}", case.of));
            }
        }
    }
}
