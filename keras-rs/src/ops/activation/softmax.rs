//! Functions that make probabilities along an axis.

use crate::error::Result;
use crate::ops::Axes;
use crate::ops::rule::each_specs;
use crate::tensor::Tensor;
use keras_rs_derive::operation;

/// Exponentials that sum to 1 along an axis, or over several. Keras' `ops.softmax`.
///
/// # Errors
/// Where the tensor is not of a float type or has no such axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![0.0_f32, 1.0986123], [2])?;
/// let y = ops::softmax(&x, 0)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([0.25, 0.75]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn softmax(x: &Tensor, axis: impl Into<Axes>) -> Result<Tensor> {
    let axes = axis.into().signed("softmax", x.rank())?;
    let x = x.to_float()?;
    match axes.as_slice() {
        [axis] => x.softmax(*axis),
        _ if x.is_empty() => Ok(x),
        // Of one element by itself.
        [] => x.full_like(x.shape(), 1.0),
        axes => {
            let powers = x.sub(&x.max(axes, true)?)?.exp()?;
            powers.div(&powers.sum(axes, true)?)
        }
    }
}

/// Logarithm of [`softmax`] along an axis. Keras' `ops.log_softmax`.
///
/// # Errors
/// Where the tensor is not of a float type or has no such axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![0.0_f32, 0.0], [2])?;
/// let y = ops::log_softmax(&x, 0)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([-0.6931472, -0.6931472]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn log_softmax(x: &Tensor, axis: isize) -> Result<Tensor> {
    x.to_float()?.log_softmax(axis)
}

/// Probabilities along an axis of which small ones are exactly 0. Keras' `ops.sparsemax`; Martins and
/// Astudillo, 2016.
///
/// Like Keras 3.15.1, the threshold sums the running sums of the whole support, where the paper
/// takes the last one: with more than one element in the support, results need not sum to 1.
///
/// # Errors
/// Where the tensor is not of a float type or has no such axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![0.0_f32, 3.0], [2])?;
/// assert_eq!(ops::sparsemax(&x, 0)?.to_vec::<f32>()?, [0.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn sparsemax(x: &Tensor, axis: isize) -> Result<Tensor> {
    let x = x.to_float()?;
    if x.is_empty() {
        x.axis("sparsemax", axis)?;
        return Ok(x);
    }
    let sorted = x.sort(axis, true)?;
    let sums = sorted.cumsum(axis)?;
    let size = x.dim(axis)?;
    let mut along = vec![1; x.rank()];
    along[x.axis("sparsemax", axis)?] = size;
    let positions = Tensor::arange_on(size, x.device())?.add_scalar(1.0)?.cast(x.dtype())?.reshape(along)?;
    let in_support = sorted.sub(&sums.add_scalar(-1.0)?.div(&positions)?)?.greater_scalar(0.0)?;
    let count = in_support.cast(x.dtype())?.sum(&[axis], true)?;
    let none = sums.full_like(vec![1; x.rank()], 0.0)?;
    let total = sums.where_(&in_support, &none)?.sum(&[axis], true)?;
    x.sub(&total.add_scalar(-1.0)?.div(&count)?)?.relu()
}

each_specs! {
    Float: softmax_spec, log_softmax_spec, sparsemax_spec;
}
