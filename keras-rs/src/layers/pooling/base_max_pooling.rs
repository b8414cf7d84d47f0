//! Max pooling over one to three spatial axes.

use super::windowed::Pool;
use crate::config::{Config, IntoConfig, KerasConfig};
use crate::error::Result;
use crate::layer::{CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::layers::{DataFormat, Padding, Tuple};
use crate::ops;
use crate::shape::Shape;

/// Largest element of windows that slide over `N` spatial axes: [`MaxPooling1D`](super::MaxPooling1D),
/// [`MaxPooling2D`](super::MaxPooling2D) and [`MaxPooling3D`](super::MaxPooling3D).
///
/// Shapes: `(batch, ..., channels)` to `(batch, ..., channels)`, or with the channels second; each spatial size
/// falls to `floor((size - pool) / stride) + 1` with valid padding and to `ceil(size / stride)` with same padding.
/// Padding never wins.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = MaxPooling2D::new(3).strides(2).padding("same").shared();
/// let shapes = layer.compute_output_shape(&[Shape::from([None, Some(7), None, Some(3)])])?;
/// assert_eq!(shapes[0].to_string(), "(None, 4, None, 3)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", class_name_with = Self::class, write_also = Self::write_strides)]
pub struct BaseMaxPooling<const N: usize> {
    base: LayerBase,
    /// Size of the windows, at least 1: one number, or one for each spatial axis (default 2).
    #[keras(new, default = 2)]
    pool_size: Tuple<N>,
    /// Padding, `"valid"` or `"same"` (default `"valid"`).
    #[keras(default = Padding::Valid)]
    padding: Padding,
    /// Steps from one window to the next, at least 1 (default: the window's size).
    strides: Option<Tuple<N>>,
    /// Where the channels are (default `"channels_last"`).
    #[keras(default = DataFormat::ChannelsLast)]
    data_format: DataFormat,
}

impl<const N: usize> BaseMaxPooling<N> {
    fn class(&self) -> &str {
        const { assert!(N >= 1 && N <= 3, "there is pooling over 1 to 3 spatial axes") }
        ["MaxPooling1D", "MaxPooling2D", "MaxPooling3D"][N - 1]
    }

    /// Files hold the strides that are used, whether they were set or not.
    fn write_strides(&self, config: &mut Config) {
        config.insert("strides".into(), self.strides.unwrap_or(self.pool_size).to_config());
    }

    fn pool(&self) -> Pool<'_, N> {
        Pool {
            layer: self.class(),
            size: self.pool_size,
            strides: self.strides.unwrap_or(self.pool_size),
            padding: self.padding,
            format: self.data_format,
        }
    }
}

impl<const N: usize> Layer for BaseMaxPooling<N> {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        self.pool().call(&inputs.into_single()?, ops::max_pool)
    }

    fn form(&self) -> Option<Form> {
        self.pool().sliding().map(Form::MaxPooling)
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        self.pool().output_shape(inputs.single()?)
    }
}
