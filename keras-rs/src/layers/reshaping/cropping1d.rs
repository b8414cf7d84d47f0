//! Cropping of one axis.

use super::spatial;
use crate::config::{Config, ConfigExt, ConfigReader};
use crate::error::Result;
use crate::layer::{BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs, layer_base};
use crate::layers::{DataFormat, Margins};
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Takes elements off both ends of one axis. Keras' `Cropping1D`.
///
/// Shapes: `(batch, steps, features)`; the steps shrink by both margins, to at least 1.
///
/// ```
/// use keras_rs::layers::Cropping1D;
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0], [1, 4, 1])?;
/// let y = Cropping1D::new((0, 2)).shared().call(&[x])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [1.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cropping1D {
    base: LayerBase,
    cropping: Margins<1>,
}

impl Cropping1D {
    /// With a number for both ends, or one for each.
    pub fn new(cropping: impl Into<Margins<1>>) -> Self {
        Self { base: LayerBase::default(), cropping: cropping.into() }
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        Ok(Self { base: LayerBase::from_config(c)?, cropping: c.take_or("cropping", 1.into())? })
    }
}

impl Default for Cropping1D {
    fn default() -> Self {
        Self::new(1)
    }
}

impl Layer for Cropping1D {
    layer_base!("Cropping1D");

    fn config(&self) -> Config {
        Config::new().with("cropping", self.cropping)
    }

    fn build(&self, _scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        self.compute_output_shape(inputs).map(drop)
    }

    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        Ok(spatial::crop(x, &self.cropping, DataFormat::ChannelsLast)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        spatial::cropped_shape("Cropping1D", inputs.single()?, &self.cropping, DataFormat::ChannelsLast)
    }
}
