//! Convolutional long short-term memory over one spatial axis.

use super::BaseConvLSTM;

/// Convolutional long short-term memory over one spatial axis. Keras' `ConvLSTM1D`.
///
/// Arguments, shapes and formulas: [`BaseConvLSTM`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = ConvLSTM1D::new(4, 3).padding("same").return_sequences(true);
/// assert_eq!(layer.apply(&Input::new([5, 8, 2]))?.shape().to_string(), "(None, 5, 8, 4)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub type ConvLSTM1D = BaseConvLSTM<1>;
