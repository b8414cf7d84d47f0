//! Penalty on vectors that are not orthogonal.

use super::norms::as_f32;
use super::{Regularize, factor};
use crate::backend::Device;
use crate::config::KerasConfig;
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
#[derive(Clone, Debug, PartialEq, KerasConfig)]
#[keras(module = "keras.regularizers", check = |made, _| made.check())]
pub struct OrthogonalRegularizer {
    /// Factor (default 0.01); not negative.
    #[keras(new, default = 0.01, normalize = as_f32)]
    factor: f64,
    /// Which vectors shall be orthogonal: `rows` (default) or `columns`.
    #[keras(default = "rows")]
    mode: String,
}

impl OrthogonalRegularizer {
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
