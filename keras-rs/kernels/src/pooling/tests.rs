use super::*;
use crate::plain::{Buffer, random_window};
use crate::tests::Random;

/// What a window gives, by its definition.
fn exact(join: Join, numbers: &[f32]) -> f32 {
    if numbers.iter().any(|x| x.is_nan()) {
        return f32::NAN;
    }
    match join {
        Join::Max => numbers.iter().copied().fold(f32::NEG_INFINITY, f32::max),
        Join::Average => {
            let sum: f64 = numbers.iter().map(|x| f64::from(*x)).sum();
            (sum / numbers.len().max(1) as f64) as f32
        }
    }
}

#[test]
fn windows_as_plain_loops() {
    let mut random = Random::new(2);
    for round in 0..400 {
        let join = if round % 2 == 0 { Join::Max } else { Join::Average };
        let window = random_window(&mut random, 5);
        let (batch, size, channels) =
            (random.whole(1, 2), [random.whole(1, 14), random.whole(1, 14)], random.whole(1, 100));
        let places = window.output(size);
        let pixels = batch * places[0] * places[1];
        let mut input = Buffer::random(&mut random, batch * size[0] * size[1], channels);
        if round % 3 == 0 {
            input.spoil(&mut random);
        }
        let numbers = |index: usize| {
            let (pixel, channel) = (index / channels, index % channels);
            let (row, x) = (pixel / places[1], pixel % places[1]);
            let mut numbers = Vec::new();
            for ky in 0..window.kernel[0] {
                for kx in 0..window.kernel[1] {
                    let y = window.source(0, row % places[0], ky, size[0]);
                    if let (Some(y), Some(x)) = (y, window.source(1, x, kx, size[1])) {
                        let pixel = (row / places[0] * size[0] + y) * size[1] + x;
                        numbers.push(input.view().pixel(pixel, channels)[channel]);
                    }
                }
            }
            exact(join, &numbers)
        };
        let exact: Vec<f32> = (0..pixels * channels).map(numbers).collect();
        let before = Buffer::random(&mut random, pixels, channels);
        for &level in Level::all() {
            let mut output = before.clone();
            let shape = [batch, size[0], size[1], channels];
            pool(level, join, window, shape, input.view(), output.view_mut());
            output.expect(&exact, &before, &format!("{level:?} {join:?} {window:?} {shape:?}"));
        }
    }
}

#[test]
fn whole_images_as_plain_loops() {
    let mut random = Random::new(3);
    for round in 0..200 {
        let join = if round % 2 == 0 { Join::Max } else { Join::Average };
        let (batch, pixels, channels) = (random.whole(1, 3), random.whole(1, 400), random.whole(1, 300));
        let mut input = Buffer::random(&mut random, batch * pixels, channels);
        if round % 3 == 0 {
            input.spoil(&mut random);
        }
        for &level in Level::all() {
            let mut output = vec![0.5; batch * channels];
            global_pool(level, join, [batch, pixels, channels], input.view(), &mut output);
            for (i, value) in output.iter().enumerate() {
                let number = |p| input.view().pixel(i / channels * pixels + p, channels)[i % channels];
                let exact = exact(join, &(0..pixels).map(number).collect::<Vec<_>>());
                let same = *value == exact || value.is_nan() && exact.is_nan();
                assert!(same || (value - exact).abs() < 1e-6, "{level:?} {join:?} {i}: {value} for {exact}");
            }
        }
    }
}
