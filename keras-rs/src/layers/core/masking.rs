//! Marking time steps to be skipped.

use crate::config::{KerasConfig, Number};
use crate::dtype::DType;
use crate::error::Result;
use crate::layer::{
    CallContext, InputShapes, Inputs, KerasTensor, Layer, LayerBase, Outputs, SymbolicInputs,
};
use crate::ops;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Masks the time steps of which every feature has one value, and sets them to zero. Keras' `Masking`.
///
/// Shapes: `(batch, ..., features)`; the mask is without the last axis.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let steps = Tensor::from_vec(vec![9.0_f32, 9.0, 9.0, 1.0], [1, 2, 2])?;
/// let y = Masking::new().mask_value(9.0).shared().call(&[steps])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [0.0, 0.0, 9.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct Masking {
    base: LayerBase,
    /// Value of the steps to skip (default 0).
    #[keras(default = 0.0)]
    mask_value: Number,
}

impl Masking {
    /// Which steps are used, with the last axis kept.
    fn used(&self, x: &Tensor) -> Result<Tensor> {
        x.not_equal_scalar(self.mask_value.get())?.max(&[-1], true)?.cast(DType::Bool)
    }
}

impl Layer for Masking {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        Ok(x.where_(&self.used(x)?, &x.full_like(vec![1; x.rank()], 0.0)?)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![inputs.single()?.clone()])
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn compute_mask(&self, inputs: &Inputs) -> Result<Vec<Option<Tensor>>> {
        let x = &inputs.single()?.tensor;
        Ok(vec![Some(self.used(x)?.squeeze(&[-1])?)])
    }

    fn compute_symbolic_mask(&self, inputs: &SymbolicInputs) -> Result<Vec<Option<KerasTensor>>> {
        let used = ops::not_equal(inputs.single()?, &self.mask_value.get())?;
        Ok(vec![Some(ops::any(&used, -1, false)?)])
    }
}
