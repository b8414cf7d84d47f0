//! Functions made of exponentials and roots that are linear far from zero.

use crate::error::Result;
use crate::ops::rule::each_specs;
use crate::tensor::Tensor;
use keras_rs_derive::operation;

const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

/// `x`, and `alpha * (exp(x) - 1)` where it is negative. Keras' `ops.elu`; Clevert et al., 2016.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![-1.0_f32, 2.0], [2])?;
/// let y = ops::elu(&x, 2.0)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([-1.2642411, 2.0]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn elu(x: &Tensor, alpha: f64) -> Result<Tensor> {
    let x = x.to_float()?;
    // Only what is negative, so that the unused branch never overflows, not even in its slope.
    let below = x.clip(None, Some(0.0))?.expm1()?.mul_scalar(alpha)?;
    x.where_(&x.greater_scalar(0.0)?, &below)
}

/// [`elu`] scaled so that activations keep mean 0 and variance 1. Keras' `selu`;
/// Klambauer et al., 2017.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![-1.0_f32, 2.0], [2])?;
/// let y = ops::selu(&x)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([-1.1113307, 2.101402]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn selu(x: &Tensor) -> Result<Tensor> {
    elu(x, SELU_ALPHA)?.mul_scalar(SELU_SCALE)
}

/// `max(x, 0) + alpha * (exp(min(x, 0) / alpha) - 1)`. Keras' `ops.celu`; Barron, 2017.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![-1.0_f32, 2.0], [2])?;
/// let y = ops::celu(&x, 0.5)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([-0.43233237, 2.0]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn celu(x: &Tensor, alpha: f64) -> Result<Tensor> {
    let x = x.to_float()?;
    let below = x.clip(None, Some(0.0))?.div_scalar(alpha)?.expm1()?.mul_scalar(alpha)?;
    x.where_(&x.greater_scalar(0.0)?, &below)
}

/// `log(1 + exp(x))`. Keras' `softplus`.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![0.0_f32, 1000.0], [2])?;
/// let y = ops::softplus(&x)?.to_vec::<f32>()?;
/// assert!(y.iter().zip([0.6931472, 1000.0]).all(|(y, want): (&f32, f32)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn softplus(x: &Tensor) -> Result<Tensor> {
    x.to_float()?.softplus()
}

/// `x / (1 + |x|)`. Keras' `softsign`.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![-3.0_f32, 1.0], [2])?;
/// assert_eq!(ops::softsign(&x)?.to_vec::<f32>()?, [-0.75, 0.5]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn softsign(x: &Tensor) -> Result<Tensor> {
    x.to_float()?.div(&x.to_float()?.abs()?.add_scalar(1.0)?)
}

/// `(x + sqrt(x² + b)) / 2`. Keras' `ops.squareplus`; Barron, 2021.
///
/// # Errors
/// Where the tensor is not of a float type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_vec(vec![0.0_f32, 4.0], [2])?;
/// assert_eq!(ops::squareplus(&x, 9.0)?.to_vec::<f32>()?, [1.5, 4.5]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn squareplus(x: &Tensor, b: f64) -> Result<Tensor> {
    let x = x.to_float()?;
    x.add(&x.square()?.add_scalar(b)?.sqrt()?)?.mul_scalar(0.5)
}

each_specs! {
    Float: elu_spec, selu_spec, celu_spec, softplus_spec, softsign_spec, squareplus_spec;
}
