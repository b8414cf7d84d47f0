//! Zeros around three axes.

use super::BaseZeroPadding;

/// Puts zeros around three axes. Keras' `ZeroPadding3D`.
///
/// Shapes: `(batch, depth, height, width, channels)`, or with the channels second; each spatial size
/// grows by both its margins.
/// For every argument see [`BaseZeroPadding`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0_f32], [1, 1, 1, 1, 1])?;
/// let y = ZeroPadding3D::new(((1, 0), (0, 1), (0, 0))).shared().call(&[x])?;
/// assert_eq!(y[0].shape(), [1, 2, 2, 1, 1]);
/// assert_eq!(y[0].to_vec::<f32>()?, [0.0, 0.0, 1.0, 0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type ZeroPadding3D = BaseZeroPadding<3>;
