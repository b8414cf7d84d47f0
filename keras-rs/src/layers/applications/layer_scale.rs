//! The scale of a block's output in ConvNeXt.

use crate::config::{KerasConfig, Number};
use crate::error::{Error, Result};
use crate::initializers::Constant;
use crate::layer::{BuildScope, CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::shape::Shape;

/// `x * gamma`, one factor a channel. The class `LayerScale` of Keras' ConvNeXt; Touvron et al., 2021.
///
/// Shapes: `(..., projection_dim)` to the same; the weight, which Keras gives no name but `variable`, is shaped
/// `(projection_dim,)`.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let y = LayerScale::new(0.5, 2).shared().call(&[Tensor::ones([1, 2], DType::F32)?])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [0.5, 0.5]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.src.applications.convnext", registered_name = "LayerScale")]
pub struct LayerScale {
    base: LayerBase,
    /// What the factors are at first; a small number in 0 to 1.
    #[keras(new)]
    init_values: Number,
    /// Number of channels; at least one.
    #[keras(new)]
    projection_dim: usize,
}

impl Layer for LayerScale {
    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let channels = inputs.single()?.known_dim(scope.name(), -1)?;
        if channels != self.projection_dim {
            let expected = format!("{} in the last axis (`projection_dim`)", self.projection_dim);
            return Err(Error::shape(scope.name(), "input", expected, inputs.single()?));
        }
        let initializer = Constant::new(self.init_values.get()).into();
        scope.weight("variable", &[self.projection_dim], &initializer).add()
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        Ok(inputs.into_single()?.mul(&context.weight("variable")?)?.into())
    }

    fn form(&self) -> Option<Form> {
        Some(Form::Scaling("variable"))
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![inputs.single()?.clone()])
    }
}
