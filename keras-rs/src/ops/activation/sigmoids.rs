//! Functions that saturate, and the gates made of them.

use super::relu6;
use crate::error::{Error, Result};
use crate::ops::rule::{Rule, each_specs};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, resolve_axis};
use keras_rs_derive::operation;

const ROOT_TWO_OVER_PI: f64 = 0.797_884_560_802_865_4;

/// `1 / (1 + exp(-x))`. Keras' `sigmoid`. A tensor given by value is worked on in place where nothing else has
/// it.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![0.0_f32, 1.0], [2])?;
/// let y = ops::sigmoid(&x)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([0.5, 0.7310586]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn sigmoid(x: impl Into<Tensor>) -> Result<Tensor> {
    let x = x.into();
    if x.dtype().is_float() { x.into_sigmoid() } else { x.to_float()?.into_sigmoid() }
}

/// Logarithm of [`sigmoid`], without overflow. Keras' `log_sigmoid`.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![-1000.0_f32, 0.0], [2])?;
/// let y = ops::log_sigmoid(&x)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([-1000.0, -0.6931472]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn log_sigmoid(x: &Tensor) -> Result<Tensor> {
    x.to_float()?.log_sigmoid()
}

/// `x / 6 + 1/2` limited to `0..=1`. Keras' `hard_sigmoid`.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![-4.0_f32, 1.5, 4.0], [3])?;
/// assert_eq!(ops::hard_sigmoid(&x)?.to_vec::<f32>()?, [0.0, 0.75, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn hard_sigmoid(x: &Tensor) -> Result<Tensor> {
    relu6(&x.to_float()?.add_scalar(3.0)?)?.div_scalar(6.0)
}

/// `(x + 1) / 2` limited to `0..=1`. Keras' `sparse_sigmoid`; Blondel et al., 2019.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![-2.0_f32, 0.5, 2.0], [3])?;
/// assert_eq!(ops::sparse_sigmoid(&x)?.to_vec::<f32>()?, [0.0, 0.75, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn sparse_sigmoid(x: &Tensor) -> Result<Tensor> {
    let x = x.to_float()?;
    let y = x.clip(Some(-1.0), Some(1.0))?;
    let y = if x.is_recorded() {
        // At the bounds half of the gradient passes, as through a minimum of equals.
        let inside = x.detach().abs()?.less_scalar(1.0)?;
        let strict = y.where_(&inside, &y.detach())?;
        y.add(&strict)?.mul_scalar(0.5)?
    } else {
        y
    };
    y.add_scalar(1.0)?.mul_scalar(0.5)
}

/// 0 up to -1, `(x + 1)² / 4` up to 1, then `x`. Keras' `sparse_plus`.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![-2.0_f32, 0.0, 3.0], [3])?;
/// assert_eq!(ops::sparse_plus(&x)?.to_vec::<f32>()?, [0.0, 0.25, 3.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn sparse_plus(x: &Tensor) -> Result<Tensor> {
    let x = x.to_float()?;
    let curve = x.clip(Some(-1.0), Some(1.0))?.add_scalar(1.0)?.square()?.mul_scalar(0.25)?;
    x.where_(&x.greater_scalar(1.0)?, &curve)
}

/// `x * sigmoid(x)`. Keras' `silu`; Ramachandran et al., 2017.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![-1.0_f32, 2.0], [2])?;
/// let y = ops::silu(&x)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([-0.26894143, 1.7615942]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn silu(x: &Tensor) -> Result<Tensor> {
    let x = x.to_float()?;
    x.mul(&x.sigmoid()?)
}

/// `x *` [`hard_sigmoid`]`(x)`. Keras' `hard_silu`; Howard et al., 2019.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![-4.0_f32, 1.5, 4.0], [3])?;
/// assert_eq!(ops::hard_silu(&x)?.to_vec::<f32>()?, [0.0, 1.125, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn hard_silu(x: &Tensor) -> Result<Tensor> {
    x.mul(&hard_sigmoid(x)?)
}

/// `x` limited to `-1..=1`. Keras' `hard_tanh`.
///
/// # Errors
/// Never for numbers.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![-2.0_f32, 0.5, 2.0], [3])?;
/// assert_eq!(ops::hard_tanh(&x)?.to_vec::<f32>()?, [-1.0, 0.5, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn hard_tanh(x: &Tensor) -> Result<Tensor> {
    x.to_float()?.clip(Some(-1.0), Some(1.0))
}

/// `x - tanh(x)`. Keras' `tanh_shrink`.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![0.0_f32, 1.0], [2])?;
/// let y = ops::tanh_shrink(&x)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([0.0, 0.23840584]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn tanh_shrink(x: &Tensor) -> Result<Tensor> {
    let x = x.to_float()?;
    x.sub(&x.tanh()?)
}

/// `x * P(X <= x)` for a standard normal `X`, or its approximation by a hyperbolic tangent. Keras'
/// `ops.gelu`; Hendrycks and Gimpel, 2016.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![-1.0_f32, 2.0], [2])?;
/// let y = ops::gelu(&x, true)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([-0.15880801, 1.9545977]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn gelu(x: &Tensor, approximate: bool) -> Result<Tensor> {
    let x = x.to_float()?;
    if !approximate {
        return x.gelu();
    }
    let cubic = x.square()?.mul(&x)?.mul_scalar(0.044_715)?.add(&x)?;
    let probability = cubic.mul_scalar(ROOT_TWO_OVER_PI)?.tanh()?.add_scalar(1.0)?.mul_scalar(0.5)?;
    x.mul(&probability)
}

/// The first half along an axis times the [`sigmoid`] of the second: the axis is halved. Keras' `ops.glu`;
/// Dauphin et al., 2017.
///
/// # Errors
/// Where the axis has an odd size or is missing, or the type is not a float.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![3.0_f32, 0.0], [2])?;
/// assert_eq!(ops::glu(&x, 0)?.to_vec::<f32>()?, [1.5]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn glu(x: &Tensor, axis: isize) -> Result<Tensor> {
    let at = resolve_axis("glu", axis, x.rank())?;
    let half = half(x.shape()[at])?;
    x.narrow(axis, 0..half)?.mul(&sigmoid(&x.narrow(axis, half..2 * half)?)?)
}

fn half(size: usize) -> Result<usize> {
    if size.is_multiple_of(2) {
        Ok(size / 2)
    } else {
        Err(Error::shape("glu", "x", "an axis of an even size", size))
    }
}

pub(crate) fn glu_spec((x, dtype): &Spec, axis: isize) -> Result<Spec> {
    let at = resolve_axis("glu", axis, x.rank())?;
    let mut dims = x.dims().to_vec();
    dims[at] = dims[at].map(half).transpose()?;
    Ok((Shape::new(dims), Rule::Float.apply(*dtype)))
}

each_specs! {
    Float: sigmoid_spec, log_sigmoid_spec, hard_sigmoid_spec, sparse_sigmoid_spec, sparse_plus_spec, silu_spec,
        hard_silu_spec, hard_tanh_spec, tanh_shrink_spec, gelu_spec;
}

/// [`silu`] under its other name. Keras' `swish`.
///
/// # Errors
/// As [`silu`].
pub fn swish(x: &Tensor) -> Result<Tensor> {
    silu(x)
}

/// [`hard_silu`] under its other name. Keras' `hard_swish`.
///
/// # Errors
/// As [`hard_silu`].
pub fn hard_swish(x: &Tensor) -> Result<Tensor> {
    hard_silu(x)
}
