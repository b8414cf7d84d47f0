//! Dropout of whole channels over two axes.

use super::BaseSpatialDropout;

/// In training, sets a random part of the channels to zero over two axes, and scales the others up. Keras'
/// `SpatialDropout2D`; Tompson et al., 2014.
///
/// Shapes: `(batch, height, width, channels)`, or with the channels second; the output is shaped as the input.
/// For every argument see [`BaseSpatialDropout`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = SpatialDropout2D::new(0.5).seed(7).shared();
/// let y = layer.call_with(&[Tensor::ones([1, 2, 2, 16], DType::F32)?], &mut ForwardPass::new(true))?;
/// let y = y[0].to_vec::<f32>()?;
/// assert!(y.chunks(16).all(|place| place == &y[..16]));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type SpatialDropout2D = BaseSpatialDropout<2>;
