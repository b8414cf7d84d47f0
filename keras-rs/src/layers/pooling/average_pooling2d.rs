//! Average pooling over two axes.

use super::BaseAveragePooling;

/// Mean of windows that slide over two axes. Keras' `AveragePooling2D`.
///
/// Shapes: `(batch, height, width, channels)` to `(batch, rows, columns, channels)`, or with the channels
/// second. Padding is not counted.
/// For every argument see [`BaseAveragePooling`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec((0..16).map(|v| v as f32).collect(), [1, 4, 4, 1])?;
/// let y = AveragePooling2D::new((2, 3)).strides(1).shared().call(&[x])?;
/// assert_eq!(y[0].shape(), [1, 3, 2, 1]);
/// assert_eq!(y[0].to_vec::<f32>()?, [3.0, 4.0, 7.0, 8.0, 11.0, 12.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type AveragePooling2D = BaseAveragePooling<2>;
