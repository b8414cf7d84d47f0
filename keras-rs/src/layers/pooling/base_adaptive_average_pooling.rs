//! Average pooling to given sizes of one to three spatial axes.

use super::OutputSize;
use super::adaptive::AdaptivePool;
use crate::config::KerasConfig;
use crate::error::Result;
use crate::layer::{CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::layers::DataFormat;
use crate::ops;
use crate::shape::Shape;

/// Mean of as many windows as the output has elements along `N` spatial axes:
/// [`AdaptiveAveragePooling1D`](super::AdaptiveAveragePooling1D),
/// [`AdaptiveAveragePooling2D`](super::AdaptiveAveragePooling2D) and
/// [`AdaptiveAveragePooling3D`](super::AdaptiveAveragePooling3D).
///
/// Shapes: `(batch, ..., channels)` to `(batch, ..., channels)`, or with the channels second; each spatial size
/// becomes the one that is asked for. For the windows see [`ops::adaptive_average_pool`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = AdaptiveAveragePooling2D::new([Some(2), None]).shared();
/// let shapes = layer.compute_output_shape(&[Shape::from([None, None, Some(7), Some(3)])])?;
/// assert_eq!(shapes[0].to_string(), "(None, 2, 7, 3)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", class_name_with = Self::class)]
pub struct BaseAdaptiveAveragePooling<const N: usize> {
    base: LayerBase,
    /// Size of the output, at least 1: one number, or one for each spatial axis; `None` keeps the input's.
    #[keras(new)]
    output_size: OutputSize<N>,
    /// Where the channels are (default `"channels_last"`).
    #[keras(default = DataFormat::ChannelsLast)]
    data_format: DataFormat,
}

impl<const N: usize> BaseAdaptiveAveragePooling<N> {
    fn class(&self) -> &str {
        const { assert!(N >= 1 && N <= 3, "there is pooling over 1 to 3 spatial axes") }
        ["AdaptiveAveragePooling1D", "AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D"][N - 1]
    }

    fn pool(&self) -> AdaptivePool<'_, N> {
        AdaptivePool { layer: self.class(), size: self.output_size, format: self.data_format }
    }
}

impl<const N: usize> Layer for BaseAdaptiveAveragePooling<N> {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        self.pool().call(&inputs.into_single()?, ops::adaptive_average_pool)
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        self.pool().output_shape(inputs.single()?)
    }
}
