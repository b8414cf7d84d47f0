//! Leaky rectified linear unit.

use super::not_negative;
use crate::activations;
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader, Number};
use crate::error::Result;
use crate::layer::{BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs, layer_base};
use crate::shape::Shape;
use crate::tensor::Tensor;

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
#[derive(Clone, Debug)]
pub struct LeakyReLU {
    base: LayerBase,
    negative_slope: Number,
}

impl Default for LeakyReLU {
    fn default() -> Self {
        Self::new()
    }
}

impl LeakyReLU {
    /// With slope 0.3.
    pub fn new() -> Self {
        Self { base: LayerBase::default(), negative_slope: 0.3.into() }
    }

    setters! {
        /// Sets the slope for negative inputs (default 0.3); not negative.
        negative_slope: Number,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let base = LayerBase::from_config(c)?;
        // Keras 2 called it `alpha`.
        let before = c.take_or("alpha", Self::new().negative_slope)?;
        let made = Self { base, negative_slope: c.take_or("negative_slope", before)? };
        not_negative(c.object(), "negative_slope", made.negative_slope)?;
        Ok(made)
    }
}

impl Layer for LeakyReLU {
    layer_base!("LeakyReLU");

    fn config(&self) -> Config {
        Config::new().with("negative_slope", self.negative_slope)
    }

    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        not_negative(scope.name(), "negative_slope", self.negative_slope)
    }

    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        Ok(activations::leaky_relu_with(x, self.negative_slope.get())?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(inputs.to_list())
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
