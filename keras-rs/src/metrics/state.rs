//! The state of a metric, as values that can be saved and restored.

use crate::error::Result;
use crate::tensor::TensorData;

/// A part of a metric's state, which a backup saves.
pub trait MetricState {
    /// The values; `None` where the metric has seen no batch.
    ///
    /// # Errors
    /// What reading them reports.
    fn snapshot(&self) -> Result<Option<TensorData>>;

    /// Sets the values that [`snapshot`](Self::snapshot) gave.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) where they have another shape.
    fn restore(&self, values: Option<TensorData>) -> Result<()>;
}
