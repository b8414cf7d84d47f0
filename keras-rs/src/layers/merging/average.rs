//! Mean of tensors.

use super::base::{Operands, elementwise, fold};
use crate::error::Result;
use crate::tensor::Tensor;

elementwise! {
    /// Elementwise mean of a list of tensors. Keras' `Average`.
    ///
    /// Shapes: a list of `(batch, ...)` that broadcast together; where ranks differ, axes of size
    /// one are put behind the batch.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let a = Tensor::from_vec(vec![1.0_f32, 6.0], [1, 2])?;
    /// let b = Tensor::from_vec(vec![3.0_f32, 2.0], [1, 2])?;
    /// let y = Average::new().shared().call(&[a, b])?;
    /// assert_eq!(y[0].to_vec::<f32>()?, [2.0, 4.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    Average, "Average", average
}

fn average(context: &str, operands: Operands) -> Result<Tensor> {
    let count = operands.len();
    fold(context, operands, Tensor::add)?.div_scalar(count as f64)
}
