//! Dropout of whole channels over one axis.

use super::BaseSpatialDropout;

/// In training, sets a random part of the channels to zero over one axis, and scales the others up. Keras'
/// `SpatialDropout1D`; Tompson et al., 2014.
///
/// Shapes: `(batch, steps, channels)`; the output is shaped as the input.
/// For every argument see [`BaseSpatialDropout`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = SpatialDropout1D::new(0.5).seed(7).shared();
/// let y = layer.call_with(&[Tensor::ones([1, 3, 16], DType::F32)?], &mut ForwardPass::new(true))?;
/// let y = y[0].to_vec::<f32>()?;
/// assert!(y.chunks(16).all(|place| place == &y[..16]));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type SpatialDropout1D = BaseSpatialDropout<1>;
