use super::*;
use crate::plain::Buffer;
use crate::tests::Random;

/// The number of an input, a pixel and a channel, before the activation.
type Exact<'a> = Box<dyn Fn(f32, usize, usize) -> f32 + 'a>;

const ACTIVATIONS: [Activation; 4] =
    [Activation::Linear, Activation::Relu, Activation::Clip { low: -0.5, high: 0.5 }, Activation::Tanh];

#[test]
fn two_numbers_as_plain_loops() {
    let mut random = Random::new(4);
    for round in 0..300 {
        let (batch, pixels, channels) = (random.whole(1, 3), random.whole(0, 80), random.whole(1, 70));
        let all = batch * pixels;
        let mut input = Buffer::random(&mut random, all, channels);
        if round % 3 == 0 {
            input.spoil(&mut random);
        }
        let b = Buffer::random(&mut random, all, channels);
        let (scale, shift) = (random.numbers(batch * channels), random.numbers(channels));
        let activation = ACTIVATIONS[random.whole(0, 3)];
        let (other, exact): (_, Exact<'_>) = match round % 4 {
            0 => (Other::Plus(b.view()), Box::new(|x, p, c| x + b.view().pixel(p, channels)[c])),
            1 => (Other::Times(b.view()), Box::new(|x, p, c| x * b.view().pixel(p, channels)[c])),
            2 => (
                Other::TimesChannels(&scale, pixels),
                Box::new(|x, p, c| x * scale[p / pixels * channels + c]),
            ),
            _ => (Other::ScaleShift(&scale, &shift), Box::new(|x, _, c| x.mul_add(scale[c], shift[c]))),
        };
        let at = |i: usize| {
            let (pixel, channel) = (i / channels, i % channels);
            exact(input.view().pixel(pixel, channels)[channel], pixel, channel)
        };
        let mut exact: Vec<f32> = (0..all * channels).map(at).collect();
        activation.apply(&mut exact);
        let before = Buffer::random(&mut random, all, channels);
        for &level in Level::all() {
            let mut output = before.clone();
            map(level, [all, channels], input.view(), other, activation, output.view_mut());
            output.expect(&exact, &before, &format!("{level:?} {round} {activation:?} {all} {channels}"));
        }
    }
}

#[test]
fn long_arrays_are_activated_by_all_threads() {
    let mut random = Random::new(5);
    for count in [0, 1, 100, 300_000] {
        let values = random.numbers(count);
        for activation in ACTIVATIONS {
            let (mut made, mut exact) = (values.clone(), values.clone());
            activate(activation, &mut made);
            activation.apply(&mut exact);
            assert!(made.iter().zip(&exact).all(|(a, b)| (a - b).abs() < 1e-6), "{activation:?} {count}");
        }
    }
}
