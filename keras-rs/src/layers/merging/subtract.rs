//! Difference of two tensors.

use super::base::{Merge, Operands, fold};
use crate::config::KerasConfig;
use crate::error::Result;
use crate::layer::LayerBase;
use crate::tensor::Tensor;

/// Elementwise difference of two tensors. Keras' `Subtract`.
///
/// Shapes: two tensors of `(batch, ...)` that broadcast together; where ranks differ, axes of size
/// one are put behind the batch.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let a = Tensor::from_vec(vec![1.0_f32, 6.0], [1, 2])?;
/// let b = Tensor::from_vec(vec![3.0_f32, 2.0], [1, 2])?;
/// let y = Subtract::new().shared().call(&[a, b])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [-2.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct Subtract {
    base: LayerBase,
}

impl Merge for Subtract {
    const COUNT: Option<usize> = Some(2);

    fn merge(layer: &str, operands: Operands) -> Result<Tensor> {
        fold(layer, operands, Tensor::sub)
    }
}
