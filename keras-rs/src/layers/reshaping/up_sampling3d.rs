//! Upsampling of three axes.

use super::spatial;
use crate::config::KerasConfig;
use crate::error::Result;
use crate::layer::{CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::layers::{DataFormat, Tuple};
use crate::shape::Shape;

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
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct UpSampling3D {
    base: LayerBase,
    /// Factors of at least 1: one number, or one for each spatial axis (default 2).
    #[keras(new, default = 2)]
    size: Tuple<3>,
    /// Where the channels are (default `"channels_last"`).
    #[keras(default = DataFormat::ChannelsLast)]
    data_format: DataFormat,
}

impl Layer for UpSampling3D {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        Ok(spatial::repeat(x, &*self.size, self.data_format)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        self.size.require_positive(self.class_name(), "size")?;
        let grown = |i: usize, size: usize| Ok(size.saturating_mul(self.size[i]));
        spatial::with_sizes(self.class_name(), inputs.single()?, 3, self.data_format, grown)
    }
}
