//! Rounding and limiting, element by element.

use super::rule::{Rule, each_specs, unary};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::tensor::Tensor;
use keras_rs_derive::operation;

unary! {
    /// The largest whole numbers that are not above.
    floor, floor_spec: Float [1.5, -1.5] => [1.0, -2.0], Tensor::floor;
    /// The smallest whole numbers that are not below.
    ceil, ceil_spec: Float [1.5, -1.5] => [2.0, -1.0], Tensor::ceil;
    /// Whole numbers in the direction of zero.
    trunc, trunc_spec: Same [1.5, -1.5] => [1.0, -1.0], truncated;
}

each_specs! {
    Same: round_spec, nan_to_num_spec;
    Number: clip_spec;
}

fn truncated(x: &Tensor) -> Result<Tensor> {
    if x.dtype().is_float() { x.trunc() } else { Ok(x.clone()) }
}

/// Rounds to a number of decimals, halves to even. Keras' `ops.round`.
///
/// The result has the shape and data type of `x`; negative `decimals` round to tens, hundreds and so on.
///
/// # Errors
/// [`Error::Argument`] for more decimals than 32 bits count.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[2.5, -1.26], [2])?;
/// assert_eq!(ops::round(&x, 0)?.to_vec::<f32>()?, [2.0, -1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn round(x: &Tensor, decimals: isize) -> Result<Tensor> {
    if !x.dtype().is_float() && decimals >= 0 {
        return Ok(x.clone());
    }
    let small = |_| Error::argument("round", "decimals", "a small number", decimals);
    let scale = 10_f64.powi(i32::try_from(decimals).map_err(small)?);
    let float = x.to_float()?;
    let y =
        if decimals == 0 { float.round()? } else { float.mul_scalar(scale)?.round()?.div_scalar(scale)? };
    y.cast(x.dtype())
}

/// Limits elements to `x_min..=x_max`; where the bounds cross, the upper one wins. Keras' `ops.clip`.
///
/// The result has the shape and data type of `x`; `bool` gives `int32`. `None` does not limit.
///
/// # Errors
/// [`Error::DType`] where the backend lacks the type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[-2.0, 0.5, 9.0], [3])?;
/// assert_eq!(ops::clip(&x, 0.0, 1.0)?.to_vec::<f32>()?, [0.0, 0.5, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn clip(x: &Tensor, x_min: impl Into<Option<f64>>, x_max: impl Into<Option<f64>>) -> Result<Tensor> {
    let (x_min, x_max) = (x_min.into(), x_max.into());
    Rule::Number.each(x, |x| x.clip(x_min, x_max))
}

/// The largest number of a float type.
pub(super) fn largest(dtype: DType) -> f64 {
    match dtype {
        DType::F64 => f64::MAX,
        DType::F16 => 65504.0,
        DType::BF16 => f64::from(half::bf16::MAX),
        _ => f64::from(f32::MAX),
    }
}

/// Numbers in place of NaN and of infinities. Keras' `ops.nan_to_num`.
///
/// The result has the shape and data type of `x`. `None` in place of an infinity is the largest, or the
/// lowest, number of the data type. Integers stay as they are.
///
/// # Errors
/// [`Error::DType`] where the backend lacks the type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[f32::NAN, f32::INFINITY, 1.0], [3])?;
/// assert_eq!(ops::nan_to_num(&x, 0.0, 9.0, None)?.to_vec::<f32>()?, [0.0, 9.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn nan_to_num(
    x: &Tensor,
    nan: f64,
    posinf: impl Into<Option<f64>>,
    neginf: impl Into<Option<f64>>,
) -> Result<Tensor> {
    if !x.dtype().is_float() {
        return Ok(x.clone());
    }
    let most = largest(x.dtype());
    let y = super::logic::fill(&super::isposinf(x)?, posinf.into().unwrap_or(most), x)?;
    let y = super::logic::fill(&super::isneginf(x)?, neginf.into().unwrap_or(-most), &y)?;
    super::logic::fill(&x.is_nan()?, nan, &y)
}
