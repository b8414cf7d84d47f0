//! Average pooling over three axes.

use super::BaseAveragePooling;

/// Mean of windows that slide over three axes. Keras' `AveragePooling3D`.
///
/// Shapes: `(batch, depth, height, width, channels)` to `(batch, slices, rows, columns, channels)`, or with the
/// channels second. Padding is not counted.
/// For every argument see [`BaseAveragePooling`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec((0..16).map(|v| v as f32).collect(), [1, 2, 2, 4, 1])?;
/// let y = AveragePooling3D::new(2).shared().call(&[x])?;
/// assert_eq!(y[0].shape(), [1, 1, 1, 2, 1]);
/// assert_eq!(y[0].to_vec::<f32>()?, [6.5, 8.5]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type AveragePooling3D = BaseAveragePooling<3>;
