//! Rows of a table by number, with a gradient in one pass over the table where the backend has it.

#[cfg(feature = "flex")]
mod flex;

use super::Tensor;
#[cfg(feature = "flex")]
use crate::backend::Backend;
use crate::dtype::DType;
use crate::error::Result;
#[cfg(feature = "flex")]
use burn::backend::Dispatch;

impl Tensor {
    /// The rows of this table with two axes, in the order of their numbers, which are known to be within the table.
    ///
    /// # Errors
    /// What making tensors reports.
    pub(crate) fn look_up(&self, rows: &[usize]) -> Result<Self> {
        #[cfg(feature = "flex")]
        if let ([_, size], DType::F32, Backend::Flex, false) =
            (&self.shape[..], self.dtype, self.device.backend(), self.is_empty() || rows.is_empty())
        {
            let shape = vec![rows.len(), *size];
            crate::limits::check_shape("look_up", self.dtype, &shape)?;
            let handle = <Dispatch as flex::LookUp>::look_up(self.raw(), rows.to_vec());
            return Ok(self.with(handle, shape));
        }
        let numbers: Vec<i32> = rows.iter().map(|row| *row as i32).collect();
        self.take(&Self::from_vec(numbers, [rows.len()])?.to_device(&self.device)?, 0)
    }
}
