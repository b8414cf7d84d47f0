//! Penalties on absolute values and squares.

use super::{Regularize, factor};
use crate::config::{Config, ConfigExt, ConfigReader};
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
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct L1 {
    l1: f64,
}

impl Default for L1 {
    fn default() -> Self {
        Self::new(0.01)
    }
}

impl L1 {
    /// With a factor, by default 0.01 in Keras; not negative.
    pub fn new(l1: f64) -> Self {
        Self { l1: as_f32(l1) }
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        Ok(Self::new(factor("L1", "l1", c.take_or("l1", None)?.unwrap_or(0.01))?))
    }
}

impl Regularize for L1 {
    fn class_name(&self) -> &str {
        "L1"
    }

    fn config(&self) -> Config {
        Config::new().with("l1", self.l1)
    }

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
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct L2 {
    l2: f64,
}

impl Default for L2 {
    fn default() -> Self {
        Self::new(0.01)
    }
}

impl L2 {
    /// With a factor, by default 0.01 in Keras; not negative.
    pub fn new(l2: f64) -> Self {
        Self { l2 }
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        Ok(Self::new(factor("L2", "l2", c.take_or("l2", None)?.unwrap_or(0.01))?))
    }
}

impl Regularize for L2 {
    fn class_name(&self) -> &str {
        "L2"
    }

    fn config(&self) -> Config {
        Config::new().with("l2", self.l2)
    }

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
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct L1L2 {
    l1: f64,
    l2: f64,
}

impl L1L2 {
    /// With two factors, by default 0 in Keras; not negative.
    pub fn new(l1: f64, l2: f64) -> Self {
        Self { l1, l2 }
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>, default: f64) -> Result<Self> {
        let mut take = |key: &str| -> Result<f64> {
            // In Keras, an explicit `null` is 0.
            let value = if c.has(key) { c.take::<Option<f64>>(key)?.unwrap_or(0.0) } else { default };
            factor("L1L2", key, value)
        };
        Ok(Self { l1: take("l1")?, l2: take("l2")? })
    }
}

impl Regularize for L1L2 {
    fn class_name(&self) -> &str {
        "L1L2"
    }

    fn config(&self) -> Config {
        Config::new().with("l1", self.l1).with("l2", self.l2)
    }

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
