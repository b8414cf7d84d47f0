//! Normalization by the moments of a batch, in few passes forward and backward where the backend has them.

#[cfg(feature = "flex")]
mod flex;

use super::Tensor;
use crate::error::Result;
#[cfg(feature = "flex")]
use crate::{backend::Backend, dtype::DType};
#[cfg(feature = "flex")]
use burn::backend::Dispatch;

/// A normalized tensor, and the mean and the variance of its channels, through which gradients do not flow.
pub(crate) struct Normalized {
    pub(crate) y: Tensor,
    pub(crate) moments: [Tensor; 2],
}

impl Tensor {
    /// `(x - mean) / sqrt(variance + epsilon) * gamma + beta` with mean and variance of each channel, the last axis; the
    /// gradient flows through these, too. `None` where the backend or the data type has no such operation.
    ///
    /// # Errors
    /// What making tensors reports.
    #[cfg(feature = "flex")]
    pub(crate) fn normalized(
        &self,
        gamma: Option<&Self>,
        beta: Option<&Self>,
        epsilon: f64,
    ) -> Result<Option<Normalized>> {
        let channels = self.shape.last().copied().unwrap_or(0);
        let suits = |t: &Self| t.dtype == DType::F32 && t.device.backend() == Backend::Flex;
        let weights = [gamma, beta];
        if !suits(self)
            || self.is_empty()
            || weights.iter().flatten().any(|t| !suits(t) || t.shape != [channels])
        {
            return Ok(None);
        }
        self.require_room("batch_normalization")?;
        let x = self.detach();
        let [mean, variance] = keras_rs_kernels::channel_moments(&x.floats()?, channels);
        let made = |numbers| Self::from_floats(numbers, vec![channels], &self.device);
        let moments = [made(mean)?, made(variance)?];
        let weight = |given: Option<&Self>, number| match given {
            Some(given) => Ok(given.clone()),
            None => made(vec![number; channels]),
        };
        let (gamma, beta) = (weight(gamma, 1.0)?, weight(beta, 0.0)?);
        let [mean, variance] = &moments;
        let handle = <Dispatch as flex::BatchNormalization>::batch_normalization(
            self.raw(),
            gamma.raw(),
            beta.raw(),
            mean.raw(),
            variance.raw(),
            epsilon as f32,
        );
        Ok(Some(Normalized { y: self.with(handle, self.shape.clone()), moments }))
    }

    #[cfg(not(feature = "flex"))]
    pub(crate) fn normalized(
        &self,
        _: Option<&Self>,
        _: Option<&Self>,
        _: f64,
    ) -> Result<Option<Normalized>> {
        Ok(None)
    }
}
