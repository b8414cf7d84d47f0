//! Convolutions and products against plain loops, over random shapes, for each set of instructions.

use crate::convolution::transforms;
use crate::cpu::Level;
use crate::{Activation, Convolution, Epilogue, Prologue, View, ViewMut, Window};

/// Numbers that look random and are the same in each run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(1))
    }

    /// A whole number from `low` to `high`.
    pub(crate) fn whole(&mut self, low: usize, high: usize) -> usize {
        low + (self.next() % (high - low + 1) as u64) as usize
    }

    /// One of some things.
    pub(crate) fn pick<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.whole(0, things.len() - 1)]
    }

    /// Numbers between -1 and 1.
    pub(crate) fn numbers(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| (self.next() % 20_001) as f32 / 10_000.0 - 1.0).collect()
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 20
    }
}

/// A convolution with all that it is given.
#[derive(Debug)]
struct Case {
    window: Window,
    channels: [usize; 2],
    groups: usize,
    batch: usize,
    size: [usize; 2],
    /// Pitch less channels, and offset, of input, residual and output.
    around: [[usize; 2]; 3],
    prologue: Option<Activation>,
    bias: bool,
    residual: bool,
    activation: Activation,
}

impl Case {
    fn random(random: &mut Random) -> Self {
        let groups = random.pick(&[1, 1, 1, 2, 3]);
        let channels = [0; 2].map(|_| groups * random.pick(&[1, 3, 8, 16, 17, 31, 64, 100]));
        let kernel = random.pick(&[[1, 1], [3, 3], [1, 3], [5, 2], [7, 7]]);
        let pads = [0, 1].map(|axis: usize| [0; 2].map(|_| random.whole(0, kernel[axis] / 2)));
        let window = Window {
            kernel,
            strides: [0; 2].map(|_| random.pick(&[1, 1, 2, 3])),
            dilation: [0; 2].map(|_| random.pick(&[1, 1, 2])),
            pads,
        };
        let activation = random.pick(&[
            Activation::Linear,
            Activation::Relu,
            Activation::Relu6,
            Activation::Silu,
            Activation::LeakyRelu(0.3),
        ]);
        Self {
            window,
            channels,
            groups,
            batch: random.whole(1, 3),
            size: [0; 2].map(|_| random.whole(1, 16)),
            around: [[0; 2]; 3].map(|_| random.pick(&[[0, 0], [0, 0], [5, 3], [16, 16]])),
            prologue: random.pick(&[None, None, Some(Activation::Relu), Some(Activation::Linear)]),
            bias: random.whole(0, 1) == 1,
            residual: random.whole(0, 2) == 0,
            activation,
        }
    }

    /// The greatest difference from the plain loops, as a part of the greatest value.
    fn error(&self, random: &mut Random, level: Level, winograd: bool) -> f32 {
        let [inputs, outputs] = self.channels;
        let windows = self.window.output(self.size);
        let pixels = self.batch * self.size[0] * self.size[1];
        let rows = self.batch * windows[0] * windows[1];
        let taps = self.window.kernel[0] * self.window.kernel[1];
        let buffer = |random: &mut Random, pixels: usize, channels: usize, [more, offset]: [usize; 2]| {
            random.numbers(offset + pixels * (channels + more))
        };
        let input = buffer(random, pixels, inputs, self.around[0]);
        let residual = buffer(random, rows, outputs, self.around[1]);
        let before = buffer(random, rows, outputs, self.around[2]);
        let kernel = random.numbers(taps * inputs / self.groups * outputs);
        let [scale, shift] = [random.numbers(inputs), random.numbers(inputs)];
        let bias = random.numbers(outputs);
        let [input_pitch, residual_pitch, pitch] =
            [inputs + self.around[0][0], outputs + self.around[1][0], outputs + self.around[2][0]];
        let view = View { values: &input, pitch: input_pitch, offset: self.around[0][1] };
        let residual = View { values: &residual, pitch: residual_pitch, offset: self.around[1][1] };
        let epilogue = Epilogue {
            bias: self.bias.then_some(&bias),
            residual: self.residual.then_some(residual),
            activation: self.activation,
        };
        let prologue = self.prologue.map(|activation| Prologue { scale: &scale, shift: &shift, activation });
        let mut output = before.clone();
        let convolution = Convolution::at(level, self.window, self.channels, self.groups, &kernel);
        let target = ViewMut { values: &mut output, pitch, offset: self.around[2][1] };
        assert!(!winograd || transforms(self.window, self.groups, self.prologue));
        assert!(convolution.run_by(winograd, self.batch, self.size, view, prologue, epilogue, target));

        let (mut expected, mut scale) = (before, 1.0_f64);
        let mut target = ViewMut { values: &mut expected, pitch, offset: self.around[2][1] };
        for row in 0..rows {
            let sums = self.plain(row, windows, view, prologue, &kernel);
            let pixel = target.pixel(row, outputs);
            for (channel, (value, sum)) in pixel.iter_mut().zip(sums).enumerate() {
                let bias = if self.bias { f64::from(bias[channel]) } else { 0.0 };
                let more = if self.residual { f64::from(residual.pixel(row, outputs)[channel]) } else { 0.0 };
                *value = (sum + bias + more) as f32;
                scale = scale.max((sum + bias + more).abs());
            }
            self.activation.apply(pixel);
        }
        output.iter().zip(&expected).map(|(a, b)| (a - b).abs() / scale as f32).fold(0.0, f32::max)
    }

