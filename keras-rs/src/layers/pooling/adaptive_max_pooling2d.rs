//! Max pooling of two axes to a given size.

use super::BaseAdaptiveMaxPooling;

/// Largest element of as many windows as the output has elements along two axes. Keras' `AdaptiveMaxPooling2D`.
///
/// Shapes: `(batch, height, width, channels)` to `(batch, rows, columns, channels)`, or with the channels
/// second.
/// For every argument see [`BaseAdaptiveMaxPooling`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0], [1, 2, 3, 1])?;
/// let y = AdaptiveMaxPooling2D::new((1, 3)).shared().call(&[x])?;
/// assert_eq!(y[0].shape(), [1, 1, 3, 1]);
/// assert_eq!(y[0].to_vec::<f32>()?, [4.0, 5.0, 6.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type AdaptiveMaxPooling2D = BaseAdaptiveMaxPooling<2>;
