//! Zeros around one to three axes.

use super::spatial;
use crate::config::KerasConfig;
use crate::error::Result;
use crate::layer::{CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::layers::{DataFormat, Margins};
use crate::shape::Shape;

/// Puts zeros around `N` spatial axes: [`ZeroPadding1D`](super::ZeroPadding1D),
/// [`ZeroPadding2D`](super::ZeroPadding2D) and [`ZeroPadding3D`](super::ZeroPadding3D).
///
/// Shapes: `(batch, ..., channels)`, or with the channels second; each spatial size grows by both its
/// margins.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = ZeroPadding2D::new((1, 2)).shared();
/// let shapes = layer.compute_output_shape(&[Shape::from([None, Some(7), None, Some(3)])])?;
/// assert_eq!(shapes[0].to_string(), "(None, 9, None, 3)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", class_name_with = Self::class)]
pub struct BaseZeroPadding<const N: usize> {
    base: LayerBase,
    /// Zeros added: a number for all ends, one for each spatial axis, or a pair for each spatial axis; for one
    /// axis also one number for each end (default 1).
    #[keras(new, default = 1)]
    padding: Margins<N>,
    /// Where the channels are (default `"channels_last"`).
    #[keras(default = DataFormat::ChannelsLast)]
    data_format: DataFormat,
}

impl<const N: usize> BaseZeroPadding<N> {
    fn class(&self) -> &str {
        const { assert!(N >= 1 && N <= 3, "there is padding of 1 to 3 spatial axes") }
        ["ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"][N - 1]
    }
}

impl<const N: usize> Layer for BaseZeroPadding<N> {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        Ok(spatial::pad(&inputs.into_single()?, &self.padding, self.data_format)?.into())
    }

    fn form(&self) -> Option<Form> {
        let pads: Vec<[usize; 2]> = self.padding.iter().map(|&(before, after)| [before, after]).collect();
        let pads = pads.try_into().ok().filter(|_| self.data_format == DataFormat::ChannelsLast)?;
        Some(Form::ZeroPadding(pads))
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        spatial::padded_shape(self.class(), inputs.single()?, &self.padding, self.data_format)
    }
}
