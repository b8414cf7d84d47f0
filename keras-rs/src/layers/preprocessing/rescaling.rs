//! Rescaling of values.

use super::Factor;
use crate::config::KerasConfig;
use crate::dtype::DType;
use crate::error::Result;
use crate::layer::{CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::shape::Shape;

/// `inputs * scale + offset`. Keras' `Rescaling`.
///
/// Shapes: the output is shaped as the input, of the type that the layer computes in; images of
/// whole numbers become floats.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let image = Tensor::from_vec(vec![0_u8, 255], [1, 2])?;
/// let y = Rescaling::new(1.0 / 127.5).offset(-1.0).shared().call(&[image])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [-1.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct Rescaling {
    base: LayerBase,
    /// What values are multiplied by: a number, or one number a channel.
    #[keras(new)]
    scale: Factor,
    /// What is added after scaling (default 0).
    #[keras(default = 0.0)]
    offset: Factor,
}

impl Layer for Rescaling {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let compute: DType = self.base.dtype.compute_dtype();
        let x = inputs.into_single()?;
        let x = if x.dtype() == compute { x } else { x.cast(compute)? };
        match (self.scale.number(), self.offset.number()) {
            (Some(scale), Some(offset)) => Ok(x.into_scaled(scale)?.into_shifted(offset)?.into()),
            _ => Ok(x.mul(&self.scale.tensor(&x)?)?.add(&self.offset.tensor(&x)?)?.into()),
        }
    }

    fn form(&self) -> Option<Form> {
        // More axes would have to broadcast.
        let one_axis = self.scale.shape().len() <= 1 && self.offset.shape().len() <= 1;
        let (scale, offset) = (self.scale.values().to_vec(), self.offset.values().to_vec());
        one_axis.then_some(Form::Rescaling { scale, offset })
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![inputs.single()?.clone()])
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
