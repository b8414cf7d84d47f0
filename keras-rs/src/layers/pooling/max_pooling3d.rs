//! Max pooling over three axes.

use super::BaseMaxPooling;

/// Largest element of windows that slide over three axes. Keras' `MaxPooling3D`.
///
/// Shapes: `(batch, depth, height, width, channels)` to `(batch, slices, rows, columns, channels)`, or with the
/// channels second. Padding never wins.
/// For every argument see [`BaseMaxPooling`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec((0..16).map(|v| v as f32).collect(), [1, 2, 2, 4, 1])?;
/// let y = MaxPooling3D::new(2).shared().call(&[x])?;
/// assert_eq!(y[0].shape(), [1, 1, 1, 2, 1]);
/// assert_eq!(y[0].to_vec::<f32>()?, [13.0, 15.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type MaxPooling3D = BaseMaxPooling<3>;
