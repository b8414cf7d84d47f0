//! Upsampling of one axis.

use super::spatial;
use crate::config::{Config, ConfigExt, ConfigReader};
use crate::error::{Error, Result};
use crate::layer::{BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs, layer_base};
use crate::layers::DataFormat;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Repeats each step. Keras' `UpSampling1D`.
///
/// Shapes: `(batch, steps, features)` to `(batch, size * steps, features)`.
///
/// ```
/// use keras_rs::layers::UpSampling1D;
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0], [1, 2, 1])?;
/// let y = UpSampling1D::new(2).shared().call(&[x])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [1.0, 1.0, 2.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct UpSampling1D {
    base: LayerBase,
    size: usize,
}

impl UpSampling1D {
    /// With this many copies of each step; at least 1.
    pub fn new(size: usize) -> Self {
        Self { base: LayerBase::default(), size }
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        Ok(Self { base: LayerBase::from_config(c)?, size: c.take_or("size", 2)? })
    }
}

impl Default for UpSampling1D {
    fn default() -> Self {
        Self::new(2)
    }
}

impl Layer for UpSampling1D {
    layer_base!("UpSampling1D");

    fn config(&self) -> Config {
        Config::new().with("size", self.size)
    }

    fn build(&self, _scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        self.compute_output_shape(inputs).map(drop)
    }

    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        Ok(spatial::repeat(x, &[self.size], DataFormat::ChannelsLast)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        if self.size == 0 {
            return Err(Error::argument("UpSampling1D", "size", "at least 1", 0));
        }
        let grown = |_, steps: usize| Ok(steps.saturating_mul(self.size));
        spatial::with_sizes("UpSampling1D", inputs.single()?, 1, DataFormat::ChannelsLast, grown)
    }
}
