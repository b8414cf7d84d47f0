//! Cropping of two or three axes.

use super::spatial;
use crate::config::KerasConfig;
use crate::error::Result;
use crate::layer::{CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::layers::{DataFormat, Margins};
use crate::shape::Shape;

/// Takes elements off both ends of `N` spatial axes: [`Cropping2D`](super::Cropping2D) and
/// [`Cropping3D`](super::Cropping3D).
///
/// Shapes: `(batch, ..., channels)`, or with the channels second; each spatial size shrinks by both its
/// margins, to at least 1.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = Cropping2D::new((1, 2)).shared();
/// let shapes = layer.compute_output_shape(&[Shape::from([None, Some(7), None, Some(3)])])?;
/// assert_eq!(shapes[0].to_string(), "(None, 5, None, 3)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", class_name_with = Self::class)]
pub struct BaseCropping<const N: usize> {
    base: LayerBase,
    /// Elements taken off: a number for all ends, one for each spatial axis, or a pair for each spatial axis
    /// (default 0 for two axes, 1 for three).
    #[keras(new, default = Margins::from(if N == 2 { 0 } else { 1 }))]
    cropping: Margins<N>,
    /// Where the channels are (default `"channels_last"`).
    #[keras(default = DataFormat::ChannelsLast)]
    data_format: DataFormat,
}

impl<const N: usize> BaseCropping<N> {
    fn class(&self) -> &str {
        const { assert!(N == 2 || N == 3, "there is cropping of 2 or 3 spatial axes by this class") }
        if N == 2 { "Cropping2D" } else { "Cropping3D" }
    }
}

impl<const N: usize> Layer for BaseCropping<N> {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        Ok(spatial::crop(&inputs.into_single()?, &self.cropping, self.data_format)?.into())
    }

    fn form(&self) -> Option<Form> {
        let sides: Vec<[usize; 2]> = self.cropping.iter().map(|&(before, after)| [before, after]).collect();
        let sides = sides.try_into().ok().filter(|_| self.data_format == DataFormat::ChannelsLast)?;
        Some(Form::Cropping(sides))
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        spatial::cropped_shape(self.class(), inputs.single()?, &self.cropping, self.data_format)
    }
}
