//! Smallest of tensors.

use super::base::{Merge, Operands, fold_masked};
use crate::config::KerasConfig;
use crate::error::Result;
use crate::layer::LayerBase;
use crate::tensor::Tensor;

/// Elementwise smallest value of a list of tensors; masked values do not count. Keras' `Minimum`.
///
/// Shapes: a list of `(batch, ...)` that broadcast together; where ranks differ, axes of size
/// one are put behind the batch.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let a = Tensor::from_vec(vec![1.0_f32, 6.0], [1, 2])?;
/// let b = Tensor::from_vec(vec![3.0_f32, 2.0], [1, 2])?;
/// let y = Minimum::new().shared().call(&[a, b])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [1.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct Minimum {
    base: LayerBase,
}

impl Merge for Minimum {
    fn merge(layer: &str, operands: Operands) -> Result<Tensor> {
        fold_masked(layer, operands, Tensor::minimum)
    }
}
