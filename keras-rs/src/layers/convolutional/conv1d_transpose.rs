//! Transposed convolution over time.

use super::BaseConvTranspose;

/// Transposed convolution over one axis, such as time. Keras' `Conv1DTranspose`.
///
/// Shapes: `(batch, steps, channels)` to `(batch, new steps, filters)`;
/// each size grows to `size * stride`, with valid padding by what the kernel reaches further.
/// For every argument see [`BaseConvTranspose`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = Conv1DTranspose::new(1, 3).strides(2).kernel_initializer("ones").shared();
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0], [1, 2, 1])?;
/// assert_eq!(layer.call(&[x])?[0].to_vec::<f32>()?, [1.0, 1.0, 3.0, 2.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type Conv1DTranspose = BaseConvTranspose<1>;
