//! Zeros around one axis.

use super::BaseZeroPadding;

/// Puts zeros around one axis. Keras' `ZeroPadding1D`.
///
/// Shapes: `(batch, steps, channels)`, or with the channels second; each spatial size
/// grows by both its margins.
/// For every argument see [`BaseZeroPadding`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0], [1, 2, 1])?;
/// let y = ZeroPadding1D::new((1, 2)).shared().call(&[x])?;
/// assert_eq!(y[0].shape(), [1, 5, 1]);
/// assert_eq!(y[0].to_vec::<f32>()?, [0.0, 1.0, 2.0, 0.0, 0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type ZeroPadding1D = BaseZeroPadding<1>;
