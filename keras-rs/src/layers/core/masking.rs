//! Marking time steps to be skipped.

use crate::config::{Config, ConfigExt, ConfigReader};
use crate::dtype::DType;
use crate::error::Result;
use crate::layer::{CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs, layer_base};
use crate::shape::Shape;
use crate::tensor::Tensor;
use serde_json::Value;

/// Masks the time steps of which every feature has one value, and sets them to zero. Keras' `Masking`.
///
/// Shapes: `(batch, ..., features)`; the mask is without the last axis.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let steps = Tensor::from_vec(vec![9.0_f32, 9.0, 9.0, 1.0], [1, 2, 2])?;
/// let y = Masking::new().mask_value(9.0).shared().call(&[steps])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [0.0, 0.0, 9.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Masking {
    base: LayerBase,
    mask_value: f64,
    /// The value as a file has it, which may be a whole number.
    written_value: Value,
}

impl Default for Masking {
    fn default() -> Self {
        Self { base: LayerBase::default(), mask_value: 0.0, written_value: 0.0.into() }
    }
}

impl Masking {
    /// For steps of zeros.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the value of the steps to skip (default 0).
    #[must_use]
    pub fn mask_value(mut self, mask_value: f64) -> Self {
        self.mask_value = mask_value;
        self.written_value = mask_value.into();
        self
    }

    pub(super) fn from_config(config: &mut ConfigReader<'_>) -> Result<Self> {
        let base = LayerBase::from_config(config)?;
        let written_value: Value = config.take_or("mask_value", 0.0.into())?;
        let mask_value =
            written_value.as_f64().ok_or_else(|| config.reject("mask_value", "a number", &written_value))?;
        Ok(Self { base, mask_value, written_value })
    }

    /// Which steps are used, with the last axis kept.
    fn used(&self, x: &Tensor) -> Result<Tensor> {
        x.not_equal_scalar(self.mask_value)?.max(&[-1], true)?.cast(DType::Bool)
    }
}

impl Layer for Masking {
    layer_base!("Masking");

    fn config(&self) -> Config {
        Config::new().with("mask_value", &self.written_value)
    }

    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        Ok(x.where_(&self.used(x)?, &x.full_like(vec![1; x.rank()], 0.0)?)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![inputs.single()?.clone()])
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn compute_mask(&self, inputs: &Inputs) -> Result<Vec<Option<Tensor>>> {
        let x = &inputs.single()?.tensor;
        Ok(vec![Some(self.used(x)?.squeeze(&[-1])?)])
    }
}
