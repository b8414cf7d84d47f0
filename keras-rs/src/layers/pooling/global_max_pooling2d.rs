//! Max pooling over all of two axes.

use super::global::global_pooling;

global_pooling! {
    /// Largest element over all of two axes. Keras' `GlobalMaxPooling2D`.
    ///
    /// Shapes: `(batch, height, width, channels)`, or with the channels second, to `(batch, channels)`;
    /// with `keepdims` the pooled axes stay.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    /// use keras_rs::layers::GlobalMaxPooling2D;
    ///
    /// let x = Tensor::from_vec(vec![1.0_f32, 5.0, 2.0, 3.0, 9.0, 4.0], [1, 3, 1, 2])?;
    /// let y = GlobalMaxPooling2D::new().shared().call(&[x])?;
    /// assert_eq!(y[0].shape(), [1, 2]);
    /// assert_eq!(y[0].to_vec::<f32>()?, [9.0, 5.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    GlobalMaxPooling2D, 2, crate::ops::global_max_pool
}
