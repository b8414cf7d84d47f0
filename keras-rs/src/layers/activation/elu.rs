//! Exponential linear unit.

use crate::activations;
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader, Number};
use crate::error::Result;
use crate::layer::{CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs, layer_base};
use crate::shape::Shape;
use crate::tensor::Tensor;

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
#[derive(Clone, Debug)]
pub struct ELU {
    base: LayerBase,
    alpha: Number,
}

impl Default for ELU {
    fn default() -> Self {
        Self::new()
    }
}

impl ELU {
    /// With alpha 1.
    pub fn new() -> Self {
        Self { base: LayerBase::default(), alpha: 1.0.into() }
    }

    setters! {
        /// Sets the limit far below zero, without its sign (default 1).
        alpha: Number,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        Ok(Self { base: LayerBase::from_config(c)?, alpha: c.take_or("alpha", Self::new().alpha)? })
    }
}

impl Layer for ELU {
    layer_base!("ELU");

    fn config(&self) -> Config {
        Config::new().with("alpha", self.alpha)
    }

    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        Ok(activations::elu_with(&inputs.into_single()?, self.alpha.get())?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(inputs.to_list())
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
