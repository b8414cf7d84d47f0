//! Smallest of tensors.

use super::base::{Operands, elementwise, fold_masked};
use crate::error::Result;
use crate::tensor::Tensor;

elementwise! {
    /// Elementwise smallest value of a list of tensors; masked values do not count. Keras' `Minimum`.
    ///
    /// Shapes: a list of `(batch, ...)` that broadcast together; where ranks differ, axes of size
    /// one are put behind the batch.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let a = Tensor::from_vec(vec![1.0_f32, 6.0], [1, 2])?;
    /// let b = Tensor::from_vec(vec![3.0_f32, 2.0], [1, 2])?;
    /// let y = Minimum::new().shared().call(&[a, b])?;
    /// assert_eq!(y[0].to_vec::<f32>()?, [1.0, 2.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    Minimum, "Minimum", minimum
}

fn minimum(context: &str, operands: Operands) -> Result<Tensor> {
    fold_masked(context, operands, Tensor::minimum)
}
