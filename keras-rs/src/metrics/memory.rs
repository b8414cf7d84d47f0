//! What a metric remembers between batches, as values that can be kept.

use crate::error::Result;
use crate::tensor::TensorData;

/// A part of a metric's state that a backup keeps.
pub trait Memory {
    /// The values; none where no batch was seen.
    ///
    /// # Errors
    /// What reading them reports.
    fn kept(&self) -> Result<Option<TensorData>>;

    /// Takes up values that were kept.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) where they are not those of such a metric.
    fn take_up(&self, values: Option<TensorData>) -> Result<()>;
}
