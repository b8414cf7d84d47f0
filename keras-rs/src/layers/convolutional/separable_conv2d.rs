//! Separable convolution over images.

use super::BaseSeparableConv;

/// Convolution of each channel by itself, then a mix of the channels, over height and width. Keras' `SeparableConv2D`.
///
/// Shapes: `(batch, height, width, channels)` to `(batch, new height, new width, filters)`.
/// For every argument see [`BaseSeparableConv`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = SeparableConv2D::new(1, 1).depthwise_initializer("ones").pointwise_initializer("ones").shared();
/// let x = Tensor::from_vec(vec![1.0_f32, 10.0, 2.0, 20.0], [1, 1, 2, 2])?;
/// assert_eq!(layer.call(&[x])?[0].to_vec::<f32>()?, [11.0, 22.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type SeparableConv2D = BaseSeparableConv<2>;
