use super::*;
use crate::Activation;
use crate::cpu::Level;
use crate::plain::Buffer;
use crate::tests::Random;

/// A layer with its numbers.
struct Layer {
    window: Window,
    channels: [usize; 2],
    depthwise: bool,
    kernel: Vec<f32>,
    bias: Option<Vec<f32>>,
    activation: Activation,
}

impl Layer {
    fn new(random: &mut Random, window: Window, channels: [usize; 2], depthwise: bool) -> Self {
        let taps = window.kernel[0] * window.kernel[1];
        // Sums of about one, whose rounding is not hidden or made large by that of the bounds of an activation.
        let inner = taps * if depthwise { 1 } else { channels[0] };
        let factor = (inner as f32).sqrt().recip();
        let kernel = random.numbers(inner * channels[1]).iter().map(|x| x * factor).collect();
        let bias = (random.whole(0, 1) == 0).then(|| random.numbers(channels[1]));
        let kinds = [
            Activation::Linear,
            Activation::Relu6,
            Activation::Silu,
            Activation::Clip { low: -0.5, high: 0.7 },
        ];
        Self { window, channels, depthwise, kernel, bias, activation: random.pick(&kinds) }
    }

    fn epilogue<'a>(&'a self, residual: Option<View<'a>>) -> Epilogue<'a> {
        Epilogue { bias: self.bias.as_deref(), residual, activation: self.activation }
    }

    /// The output by plain loops.
    fn plain(&self, batch: usize, size: [usize; 2], input: &[f32], residual: Option<View>) -> Vec<f32> {
        let places = self.window.output(size);
        let [inputs, outputs] = self.channels;
        let mut output = Vec::new();
        for pixel in 0..batch * places[0] * places[1] {
            let (row, x) = (pixel / places[1], pixel % places[1]);
            let (image, y) = (row / places[0], row % places[0]);
            for channel in 0..outputs {
                let mut sum = self.bias.as_ref().map_or(0.0, |bias| f64::from(bias[channel]));
                for tap in 0..self.window.kernel[0] * self.window.kernel[1] {
                    let taps = [tap / self.window.kernel[1], tap % self.window.kernel[1]];
                    let Some(y) = self.window.source(0, y, taps[0], size[0]) else { continue };
                    let Some(x) = self.window.source(1, x, taps[1], size[1]) else { continue };
                    let from = &input[((image * size[0] + y) * size[1] + x) * inputs..][..inputs];
                    if self.depthwise {
                        sum += f64::from(from[channel]) * f64::from(self.kernel[tap * outputs + channel]);
                        continue;
                    }
                    for (k, value) in from.iter().enumerate() {
                        sum += f64::from(*value)
                            * f64::from(self.kernel[(tap * inputs + k) * outputs + channel]);
                    }
                }
                sum += residual.map_or(0.0, |view| f64::from(view.pixel(pixel, outputs)[channel]));
                output.push(sum as f32);
            }
        }
        self.activation.apply(&mut output);
        output
    }
}

fn window(random: &mut Random, kernel: usize, strides: &[usize]) -> Window {
    let pads = [0; 2].map(|_| [0; 2].map(|_| random.whole(0, kernel / 2)));
    let strides = [0; 2].map(|_| random.pick(strides));
    Window { kernel: [kernel; 2], strides, dilation: [random.pick(&[1, 1, 1, 2]), 1], pads }
}