    fn plain(
        &self,
        row: usize,
        windows: [usize; 2],
        view: View,
        prologue: Option<Prologue>,
        kernel: &[f32],
    ) -> Vec<f64> {
        let [inputs, outputs] = self.channels;
        let (each_in, each_out) = (inputs / self.groups, (outputs / self.groups).max(1));
        let mut sums = vec![0.0_f64; outputs];
        let place = [row / windows[1] % windows[0], row % windows[1]];
        let image = row / (windows[0] * windows[1]);
        for (tap, weights) in kernel.chunks_exact((each_in * outputs).max(1)).enumerate() {
            let taps = [tap / self.window.kernel[1], tap % self.window.kernel[1]];
            let Some(y) = self.window.source(0, place[0], taps[0], self.size[0]) else { continue };
            let Some(x) = self.window.source(1, place[1], taps[1], self.size[1]) else { continue };
            let mut pixel = view.pixel((image * self.size[0] + y) * self.size[1] + x, inputs).to_vec();
            if let Some(prologue) = prologue {
                let numbers = pixel.iter_mut().zip(prologue.scale).zip(prologue.shift);
                numbers.for_each(|((x, scale), shift)| *x = *x * scale + shift);
                prologue.activation.apply(&mut pixel);
            }
            for (k, weights) in weights.chunks_exact(outputs).enumerate() {
                for (group, (sums, weights)) in
                    sums.chunks_mut(each_out).zip(weights.chunks(each_out)).enumerate()
                {
                    let x = f64::from(pixel[group * each_in + k]);
                    sums.iter_mut().zip(weights).for_each(|(sum, w)| *sum += x * f64::from(*w));
                }
            }
        }
        sums
    }
}

#[test]
fn random_convolutions() {
    let mut random = Random::new(7);
    for _ in 0..200 {
        let case = Case::random(&mut random);
        for level in Level::all() {
            let error = case.error(&mut random, *level, false);
            assert!(error <= 1e-5, "{error} {level:?} {case:?}");
        }
    }
}

#[test]
fn random_convolutions_by_winograd() {
    let mut random = Random::new(9);
    for _ in 0..60 {
        let mut case = Case::random(&mut random);
        case.window = Window {
            kernel: [3, 3],
            strides: [1, 1],
            dilation: [1, 1],
            pads: [0; 2].map(|_| [0; 2].map(|_| random.whole(0, 2))),
        };
        case.groups = 1;
        case.channels[0] = random.pick(&[case.channels[0], 300, 513]);
        for level in Level::all() {
            let error = case.error(&mut random, *level, true);
            assert!(error <= 1e-5, "{error} {level:?} {case:?}");
        }
    }
}

/// Products with any number of rows and columns, deeper than a block.
#[test]
fn random_products() {
    let mut random = Random::new(8);
    for _ in 0..100 {
        let case = Case {
            window: Window::POINT,
            channels: [0; 2].map(|_| random.whole(0, 700)),
            groups: 1,
            batch: 1,
            size: [random.whole(0, 130), 1],
            around: [[0; 2]; 3],
            prologue: None,
            bias: true,
            residual: false,
            activation: Activation::Relu,
        };
        for level in Level::all() {
            let error = case.error(&mut random, *level, false);
            assert!(error <= 1e-5, "{error} {level:?} {case:?}");
        }
    }
}

/// What is not finite comes out under the windows that it is in, and nowhere else.
#[test]
fn numbers_that_are_not_finite() {
    for level in Level::all() {
        for special in [f32::NAN, f32::INFINITY] {
            for winograd in [false, true] {
                let window = Window { kernel: [3; 2], strides: [1; 2], dilation: [1; 2], pads: [[1; 2]; 2] };
                let convolution = Convolution::at(*level, window, [3, 40], 1, &[1.0; 9 * 3 * 40]);
                let mut input = vec![1.0; 100 * 3];
                input[44 * 3] = special;
                let mut output = vec![0.0; 100 * 40];
                let epilogue = Epilogue { activation: Activation::Relu, ..Epilogue::default() };
                let (from, to) = (View::dense(&input, 3), ViewMut::dense(&mut output, 40));
                assert!(convolution.run_by(winograd, 1, [10; 2], from, None, epilogue, to));
                for (pixel, values) in output.chunks_exact(40).enumerate() {
                    let near = (3..=5).contains(&(pixel / 10)) && (3..=5).contains(&(pixel % 10));
                    let expected =
                        |x: &f32| if near { x.to_bits() == special.to_bits() } else { x.is_finite() };
                    assert!(values.iter().all(expected), "{level:?} {pixel}");
                }
            }
        }
    }
}

/// What is settled gives the numbers of what is not; where its weights do not allow that, it says so.
#[test]
fn settled_convolutions() {
    let window = Window { kernel: [3; 2], strides: [1; 2], dilation: [1; 2], pads: [[1; 2]; 2] };
    let mut random = Random::new(9);
    let kernel = random.numbers(9 * 16 * 24);
    for (size, winograd) in [([2, 3], false), ([20, 20], true)] {
        let both = Convolution::new(window, [16, 24], 1, &kernel);
        let settled = both.clone().settled(Convolution::picks_winograd(window, [16, 24], 1, 1, size, None));
        let mut input = random.numbers(size[0] * size[1] * 16);
        let run = |convolution: &Convolution, input: &[f32]| {
            let mut output = vec![0.0; size[0] * size[1] * 24];
            let (from, to) = (View::dense(input, 16), ViewMut::dense(&mut output, 24));
            let done = convolution.run(1, size, from, None, Epilogue::default(), to);
            (done, output)
        };
        assert_eq!(run(&settled, &input), run(&both, &input));
        input[5] = f32::INFINITY;
        assert!(run(&both, &input).0);
        assert_eq!(run(&settled, &input).0, !winograd);
    }
}
