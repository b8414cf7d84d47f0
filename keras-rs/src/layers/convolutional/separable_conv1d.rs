//! Separable convolution over time.

use super::BaseSeparableConv;

/// Convolution of each channel by itself, then a mix of the channels, over one axis, such as time. Keras'
/// `SeparableConv1D`.
///
/// Shapes: `(batch, steps, channels)` to `(batch, new steps, filters)`.
/// For every argument see [`BaseSeparableConv`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = SeparableConv1D::new(1, 2).depthwise_initializer("ones").pointwise_initializer("ones").shared();
/// let x = Tensor::from_vec(vec![1.0_f32, 10.0, 2.0, 20.0], [1, 2, 2])?;
/// assert_eq!(layer.call(&[x])?[0].to_vec::<f32>()?, [33.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type SeparableConv1D = BaseSeparableConv<1>;
