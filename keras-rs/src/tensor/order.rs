//! Sorting and running sums.

use super::Tensor;
use crate::dtype::DType;
use crate::error::Result;
use burn::backend::Dispatch;
use burn::backend::ops::{FloatTensorOps, IntTensorOps};

impl Tensor {
    /// Elements in order along an axis, the smallest first unless `descending`.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where there is no such axis.
    ///
    /// ```
    /// use keras_rs::Tensor;
    ///
    /// let x = Tensor::from_vec(vec![2.0_f32, 3.0, 1.0], [3])?;
    /// assert_eq!(x.sort(0, true)?.to_vec::<f32>()?, [3.0, 2.0, 1.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn sort(&self, axis: isize, descending: bool) -> Result<Self> {
        if self.dtype == DType::Bool {
            return self.cast(DType::I32)?.sort(axis, descending)?.cast(DType::Bool);
        }
        let at = self.axis("sort", axis)?;
        let handle = if self.dtype.is_float() {
            Dispatch::float_sort(self.raw(), at, descending)
        } else {
            Dispatch::int_sort(self.raw(), at, descending)
        };
        Ok(self.with(handle, self.shape.clone()))
    }

    /// Sums of all elements up to and with each one along an axis.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where there is no such axis.
    ///
    /// ```
    /// use keras_rs::Tensor;
    ///
    /// let x = Tensor::from_vec(vec![2.0_f32, 3.0, 1.0], [3])?;
    /// assert_eq!(x.cumsum(0)?.to_vec::<f32>()?, [2.0, 5.0, 6.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn cumsum(&self, axis: isize) -> Result<Self> {
        if self.dtype == DType::Bool {
            return self.cast(DType::I32)?.cumsum(axis);
        }
        let at = self.axis("cumsum", axis)?;
        let handle = if self.dtype.is_float() {
            Dispatch::float_cumsum(self.raw(), at)
        } else {
            Dispatch::int_cumsum(self.raw(), at)
        };
        Ok(self.with(handle, self.shape.clone()))
    }
}
