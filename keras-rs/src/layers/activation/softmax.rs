//! Softmax as a layer.

use crate::config::KerasConfig;
use crate::constraints::Axes;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::layer::{CallContext, Form, Function, InputShapes, Inputs, Layer, LayerBase, Outputs, Signature};
use crate::shape::Shape;
use crate::tensor::{Tensor, broadcast_shapes};

/// Exponentials that sum to 1 along an axis or several. Keras' `Softmax`.
///
/// Shapes: any, unchanged. A mask that broadcasts to the input, given by keyword `mask` or coming
/// with the input, leaves elements out: they get 0. Masks are handed on.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = Softmax::new().shared();
/// let y = layer.call(&[Tensor::from_vec(vec![5.0_f32, 5.0], [1, 2])?])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [0.5, 0.5]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct Softmax {
    base: LayerBase,
    /// Axis, or the axes together (default -1).
    #[keras(default = -1)]
    axis: Axes,
}

/// What masked elements are set to before the exponential.
fn masked_value(dtype: DType) -> f64 {
    if dtype == DType::F16 { -3e4 } else { -1e9 }
}

/// The mask as truth values: numbers count as true above one half.
fn truth(name: &str, mask: &Tensor, x: &Tensor) -> Result<Tensor> {
    let fits = mask.rank() <= x.rank()
        && broadcast_shapes(name, mask.shape(), x.shape()).is_ok_and(|shape| shape == x.shape());
    if !fits {
        let expected = format!("a shape that broadcasts to {}", tuple(x.shape()));
        return Err(Error::shape(name, "mask", expected, tuple(mask.shape())));
    }
    if mask.dtype() == DType::Bool { Ok(mask.clone()) } else { mask.to_float()?.greater_scalar(0.5) }
}

impl Layer for Softmax {
    fn signature(&self) -> Signature {
        Signature::MASKED
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let (x, mask) = &inputs.into_single_masked()?.into_parts();
        let Some(mask) = mask else {
            return Ok(crate::ops::softmax(x, self.axis.as_slice())?.into());
        };
        let mask = truth(context.layer(), mask, x)?;
        let x = &x.to_float()?;
        let number = |value: f64| x.full_like(vec![1; x.rank()], value);
        let kept = x.where_(&mask, &number(masked_value(x.dtype()))?)?;
        let y = crate::ops::softmax(&kept, self.axis.as_slice())?;
        // Where everything is masked, softmax spreads evenly over what should be left out.
        Ok(y.where_(&mask, &number(0.0)?)?.into())
    }

    fn form(&self) -> Option<Form> {
        match self.axis.as_slice() {
            &[axis] => Some(Form::Function(Function::Softmax(axis))),
            _ => None,
        }
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(inputs.to_list())
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
