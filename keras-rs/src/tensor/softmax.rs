//! Softmax, in one pass forward and one backward where the backend has it.

#[cfg(feature = "flex")]
mod flex;

use super::Tensor;
use crate::error::Result;
#[cfg(feature = "flex")]
use crate::{backend::Backend, dtype::DType};
use burn::backend::Dispatch;
use burn::backend::ops::ActivationOps;

impl Tensor {
    /// Exponentials that sum to one along an axis, computed without overflow.
    ///
    /// # Errors
    /// [`Error::DType`](crate::Error::DType) for a tensor that is not of a float type,
    /// [`Error::Argument`](crate::Error::Argument) where there is no such axis.
    pub fn softmax(&self, axis: isize) -> Result<Self> {
        let at = self.axis("softmax", axis)?;
        self.require_float("softmax")?;
        if self.is_empty() {
            return Ok(self.clone());
        }
        self.require_room("softmax")?;
        #[cfg(feature = "flex")]
        if self.device.backend() == Backend::Flex && self.dtype == DType::F32 && at + 1 == self.rank() {
            let y = <Dispatch as flex::LastSoftmax>::last_softmax(self.raw(), self.shape[at]);
            return Ok(self.with(y, self.shape.clone()));
        }
        Ok(self.with(Dispatch::softmax(self.in_order()?.raw(), at), self.shape.clone()))
    }
}
