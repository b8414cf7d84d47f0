//! Parts, signs and neighbours of numbers; extremes that skip NaN; special functions.

use super::host;
use super::rule::{Rule, binary, unary};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, TensorData};
use keras_rs_derive::operation;
use std::f64::consts::{PI, SQRT_2};

unary! {
    /// Angles in radians: 0 for positive numbers, π for negative ones.
    angle, angle_spec: Float [1.0, -1.0] => [0.0, 3.141593], |x: &Tensor| x.full_like(vec![], 0.0)?.atan2(x);
    /// Complex conjugates: numbers as they are.
    conj, conj_spec: Same [1.0, -1.0] => [1.0, -1.0], |x: &Tensor| Ok(x.clone());
    /// Complex conjugates; another name of [`conj`].
    conjugate, conjugate_spec: Same [1.0, -1.0] => [1.0, -1.0], |x: &Tensor| Ok(x.clone());
    /// Real parts: numbers as they are.
    real, real_spec: Same [1.0, -1.0] => [1.0, -1.0], |x: &Tensor| Ok(x.clone());
    /// Imaginary parts: 0.
    imag, imag_spec: Same [1.0, -1.0] => [0.0, 0.0], |x: &Tensor| x.full_like(x.shape(), 0.0);
    /// Whether elements have no imaginary part: true.
    isreal, isreal_spec: Bool [1.0, -1.0] => [1.0, 1.0], |x: &Tensor| super::ones_like(x, DType::Bool);
    /// Whether the sign is negative, that of -0 included.
    signbit, signbit_spec: Bool [-0.0, 1.0] => [1.0, 0.0], negative_sign;
    /// Modified Bessel function of the first kind of order 0; computed on the host in double precision.
    i0, i0_spec: Float [0.0, 1.0] => [1.0, 1.266066], |x: &Tensor| host::each(x, bessel0, bessel1);
    /// Inverse of Gauss' error function; computed on the host in double precision (Wichura's AS 241).
    erfinv, erfinv_spec: Float [0.0, 0.5] => [0.0, 0.476936], |x: &Tensor| host::each(x, inverse_erf, inverse_erf_slope);
}

binary! {
    /// The larger of both; a number wins over NaN.
    fmax, "fmax", fmax_spec: Same [1.0, f32::NAN], [3.0, 2.0] => [3.0, 2.0], |a: &Tensor, b: &Tensor| skipping(a, b, Tensor::maximum);
    /// The smaller of both; a number wins over NaN.
    fmin, "fmin", fmin_spec: Same [1.0, f32::NAN], [3.0, 2.0] => [1.0, 2.0], |a: &Tensor, b: &Tensor| skipping(a, b, Tensor::minimum);
    /// The remainder of `x1 / x2`, with the sign of `x1`.
    fmod, "fmod", fmod_spec: Number [7.0, -7.0], [3.0, 3.0] => [1.0, -1.0], remainder;
}

fn skipping(a: &Tensor, b: &Tensor, extreme: fn(&Tensor, &Tensor) -> Result<Tensor>) -> Result<Tensor> {
    let dtype = a.dtype().promote(b.dtype());
    let (a, b) = (a.cast(dtype)?, b.cast(dtype)?);
    if !dtype.is_float() {
        return extreme(&a, &b);
    }
    // NaN is replaced beforehand: a gradient that passes by it would be NaN.
    let (first, second) = (b.where_(&a.is_nan()?, &a)?, a.where_(&b.is_nan()?, &b)?);
    extreme(&first, &second)
}

fn remainder(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    if a.dtype().promote(b.dtype()).is_float() {
        let (a, b) = (a.to_float()?, b.to_float()?);
        return a.sub(&a.div(&b)?.trunc()?.mul(&b)?);
    }
    host::pairs("fmod", a, b, |a, b| if b == 0 { 0 } else { a.wrapping_rem(b) })
}

fn negative_sign(x: &Tensor) -> Result<Tensor> {
    let signs = x.to_f64_vec()?.into_iter().map(|v| f64::from(u8::from(v.is_sign_negative())));
    host::made(&signs.collect::<Vec<_>>(), x.shape(), DType::Bool, x)
}

fn series(x: f64, first: f64, second: f64) -> f64 {
    let (mut term, mut sum, square) = (first, first, x * x / 4.0);
    let mut k = 1.0;
    while term > sum * 1e-17 && sum.is_finite() {
        term *= square / (k * (k + second));
        sum += term;
        k += 1.0;
    }
    sum
}

pub(super) fn bessel0(x: f64) -> f64 {
    if x.is_nan() { x } else { series(x, 1.0, 0.0) }
}

fn bessel1(x: f64) -> f64 {
    if x.is_nan() { x } else { x / 2.0 * series(x, 1.0, 1.0) }
}

const CENTRE: ([f64; 8], [f64; 8]) = (
    [
        3.387_132_872_796_366_5,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ],
);
const MIDDLE: ([f64; 8], [f64; 8]) = (
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
);
const TAIL: ([f64; 8], [f64; 8]) = (
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_87,
        0.026_532_189_526_576_124,
        0.001_242_660_947_388_078_4,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        0.599_832_206_555_887_9,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
);

fn quotient((above, below): &([f64; 8], [f64; 8]), r: f64) -> f64 {
    let sum = |coefficients: &[f64; 8]| coefficients.iter().rev().fold(0.0, |sum, c| sum * r + c);
    sum(above) / sum(below)
}

