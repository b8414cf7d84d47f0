//! Functions that are activations only, or have other default arguments there than in [`crate::ops`].

use crate::error::Result;
use crate::ops;
use crate::tensor::Tensor;

/// `exp(x)`. Keras' `exponential`.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![0.0_f32, 1.0], [2])?;
/// let y = activations::exponential(&x)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([1.0, 2.7182817]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn exponential(x: &Tensor) -> Result<Tensor> {
    ops::exp(x)
}

/// `x`, and `exp(x) - 1` where it is negative. Keras' `elu`; Clevert et al., 2016.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![-1.0_f32, 2.0], [2])?;
/// let y = activations::elu(&x)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([-0.63212055, 2.0]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn elu(x: &Tensor) -> Result<Tensor> {
    ops::elu(x, 1.0)
}

/// `x`, and `exp(x) - 1` where it is negative, with a smooth slope. Keras' `celu`; Barron, 2017.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![-1.0_f32, 2.0], [2])?;
/// let y = activations::celu(&x)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([-0.63212055, 2.0]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn celu(x: &Tensor) -> Result<Tensor> {
    ops::celu(x, 1.0)
}

/// `(x + sqrt(x² + 4)) / 2`. Keras' `squareplus`; Barron, 2021.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![0.0_f32, 1.5], [2])?;
/// assert_eq!(activations::squareplus(&x)?.to_vec::<f32>()?, [1.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn squareplus(x: &Tensor) -> Result<Tensor> {
    ops::squareplus(x, 4.0)
}

/// `x * tanh(softplus(x))`. Keras' `mish`; Misra, 2019.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![-1.0_f32, 1.0], [2])?;
/// let y = activations::mish(&x)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([-0.30340144, 0.86509836]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn mish(x: &Tensor) -> Result<Tensor> {
    let x = x.to_float()?;
    x.mul(&x.softplus()?.tanh()?)
}

/// `x`, times 0.2 where it is negative. Keras' `leaky_relu`.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![-1.0_f32, 2.0], [2])?;
/// let y = activations::leaky_relu(&x)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([-0.2, 2.0]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn leaky_relu(x: &Tensor) -> Result<Tensor> {
    ops::leaky_relu(x, 0.2)
}

/// `x` beyond ±0.5, else 0. Keras' `hard_shrink`.
///
/// # Errors
/// Never for numbers.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![-1.0_f32, 0.5, 2.0], [3])?;
/// assert_eq!(activations::hard_shrink(&x)?.to_vec::<f32>()?, [-1.0, 0.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn hard_shrink(x: &Tensor) -> Result<Tensor> {
    ops::hard_shrink(x, 0.5)
}

/// `x` moved by 0.5 towards zero, 0 within ±0.5. Keras' `soft_shrink`.
///
/// # Errors
/// Never for numbers.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![-1.0_f32, 0.25, 2.0], [3])?;
/// assert_eq!(activations::soft_shrink(&x)?.to_vec::<f32>()?, [-0.5, 0.0, 1.5]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn soft_shrink(x: &Tensor) -> Result<Tensor> {
    ops::soft_shrink(x, 0.5)
}

/// `x`. Keras' `linear`.
///
/// # Errors
/// Never.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![-1.0_f32, 2.0], [2])?;
/// assert_eq!(activations::linear(&x)?.to_vec::<f32>()?, [-1.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn linear(x: &Tensor) -> Result<Tensor> {
    Ok(x.clone())
}

/// Another name of [`silu`](super::silu).
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![0.0_f32, 2.0], [2])?;
/// let y = activations::swish(&x)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([0.0, 1.7615942]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn swish(x: &Tensor) -> Result<Tensor> {
    ops::silu(x)
}

/// Another name of [`hard_silu`](super::hard_silu).
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![-4.0_f32, 1.5], [2])?;
/// assert_eq!(activations::hard_swish(&x)?.to_vec::<f32>()?, [0.0, 1.125]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn hard_swish(x: &Tensor) -> Result<Tensor> {
    ops::hard_silu(x)
}

/// `x * P(X <= x)` for a standard normal `X`. Keras' `gelu`; Hendrycks and Gimpel, 2016.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![-1.0_f32, 2.0], [2])?;
/// let y = activations::gelu(&x)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([-0.15865525, 1.9544997]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn gelu(x: &Tensor) -> Result<Tensor> {
    ops::gelu(x, false)
}

/// The first half of the last axis times the [`sigmoid`](super::sigmoid) of the second. Keras' `glu`;
/// Dauphin et al., 2017.
///
/// # Errors
/// Where the last axis has an odd size or the type is not a float.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![3.0_f32, 0.0], [1, 2])?;
/// assert_eq!(activations::glu(&x)?.to_vec::<f32>()?, [1.5]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn glu(x: &Tensor) -> Result<Tensor> {
    ops::glu(x, -1)
}

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
    ops::softmax(x, -1)
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
    ops::log_softmax(x, -1)
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
    ops::sparsemax(x, -1)
}

/// Keras' `relu` with all its arguments.
///
/// - `x` from `threshold` on, but at most `max_value`,
/// - `negative_slope * (x - threshold)` below it.
///
/// # Errors
/// Never for numbers.
///
/// ```
/// use keras_rs::{Tensor, activations};
///
/// let x = Tensor::from_vec(vec![-1.0_f32, 0.5, 3.0, 9.0], [4])?;
/// assert_eq!(activations::relu_with(&x, 0.25, Some(6.0), 1.0)?.to_vec::<f32>()?, [-0.5, -0.125, 3.0, 6.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn relu_with(x: &Tensor, negative_slope: f64, max_value: Option<f64>, threshold: f64) -> Result<Tensor> {
    ops::relu_with(x, negative_slope, max_value, threshold)
}
