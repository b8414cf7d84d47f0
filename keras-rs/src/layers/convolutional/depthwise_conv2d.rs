//! Depthwise convolution over images.

use super::BaseDepthwiseConv;

/// Convolution of each channel by itself over height and width. Keras' `DepthwiseConv2D`.
///
/// Shapes: `(batch, height, width, channels)` to
/// `(batch, new height, new width, channels * depth_multiplier)`.
/// For every argument see [`BaseDepthwiseConv`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = DepthwiseConv2D::new((1, 2)).depth_multiplier(2).depthwise_initializer("ones").shared();
/// let x = Tensor::from_vec(vec![1.0_f32, 10.0, 2.0, 20.0], [1, 1, 2, 2])?;
/// assert_eq!(layer.call(&[x])?[0].to_vec::<f32>()?, [3.0, 3.0, 30.0, 30.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type DepthwiseConv2D = BaseDepthwiseConv<2>;
