//! Cropping of one axis.

use super::spatial;
use crate::config::KerasConfig;
use crate::error::Result;
use crate::layer::{CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::layers::{DataFormat, Margins};
use crate::shape::Shape;

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
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct Cropping1D {
    base: LayerBase,
    /// Number of steps taken off both ends, or one for each end (default 1).
    #[keras(new, default = 1)]
    cropping: Margins<1>,
}

impl Layer for Cropping1D {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        Ok(spatial::crop(x, &self.cropping, DataFormat::ChannelsLast)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        spatial::cropped_shape(self.class_name(), inputs.single()?, &self.cropping, DataFormat::ChannelsLast)
    }
}
