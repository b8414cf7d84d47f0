//! Upsampling of two axes.

use super::spatial;
use crate::config::{FromConfig, IntoConfig, KerasConfig};
use crate::error::Result;
use crate::layer::{CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::layers::{DataFormat, Tuple};
use crate::ops::image::{Interpolation, resize_axes};
use crate::shape::Shape;
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
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct UpSampling2D {
    base: LayerBase,
    /// Factors of at least 1: one number, or one for each spatial axis (default 2).
    #[keras(new, default = 2)]
    size: Tuple<2>,
    /// Where the channels are (default `"channels_last"`).
    #[keras(default = DataFormat::ChannelsLast)]
    data_format: DataFormat,
    /// How new elements are computed (default `"nearest"`).
    #[keras(default = Interpolation::Nearest)]
    interpolation: Interpolation,
}

impl Layer for UpSampling2D {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        if self.interpolation == Interpolation::Nearest {
            return Ok(spatial::repeat(x, &*self.size, self.data_format)?.into());
        }
        let axes = self.data_format.spatial_axes(4);
        let sizes: Vec<(usize, usize)> =
            axes.zip(*self.size).map(|(axis, factor)| (axis, x.shape()[axis] * factor)).collect();
        Ok(resize_axes(x, &sizes, self.interpolation, false)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        self.size.require_positive(self.class_name(), "size")?;
        let grown = |i: usize, size: usize| Ok(size.saturating_mul(self.size[i]));
        spatial::with_sizes(self.class_name(), inputs.single()?, 2, self.data_format, grown)
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
