//! Cropping of two axes.

use super::BaseCropping;

/// Takes elements off both ends of two axes. Keras' `Cropping2D`.
///
/// Shapes: `(batch, height, width, channels)`, or with the channels second; each spatial size
/// shrinks by both its margins, to at least 1.
/// For every argument see [`BaseCropping`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec((0..12).map(|v| v as f32).collect(), [1, 3, 4, 1])?;
/// let y = Cropping2D::new(((1, 0), (0, 2))).shared().call(&[x])?;
/// assert_eq!(y[0].shape(), [1, 2, 2, 1]);
/// assert_eq!(y[0].to_vec::<f32>()?, [4.0, 5.0, 8.0, 9.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type Cropping2D = BaseCropping<2>;
