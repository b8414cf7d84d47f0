//! Largest of tensors.

use super::base::{Merge, Operands, fold_masked};
use crate::config::KerasConfig;
use crate::error::Result;
use crate::layer::LayerBase;
use crate::tensor::Tensor;

/// Elementwise largest value of a list of tensors; masked values do not count. Keras' `Maximum`.
///
/// Shapes: a list of `(batch, ...)` that broadcast together; where ranks differ, axes of size
/// one are put behind the batch.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let a = Tensor::from_vec(vec![1.0_f32, 6.0], [1, 2])?;
/// let b = Tensor::from_vec(vec![3.0_f32, 2.0], [1, 2])?;
/// let y = Maximum::new().shared().call(&[a, b])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [3.0, 6.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct Maximum {
    base: LayerBase,
}

impl Merge for Maximum {
    fn merge(layer: &str, operands: Operands) -> Result<Tensor> {
        fold_masked(layer, operands, Tensor::maximum)
    }
}
