//! Cropping of three axes.

use super::BaseCropping;

/// Takes elements off both ends of three axes. Keras' `Cropping3D`.
///
/// Shapes: `(batch, depth, height, width, channels)`, or with the channels second; each spatial size
/// shrinks by both its margins, to at least 1.
/// For every argument see [`BaseCropping`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec((0..12).map(|v| v as f32).collect(), [1, 2, 2, 3, 1])?;
/// let y = Cropping3D::new(((1, 0), (0, 1), (1, 0))).shared().call(&[x])?;
/// assert_eq!(y[0].shape(), [1, 1, 1, 2, 1]);
/// assert_eq!(y[0].to_vec::<f32>()?, [7.0, 8.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type Cropping3D = BaseCropping<3>;
