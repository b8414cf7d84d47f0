//! Product of tensors.

use super::base::{Merge, Operands, any_mask, fold, spread};
use crate::config::KerasConfig;
use crate::error::Result;
use crate::layer::{Form, LayerBase, MaskedTensor};
use crate::tensor::Tensor;

/// Elementwise product of a list of tensors; masked values count as one. Keras' `Multiply`.
///
/// Shapes: a list of `(batch, ...)` that broadcast together; where ranks differ, axes of size
/// one are put behind the batch.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let a = Tensor::from_vec(vec![1.0_f32, 6.0], [1, 2])?;
/// let b = Tensor::from_vec(vec![3.0_f32, 2.0], [1, 2])?;
/// let y = Multiply::new().shared().call(&[a, b])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [3.0, 12.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct Multiply {
    base: LayerBase,
}

impl Merge for Multiply {
    const FORM: Option<Form> = Some(Form::Multiply);

    fn merge(layer: &str, operands: Operands) -> Result<Tensor> {
        if operands.iter().all(|operand| operand.mask().is_none()) {
            return fold(layer, operands, Tensor::mul);
        }
        let mut used = Vec::new();
        let mut factors = Vec::new();
        for (x, mask) in operands.into_iter().map(MaskedTensor::into_parts) {
            let mask = mask.map(|m| spread(&m, &x)).transpose()?;
            let factor = match &mask {
                Some(mask) => x.where_(mask, &x.full_like([1; 0], 1.0)?)?,
                None => x,
            };
            used.push(mask);
            factors.push(factor.into());
        }
        let product = fold(layer, factors, Tensor::mul)?;
        match any_mask(used, Tensor::logical_or)? {
            Some(used) => product.where_(&used, &product.full_like([1; 0], 0.0)?),
            None => Ok(product),
        }
    }
}
