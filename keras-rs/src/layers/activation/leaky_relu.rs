//! Leaky rectified linear unit.

use super::not_negative;
use crate::activations;
use crate::config::{ConfigReader, KerasConfig, Number};
use crate::error::Result;
use crate::layer::{BuildScope, CallContext, Form, Function, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::shape::Shape;
use keras_rs_kernels::Activation;

/// `x`, times `negative_slope` where it is negative. Keras' `LeakyReLU`.
///
/// Shapes: any, unchanged. Masks are handed on.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = LeakyReLU::new().negative_slope(0.5).shared();
/// let y = layer.call(&[Tensor::from_vec(vec![-1.0_f32, 2.0], [1, 2])?])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [-0.5, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", check = Self::check)]
pub struct LeakyReLU {
    base: LayerBase,
    /// Slope for negative inputs (default 0.3), not negative; Keras 2 called it `alpha`.
    #[keras(default = 0.3, alias = "alpha", read_with = slope)]
    negative_slope: Number,
}

/// The slope of a file; of both names that of Keras 2 counts, as in Keras.
fn slope(c: &mut ConfigReader<'_>, key: &str) -> Result<Number> {
    let written = c.take(key)?;
    c.take_or("alpha", written)
}

impl LeakyReLU {
    fn check(&self, context: &str) -> Result<()> {
        not_negative(context, "negative_slope", self.negative_slope)
    }
}

impl Layer for LeakyReLU {
    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        not_negative(scope.name(), "negative_slope", self.negative_slope)
    }

    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        Ok(activations::leaky_relu_with(x, self.negative_slope.get())?.into())
    }

    fn form(&self) -> Option<Form> {
        let slope = self.negative_slope.get() as f32;
        Some(Form::Function(Function::Elementwise(Activation::LeakyRelu(slope))))
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(inputs.to_list())
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
