//! Max pooling over all of three axes.

use super::global::global_pooling;

global_pooling! {
    /// Largest element over all of three axes. Keras' `GlobalMaxPooling3D`.
    ///
    /// Shapes: `(batch, depth, height, width, channels)`, or with the channels second, to `(batch, channels)`;
    /// with `keepdims` the pooled axes stay.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    /// use keras_rs::layers::GlobalMaxPooling3D;
    ///
    /// let x = Tensor::from_vec(vec![1.0_f32, 5.0, 2.0, 3.0, 9.0, 4.0], [1, 1, 3, 1, 2])?;
    /// let y = GlobalMaxPooling3D::new().shared().call(&[x])?;
    /// assert_eq!(y[0].shape(), [1, 2]);
    /// assert_eq!(y[0].to_vec::<f32>()?, [9.0, 5.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    GlobalMaxPooling3D, 3, crate::ops::global_max_pool
}
