//! Max pooling over all of one axis.

use super::global::global_pooling;

global_pooling! {
    /// Largest element over all of one axis. Keras' `GlobalMaxPooling1D`.
    ///
    /// Shapes: `(batch, steps, channels)`, or with the channels second, to `(batch, channels)`;
    /// with `keepdims` the pooled axes stay.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    /// use keras_rs::layers::GlobalMaxPooling1D;
    ///
    /// let x = Tensor::from_vec(vec![1.0_f32, 5.0, 2.0, 3.0, 9.0, 4.0], [1, 3, 2])?;
    /// let y = GlobalMaxPooling1D::new().shared().call(&[x])?;
    /// assert_eq!(y[0].shape(), [1, 2]);
    /// assert_eq!(y[0].to_vec::<f32>()?, [9.0, 5.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    GlobalMaxPooling1D, 1, crate::ops::global_max_pool
}
