//! Max pooling over all of one to three spatial axes.

use super::global::GlobalPool;
use crate::config::KerasConfig;
use crate::error::Result;
use crate::layer::{CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::layers::DataFormat;
use crate::ops;
use crate::shape::Shape;

/// Largest element over all of `N` spatial axes: [`GlobalMaxPooling1D`](super::GlobalMaxPooling1D),
/// [`GlobalMaxPooling2D`](super::GlobalMaxPooling2D) and
/// [`GlobalMaxPooling3D`](super::GlobalMaxPooling3D).
///
/// Shapes: `(batch, ..., channels)`, or with the channels second, to `(batch, channels)`; with `keepdims` the
/// pooled axes stay.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = GlobalMaxPooling2D::new().keepdims(true).shared();
/// let shapes = layer.compute_output_shape(&[Shape::from([None, Some(7), None, Some(3)])])?;
/// assert_eq!(shapes[0].to_string(), "(None, 1, 1, 3)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", class_name_with = Self::class)]
pub struct BaseGlobalMaxPooling<const N: usize> {
    base: LayerBase,
    /// Where the channels are (default `"channels_last"`).
    #[keras(default = DataFormat::ChannelsLast)]
    data_format: DataFormat,
    /// Whether the pooled axes stay, with size 1 (default `false`).
    #[keras(default = false)]
    keepdims: bool,
}

impl<const N: usize> BaseGlobalMaxPooling<N> {
    fn class(&self) -> &str {
        const { assert!(N >= 1 && N <= 3, "there is pooling over 1 to 3 spatial axes") }
        ["GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D"][N - 1]
    }

    fn pool(&self) -> GlobalPool<'_> {
        GlobalPool { layer: self.class(), axes: N, format: self.data_format, keepdims: self.keepdims }
    }
}

impl<const N: usize> Layer for BaseGlobalMaxPooling<N> {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        self.pool().call(&inputs.into_single()?, ops::global_max_pool)
    }

    fn form(&self) -> Option<Form> {
        (N <= 2 && self.data_format == DataFormat::ChannelsLast).then_some(Form::GlobalMaxPooling)
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        self.pool().output_shape(inputs.single()?)
    }
}
