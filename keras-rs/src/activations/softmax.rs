//! Functions that make probabilities along an axis.

use crate::error::Result;
use crate::tensor::Tensor;

/// Exponentials that sum to 1 along the last axis. Keras' `softmax`.
///
/// # Errors
/// Where the tensor is not of a float type or has no such axis.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![1000.0_f32, 1000.0], [2])?;
/// assert_eq!(activations::softmax(&x)?.to_vec::<f32>()?, [0.5, 0.5]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn softmax(x: &Tensor) -> Result<Tensor> {
    softmax_with(x, -1)
}

/// Exponentials that sum to 1 along an axis.
///
/// # Errors
/// Where the tensor is not of a float type or has no such axis.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![0.0_f32, 1.0986123], [2])?;
/// let y = activations::softmax_with(&x, 0)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([0.25, 0.75]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn softmax_with(x: &Tensor, axis: isize) -> Result<Tensor> {
    x.to_float()?.softmax(axis)
}

/// Logarithm of [`softmax`]. Keras' `log_softmax`.
///
/// # Errors
/// Where the tensor is not of a float type or has no such axis.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![1000.0_f32, 0.0], [2])?;
/// assert_eq!(activations::log_softmax(&x)?.to_vec::<f32>()?, [0.0, -1000.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn log_softmax(x: &Tensor) -> Result<Tensor> {
    log_softmax_with(x, -1)
}

/// Logarithm of [`softmax_with`].
///
/// # Errors
/// Where the tensor is not of a float type or has no such axis.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![0.0_f32, 0.0], [2])?;
/// let y = activations::log_softmax_with(&x, 0)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([-0.6931472, -0.6931472]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn log_softmax_with(x: &Tensor, axis: isize) -> Result<Tensor> {
    x.to_float()?.log_softmax(axis)
}

/// Probabilities along the last axis of which small ones are exactly 0. Keras' `sparsemax`;
/// Martins and Astudillo, 2016.
///
/// # Errors
/// Where the tensor is not of a float type or has no such axis.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![0.0_f32, 3.0], [2])?;
/// assert_eq!(activations::sparsemax(&x)?.to_vec::<f32>()?, [0.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn sparsemax(x: &Tensor) -> Result<Tensor> {
    sparsemax_with(x, -1)
}

/// [`sparsemax`] along an axis.
///
/// Like Keras 3.15.1, the threshold sums the running sums of the whole support, where the paper
/// takes the last one: with more than one element in the support, results need not sum to 1.
///
/// # Errors
/// Where the tensor is not of a float type or has no such axis.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![0.0_f32, 3.0], [2])?;
/// assert_eq!(activations::sparsemax_with(&x, 0)?.to_vec::<f32>()?, [0.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn sparsemax_with(x: &Tensor, axis: isize) -> Result<Tensor> {
    let x = x.to_float()?;
    let sorted = x.sort(axis, true)?;
    let sums = sorted.cumsum(axis)?;
    let size = x.dim(axis)?;
    let mut along = vec![1; x.rank()];
    along[x.axis("sparsemax", axis)?] = size;
    let places = Tensor::arange_on(size, x.device())?.add_scalar(1.0)?.cast(x.dtype())?.reshape(along)?;
    let in_support = sorted.sub(&sums.add_scalar(-1.0)?.div(&places)?)?.greater_scalar(0.0)?;
    let count = in_support.cast(x.dtype())?.sum(&[axis], true)?;
    let none = sums.full_like(vec![1; x.rank()], 0.0)?;
    let total = sums.where_(&in_support, &none)?.sum(&[axis], true)?;
    x.sub(&total.add_scalar(-1.0)?.div(&count)?)?.relu()
}

/// [`softmax_with`] over several axes at once.
pub(crate) fn softmax_over(x: &Tensor, axes: &[isize]) -> Result<Tensor> {
    if let [axis] = axes {
        return softmax_with(x, *axis);
    }
    let x = x.to_float()?;
    let powers = x.sub(&x.max(axes, true)?)?.exp()?;
    powers.div(&powers.sum(axes, true)?)
}
