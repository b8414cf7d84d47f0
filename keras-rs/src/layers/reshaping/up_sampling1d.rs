//! Upsampling of one axis.

use super::spatial;
use crate::config::KerasConfig;
use crate::error::{Error, Result};
use crate::layer::{CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::layers::DataFormat;
use crate::shape::Shape;

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
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct UpSampling1D {
    base: LayerBase,
    /// Copies of each step; at least 1 (default 2).
    #[keras(new, default = 2)]
    size: usize,
}

impl Layer for UpSampling1D {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        Ok(spatial::repeat(x, &[self.size], DataFormat::ChannelsLast)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        if self.size == 0 {
            return Err(Error::argument(self.class_name(), "size", "at least 1", 0));
        }
        let grown = |_, steps: usize| Ok(steps.saturating_mul(self.size));
        spatial::with_sizes(self.class_name(), inputs.single()?, 1, DataFormat::ChannelsLast, grown)
    }
}