/// The quantile of the standard normal distribution at `(x + 1) / 2`, over the root of 2.
fn inverse_erf(x: f64) -> f64 {
    if !(-1.0..=1.0).contains(&x) {
        return f64::NAN;
    }
    let centre = x / 2.0;
    if centre.abs() <= 0.425 {
        return centre * quotient(&CENTRE, 0.180_625 - centre * centre) / SQRT_2;
    }
    if x.abs() == 1.0 {
        return x * f64::INFINITY;
    }
    let r = (-((1.0 - x.abs()) / 2.0).ln()).sqrt();
    let value = if r <= 5.0 { quotient(&MIDDLE, r - 1.6) } else { quotient(&TAIL, r - 5.0) };
    value.copysign(x) / SQRT_2
}

fn inverse_erf_slope(x: f64) -> f64 {
    let y = inverse_erf(x);
    if y.is_infinite() { 0.0 } else { PI.sqrt() / 2.0 * (y * y).exp() }
}

/// `x1` times 2 to the power of `x2`. Keras' `ops.ldexp`.
///
/// Shapes broadcast; integers in `x1` give `float32`.
///
/// # Errors
/// [`Error::DType`] where `x2` is no integer, [`Error::Shape`] where the shapes do not broadcast.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[0.75, 0.5], [2])?;
/// let exponents = Tensor::from_slice::<i32>(&[1, -1], [2])?;
/// assert_eq!(ops::ldexp(&x, &exponents)?.to_vec::<f32>()?, [1.5, 0.25]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[super::operation]
pub fn ldexp(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    let dtype = ldexp_type(x1.dtype(), x2.dtype())?;
    x1.cast(dtype)?.mul(&super::exp2(&x2.cast(dtype)?)?)
}

pub(crate) fn ldexp_spec(x1: &Spec, x2: &Spec) -> Result<Spec> {
    let dtype = ldexp_type(x1.1, x2.1)?;
    Ok((Rule::Same.pair_spec("ldexp", x1, x2)?.0, dtype))
}

fn ldexp_type(numbers: DType, exponents: DType) -> Result<DType> {
    if exponents.is_int() {
        return Ok(Rule::Float.apply(numbers));
    }
    let expected = "an integer type for `x2`".into();
    Err(Error::DType { context: "ldexp".into(), expected, got: exponents.to_string() })
}

/// The next number of the type after `x1` towards `x2`. Keras' `ops.nextafter`.
///
/// Shapes broadcast. Computed on the host; no gradient flows.
///
/// # Errors
/// [`Error::DType`] where the promoted type is neither `float32` nor `float64`, [`Error::Shape`] where the shapes do
/// not broadcast.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0], [1])?;
/// let up = Tensor::from_slice::<f32>(&[2.0], [1])?;
/// assert_eq!(ops::nextafter(&x, &up)?.to_vec::<f32>()?, [1.0 + f32::EPSILON]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[super::operation]
pub fn nextafter(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    let dtype = x1.dtype().promote(x2.dtype());
    let dtype = Rule::Float.apply(dtype);
    let shape = crate::tensor::broadcast_shapes("nextafter", x1.shape(), x2.shape())?;
    let read = |x: &Tensor| x.cast(dtype)?.broadcast_to(&shape)?.to_f64_vec();
    let pairs = read(x1)?.into_iter().zip(read(x2)?);
    let data = match dtype {
        DType::F32 => {
            let next = |(a, b): (f64, f64)| after(a as f32, b as f32, f32::next_up, f32::next_down);
            TensorData::from_values(&pairs.map(next).collect::<Vec<f32>>(), shape)?
        }
        DType::F64 => {
            let next = |(a, b): (f64, f64)| after(a, b, f64::next_up, f64::next_down);
            TensorData::from_values(&pairs.map(next).collect::<Vec<f64>>(), shape)?
        }
        other => {
            let expected = "float32 or float64".into();
            return Err(Error::DType { context: "nextafter".into(), expected, got: other.to_string() });
        }
    };
    Tensor::from_data_on(data, x1.device())
}

pub(crate) fn nextafter_spec(x1: &Spec, x2: &Spec) -> Result<Spec> {
    Rule::Float.pair_spec("nextafter", x1, x2)
}

fn after<F: PartialOrd + Copy>(a: F, b: F, up: fn(F) -> F, down: fn(F) -> F) -> F {
    match a.partial_cmp(&b) {
        None if a.partial_cmp(&a).is_none() => a,
        None | Some(std::cmp::Ordering::Equal) => b,
        Some(std::cmp::Ordering::Less) => up(a),
        Some(std::cmp::Ordering::Greater) => down(a),
    }
}

/// Whether all elements of two tensors are equal but for `atol + rtol * |x2|`. Keras' `ops.allclose`.
///
/// The result is one `bool`; `None` is Keras' default, 1e-5 for `rtol` and 1e-8 for `atol`.
///
/// # Errors
/// [`Error::Shape`] where the shapes do not broadcast.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// assert_eq!(ops::allclose(&a, &a, None, None, false)?.to_vec::<bool>()?, [true]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation("AllClose", absent(rtol = 1e-5, atol = 1e-8))]
pub fn allclose(
    x1: &Tensor,
    x2: &Tensor,
    rtol: impl Into<Option<f64>>,
    atol: impl Into<Option<f64>>,
    equal_nan: bool,
) -> Result<Tensor> {
    let tolerance =
        |given: Option<f64>| given.map(|value| x2.to_float()?.full_like(vec![], value)).transpose();
    let (rtol, atol) = (tolerance(rtol.into())?, tolerance(atol.into())?);
    super::all(&super::isclose(x1, x2, rtol.as_ref(), atol.as_ref(), equal_nan)?, (), false)
}

pub(crate) fn allclose_spec((x1, _): &Spec, (x2, _): &Spec) -> Result<Spec> {
    crate::tensor::broadcast_symbolic("allclose", x1, x2)?;
    Ok((Shape::default(), DType::Bool))
}
