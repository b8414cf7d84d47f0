//! Max pooling over one axis.

use super::BaseMaxPooling;

/// Largest element of windows that slide over one axis. Keras' `MaxPooling1D`.
///
/// Shapes: `(batch, steps, channels)` to `(batch, places, channels)`, or with the channels
/// second. Padding never wins.
/// For every argument see [`BaseMaxPooling`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0_f32, 5.0, 2.0, 3.0, 9.0], [1, 5, 1])?;
/// let y = MaxPooling1D::new(2).padding("same").shared().call(&[x])?;
/// assert_eq!(y[0].shape(), [1, 3, 1]);
/// assert_eq!(y[0].to_vec::<f32>()?, [5.0, 3.0, 9.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type MaxPooling1D = BaseMaxPooling<1>;
