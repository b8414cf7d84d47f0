//! Rectifiers and shrinking functions: piecewise linear, with a kink.

use crate::error::Result;
use crate::ops::rule::each_specs;
use crate::tensor::Tensor;
use keras_rs_derive::operation;

/// `x` where the condition holds, a number elsewhere.
fn keep(x: &Tensor, condition: &Tensor, otherwise: f64) -> Result<Tensor> {
    x.where_(condition, &x.full_like(vec![1; x.rank()], otherwise)?)
}

/// `max(x, 0)`. Keras' `relu`. A tensor given by value is worked on in place where nothing else has it.
///
/// # Errors
/// Never: integers stay integers.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![-1.0_f32, 0.0, 2.0], [3])?;
/// assert_eq!(ops::relu(&x)?.to_vec::<f32>()?, [0.0, 0.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn relu(x: impl Into<Tensor>) -> Result<Tensor> {
    let x = x.into();
    if x.dtype().is_float() { x.into_relu() } else { x.clip(Some(0.0), None)?.cast(x.dtype()) }
}

/// Keras' `activations.relu` with all its arguments.
///
/// - `x` from `threshold` on, but at most `max_value`,
/// - `negative_slope * (x - threshold)` below it.
pub(crate) fn relu_with(
    x: &Tensor,
    negative_slope: f64,
    max_value: Option<f64>,
    threshold: f64,
) -> Result<Tensor> {
    if negative_slope != 0.0 && max_value.is_none() && threshold == 0.0 {
        return leaky_relu(x, negative_slope);
    }
    let y = match max_value {
        // One pass, for `ReLU(6)`.
        Some(max_value) if threshold == 0.0 && max_value >= 0.0 => x.clone().into_bounded(0.0, max_value)?,
        _ => {
            let y = if threshold == 0.0 { relu(x)? } else { keep(x, &x.greater_scalar(threshold)?, 0.0)? };
            match max_value {
                // One bound after the other: the upper one wins where they cross, as in NumPy.
                Some(max_value) => {
                    let y = y.clip(Some(0.0), None)?.clip(None, Some(max_value))?;
                    y.where_(&y.detach().less_scalar(max_value)?, &y.detach())?
                }
                None => y,
            }
        }
    };
    if negative_slope == 0.0 {
        return Ok(y);
    }
    y.sub(&relu(&x.neg()?.add_scalar(threshold)?)?.mul_scalar(negative_slope)?)
}

/// `min(max(x, 0), 6)`. Keras' `relu6`.
///
/// # Errors
/// Never for numbers.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![-1.0_f32, 2.0, 9.0], [3])?;
/// assert_eq!(ops::relu6(&x)?.to_vec::<f32>()?, [0.0, 2.0, 6.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn relu6(x: &Tensor) -> Result<Tensor> {
    x.clone().into_bounded(0.0, 6.0)?.cast(x.dtype())
}

/// `x`, times `negative_slope` where it is negative. Keras' `ops.leaky_relu`.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![-1.0_f32, 2.0], [2])?;
/// assert_eq!(ops::leaky_relu(&x, 0.5)?.to_vec::<f32>()?, [-0.5, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn leaky_relu(x: &Tensor, negative_slope: f64) -> Result<Tensor> {
    let x = x.to_float()?;
    x.where_(&x.less_scalar(0.0)?.logical_not()?, &x.mul_scalar(negative_slope)?)
}

/// `x` above `threshold`, else `default_value`. Keras' `threshold`.
///
/// # Errors
/// Never for numbers.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![0.5_f32, 1.0, 2.0], [3])?;
/// assert_eq!(ops::threshold(&x, 1.0, -3.0)?.to_vec::<f32>()?, [-3.0, -3.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn threshold(x: &Tensor, threshold: f64, default_value: f64) -> Result<Tensor> {
    let x = x.to_float()?;
    keep(&x, &x.greater_scalar(threshold)?, default_value)
}

/// `x` beyond ±`threshold`, else 0. Keras' `ops.hard_shrink`.
///
/// # Errors
/// Never for numbers.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![-1.0_f32, 0.5, 2.0], [3])?;
/// assert_eq!(ops::hard_shrink(&x, 1.0)?.to_vec::<f32>()?, [0.0, 0.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn hard_shrink(x: &Tensor, threshold: f64) -> Result<Tensor> {
    let x = x.to_float()?;
    keep(&x, &x.abs()?.greater_scalar(threshold)?, 0.0)
}

/// `x` moved by `threshold` towards zero, 0 within ±`threshold`. Keras' `ops.soft_shrink`.
///
/// # Errors
/// Never for numbers.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![-3.0_f32, 0.25, 2.0], [3])?;
/// assert_eq!(ops::soft_shrink(&x, 1.0)?.to_vec::<f32>()?, [-2.0, 0.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn soft_shrink(x: &Tensor, threshold: f64) -> Result<Tensor> {
    let x = x.to_float()?;
    let below = keep(&x.add_scalar(threshold)?, &x.less_scalar(-threshold)?, 0.0)?;
    x.add_scalar(-threshold)?.where_(&x.greater_scalar(threshold)?, &below)
}

each_specs! {
    Same: relu_spec, relu6_spec;
    Float: leaky_relu_spec, threshold_spec, hard_shrink_spec, soft_shrink_spec;
}
