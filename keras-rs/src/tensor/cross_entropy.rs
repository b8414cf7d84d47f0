//! Cross entropy of classes along the last axis, in one pass forward and one backward where the backend has it.

#[cfg(feature = "flex")]
mod flex;

use super::Tensor;
use crate::error::Result;
#[cfg(feature = "flex")]
use crate::{backend::Backend, dtype::DType};
#[cfg(feature = "flex")]
use burn::backend::Dispatch;

/// The truth that predictions are compared with.
pub(crate) enum Truth<'a> {
    /// The class of each row; a number that is no class has no loss.
    Labels(&'a Tensor),
    /// A share of each class, of the predictions' shape.
    Shares(&'a Tensor),
}

#[cfg(feature = "flex")]
impl Tensor {
    /// The cross entropy of each row of probabilities or logits. `None` where the backend or the data types have no such
    /// operation, or where the truth has a gradient, too.
    ///
    /// # Errors
    /// What making tensors reports.
    pub(crate) fn cross_entropy(&self, truth: Truth<'_>, from_logits: bool) -> Result<Option<Self>> {
        let suits = |t: &Self| t.device.backend() == Backend::Flex && !t.is_empty();
        if self.dtype != DType::F32 || self.rank() == 0 || !suits(self) {
            return Ok(None);
        }
        self.require_room("cross_entropy")?;
        let (rows, classes) = self.shape.split_at(self.rank() - 1);
        let classes = classes[0];
        let handle = match truth {
            Truth::Labels(labels) if suits(labels) => {
                let labels = labels.detach().cast(DType::I32)?.to_vec::<i32>()?;
                <Dispatch as flex::ClassEntropy>::cross_entropy_of_labels(
                    self.raw(),
                    labels,
                    classes,
                    from_logits,
                )
            }
            Truth::Shares(shares) if suits(shares) && shares.dtype == DType::F32 && !shares.is_tracked() => {
                <Dispatch as flex::ClassEntropy>::cross_entropy(
                    self.raw(),
                    shares.raw(),
                    classes,
                    from_logits,
                )
            }
            _ => return Ok(None),
        };
        Ok(Some(self.with(handle, rows.to_vec())))
    }
}

#[cfg(not(feature = "flex"))]
impl Tensor {
    pub(crate) fn cross_entropy(&self, _: Truth<'_>, _: bool) -> Result<Option<Self>> {
        Ok(None)
    }
}
