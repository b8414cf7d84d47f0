//! Upsampling of two axes.

use super::spatial;
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader, FromConfig, IntoConfig};
use crate::error::Result;
use crate::layer::{BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs, layer_base};
use crate::layers::{DataFormat, Tuple};
use crate::ops::{Interpolation, resize};
use crate::shape::Shape;
use crate::tensor::Tensor;
use serde_json::Value;

/// Enlarges images by whole factors. Keras' `UpSampling2D`.
///
/// Shapes: `(batch, height, width, channels)`, or with the channels second; each spatial size is
/// multiplied by its factor. Integers stay integers.
///
/// ```
/// use keras_rs::layers::UpSampling2D;
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![0.0_f32, 4.0], [1, 1, 2, 1])?;
/// let y = UpSampling2D::new((1, 2)).shared().call(&[x.clone()])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [0.0, 0.0, 4.0, 4.0]);
/// let y = UpSampling2D::new((1, 2)).interpolation("bilinear").shared().call(&[x])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [0.0, 1.0, 3.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct UpSampling2D {
    base: LayerBase,
    size: Tuple<2>,
    data_format: DataFormat,
    interpolation: Interpolation,
}

impl UpSampling2D {
    /// With factors of at least 1: one number, or one for each spatial axis.
    pub fn new(size: impl Into<Tuple<2>>) -> Self {
        Self {
            base: LayerBase::default(),
            size: size.into(),
            data_format: DataFormat::ChannelsLast,
            interpolation: Interpolation::Nearest,
        }
    }

    setters! {
        /// Sets where the channels are (default `"channels_last"`).
        data_format: DataFormat,
        /// Sets how new elements are computed (default `"nearest"`).
        interpolation: Interpolation,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        Ok(Self {
            base: LayerBase::from_config(c)?,
            size: c.take_or("size", 2.into())?,
            data_format: c.take_or("data_format", DataFormat::ChannelsLast)?,
            interpolation: c.take_or("interpolation", Interpolation::Nearest)?,
        })
    }
}

impl Default for UpSampling2D {
    fn default() -> Self {
        Self::new(2)
    }
}

impl Layer for UpSampling2D {
    layer_base!("UpSampling2D");

    fn config(&self) -> Config {
        Config::new()
            .with("size", self.size)
            .with("data_format", self.data_format)
            .with("interpolation", self.interpolation)
    }

    fn build(&self, _scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        self.compute_output_shape(inputs).map(drop)
    }

    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        if self.interpolation == Interpolation::Nearest {
            return Ok(spatial::repeat(x, &*self.size, self.data_format)?.into());
        }
        let axes = self.data_format.spatial_axes(4);
        let sizes: Vec<(usize, usize)> =
            axes.zip(*self.size).map(|(axis, factor)| (axis, x.shape()[axis] * factor)).collect();
        Ok(resize(x, &sizes, self.interpolation, false)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        self.size.require_positive("UpSampling2D", "size")?;
        let grown = |i: usize, size: usize| Ok(size.saturating_mul(self.size[i]));
        spatial::with_sizes("UpSampling2D", inputs.single()?, 2, self.data_format, grown)
    }
}

impl IntoConfig for Interpolation {
    fn to_config(&self) -> Value {
        self.name().into()
    }
}

impl FromConfig for Interpolation {
    const EXPECTED: &'static str = "nearest, bilinear, bicubic, lanczos3 or lanczos5";

    fn from_value(value: &Value) -> Option<Self> {
        Self::try_from(value.as_str()?).ok()
    }
}
