//! Transposed convolution over volumes.

use super::BaseConvTranspose;

/// Transposed convolution over depth, height and width. Keras' `Conv3DTranspose`.
///
/// Shapes: `(batch, depth, height, width, channels)` to as many axes with `filters` channels;
/// each size grows to `size * stride`, with valid padding by what the kernel reaches further.
/// For every argument see [`BaseConvTranspose`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = Conv3DTranspose::new(1, (2, 1, 1)).kernel_initializer("ones").shared();
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0], [1, 2, 1, 1, 1])?;
/// assert_eq!(layer.call(&[x])?[0].to_vec::<f32>()?, [1.0, 3.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type Conv3DTranspose = BaseConvTranspose<3>;
