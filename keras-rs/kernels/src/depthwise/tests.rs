use super::*;
use crate::Activation;
use crate::plain::{Buffer, random_window};
use crate::tests::Random;

/// One number of the output before the epilogue.
fn sum(layer: &Depthwise, kernel: &[f32], input: &Buffer, size: [usize; 2], at: [usize; 4]) -> f64 {
    let [image, y, x, column] = at;
    let Depthwise { window, channels: columns, multiplier, .. } = layer;
    let channels = columns / multiplier;
    let mut sum = 0.0;
    for ky in 0..window.kernel[0] {
        for kx in 0..window.kernel[1] {
            let sources = (window.source(0, y, ky, size[0]), window.source(1, x, kx, size[1]));
            let (Some(iy), Some(ix)) = sources else { continue };
            let value =
                input.view().pixel((image * size[0] + iy) * size[1] + ix, channels)[column / multiplier];
            let weight = kernel[(ky * window.kernel[1] + kx) * columns + column];
            sum += f64::from(value) * f64::from(weight);
        }
    }
    sum
}

#[test]
fn as_plain_loops() {
    let mut random = Random::new(1);
    for round in 0..600 {
        let mut window = random_window(&mut random, 7);
        if round % 2 == 0 {
            window.kernel[1] = [3, 5, 7][round / 2 % 3];
            window.dilation[1] = 1;
        }
        let channels = if round % 4 < 3 { random.whole(16, 70) } else { random.whole(1, 20) };
        let multiplier = if round % 5 == 0 { random.whole(1, 3) } else { 1 };
        let (batch, size) = (random.whole(1, 2), [random.whole(1, 20), random.whole(1, 35)]);
        let places = window.output(size);
        let (pixels, columns) = (batch * places[0] * places[1], channels * multiplier);
        let input = Buffer::random(&mut random, batch * size[0] * size[1], channels);
        let kernel = random.numbers(window.kernel[0] * window.kernel[1] * columns);
        let bias = random.numbers(columns);
        let residual = Buffer::random(&mut random, pixels, columns);
        let activations = [
            Activation::Linear,
            Activation::Relu6,
            Activation::Silu,
            Activation::Clip { low: -0.5, high: 0.7 },
        ];
        let epilogue = Epilogue {
            bias: (random.whole(0, 1) == 0).then_some(&bias[..]),
            residual: (random.whole(0, 1) == 0).then_some(residual.view()),
            activation: activations[random.whole(0, 3)],
        };
        let layer = Depthwise::new(window, channels, multiplier, &kernel);
        let mut exact: Vec<f32> = (0..pixels * columns)
            .map(|i| {
                let (pixel, column) = (i / columns, i % columns);
                let (row, x) = (pixel / places[1], pixel % places[1]);
                let at = [row / places[0], row % places[0], x, column];
                let bias = epilogue.bias.map_or(0.0, |bias| bias[column]);
                let residual = epilogue.residual.map_or(0.0, |view| view.pixel(pixel, columns)[column]);
                (sum(&layer, &kernel, &input, size, at) + f64::from(bias) + f64::from(residual)) as f32
            })
            .collect();
        epilogue.activation.apply(&mut exact);
        let before = Buffer::random(&mut random, pixels, columns);
        for &level in Level::all() {
            let mut output = before.clone();
            layer.run_at(level, batch, size, input.view(), epilogue, output.view_mut());
            output.expect(&exact, &before, &format!("{level:?} {window:?} {channels} {multiplier} {size:?}"));
        }
    }
}

#[test]
fn numbers_that_are_not_finite() {
    let window = Window { kernel: [3, 3], strides: [1, 1], dilation: [1, 1], pads: [[1, 1], [1, 1]] };
    for &level in Level::all() {
        let mut values = vec![1.0; 9 * 9 * 16];
        values[40 * 16 + 3] = f32::NAN;
        // Weights that are infinite meet no zeros of padding.
        let mut kernel = vec![1.0; 9 * 16];
        kernel[5] = f32::NEG_INFINITY;
        let mut output = vec![0.0; 81 * 16];
        let epilogue = Epilogue { activation: Activation::Relu, ..Epilogue::default() };
        let layer = Depthwise::new(window, 16, 1, &kernel);
        let (input, output_view) = (View::dense(&values, 16), ViewMut::dense(&mut output, 16));
        layer.run_at(level, 1, [9, 9], input, epilogue, output_view);
        for (i, pixel) in output.chunks_exact(16).enumerate() {
            let near = (3..6).contains(&(i / 9)) && (3..6).contains(&(i % 9));
            assert_eq!(pixel[3].is_nan(), near, "{level:?} {i}");
            let corner = if i / 9 == 0 || i % 9 == 0 { pixel[4] } else { 0.0 };
            assert_eq!(pixel[5], corner, "{level:?} {i}");
        }
    }
}
