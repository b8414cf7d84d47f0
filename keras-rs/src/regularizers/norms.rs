//! Penalties on absolute values and squares.

use super::{Regularize, factor};
use crate::config::{ConfigReader, KerasConfig};
use crate::error::Result;
use crate::tensor::Tensor;

/// `l1` times the sum of absolute values.
fn absolute(x: &Tensor, l1: f64) -> Result<Tensor> {
    x.abs()?.sum(&[], false)?.mul_scalar(l1)
}

/// `l2` times the sum of squares.
fn squared(x: &Tensor, l2: f64) -> Result<Tensor> {
    x.square()?.sum(&[], false)?.mul_scalar(l2)
}

/// Keras stores some factors as `float32`, and so do its files.
pub(super) fn as_f32(value: f64) -> f64 {
    f64::from(value as f32)
}

/// Reads a factor; an explicit `null` stands for a number in Keras.
fn read(class: &str, c: &mut ConfigReader<'_>, key: &str, null: f64) -> Result<f64> {
    factor(class, key, c.take::<Option<f64>>(key)?.unwrap_or(null))
}

/// The function `l1_l2` of Keras 2, which has other defaults than the class.
pub(super) fn l1_l2(c: &mut ConfigReader<'_>) -> Result<L1L2> {
    let mut take = |key: &str| if c.has(key) { read("L1L2", c, key, 0.0) } else { Ok(0.01) };
    Ok(L1L2 { l1: take("l1")?, l2: take("l2")? })
}

/// `l1 * sum(|x|)`. Keras' `L1`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::regularizers::{L1, Regularize};
///
/// let penalty = L1::new(0.5).call(&Tensor::from_vec(vec![3.0_f32, -4.0], [2])?)?;
/// assert_eq!(penalty.to_scalar()?, 3.5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, KerasConfig)]
#[keras(module = "keras.regularizers")]
pub struct L1 {
    /// Factor (default 0.01); not negative.
    #[keras(new, default = 0.01, normalize = as_f32, read_with = |c, key| read("L1", c, key, 0.01))]
    l1: f64,
}

impl Regularize for L1 {
    fn call(&self, value: &Tensor) -> Result<Tensor> {
        absolute(value, factor("L1", "l1", self.l1)?)
    }
}

/// `l2 * sum(x²)`. Keras' `L2`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::regularizers::{L2, Regularize};
///
/// let penalty = L2::new(0.5).call(&Tensor::from_vec(vec![3.0_f32, -4.0], [2])?)?;
/// assert_eq!(penalty.to_scalar()?, 12.5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, KerasConfig)]
#[keras(module = "keras.regularizers")]
pub struct L2 {
    /// Factor (default 0.01); not negative.
    #[keras(new, default = 0.01, read_with = |c, key| read("L2", c, key, 0.01))]
    l2: f64,
}

impl Regularize for L2 {
    fn call(&self, value: &Tensor) -> Result<Tensor> {
        squared(value, factor("L2", "l2", self.l2)?)
    }
}

/// `l1 * sum(|x|) + l2 * sum(x²)`. Keras' `L1L2`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::regularizers::{L1L2, Regularize};
///
/// let penalty = L1L2::new(1.0, 0.5).call(&Tensor::from_vec(vec![3.0_f32, -4.0], [2])?)?;
/// assert_eq!(penalty.to_scalar()?, 19.5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, KerasConfig)]
#[keras(module = "keras.regularizers")]
pub struct L1L2 {
    /// Factor of the absolute values (default 0); not negative.
    #[keras(new, default = 0.0, read_with = |c, key| read("L1L2", c, key, 0.0))]
    l1: f64,
    /// Factor of the squares (default 0); not negative.
    #[keras(new, default = 0.0, read_with = |c, key| read("L1L2", c, key, 0.0))]
    l2: f64,
}

impl Regularize for L1L2 {
    fn call(&self, value: &Tensor) -> Result<Tensor> {
        let l1 = factor("L1L2", "l1", self.l1)?;
        let l2 = factor("L1L2", "l2", self.l2)?;
        // A term with factor zero is left out: zero times infinity is NaN.
        match (l1 == 0.0, l2 == 0.0) {
            (true, true) => value.full_like(Vec::new(), 0.0),
            (false, true) => absolute(value, l1),
            (true, false) => squared(value, l2),
            (false, false) => absolute(value, l1)?.add(&squared(value, l2)?),
        }
    }
}
