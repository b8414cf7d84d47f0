//! Shrinking, growing and integers against `keras.ops.image.resize` of real Keras 3.15 on JAX.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::Interpolation::{self, Bicubic, Bilinear, Lanczos3, Lanczos5, Nearest};
use super::resize_axes;
use crate::tensor::Tensor;

/// Squares of 0, 1, 2, ..., resized.
fn squares(from: usize, to: usize, interpolation: Interpolation, antialias: bool) -> Vec<f32> {
    let values: Vec<f32> = (0..from).map(|v| (v * v) as f32).collect();
    let x = Tensor::from_vec(values, [1, from, 1, 1]).unwrap();
    resize_axes(&x, &[(1, to), (2, 1)], interpolation, antialias).unwrap().to_vec().unwrap()
}

#[test]
fn sizes_change_as_in_keras() {
    let cases: [(usize, usize, bool, Interpolation, &[f32]); 16] = [
        (5, 3, false, Nearest, &[0.0, 4.0, 16.0]),
        (5, 3, false, Bilinear, &[0.333_333_3, 4.0, 13.666_666]),
        (5, 3, false, Bicubic, &[0.172_413_47, 4.0, 14.241_379]),
        (5, 3, false, Lanczos3, &[0.109_297_38, 4.0, 14.437_421]),
        (5, 3, false, Lanczos5, &[0.016_555_876, 4.0, 14.484_553]),
        (5, 3, true, Bilinear, &[0.428_571_4, 4.444_444_7, 12.999_999]),
        (5, 3, true, Bicubic, &[0.169_231_06, 4.195_35, 13.338_461]),
        (5, 3, true, Lanczos3, &[0.103_288_23, 4.0, 13.530_498]),
        (5, 3, true, Lanczos5, &[0.180_400_13, 3.913_595_2, 13.584_051]),
        (3, 7, false, Nearest, &[0.0, 0.0, 1.0, 1.0, 1.0, 4.0, 4.0]),
        (3, 7, false, Bilinear, &[0.0, 0.142_857_13, 0.571_428_54, 1.0, 2.285_714_4, 3.571_428_8, 4.0]),
        (
            3,
            7,
            false,
            Lanczos5,
            &[0.165_716_9, -0.076_354_4, -0.039_211_035, 1.0, 2.686_437_1, 3.786_911_5, 4.285_110_5],
        ),
        (7, 2, true, Nearest, &[1.0, 25.0]),
        (7, 2, true, Bilinear, &[3.906_976_5, 20.930_235]),
        (7, 2, true, Bicubic, &[2.796_632_3, 21.907_818]),
        (7, 2, true, Lanczos5, &[1.786_058_9, 22.440_722]),
    ];
    for (from, to, antialias, interpolation, want) in cases {
        let got = squares(from, to, interpolation, antialias);
        let scale = want.iter().fold(1.0_f32, |m, v| m.max(v.abs()));
        for (g, w) in got.iter().zip(want) {
            assert!((g - w).abs() < 1e-5 * scale, "{from} {to} {antialias} {interpolation:?}: {got:?}");
        }
        assert_eq!(got.len(), want.len());
    }
}

#[test]
fn integers_are_rounded_and_kept_in_range() {
    let x = Tensor::from_vec(vec![0_u8, 255, 0, 255, 250, 3], [1, 1, 6, 1]).unwrap();
    let wide = |i| resize_axes(&x, &[(2, 12)], i, false).unwrap().to_vec::<u8>().unwrap();
    assert_eq!(wide(Bilinear), [0, 64, 191, 191, 64, 64, 191, 254, 251, 188, 65, 3]);
    assert_eq!(wide(Bicubic), [0, 54, 216, 215, 40, 34, 198, 255, 255, 195, 50, 0]);
    assert_eq!(wide(Lanczos3), [0, 64, 222, 219, 43, 18, 177, 255, 255, 179, 48, 0]);
    let x = Tensor::from_vec(vec![false, true, false, true, true, false], [1, 1, 6, 1]).unwrap();
    let got = resize_axes(&x, &[(2, 12)], Bilinear, false).unwrap().to_vec::<bool>().unwrap();
    let want = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0].map(|v| v == 1);
    assert_eq!(got, want);
}

#[test]
fn sizes_of_zero_and_missing_axes_are_refused() {
    let x = Tensor::from_vec(vec![1.0_f32], [1]).unwrap();
    assert!(resize_axes(&x, &[(0, 0)], Nearest, false).is_err());
    assert!(resize_axes(&x, &[(1, 2)], Bilinear, false).is_err());
    assert!(resize_axes(&x, &[(0, usize::MAX)], Bilinear, false).is_err());
    assert!(resize_axes(&x, &[(0, usize::MAX)], Nearest, false).is_err());
}
