//! Transposed convolution over images.

use super::BaseConvTranspose;

/// Transposed convolution over height and width. Keras' `Conv2DTranspose`.
///
/// Shapes: `(batch, height, width, channels)` to `(batch, new height, new width, filters)`;
/// each size grows to `size * stride`, with valid padding by what the kernel reaches further.
/// For every argument see [`BaseConvTranspose`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = Conv2DTranspose::new(1, 2).strides((1, 2)).padding("same").kernel_initializer("ones").shared();
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0], [1, 1, 2, 1])?;
/// assert_eq!(layer.call(&[x])?[0].to_vec::<f32>()?, [1.0, 1.0, 2.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type Conv2DTranspose = BaseConvTranspose<2>;
