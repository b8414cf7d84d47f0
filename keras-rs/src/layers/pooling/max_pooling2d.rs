//! Max pooling over two axes.

use super::BaseMaxPooling;

/// Largest element of windows that slide over two axes. Keras' `MaxPooling2D`.
///
/// Shapes: `(batch, height, width, channels)` to `(batch, rows, columns, channels)`, or with the channels
/// second. Padding never wins.
/// For every argument see [`BaseMaxPooling`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec((0..16).map(|v| v as f32).collect(), [1, 4, 4, 1])?;
/// let y = MaxPooling2D::new((2, 3)).strides(1).shared().call(&[x])?;
/// assert_eq!(y[0].shape(), [1, 3, 2, 1]);
/// assert_eq!(y[0].to_vec::<f32>()?, [6.0, 7.0, 10.0, 11.0, 14.0, 15.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type MaxPooling2D = BaseMaxPooling<2>;
