//! Convolution over images.

use super::BaseConv;

/// Convolution over height and width. Keras' `Conv2D`.
///
/// Shapes: `(batch, height, width, channels)` to `(batch, new height, new width, filters)`;
/// each size falls to `floor((size - kernel) / stride) + 1` with valid padding and to `ceil(size / stride)`
/// with same padding.
/// For every argument see [`BaseConv`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = Conv2D::new(1, (1, 2)).kernel_initializer("ones").shared();
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0], [1, 2, 2, 1])?;
/// assert_eq!(layer.call(&[x])?[0].to_vec::<f32>()?, [3.0, 7.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type Conv2D = BaseConv<2>;
