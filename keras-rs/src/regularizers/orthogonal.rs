//! Penalty on vectors that are not orthogonal.

use super::norms::as_f32;
use super::{Regularize, factor};
use crate::backend::Device;
use crate::config::{Config, ConfigExt, ConfigReader};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::initializers::{Identity, Initialize};
use crate::tensor::Tensor;

/// Keras' `epsilon()`: shorter vectors are not normalised.
const EPSILON: f64 = 1e-7;

/// `factor` times the mean absolute product of pairs of normalised rows, or columns, of a matrix.
/// Keras' `OrthogonalRegularizer`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::regularizers::{OrthogonalRegularizer, Regularize};
///
/// let penalty = OrthogonalRegularizer::new(0.5);
/// let x = Tensor::from_vec(vec![1.0_f32, 0.0, 3.0, 4.0], [2, 2])?;
/// assert!((penalty.call(&x)?.to_scalar()? - 0.5 * 0.6).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct OrthogonalRegularizer {
    factor: f64,
    mode: String,
}

impl Default for OrthogonalRegularizer {
    fn default() -> Self {
        Self::new(0.01)
    }
}

impl OrthogonalRegularizer {
    /// Over rows, with a factor, by default 0.01 in Keras; not negative.
    pub fn new(factor: f64) -> Self {
        Self { factor: as_f32(factor), mode: "rows".into() }
    }

    /// Sets which vectors shall be orthogonal: `rows` or `columns`.
    #[must_use]
    pub fn mode(mut self, mode: impl Into<String>) -> Self {
        self.mode = mode.into();
        self
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let made = Self::new(c.take_or("factor", 0.01)?).mode(c.take_or("mode", String::from("rows"))?);
        made.check()?;
        Ok(made)
    }

    fn check(&self) -> Result<()> {
        factor("OrthogonalRegularizer", "factor", self.factor)?;
        if ["rows", "columns"].contains(&self.mode.as_str()) {
            return Ok(());
        }
        Err(Error::argument("OrthogonalRegularizer", "mode", "rows, columns", &self.mode))
    }
}

/// A matrix of ones with zeros on the diagonal.
fn off_diagonal(size: usize, dtype: DType, device: &Device) -> Result<Tensor> {
    Identity::new().call(&[size, size], dtype, device, 0)?.neg()?.add_scalar(1.0)
}

impl Regularize for OrthogonalRegularizer {
    fn class_name(&self) -> &str {
        "OrthogonalRegularizer"
    }

    fn config(&self) -> Config {
        Config::new().with("factor", self.factor).with("mode", &self.mode)
    }

    fn call(&self, value: &Tensor) -> Result<Tensor> {
        self.check()?;
        if value.rank() != 2 {
            return Err(Error::shape("OrthogonalRegularizer", "value", "two axes", tuple(value.shape())));
        }
        let rows = if self.mode == "rows" { value.clone() } else { value.transpose()? };
        let squares = rows.square()?.sum(&[1], true)?.clip(Some(EPSILON * EPSILON), None)?;
        let unit = rows.mul(&squares.rsqrt()?)?;
        let size = rows.shape()[0];
        let products = unit.matmul(&unit.transpose()?)?;
        let off_diagonal_products = products.mul(&off_diagonal(size, value.dtype(), value.device())?)?;
        let pairs = size as f64 * (size as f64 - 1.0) / 2.0;
        off_diagonal_products.abs()?.sum(&[], false)?.mul_scalar(self.factor * 0.5)?.div_scalar(pairs)
    }
}
