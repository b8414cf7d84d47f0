//! Exponential linear unit.

use crate::activations;
use crate::config::{KerasConfig, Number};
use crate::error::Result;
use crate::layer::{CallContext, Form, Function, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::shape::Shape;
use keras_rs_kernels::Activation;

/// `x`, and `alpha * (exp(x) - 1)` where it is negative. Keras' `ELU`; Clevert et al., 2016.
///
/// Shapes: any, unchanged. Masks are handed on.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = ELU::new().alpha(2.0).shared();
/// let y = layer.call(&[Tensor::from_vec(vec![-100.0_f32, 2.0], [1, 2])?])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [-2.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct ELU {
    base: LayerBase,
    /// Limit far below zero, without its sign (default 1).
    #[keras(default = 1.0)]
    alpha: Number,
}

impl Layer for ELU {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        Ok(activations::elu_with(&inputs.into_single()?, self.alpha.get())?.into())
    }

    fn form(&self) -> Option<Form> {
        Some(Form::Function(Function::Elementwise(Activation::Elu(self.alpha.get() as f32))))
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(inputs.to_list())
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
