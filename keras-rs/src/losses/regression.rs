//! Losses on numbers.

use super::{ComputeLoss, LossBase, same_rank};
use crate::error::Result;
use crate::serialization::ConfigReader;
use crate::tensor::Tensor;

/// `mean((y_true - y_pred)², axis=-1)`. Keras' `mean_squared_error`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::mean_squared_error;
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0], [1, 2])?;
/// let y_pred = Tensor::from_vec(vec![2.0_f32, 1.0], [1, 2])?;
/// assert_eq!(mean_squared_error(&y_true, &y_pred)?.to_vec::<f32>()?, [2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn mean_squared_error(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = same_rank(&y_true.cast(y_pred.dtype())?, y_pred)?;
    y_true.sub(&y_pred)?.square()?.mean(&[-1], false)
}

/// Mean of squared differences. Keras' `MeanSquaredError`.
#[derive(Clone, Debug)]
pub struct MeanSquaredError {
    base: LossBase,
}

impl Default for MeanSquaredError {
    fn default() -> Self {
        Self::new()
    }
}

impl MeanSquaredError {
    /// With Keras' defaults.
    pub fn new() -> Self {
        Self { base: LossBase::named("mean_squared_error") }
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        Ok(Self { base: LossBase::from_config(c, "mean_squared_error")? })
    }
}

impl ComputeLoss for MeanSquaredError {
    fn class_name(&self) -> &str {
        "MeanSquaredError"
    }

    fn base(&self) -> &LossBase {
        &self.base
    }

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        mean_squared_error(y_true, y_pred)
    }
}
