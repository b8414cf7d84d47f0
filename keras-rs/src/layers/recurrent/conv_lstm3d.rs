//! Convolutional long short-term memory over three spatial axes.

use super::BaseConvLSTM;

/// Convolutional long short-term memory over three spatial axes. Keras' `ConvLSTM3D`.
///
/// Arguments, shapes and formulas: [`BaseConvLSTM`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = ConvLSTM3D::new(4, 3).padding("same").return_sequences(true);
/// assert_eq!(layer.apply(&Input::new([5, 8, 8, 8, 2]))?.shape().to_string(), "(None, 5, 8, 8, 8, 4)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type ConvLSTM3D = BaseConvLSTM<3>;
