//! Max pooling of three axes to a given size.

use super::BaseAdaptiveMaxPooling;

/// Largest element of as many windows as the output has elements along three axes. Keras' `AdaptiveMaxPooling3D`.
///
/// Shapes: `(batch, depth, height, width, channels)` to `(batch, layers, rows, columns, channels)`, or with the
/// channels second.
/// For every argument see [`BaseAdaptiveMaxPooling`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], [1, 2, 2, 2, 1])?;
/// let y = AdaptiveMaxPooling3D::new((1, 1, 2)).shared().call(&[x])?;
/// assert_eq!(y[0].shape(), [1, 1, 1, 2, 1]);
/// assert_eq!(y[0].to_vec::<f32>()?, [7.0, 8.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type AdaptiveMaxPooling3D = BaseAdaptiveMaxPooling<3>;
