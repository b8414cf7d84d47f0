//! Depthwise convolution over time.

use super::BaseDepthwiseConv;

/// Convolution of each channel by itself over one axis, such as time. Keras' `DepthwiseConv1D`.
///
/// Shapes: `(batch, steps, channels)` to `(batch, new steps, channels * depth_multiplier)`.
/// For every argument see [`BaseDepthwiseConv`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = DepthwiseConv1D::new(2).depthwise_initializer("ones").shared();
/// let x = Tensor::from_vec(vec![1.0_f32, 10.0, 2.0, 20.0], [1, 2, 2])?;
/// assert_eq!(layer.call(&[x])?[0].to_vec::<f32>()?, [3.0, 30.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type DepthwiseConv1D = BaseDepthwiseConv<1>;
