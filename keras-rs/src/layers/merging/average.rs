//! Mean of tensors.

use super::base::{Merge, Operands, fold};
use crate::config::KerasConfig;
use crate::error::Result;
use crate::layer::{Form, LayerBase};
use crate::tensor::Tensor;

/// Elementwise mean of a list of tensors. Keras' `Average`.
///
/// Shapes: a list of `(batch, ...)` that broadcast together; where ranks differ, axes of size
/// one are put behind the batch.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let a = Tensor::from_vec(vec![1.0_f32, 6.0], [1, 2])?;
/// let b = Tensor::from_vec(vec![3.0_f32, 2.0], [1, 2])?;
/// let y = Average::new().shared().call(&[a, b])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [2.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct Average {
    base: LayerBase,
}

impl Merge for Average {
    const FORM: Option<Form> = Some(Form::Average);

    fn merge(layer: &str, operands: Operands) -> Result<Tensor> {
        let count = operands.len();
        fold(layer, operands, Tensor::add)?.div_scalar(count as f64)
    }
}
