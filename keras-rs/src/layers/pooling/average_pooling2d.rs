//! Average pooling over two axes.

use super::windowed::windowed_pooling;

windowed_pooling! {
    /// Mean of windows that slide over two axes. Keras' `AveragePooling2D`.
    ///
    /// Shapes: `(batch, height, width, channels)` to `(batch, rows, columns, channels)`, or with the channels
    /// second. Padding is not counted.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    /// use keras_rs::layers::AveragePooling2D;
    ///
    /// let x = Tensor::from_vec((0..16).map(|v| v as f32).collect(), [1, 4, 4, 1])?;
    /// let y = AveragePooling2D::new((2, 3)).strides(1).shared().call(&[x])?;
    /// assert_eq!(y[0].shape(), [1, 3, 2, 1]);
    /// assert_eq!(y[0].to_vec::<f32>()?, [3.0, 4.0, 7.0, 8.0, 11.0, 12.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    AveragePooling2D, 2, crate::ops::average_pool
}
