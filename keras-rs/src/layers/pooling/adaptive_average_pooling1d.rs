//! Average pooling of one axis to a given size.

use super::BaseAdaptiveAveragePooling;

/// Mean of as many windows as the output has elements along one axis. Keras' `AdaptiveAveragePooling1D`.
///
/// Shapes: `(batch, steps, channels)` to `(batch, size, channels)`, or with the channels
/// second.
/// For every argument see [`BaseAdaptiveAveragePooling`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0_f32, 5.0, 3.0, 3.0, 6.0], [1, 5, 1])?;
/// let y = AdaptiveAveragePooling1D::new(2).shared().call(&[x])?;
/// assert_eq!(y[0].shape(), [1, 2, 1]);
/// assert_eq!(y[0].to_vec::<f32>()?, [3.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type AdaptiveAveragePooling1D = BaseAdaptiveAveragePooling<1>;
