//! Average pooling over all of one to three spatial axes.

use super::global::GlobalPool;
use crate::config::KerasConfig;
use crate::error::Result;
use crate::layer::{
    CallContext, Form, InputShapes, Inputs, KerasTensor, Layer, LayerBase, Outputs, Signature, SymbolicInputs,
};
use crate::layers::DataFormat;
use crate::ops;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Mean over all of `N` spatial axes: [`GlobalAveragePooling1D`](super::GlobalAveragePooling1D),
/// [`GlobalAveragePooling2D`](super::GlobalAveragePooling2D) and
/// [`GlobalAveragePooling3D`](super::GlobalAveragePooling3D).
///
/// Shapes: `(batch, ..., channels)`, or with the channels second, to `(batch, channels)`; with `keepdims` the
/// pooled axes stay. A mask `(batch, steps)` hides steps of one axis.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = GlobalAveragePooling2D::new().keepdims(true).shared();
/// let shapes = layer.compute_output_shape(&[Shape::from([None, Some(7), None, Some(3)])])?;
/// assert_eq!(shapes[0].to_string(), "(None, 1, 1, 3)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", class_name_with = Self::class)]
pub struct BaseGlobalAveragePooling<const N: usize> {
    base: LayerBase,
    /// Where the channels are (default `"channels_last"`).
    #[keras(default = DataFormat::ChannelsLast)]
    data_format: DataFormat,
    /// Whether the pooled axes stay, with size 1 (default `false`).
    #[keras(default = false)]
    keepdims: bool,
}

impl<const N: usize> BaseGlobalAveragePooling<N> {
    fn class(&self) -> &str {
        const { assert!(N >= 1 && N <= 3, "there is pooling over 1 to 3 spatial axes") }
        ["GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D"][N - 1]
    }

    fn pool(&self) -> GlobalPool<'_> {
        GlobalPool { layer: self.class(), axes: N, format: self.data_format, keepdims: self.keepdims }
    }
}

impl<const N: usize> Layer for BaseGlobalAveragePooling<N> {
    fn signature(&self) -> Signature {
        if N == 1 { Signature::MASKED } else { Signature::INPUTS }
    }

    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        match inputs.mask().filter(|_| N == 1) {
            Some(mask) => self.pool().masked_mean(&inputs.into_single()?, &mask),
            None => self.pool().call(&inputs.into_single()?, ops::global_average_pool),
        }
    }

    fn form(&self) -> Option<Form> {
        (N <= 2 && self.data_format == DataFormat::ChannelsLast).then_some(Form::GlobalAveragePooling)
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        self.pool().output_shape(inputs.single()?)
    }

    fn supports_masking(&self) -> bool {
        N == 1
    }

    /// None: the masked axis is gone.
    fn compute_mask(&self, _inputs: &Inputs) -> Result<Vec<Option<Tensor>>> {
        Ok(Vec::new())
    }

    fn compute_symbolic_mask(&self, _inputs: &SymbolicInputs) -> Result<Vec<Option<KerasTensor>>> {
        Ok(Vec::new())
    }
}
