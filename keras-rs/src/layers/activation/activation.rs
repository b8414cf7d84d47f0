//! Any activation as a layer.

use crate::activations;
use crate::config::KerasConfig;
use crate::error::{Error, Result};
use crate::layer::{BuildScope, CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::shape::Shape;

/// Applies an activation. Keras' `Activation`.
///
/// Shapes: any, unchanged. Masks are handed on.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = Activation::new("relu").shared();
/// let y = layer.call(&[Tensor::from_vec(vec![-1.0_f32, 2.0], [1, 2])?])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [0.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", constructor = of)]
pub struct Activation {
    base: LayerBase,
    /// A Keras name, a layer or an [`activations::Activation`].
    #[keras(new, sublayer)]
    activation: activations::Activation,
}

impl Activation {
    /// With an activation: a Keras name, a layer or an [`activations::Activation`].
    pub fn new<A>(activation: A) -> Self
    where
        A: TryInto<activations::Activation>,
        Error: From<A::Error>,
    {
        activation.try_into().map(Self::of).unwrap_or_else(|error| {
            let mut layer = Self::of(activations::Activation::linear());
            layer.base.defer(error.into());
            layer
        })
    }
}

impl Layer for Activation {
    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let input = inputs.single()?;
        self.activation.build(scope, input)
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        if self.activation.is_linear() {
            return Ok(inputs.into_single_masked()?.into());
        }
        Ok(self.activation.call_in(inputs.into_single()?, context)?.into())
    }

    fn form(&self) -> Option<Form> {
        Some(Form::Function(self.activation.form()?))
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(inputs.to_list())
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
