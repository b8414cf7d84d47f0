//! Numbers kept between bounds, through which no gradient passes at the bounds, in one pass forward and one backward.

#[cfg(feature = "flex")]
mod flex;

use super::Tensor;
use crate::backend::Backend;
use crate::dtype::DType;
use crate::error::Result;
use burn::backend::Dispatch;
use burn::backend::ops::ActivationOps;

impl Tensor {
    /// Numbers from `low` to `high`, in order; no gradient passes at these.
    ///
    /// # Errors
    /// [`Error::DType`](crate::Error::DType) where the backend lacks the type.
    pub(crate) fn into_bounded(self, low: f64, high: f64) -> Result<Self> {
        if self.suits_bounds() {
            return self.bounded([low as f32, high as f32]);
        }
        let y = self.clip(Some(low), Some(high))?;
        if !self.is_recorded() {
            return Ok(y);
        }
        let x = self.detach();
        let inside = x.greater_scalar(low)?.logical_and(&x.less_scalar(high)?)?;
        y.where_(&inside, &y.detach())
    }

    /// Each element, or zero where it is negative.
    ///
    /// # Errors
    /// [`Error::DType`](crate::Error::DType) for a tensor that is not of a float type.
    ///
    /// ```
    /// use keras_rs::Tensor;
    ///
    /// let y = Tensor::from_vec(vec![-1.0_f32, 2.0], [2])?.relu()?;
    /// assert_eq!(y.to_vec::<f32>()?, [0.0, 2.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn relu(&self) -> Result<Self> {
        self.clone().into_relu()
    }

    /// [`Tensor::relu`] of a tensor that is not needed any more.
    ///
    /// # Errors
    /// [`Error::DType`](crate::Error::DType) for a tensor that is not of a float type.
    pub(crate) fn into_relu(self) -> Result<Self> {
        if self.suits_bounds() {
            return self.bounded([0.0, f32::INFINITY]);
        }
        self.float_function("relu", Dispatch::relu)
    }

    /// Whether the backend has an operation for it that is faster than its own.
    fn suits_bounds(&self) -> bool {
        cfg!(feature = "flex")
            && self.dtype == DType::F32
            && self.device.backend() == Backend::Flex
            && self.is_recorded()
    }

    #[cfg(feature = "flex")]
    fn bounded(self, bounds: [f32; 2]) -> Result<Self> {
        self.require_room("clip")?;
        let Self { handle, shape, dtype, device } = self;
        Ok(Self { handle: <Dispatch as flex::Bounded>::bounded(handle, bounds), shape, dtype, device })
    }

    #[cfg(not(feature = "flex"))]
    fn bounded(self, _bounds: [f32; 2]) -> Result<Self> {
        Ok(self)
    }
}
