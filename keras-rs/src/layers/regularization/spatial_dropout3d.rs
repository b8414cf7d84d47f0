//! Dropout of whole channels over three axes.

use super::BaseSpatialDropout;

/// In training, sets a random part of the channels to zero over three axes, and scales the others up. Keras'
/// `SpatialDropout3D`; Tompson et al., 2014.
///
/// Shapes: `(batch, depth, height, width, channels)`, or with the channels second; the output is shaped as the input.
/// For every argument see [`BaseSpatialDropout`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = SpatialDropout3D::new(0.5).seed(7).shared();
/// let y = layer.call_with(&[Tensor::ones([1, 2, 1, 2, 16], DType::F32)?], &mut ForwardPass::new(true))?;
/// let y = y[0].to_vec::<f32>()?;
/// assert!(y.chunks(16).all(|place| place == &y[..16]));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type SpatialDropout3D = BaseSpatialDropout<3>;
