//! Other data types, and tensors filled with one value.

use super::rounding::largest;
use crate::dtype::DType;
use crate::error::Result;
use crate::shape::Spec;
use crate::tensor::Tensor;
use keras_rs_derive::operation;

super::rule::unary! {
    /// The same elements.
    copy, copy_spec: Same [1.0, 2.0] => [1.0, 2.0], |x: &Tensor| Ok(x.clone());
    /// The same elements, through which no gradient passes.
    stop_gradient, stop_gradient_spec: Same [1.0, 2.0] => [1.0, 2.0], |x: &Tensor| Ok(x.detach());
}

/// Another data type: floats become integers by truncation, all but 0 becomes true. Keras' `ops.cast`.
///
/// # Errors
/// [`Error::DType`](crate::Error::DType) where the backend lacks the type.
///
/// ```
/// use keras_rs::{DType, Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.7, -1.7], [2])?;
/// assert_eq!(ops::cast(&x, DType::I32)?.to_vec::<i32>()?, [1, -1]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn cast(x: &Tensor, dtype: DType) -> Result<Tensor> {
    x.cast(dtype)
}

/// The tensor, in another data type where one is given. Keras' `ops.convert_to_tensor`.
///
/// # Errors
/// [`Error::DType`](crate::Error::DType) where the backend lacks the type.
///
/// ```
/// use keras_rs::{DType, Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// assert_eq!(ops::convert_to_tensor(&x, DType::I32)?.dtype(), DType::I32);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn convert_to_tensor(x: &Tensor, dtype: impl Into<Option<DType>>) -> Result<Tensor> {
    x.cast(dtype.into().unwrap_or(x.dtype()))
}

/// The elements as a tensor of their own, in another data type where one is given. Keras' `ops.array`.
///
/// [`Tensor::from`] makes tensors from Rust's arrays.
///
/// # Errors
/// [`Error::DType`](crate::Error::DType) where the backend lacks the type.
///
/// ```
/// use keras_rs::{DType, Tensor, ops};
///
/// assert_eq!(ops::array(&Tensor::from([1.5])?, DType::I32)?.to_vec::<i32>()?, [1]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn array(x: &Tensor, dtype: impl Into<Option<DType>>) -> Result<Tensor> {
    x.cast(dtype.into().unwrap_or(x.dtype()))
}

/// Also of functions that fill a tensor of the operand's shape.
pub(crate) fn cast_spec((shape, own): &Spec, dtype: Option<DType>) -> Result<Spec> {
    Ok((shape.clone(), dtype.unwrap_or(*own)))
}

/// Another data type; what is outside of its range becomes its bound. Keras' `ops.saturate_cast`.
///
/// # Errors
/// [`Error::DType`](crate::Error::DType) where the backend lacks the type.
///
/// ```
/// use keras_rs::{DType, Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[-5.0, 300.0], [2])?;
/// assert_eq!(ops::saturate_cast(&x, DType::U8)?.to_vec::<u8>()?, [0, 255]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn saturate_cast(x: &Tensor, dtype: DType) -> Result<Tensor> {
    let (low, high) = match dtype {
        DType::Bool => (0.0, 1.0),
        _ if dtype.is_int() => {
            let (low, high) = dtype.int_range();
            (low as f64, high as f64)
        }
        _ => (-largest(dtype), largest(dtype)),
    };
    // A type that cannot hold a bound has no numbers beyond it.
    let bound = |value: f64| {
        let (own_low, own_high) = x.dtype().int_range();
        let holds = x.dtype().is_float() || (own_low as f64..=own_high as f64).contains(&value);
        holds.then_some(value)
    };
    let x = if x.dtype() == DType::Bool { x.clone() } else { x.clip(bound(low), bound(high))? };
    x.cast(dtype)
}

/// Zeros of the shape of a tensor. Keras' `ops.zeros_like`.
///
/// # Errors
/// [`Error::DType`](crate::Error::DType) where the backend lacks the type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// assert_eq!(ops::zeros_like(&x, None)?.to_vec::<f32>()?, [0.0, 0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn zeros_like(x: &Tensor, dtype: impl Into<Option<DType>>) -> Result<Tensor> {
    Tensor::full_on(x.shape(), 0.0, dtype.into().unwrap_or(x.dtype()), x.device())
}

/// A tensor of the shape of another whose values do not matter: zeros. Keras' `ops.empty_like`.
///
/// # Errors
/// As [`zeros_like`].
#[operation]
pub fn empty_like(x: &Tensor, dtype: impl Into<Option<DType>>) -> Result<Tensor> {
    x.full_like(x.shape(), 0.0)?.cast(dtype.into().unwrap_or(x.dtype()))
}

/// Ones of the shape of a tensor. Keras' `ops.ones_like`.
///
/// # Errors
/// [`Error::DType`](crate::Error::DType) where the backend lacks the type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[3.0, 2.0], [2])?;
/// assert_eq!(ops::ones_like(&x, None)?.to_vec::<f32>()?, [1.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn ones_like(x: &Tensor, dtype: impl Into<Option<DType>>) -> Result<Tensor> {
    Tensor::full_on(x.shape(), 1.0, dtype.into().unwrap_or(x.dtype()), x.device())
}

/// A value, which broadcasts, in the shape of a tensor. Keras' `ops.full_like`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the value does not broadcast to the shape.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[3.0, 2.0], [2])?;
/// assert_eq!(ops::full_like(&x, &Tensor::scalar(7.0_f32)?, None)?.to_vec::<f32>()?, [7.0, 7.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn full_like(x: &Tensor, fill_value: &Tensor, dtype: impl Into<Option<DType>>) -> Result<Tensor> {
    fill_value.cast(dtype.into().unwrap_or(x.dtype()))?.broadcast_to(x.shape())
}
