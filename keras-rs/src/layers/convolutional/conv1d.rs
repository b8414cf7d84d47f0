//! Convolution over time.

use super::BaseConv;

/// Convolution over one axis, such as time; causal padding lets no place see later ones. Keras' `Conv1D`.
///
/// Shapes: `(batch, steps, channels)` to `(batch, new steps, filters)`;
/// each size falls to `floor((size - kernel) / stride) + 1` with valid padding and to `ceil(size / stride)`
/// with same padding.
/// For every argument see [`BaseConv`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = Conv1D::new(1, 2).padding("causal").kernel_initializer("ones").shared();
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0], [1, 3, 1])?;
/// assert_eq!(layer.call(&[x])?[0].to_vec::<f32>()?, [1.0, 3.0, 5.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type Conv1D = BaseConv<1>;
