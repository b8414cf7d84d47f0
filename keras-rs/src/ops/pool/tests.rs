//! Integers, extremes and gradients against real Keras 3.15 on JAX.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::{Windows, global_average_pool, global_max_pool, largest_of, mean_of};
use crate::backend::Backend;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::tensor::Tensor;

fn square<'a>(
    window: &'a [usize; 2],
    stride: &'a [usize; 2],
    padding: &'a [(usize, usize); 2],
) -> Windows<'a> {
    Windows { first_axis: 1, size: window, strides: stride, padding }
}

#[test]
fn integers_stay_exact() {
    let x = Tensor::from_vec(vec![i32::MAX, i32::MAX - 1, i32::MIN, 5], [1, 1, 4, 1]).unwrap();
    let windows = square(&[1, 2], &[1, 2], &[(0, 0); 2]);
    assert_eq!(largest_of(&x, &windows).unwrap().to_vec::<i32>().unwrap(), [i32::MAX, 5]);

    let x = Tensor::from_vec((0..24_u8).collect(), [1, 4, 6, 1]).unwrap();
    let windows = square(&[3, 3], &[3, 3], &[(1, 1), (0, 0)]);
    assert_eq!(largest_of(&x, &windows).unwrap().to_vec::<u8>().unwrap(), [8, 11, 20, 23]);
    let mean = mean_of(&x, &windows).unwrap();
    assert_eq!(mean.to_vec::<f32>().unwrap(), [4.0, 7.0, 16.0, 19.0]);
    assert_eq!(global_max_pool(&x, 1..3, false).unwrap().to_vec::<u8>().unwrap(), [23]);
    assert_eq!(global_average_pool(&x, 1..3, false).unwrap().to_vec::<f32>().unwrap(), [11.5]);
}

#[test]
fn booleans_have_a_largest_but_no_mean() {
    let x = Tensor::from_vec(vec![false, true, false, false], [1, 4, 1]).unwrap();
    let windows = Windows { first_axis: 1, size: &[2], strides: &[2], padding: &[(0, 0)] };
    assert_eq!(largest_of(&x, &windows).unwrap().to_vec::<bool>().unwrap(), [true, false]);
    assert!(matches!(mean_of(&x, &windows), Err(Error::DType { .. })));
    assert_eq!(global_max_pool(&x, 1..2, false).unwrap().dtype(), DType::Bool);
}

#[test]
fn not_a_number_wins() {
    let mut values: Vec<f32> = (0..16).map(|v| v as f32).collect();
    values[0] = f32::NAN;
    let device = Backend::Flex.device().unwrap();
    let x = Tensor::from_vec(values, [1, 4, 4, 1]).unwrap().to_device(&device).unwrap();
    let y = largest_of(&x, &square(&[2, 2], &[2, 2], &[(0, 0); 2])).unwrap().to_vec::<f32>().unwrap();
    assert!(y[0].is_nan());
    assert_eq!(y[1..], [7.0, 13.0, 15.0]);
}

#[test]
fn half_precision_means_do_not_overflow() {
    let device = Backend::Flex.device().unwrap();
    let x = Tensor::full_on([1, 400, 400, 1], 3.0, DType::F16, &device).unwrap();
    let mean = global_average_pool(&x, 1..3, false).unwrap();
    assert_eq!(mean.dtype(), DType::F16);
    assert_eq!(mean.cast(DType::F32).unwrap().to_vec::<f32>().unwrap(), [3.0]);
}

#[test]
fn windows_that_do_not_fit_are_refused() {
    let x = Tensor::zeros([1, 4, 4, 1], DType::F32).unwrap();
    for bad in [
        square(&[5, 1], &[1, 1], &[(0, 0); 2]),
        square(&[0, 1], &[1, 1], &[(0, 0); 2]),
        square(&[1, 1], &[0, 1], &[(0, 0); 2]),
        square(&[usize::MAX, 1], &[1, 1], &[(0, 0); 2]),
        Windows { first_axis: 1, size: &[2], strides: &[2], padding: &[(0, 0)] },
        Windows { first_axis: 3, ..square(&[1, 1], &[1, 1], &[(0, 0); 2]) },
    ] {
        assert!(largest_of(&x, &bad).is_err(), "{bad:?}");
        assert!(mean_of(&x, &bad).is_err(), "{bad:?}");
    }
}

/// Gradient of the output weighted with 1, 2, 3, ... .
fn gradient<const D: usize>(
    values: Vec<f32>,
    shape: [usize; D],
    pool: impl Fn(&Tensor) -> Result<Tensor>,
) -> Vec<f32> {
    let leaf = Tensor::from_vec(values, shape).unwrap().record().unwrap();
    let y = pool(&leaf).unwrap();
    let weights: Vec<f32> = (1..=y.len()).map(|n| n as f32).collect();
    let weights = Tensor::from_vec(weights, y.shape()).unwrap();
    let mut gradients = y.mul(&weights).unwrap().sum(&[], false).unwrap().backward().unwrap().unwrap();
    leaf.take_gradient(&mut gradients).unwrap().to_vec().unwrap()
}

#[test]
fn of_equals_the_first_gets_the_gradient() {
    let values = [1, 3, 3, 0, 3, 2, 3, 3, 0, 3, 1, 1, 2, 2, 2, 2].map(|v| v as f32).to_vec();
    let got =
        gradient(values.clone(), [1, 4, 4, 1], |x| largest_of(x, &square(&[2, 2], &[2, 2], &[(0, 0); 2])));
    assert_eq!(got, [0, 1, 2, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0].map(|v| v as f32));
    let got = gradient(values, [1, 4, 4, 1], |x| largest_of(x, &square(&[3, 3], &[1, 1], &[(1, 1); 2])));
    assert_eq!(got, [0, 24, 12, 0, 19, 0, 23, 0, 0, 42, 0, 0, 0, 0, 16, 0].map(|v| v as f32));
    let cube = Windows { first_axis: 1, size: &[2; 3], strides: &[2; 3], padding: &[(0, 0); 3] };
    let values = vec![1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0];
    let got = gradient(values, [1, 2, 2, 2, 1], |x| largest_of(x, &cube));
    assert_eq!(got, [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
}

#[test]
fn means_spread_the_gradient_over_what_they_count() {
    let got = gradient(vec![0.0; 16], [1, 4, 4, 1], |x| mean_of(x, &square(&[3, 3], &[2, 2], &[(0, 1); 2])));
    let (a, b, c) = (1.0 / 9.0, 4.0 / 9.0, 1.0 / 3.0);
    let want = [
        [a, a, b, c],
        [a, a, b, c],
        [11.0 / 18.0, 11.0 / 18.0, 35.0 / 18.0, 4.0 / 3.0],
        [0.5, 0.5, 1.5, 1.0],
    ];
    for (got, want) in got.iter().zip(want.iter().flatten()) {
        assert!((got - want).abs() < 1e-6, "{got} {want}");
    }
}
