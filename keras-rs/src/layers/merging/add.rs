//! Sum of tensors.

use super::base::{Merge, Operands, fold};
use crate::config::KerasConfig;
use crate::error::Result;
use crate::layer::{Form, LayerBase};
use crate::tensor::Tensor;

/// Elementwise sum of a list of tensors. Keras' `Add`.
///
/// Shapes: a list of `(batch, ...)` that broadcast together; where ranks differ, axes of size
/// one are put behind the batch.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let a = Tensor::from_vec(vec![1.0_f32, 6.0], [1, 2])?;
/// let b = Tensor::from_vec(vec![3.0_f32, 2.0], [1, 2])?;
/// let y = Add::new().shared().call(&[a, b])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [4.0, 8.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct Add {
    base: LayerBase,
}

impl Merge for Add {
    const FORM: Option<Form> = Some(Form::Add);

    fn merge(layer: &str, operands: Operands) -> Result<Tensor> {
        fold(layer, operands, Tensor::add)
    }
}