#[test]
fn as_plain_loops() {
    let mut random = Random::new(12);
    for round in 0..150 {
        let kernel = random.pick(&[3, 3, 5, 7, 2]);
        let windows = match round % 3 {
            0 => [window(&mut random, 3, &[1, 2]), window(&mut random, kernel, &[1, 2])],
            _ => [Window::POINT, window(&mut random, kernel, &[1, 2, 3])],
        };
        let between = 16 * random.whole(1, 5);
        let expands = round % 4 != 1;
        let inputs = if expands { random.whole(1, 20) } else { between };
        let outputs = random.whole(1, 40);
        let first = expands.then(|| Layer::new(&mut random, windows[0], [inputs, between], false));
        let depthwise = Layer::new(&mut random, windows[1], [between, between], true);
        let last = Layer::new(&mut random, Window::POINT, [between, outputs], false);

        // Now and then more than a band.
        let size = [random.whole(1, 40), random.whole(1, 40)];
        let batch = random.whole(1, 3);
        let middle = first.as_ref().map_or(size, |layer| layer.window.output(size));
        let places = depthwise.window.output(middle);
        let pixels = batch * places[0] * places[1];
        let input = Buffer::random(&mut random, batch * size[0] * size[1], inputs);
        let residual = Buffer::random(&mut random, pixels, outputs);
        let residual = (random.whole(0, 1) == 0).then(|| residual.view());

        let pixel = |i: usize| input.view().pixel(i, inputs).to_vec();
        let mut exact: Vec<f32> = (0..batch * size[0] * size[1]).flat_map(pixel).collect();
        if let Some(layer) = &first {
            exact = layer.plain(batch, size, &exact, None);
        }
        exact = depthwise.plain(batch, middle, &exact, None);
        exact = last.plain(batch, places, &exact, residual);

        let before = Buffer::random(&mut random, pixels, outputs);
        let convolution = |level: Level, layer: &Layer| {
            Convolution::at(level, layer.window, layer.channels, 1, &layer.kernel)
        };
        for &level in Level::all() {
            let expand = first.as_ref().map(|layer| (convolution(level, layer), layer.epilogue(None)));
            let made = Depthwise::new(depthwise.window, between, 1, &depthwise.kernel);
            let project = convolution(level, &last);
            let Some(block) = InvertedResidual::new(
                expand.as_ref().map(|(convolution, epilogue)| (convolution, *epilogue)),
                (&made, depthwise.epilogue(None)),
                (&project, last.epilogue(residual)),
            ) else {
                unreachable!("layers that follow each other")
            };
            for room in [ROOM, between * 200] {
                let mut output = before.clone();
                block.run_in(room, batch, size, input.view(), output.view_mut());
                let what = format!("{level:?} {windows:?} {:?} {size:?}", [inputs, between, outputs]);
                output.expect(&exact, &before, &what);
            }
        }
    }
}

/// What is not finite comes out under the windows that it is in, and nowhere else.
#[test]
fn numbers_that_are_not_finite() {
    let window = Window { kernel: [3; 2], strides: [1; 2], dilation: [1; 2], pads: [[1; 2]; 2] };
    for &level in Level::all() {
        for special in [f32::NAN, f32::INFINITY] {
            let expand = Convolution::at(level, Window::POINT, [3, 32], 1, &[1.0; 96]);
            let depthwise = Depthwise::new(window, 32, 1, &[1.0; 9 * 32]);
            let project = Convolution::at(level, Window::POINT, [32, 5], 1, &[1.0; 160]);
            let (none, relu) =
                (Epilogue::default(), Epilogue { activation: Activation::Relu, ..Epilogue::default() });
            let Some(block) =
                InvertedResidual::new(Some((&expand, relu)), (&depthwise, relu), (&project, none))
            else {
                unreachable!("layers that follow each other")
            };
            let mut input = vec![1.0; 40 * 9 * 3];
            input[(20 * 9 + 4) * 3] = special;
            let mut output = vec![0.0; 40 * 9 * 5];
            block.run_in(1 << 11, 1, [40, 9], View::dense(&input, 3), ViewMut::dense(&mut output, 5));
            for (pixel, values) in output.chunks_exact(5).enumerate() {
                let near = (19..=21).contains(&(pixel / 9)) && (3..=5).contains(&(pixel % 9));
                let expected = |x: &f32| if near { x.to_bits() == special.to_bits() } else { x.is_finite() };
                assert!(values.iter().all(expected), "{level:?} {pixel} {values:?}");
            }
        }
    }
}

#[test]
fn layers_that_do_not_fit() {
    let none = Epilogue::default();
    let point = |inputs: usize, outputs: usize| {
        Convolution::new(Window::POINT, [inputs, outputs], 1, &vec![1.0; inputs * outputs])
    };
    let depthwise = |channels: usize| Depthwise::new(Window::POINT, channels, 1, &vec![1.0; channels]);
    let fits = |expand: &Convolution, channels: usize, project: &Convolution| {
        InvertedResidual::new(Some((expand, none)), (&depthwise(channels), none), (project, none)).is_some()
    };
    assert!(fits(&point(3, 32), 32, &point(32, 2)));
    assert!(!fits(&point(3, 48), 32, &point(32, 2)));
    assert!(!fits(&point(3, 32), 32, &point(48, 2)));
    assert!(!fits(&point(3, 24), 24, &point(24, 2)));
    let window = Window { kernel: [1, 2], ..Window::POINT };
    assert!(!fits(&point(3, 32), 32, &Convolution::new(window, [32, 1], 1, &[1.0; 64])));
    assert!(!fits(&Convolution::new(Window::POINT, [2, 32], 2, &[1.0; 32]), 32, &point(32, 2)));
}
