//! Difference of two tensors.

use super::base::{Operands, elementwise, fold};
use crate::error::Result;
use crate::tensor::Tensor;

elementwise! {
    /// Elementwise difference of two tensors. Keras' `Subtract`.
    ///
    /// Shapes: two tensors of `(batch, ...)` that broadcast together; where ranks differ, axes of size
    /// one are put behind the batch.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let a = Tensor::from_vec(vec![1.0_f32, 6.0], [1, 2])?;
    /// let b = Tensor::from_vec(vec![3.0_f32, 2.0], [1, 2])?;
    /// let y = Subtract::new().shared().call(&[a, b])?;
    /// assert_eq!(y[0].to_vec::<f32>()?, [-2.0, 4.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    Subtract, "Subtract", subtract, Some(2)
}

fn subtract(context: &str, operands: Operands) -> Result<Tensor> {
    fold(context, operands, Tensor::sub)
}
