//! Marking time steps to be skipped.

use crate::dtype::DType;
use crate::error::Result;
use crate::layers::{CallContext, Layer, LayerBase, layer_base, setters, single};
use crate::serialization::{Config, ConfigExt, ConfigReader};
use crate::shape::Shape;
use crate::tensor::Tensor;

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
#[derive(Clone, Debug, Default)]
pub struct Masking {
    base: LayerBase,
    mask_value: f64,
}

impl Masking {
    /// For steps of zeros.
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        /// Sets the value of the steps to skip (default 0).
        mask_value: f64,
    }

    pub(super) fn from_config(config: &mut ConfigReader<'_>) -> Result<Self> {
        Ok(Self { base: LayerBase::from_config(config)?, mask_value: config.take_or("mask_value", 0.0)? })
    }

    /// Which steps are used, with the last axis kept.
    fn used(&self, x: &Tensor) -> Result<Tensor> {
        x.not_equal_scalar(self.mask_value)?.max(&[-1], true)?.cast(DType::Bool)
    }
}

impl Layer for Masking {
    layer_base!("Masking");

    fn config(&self) -> Config {
        Config::new().with("mask_value", self.mask_value)
    }

    fn call(&self, inputs: &[Tensor], context: &mut CallContext<'_>) -> Result<Vec<Tensor>> {
        let x = single(context.layer(), inputs)?;
        Ok(vec![x.where_(&self.used(x)?, &x.full_like(vec![1; x.rank()], 0.0)?)?])
    }

    fn compute_output_shape(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        Ok(vec![single("Masking", inputs)?.clone()])
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn compute_mask(
        &self,
        inputs: &[Tensor],
        _masks: &[Option<Tensor>],
        _outputs: usize,
    ) -> Result<Vec<Option<Tensor>>> {
        let x = single("Masking", inputs)?;
        Ok(vec![Some(self.used(x)?.squeeze(&[-1])?)])
    }
}
