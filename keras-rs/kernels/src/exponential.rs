//! Exponential functions without branches, so that the compiler makes vector instructions of a loop over them.
//!
//! The polynomials are least maximum relative errors on their intervals; errors of the functions are below 3e-7 of the
//! value, a few units in the last place.

use crate::cpu::fma;

/// 1.5 * 2^23: added to a small number, it leaves the nearest whole number in the low bits of the sum.
const SHIFT: f32 = 12_582_912.0;
/// ln 2 in two parts, the first with few bits, so that its products with whole numbers are exact.
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;
/// `(exp(r) - 1 - r) / r^2` for `|r| <= ln(2) / 2`.
const EXP: [f32; 5] = [0.499_999_94, 0.166_665_21, 0.041_668_39, 0.008_368_71, 0.001_381_461_3];
/// `(tanh(x) - x) / x^3` as a polynomial of `x^2`, for `|x| <= 0.63`.
const TANH: [f32; 5] = [-0.333_332_8, 0.133_313_83, -0.053_733_997, 0.020_618_118, -0.005_679_301];

/// `erfc(t) * exp(t^2) / s` as a polynomial of `s = 1 / (1 + 0.39 t)`, for `t >= 0`.
const ERFC: [f32; 9] = [
    0.220_013_72,
    0.220_330_4,
    0.201_891_93,
    0.169_977_83,
    0.146_928_06,
    -0.027_317_686,
    0.220_192_33,
    -0.203_094_2,
    0.051_077_65,
];

#[inline(always)]
fn polynomial<const FMA: bool>(coefficients: [f32; 5], x: f32) -> f32 {
    let [a, b, c, d, e] = coefficients;
    let high = fma::<FMA>(fma::<FMA>(e, x, d), x, c);
    fma::<FMA>(fma::<FMA>(high, x, b), x, a)
}

/// `exp(x)` for `x` from -87 to 88; the value at the end of that interval beyond it.
#[inline(always)]
pub(crate) fn exp<const FMA: bool>(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    let shifted = fma::<FMA>(x, std::f32::consts::LOG2_E, SHIFT);
    let whole = shifted - SHIFT;
    let rest = fma::<FMA>(whole, -LN_2_LOW, fma::<FMA>(whole, -LN_2_HIGH, x));
    let near = fma::<FMA>(rest * rest, polynomial::<FMA>(EXP, rest), rest) + 1.0;
    // The low bits of the sum plus the bias of exponents are the exponent of the power of two.
    near * f32::from_bits((shifted.to_bits().wrapping_add(127)) << 23)
}

/// `1 / (1 + exp(-x))`.
#[inline(always)]
pub(crate) fn sigmoid<const FMA: bool>(x: f32) -> f32 {
    1.0 / (1.0 + exp::<FMA>(-x))
}

/// The hyperbolic tangent.
#[inline(always)]
pub(crate) fn tanh<const FMA: bool>(x: f32) -> f32 {
    let size = x.abs();
    let square = x * x;
    // Near zero the quotient would lose digits.
    let near = fma::<FMA>(size * square, polynomial::<FMA>(TANH, square), size);
    let e = exp::<FMA>(-2.0 * size);
    let far = (1.0 - e) / (1.0 + e);
    let value = if size < 0.625 { near } else { far };
    value.copysign(x)
}

/// The probability that a standard normal variable is at most `x`; small ones keep their digits.
#[inline(always)]
pub(crate) fn normal_cdf<const FMA: bool>(x: f32) -> f32 {
    let s = 1.0 / fma::<FMA>(0.39 * std::f32::consts::FRAC_1_SQRT_2, x.abs(), 1.0);
    let sum = ERFC.iter().rev().fold(0.0, |sum, coefficient| fma::<FMA>(sum, s, *coefficient));
    let tail = 0.5 * s * sum * exp::<FMA>(-0.5 * x * x);
    if x < 0.0 { tail } else { 1.0 - tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worst(f: fn(f32) -> f32, exact: fn(f64) -> f64, from: f32, to: f32) -> f64 {
        let error = |i: i32| {
            let x = from + (to - from) * i as f32 / 100_000.0;
            let exact = exact(f64::from(x));
            if exact == 0.0 { f64::from(f(x)).abs() } else { (f64::from(f(x)) / exact - 1.0).abs() }
        };
        (0..=100_000).map(error).fold(0.0, f64::max)
    }

    #[test]
    fn errors_are_a_few_units_in_the_last_place() {
        assert!(worst(exp::<false>, f64::exp, -87.0, 88.0) < 3e-7);
        assert!(worst(tanh::<false>, f64::tanh, -15.0, 15.0) < 3e-7);
        assert!(worst(sigmoid::<false>, |x| 1.0 / (1.0 + (-x).exp()), -80.0, 80.0) < 4e-7);
    }

    #[test]
    fn probabilities_of_a_normal_variable() {
        // From tables with 10 digits.
        let known = [
            (0.0, 0.5),
            (0.5, 0.691_462_461_3),
            (1.0, 0.841_344_746_1),
            (2.0, 0.977_249_868_1),
            (-0.1, 0.460_172_162_7),
            (-1.0, 0.158_655_253_9),
            (-2.0, 0.022_750_131_95),
            (-3.0, 0.001_349_898_032),
            (-4.0, 3.167_124_183e-5),
            (-6.0, 9.865_876_45e-10),
        ];
        for (x, expected) in known {
            let relative = f64::from(normal_cdf::<false>(x)) / expected - 1.0;
            assert!(relative.abs() < 3e-6, "{x} {relative}");
        }
        assert_eq!(normal_cdf::<false>(f32::INFINITY), 1.0);
        assert!(normal_cdf::<false>(-20.0) < 1e-37 && normal_cdf::<false>(f32::NAN).is_nan());
    }

    #[test]
    fn ends_of_the_numbers() {
        assert_eq!(sigmoid::<false>(f32::INFINITY), 1.0);
        assert!(sigmoid::<false>(f32::NEG_INFINITY) < 1e-37);
        assert_eq!(tanh::<false>(f32::INFINITY), 1.0);
        assert_eq!(tanh::<false>(f32::NEG_INFINITY), -1.0);
        assert_eq!(tanh::<false>(-0.0).to_bits(), (-0.0_f32).to_bits());
        assert!(tanh::<false>(f32::NAN).is_nan() && sigmoid::<false>(f32::NAN).is_nan());
        assert_eq!(tanh::<false>(1e-30), 1e-30);
    }
}
