//! Convolution over volumes.

use super::BaseConv;

/// Convolution over depth, height and width. Keras' `Conv3D`.
///
/// Shapes: `(batch, depth, height, width, channels)` to as many axes with `filters` channels;
/// each size falls to `floor((size - kernel) / stride) + 1` with valid padding and to `ceil(size / stride)`
/// with same padding.
/// For every argument see [`BaseConv`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = Conv3D::new(1, [2, 1, 1]).kernel_initializer("ones").shared();
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0], [1, 2, 1, 2, 1])?;
/// assert_eq!(layer.call(&[x])?[0].to_vec::<f32>()?, [4.0, 6.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type Conv3D = BaseConv<3>;
