//! A layer that does nothing.

use crate::config::KerasConfig;
use crate::dtype::DType;
use crate::error::Result;
use crate::layer::{
    CallContext, Form, InputShapes, Inputs, KerasTensor, Layer, LayerBase, Outputs, SymbolicInputs,
};
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Gives its inputs as they are. Keras' `Identity`.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let y = Identity::new().shared().call(&[Tensor::from_vec(vec![1, 2], [1, 2])?])?;
/// assert_eq!(y[0].to_vec::<i32>()?, [1, 2]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct Identity {
    base: LayerBase,
}

impl Layer for Identity {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        Ok(Outputs(inputs.into_masked()))
    }

    fn form(&self) -> Option<Form> {
        Some(Form::Identity)
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(inputs.to_list())
    }

    fn compute_output_dtype(&self, inputs: &[DType], _outputs: usize) -> Vec<DType> {
        inputs.to_vec()
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn compute_mask(&self, inputs: &Inputs) -> Result<Vec<Option<Tensor>>> {
        Ok(inputs.masks())
    }

    fn compute_symbolic_mask(&self, inputs: &SymbolicInputs) -> Result<Vec<Option<KerasTensor>>> {
        Ok(inputs.masks())
    }
}
