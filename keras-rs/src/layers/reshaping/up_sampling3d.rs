//! Upsampling of three axes.

use super::spatial;
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader};
use crate::error::Result;
use crate::layer::{BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs, layer_base};
use crate::layers::{DataFormat, Tuple};
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Repeats the slices, rows and columns of volumes. Keras' `UpSampling3D`.
///
/// Shapes: `(batch, depth, height, width, channels)`, or with the channels second; each spatial size is
/// multiplied by its factor.
///
/// ```
/// use keras_rs::layers::UpSampling3D;
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0], [1, 1, 1, 2, 1])?;
/// let y = UpSampling3D::new((2, 1, 2)).shared().call(&[x])?;
/// assert_eq!(y[0].shape(), [1, 2, 1, 4, 1]);
/// assert_eq!(y[0].to_vec::<f32>()?, [1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct UpSampling3D {
    base: LayerBase,
    size: Tuple<3>,
    data_format: DataFormat,
}

impl UpSampling3D {
    /// With factors of at least 1: one number, or one for each spatial axis.
    pub fn new(size: impl Into<Tuple<3>>) -> Self {
        Self { base: LayerBase::default(), size: size.into(), data_format: DataFormat::ChannelsLast }
    }

    setters! {
        /// Sets where the channels are (default `"channels_last"`).
        data_format: DataFormat,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        Ok(Self {
            base: LayerBase::from_config(c)?,
            size: c.take_or("size", 2.into())?,
            data_format: c.take_or("data_format", DataFormat::ChannelsLast)?,
        })
    }
}

impl Default for UpSampling3D {
    fn default() -> Self {
        Self::new(2)
    }
}

impl Layer for UpSampling3D {
    layer_base!("UpSampling3D");

    fn config(&self) -> Config {
        Config::new().with("size", self.size).with("data_format", self.data_format)
    }

    fn build(&self, _scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        self.compute_output_shape(inputs).map(drop)
    }

    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        Ok(spatial::repeat(x, &*self.size, self.data_format)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        self.size.require_positive("UpSampling3D", "size")?;
        let grown = |i: usize, size: usize| Ok(size.saturating_mul(self.size[i]));
        spatial::with_sizes("UpSampling3D", inputs.single()?, 3, self.data_format, grown)
    }
}
