//! Average pooling over three axes.

use super::windowed::windowed_pooling;

windowed_pooling! {
    /// Mean of windows that slide over three axes. Keras' `AveragePooling3D`.
    ///
    /// Shapes: `(batch, depth, height, width, channels)` to `(batch, slices, rows, columns, channels)`, or with the channels
    /// second. Padding is not counted.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    /// use keras_rs::layers::AveragePooling3D;
    ///
    /// let x = Tensor::from_vec((0..16).map(|v| v as f32).collect(), [1, 2, 2, 4, 1])?;
    /// let y = AveragePooling3D::new(2).shared().call(&[x])?;
    /// assert_eq!(y[0].shape(), [1, 1, 1, 2, 1]);
    /// assert_eq!(y[0].to_vec::<f32>()?, [6.5, 8.5]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    AveragePooling3D, 3, crate::ops::average_pool
}
