//! Zeros around two axes.

use super::BaseZeroPadding;

/// Puts zeros around two axes. Keras' `ZeroPadding2D`.
///
/// Shapes: `(batch, height, width, channels)`, or with the channels second; each spatial size
/// grows by both its margins.
/// For every argument see [`BaseZeroPadding`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0], [1, 1, 2, 1])?;
/// let y = ZeroPadding2D::new(((1, 0), (0, 1))).shared().call(&[x])?;
/// assert_eq!(y[0].shape(), [1, 2, 3, 1]);
/// assert_eq!(y[0].to_vec::<f32>()?, [0.0, 0.0, 0.0, 1.0, 2.0, 0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type ZeroPadding2D = BaseZeroPadding<2>;
