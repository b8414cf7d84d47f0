//! Constraints on the norms of vectors.

use super::{Axes, Constrain};
use crate::config::{KerasConfig, Number};
use crate::error::Result;
use crate::tensor::Tensor;

/// Keras' `epsilon()`, which keeps divisions by a norm of zero finite.
const EPSILON: f64 = 1e-7;

/// Norms of the vectors along axes, which remain with size one.
fn norms(value: &Tensor, axes: &Axes) -> Result<Tensor> {
    value.to_float()?.square()?.sum(axes.as_slice(), true)?.sqrt()
}

/// Scales vectors of these norms to the desired ones.
fn rescale(value: &Tensor, norms: &Tensor, desired: &Tensor) -> Result<Tensor> {
    value.mul(&desired.div(&norms.add_scalar(EPSILON)?)?)
}

/// Scales vectors with a norm greater than `max_value` to that norm. Keras' `MaxNorm`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::constraints::{Constrain, MaxNorm};
///
/// let columns = Tensor::from_vec(vec![3.0_f64, 0.3, 4.0, 0.4], [2, 2])?;
/// let y = MaxNorm::new(2.5).call(&columns)?.to_vec::<f64>()?;
/// assert!(y.iter().zip([1.5, 0.3, 2.0, 0.4]).all(|(y, want)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, KerasConfig)]
#[keras(module = "keras.constraints")]
pub struct MaxNorm {
    /// Largest norm (default 2).
    #[keras(new, default = 2)]
    max_value: Number,
    /// Axes that make a vector (default 0): `0` for `Dense` kernels, `[0, 1, 2]` for `Conv2D`.
    #[keras(default = 0)]
    axis: Axes,
}

impl Constrain for MaxNorm {
    fn call(&self, value: &Tensor) -> Result<Tensor> {
        let norms = norms(value, &self.axis)?;
        rescale(value, &norms, &norms.clip(None, Some(self.max_value.get()))?)
    }
}

/// Scales every vector to norm 1. Keras' `UnitNorm`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::constraints::{Constrain, UnitNorm};
///
/// let y = UnitNorm::new().call(&Tensor::from_vec(vec![3.0_f64, 4.0], [2, 1])?)?.to_vec::<f64>()?;
/// assert!((y[0] - 0.6).abs() < 1e-6 && (y[1] - 0.8).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, KerasConfig)]
#[keras(module = "keras.constraints")]
pub struct UnitNorm {
    /// Axes that make a vector (default 0): `0` for `Dense` kernels, `[0, 1, 2]` for `Conv2D`.
    #[keras(default = 0)]
    axis: Axes,
}

impl Constrain for UnitNorm {
    fn call(&self, value: &Tensor) -> Result<Tensor> {
        value.div(&norms(value, &self.axis)?.add_scalar(EPSILON)?)
    }
}

/// Scales vectors so that their norms move by the fraction `rate` towards `min_value..=max_value`. Keras' `MinMaxNorm`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::constraints::{Constrain, MinMaxNorm};
///
/// let halfway = MinMaxNorm::new().max_value(1.0).rate(0.5);
/// let y = halfway.call(&Tensor::from_vec(vec![3.0_f64, 4.0], [2, 1])?)?.to_vec::<f64>()?;
/// assert!((y[0] - 1.8).abs() < 1e-6 && (y[1] - 2.4).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, KerasConfig)]
#[keras(module = "keras.constraints")]
pub struct MinMaxNorm {
    /// Smallest norm (default 0).
    #[keras(default = 0.0)]
    min_value: Number,
    /// Largest norm (default 1).
    #[keras(default = 1.0)]
    max_value: Number,
    /// Fraction of the distance by which each update moves the norm (default 1: all of it).
    #[keras(default = 1.0)]
    rate: Number,
    /// Axes that make a vector (default 0): `0` for `Dense` kernels, `[0, 1, 2]` for `Conv2D`.
    #[keras(default = 0)]
    axis: Axes,
}

impl Constrain for MinMaxNorm {
    fn call(&self, value: &Tensor) -> Result<Tensor> {
        let norms = norms(value, &self.axis)?;
        let rate = self.rate.get();
        // Lower bound first: if the bounds cross, the upper one wins, as in NumPy.
        let limited = norms.clip(Some(self.min_value.get()), None)?.clip(None, Some(self.max_value.get()))?;
        let desired = limited.mul_scalar(rate)?.add(&norms.mul_scalar(1.0 - rate)?)?;
        rescale(value, &norms, &desired)
    }
}
