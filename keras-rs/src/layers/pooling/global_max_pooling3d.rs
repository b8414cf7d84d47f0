//! Max pooling over all of three axes.

use super::BaseGlobalMaxPooling;

/// Largest element over all of three axes. Keras' `GlobalMaxPooling3D`.
///
/// Shapes: `(batch, depth, height, width, channels)`, or with the channels second, to `(batch, channels)`;
/// with `keepdims` the pooled axes stay.
/// For every argument see [`BaseGlobalMaxPooling`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0_f32, 5.0, 2.0, 3.0, 9.0, 4.0], [1, 1, 3, 1, 2])?;
/// let y = GlobalMaxPooling3D::new().shared().call(&[x])?;
/// assert_eq!(y[0].shape(), [1, 2]);
/// assert_eq!(y[0].to_vec::<f32>()?, [9.0, 5.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type GlobalMaxPooling3D = BaseGlobalMaxPooling<3>;
