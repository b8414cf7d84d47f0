//! The state of a metric.

use super::MetricState;
use crate::error::Result;
use crate::tensor::{Tensor, TensorData};
use std::sync::{Mutex, PoisonError};

/// A value that a metric adds up; empty, which counts as zero, until something is added.
///
/// It is on the device of the first value, and does not record gradients.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::Accumulator;
///
/// let total = Accumulator::new();
/// assert_eq!(total.scalar()?, 0.0);
/// total.add(&Tensor::scalar(2.0_f32)?)?;
/// total.add(&Tensor::scalar(3.0_f32)?)?;
/// assert_eq!(total.scalar()?, 5.0);
/// total.reset();
/// assert!(total.value().is_none());
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Accumulator(Mutex<Option<Tensor>>);

impl Accumulator {
    /// Empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds to the value.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
    pub fn add(&self, value: &Tensor) -> Result<()> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = value.detach();
        let sum = match state.take() {
            Some(sum) => sum.add(&value.to_device(sum.device())?)?,
            None => value,
        };
        *state = Some(sum);
        Ok(())
    }

    /// Replaces the value.
    pub fn set(&self, value: &Tensor) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value.detach());
    }

    /// The value, where something was added.
    pub fn value(&self) -> Option<Tensor> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The value as a number, zero where nothing was added.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) where it is not a single number.
    pub fn scalar(&self) -> Result<f64> {
        self.value().map_or(Ok(0.0), |v| v.to_scalar())
    }

    /// Makes it empty.
    pub fn reset(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl MetricState for Accumulator {
    fn snapshot(&self) -> Result<Option<TensorData>> {
        self.value().map(|value| value.to_data()).transpose()
    }

    fn restore(&self, values: Option<TensorData>) -> Result<()> {
        self.reset();
        if let Some(values) = values {
            self.set(&Tensor::from_data(values)?);
        }
        Ok(())
    }
}
