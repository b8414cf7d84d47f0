//! A scaled residual, as InceptionResNetV2 has it.

use crate::config::KerasConfig;
use crate::error::{Error, Result};
use crate::layer::{CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs, Signature};
use crate::shape::Shape;
use crate::tensor::broadcast_symbolic;

/// `a + scale * b` of a list of two tensors. Keras' `CustomScaleLayer`, private to InceptionResNetV2.
///
/// Shapes: two that broadcast together.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let a = Tensor::from_vec(vec![1.0_f32, 6.0], [1, 2])?;
/// let b = Tensor::from_vec(vec![4.0_f32, 2.0], [1, 2])?;
/// let y = CustomScaleLayer::new(0.5).shared().call(&[a, b])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [3.0, 7.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.src.applications.inception_resnet_v2", registered_name = "CustomScaleLayer")]
pub struct CustomScaleLayer {
    base: LayerBase,
    /// Factor of the second tensor.
    #[keras(new)]
    scale: f64,
}

impl CustomScaleLayer {
    fn two<T>(context: &str, inputs: Vec<T>) -> Result<[T; 2]> {
        let count = inputs.len();
        let wrong = |_| Error::argument(context, "inputs", "two tensors", format!("{count} tensors"));
        inputs.try_into().map_err(wrong)
    }
}

impl Layer for CustomScaleLayer {
    fn signature(&self) -> Signature {
        Signature::LIST
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let [a, b] = Self::two(context.layer(), inputs.into_list())?;
        Ok(a.add(&b.mul_scalar(self.scale)?)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let [a, b] = Self::two(self.class_name(), inputs.to_list())?;
        Ok(vec![broadcast_symbolic(self.class_name(), &a, &b)?])
    }
}
