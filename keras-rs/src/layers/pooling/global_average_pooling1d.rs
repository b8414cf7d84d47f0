//! Average pooling over all of one axis.

use super::global::global_pooling;

global_pooling! {
    /// Mean over all of one axis. Keras' `GlobalAveragePooling1D`.
    ///
    /// Shapes: `(batch, steps, channels)`, or with the channels second, to `(batch, channels)`;
    /// with `keepdims` the pooled axes stay. A mask `(batch, steps)` hides steps.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    /// use keras_rs::layers::GlobalAveragePooling1D;
    ///
    /// let x = Tensor::from_vec(vec![1.0_f32, 5.0, 2.0, 3.0, 9.0, 4.0], [1, 3, 2])?;
    /// let y = GlobalAveragePooling1D::new().shared().call(&[x])?;
    /// assert_eq!(y[0].shape(), [1, 2]);
    /// assert_eq!(y[0].to_vec::<f32>()?, [4.0, 4.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    GlobalAveragePooling1D, 1, crate::ops::global_average_pool, masked
}
