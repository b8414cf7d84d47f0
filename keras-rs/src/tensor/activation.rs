//! Smooth functions that Burn's defaults compute in `float32` only, or with wrong gradients.

use super::Tensor;
use crate::backend::Backend;
use crate::dtype::DType;
use crate::error::Result;
use burn::backend::Dispatch;
use burn::backend::ops::ActivationOps;

impl Tensor {
    /// Whether the backend implements these functions itself, exactly for every float type.
    fn has_own(&self) -> bool {
        self.device.backend() == Backend::Flex
    }

    /// `1 / (1 + exp(-x))`.
    ///
    /// # Errors
    /// [`Error::DType`](crate::Error::DType) for a tensor that is not of a float type.
    pub fn sigmoid(&self) -> Result<Self> {
        self.require_float("sigmoid")?;
        if self.dtype == DType::F64 && !self.has_own() {
            return self.log_sigmoid()?.exp();
        }
        self.require_room("sigmoid")?;
        Ok(self.with(Dispatch::sigmoid(self.raw()), self.shape.clone()))
    }

    /// `log(1 + exp(x))` without overflow, exact where it is nearly zero.
    ///
    /// # Errors
    /// [`Error::DType`](crate::Error::DType) for a tensor that is not of a float type.
    ///
    /// ```
    /// use keras_rs::Tensor;
    ///
    /// let y = Tensor::from_vec(vec![0.0_f64, 1000.0], [2])?.softplus()?.to_vec::<f64>()?;
    /// assert!((y[0] - 2.0_f64.ln()).abs() < 1e-15 && y[1] == 1000.0);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn softplus(&self) -> Result<Self> {
        self.neg()?.log_sigmoid()?.neg()
    }

    /// Logarithm of [`Tensor::sigmoid`], computed without overflow.
    ///
    /// # Errors
    /// [`Error::DType`](crate::Error::DType) for a tensor that is not of a float type.
    pub fn log_sigmoid(&self) -> Result<Self> {
        self.require_float("log_sigmoid")?;
        if self.has_own() {
            self.require_room("log_sigmoid")?;
            return Ok(self.with(Dispatch::log_sigmoid(self.raw()), self.shape.clone()));
        }
        // (x - |x|) / 2 is min(x, 0), with the gradient 1/2 at zero, like the function itself.
        // The bounds prevent infinity minus infinity.
        let bound = match self.dtype {
            DType::F64 => f64::MAX,
            DType::F16 => 65504.0,
            _ => f64::from(f32::MAX) / 2.0,
        };
        let x = self.clip(Some(-bound), Some(bound))?;
        let size = x.abs()?;
        let below = x.mul_scalar(0.5)?.sub(&size.mul_scalar(0.5)?)?;
        below.sub(&size.neg()?.exp()?.log1p()?)
    }

    /// `exp(x) - 1`, exact near zero.
    ///
    /// # Errors
    /// [`Error::DType`](crate::Error::DType) for a tensor that is not of a float type.
    ///
    /// ```
    /// use keras_rs::Tensor;
    ///
    /// let y = Tensor::from_vec(vec![1e-7_f32, -50.0], [2])?.expm1()?.to_vec::<f32>()?;
    /// assert!((y[0] - 1e-7).abs() < 1e-13 && y[1] == -1.0);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn expm1(&self) -> Result<Self> {
        self.mul_scalar(0.5)?.tanh()?.mul(&self.exp()?.add_scalar(1.0)?)
    }

    /// `x * P(X <= x)` for a standard normal `X`.
    ///
    /// # Errors
    /// [`Error::DType`](crate::Error::DType) for a tensor that is not of a float type.
    pub fn gelu(&self) -> Result<Self> {
        self.require_float("gelu")?;
        // Burn's default has the gradient of the approximation.
        if self.has_own() {
            self.require_room("gelu")?;
            return Ok(self.with(Dispatch::gelu(self.raw()), self.shape.clone()));
        }
        let probability = self.mul_scalar(std::f64::consts::FRAC_1_SQRT_2)?.erf()?.add_scalar(1.0)?;
        self.mul_scalar(0.5)?.mul(&probability)
    }
}
