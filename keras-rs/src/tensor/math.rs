//! Elementwise functions of one tensor.

use super::Tensor;
use crate::dtype::DType;
use crate::error::Result;
use burn::backend::ops::{ActivationOps, FloatTensorOps, IntTensorOps};
use burn::backend::{Dispatch, DispatchTensor, Scalar};

macro_rules! float_functions {
    ($($(#[$doc:meta])* $name:ident => $op:path;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// [`Error::DType`](crate::Error::DType) for a tensor that is not of a float type.
        pub fn $name(&self) -> Result<Self> {
            self.clone().float_function(stringify!($name), $op)
        }
    )*};
}

impl Tensor {
    /// Applies a function of the backend, in place where nothing else has the tensor's values.
    pub(super) fn float_function(self, name: &str, op: fn(DispatchTensor) -> DispatchTensor) -> Result<Self> {
        self.require_float(name)?;
        self.require_room(name)?;
        let Self { handle, shape, dtype, device } = self;
        Ok(Self { handle: op(handle), shape, dtype, device })
    }

    /// [`Tensor::tanh`] of a tensor that is not needed any more.
    pub(crate) fn into_tanh(self) -> Result<Self> {
        self.float_function("tanh", Dispatch::float_tanh)
    }

    float_functions! {
        /// e to the power of each element.
        exp => Dispatch::float_exp;
        /// Natural logarithm.
        log => Dispatch::float_log;
        /// Natural logarithm of one plus each element, exact near zero.
        log1p => Dispatch::float_log1p;
        /// Square root.
        sqrt => Dispatch::float_sqrt;
        /// One over each element.
        recip => Dispatch::float_recip;
        /// Hyperbolic tangent.
        tanh => Dispatch::float_tanh;
        /// Sine of radians.
        sin => Dispatch::float_sin;
        /// Cosine of radians.
        cos => Dispatch::float_cos;
        /// Angle in radians, in [0, π], of a cosine; NaN outside of [-1, 1].
        acos => Dispatch::float_acos;
        /// Inverse of the hyperbolic cosine; NaN below 1.
        acosh => Dispatch::float_acosh;
        /// Angle in radians, in [-π/2, π/2], of a sine; NaN outside of [-1, 1].
        asin => Dispatch::float_asin;
        /// Inverse of the hyperbolic sine.
        asinh => Dispatch::float_asinh;
        /// Angle in radians, in [-π/2, π/2], of a tangent.
        atan => Dispatch::float_atan;
        /// Inverse of the hyperbolic tangent; NaN outside of [-1, 1].
        atanh => Dispatch::float_atanh;
        /// Hyperbolic cosine.
        cosh => Dispatch::float_cosh;
        /// Hyperbolic sine.
        sinh => Dispatch::float_sinh;
        /// Rounds each element towards zero.
        trunc => Dispatch::float_trunc;
        /// Gauss error function.
        erf => Dispatch::float_erf;
        /// Largest whole number that is not greater.
        floor => Dispatch::float_floor;
        /// Smallest whole number that is not less.
        ceil => Dispatch::float_ceil;
        /// Nearest whole number, halves to the even one.
        round => Dispatch::float_round;
        /// -1, 0 or 1.
        sign => Dispatch::float_sign;
    }

    /// Absolute value.
    ///
    /// # Errors
    /// Never for float and integer types.
    pub fn abs(&self) -> Result<Self> {
        if self.dtype == DType::Bool {
            return self.cast(DType::I32);
        }
        self.require_room("abs")?;
        let handle = if self.dtype.is_float() {
            Dispatch::float_abs(self.raw())
        } else {
            Dispatch::int_abs(self.raw())
        };
        Ok(self.with(handle, self.shape.clone()))
    }

    /// Each element times -1.
    ///
    /// # Errors
    /// Never for float and integer types.
    pub fn neg(&self) -> Result<Self> {
        self.mul_scalar(-1.0)
    }

    /// Each element times itself.
    ///
    /// # Errors
    /// Never.
    pub fn square(&self) -> Result<Self> {
        self.mul(self)
    }

    /// One over the square root.
    ///
    /// # Errors
    /// [`Error::DType`](crate::Error::DType) for a tensor that is not of a float type.
    pub fn rsqrt(&self) -> Result<Self> {
        self.sqrt()?.recip()
    }

    /// Each element to a power.
    ///
    /// # Errors
    /// [`Error::DType`](crate::Error::DType) for a tensor that is not of a float type.
    pub fn pow_scalar(&self, exponent: f64) -> Result<Self> {
        self.require_float("pow_scalar")?;
        if exponent.is_nan() || exponent.abs() > f64::from(1 << 24) {
            // Burn panics at whole exponents of more than 32 bits.
            return self.pow(&self.full_like(vec![1; self.rank()], exponent)?);
        }
        self.require_room("pow_scalar")?;
        Ok(self.with(Dispatch::float_powf_scalar(self.raw(), Scalar::Float(exponent)), self.shape.clone()))
    }

    /// Limits each element to `min..=max`; `None` is no bound.
    ///
    /// # Errors
    /// [`Error::DType`](crate::Error::DType) where the backend lacks the type.
    pub fn clip(&self, min: Option<f64>, max: Option<f64>) -> Result<Self> {
        if self.dtype == DType::Bool {
            return self.cast(DType::I32)?.clip(min, max);
        }
        if let (Some(a), Some(b)) = (min, max)
            && (a > b || a.is_nan() || b.is_nan())
        {
            // Burn panics at bounds that are not in order; the upper one wins, as in NumPy.
            return self.clip(Some(a), None)?.clip(None, Some(b));
        }
        let (lowest, highest) = self.dtype.int_range();
        let scalar = |v: f64| {
            // A bound outside the range of the type is the same as the end of the range.
            if self.dtype.is_float() {
                Scalar::Float(v)
            } else {
                Scalar::Int((v as i64).clamp(lowest, highest))
            }
        };
        self.require_room("clip")?;
        let float = self.dtype.is_float();
        let handle = match (min, max) {
            (None, None) => return Ok(self.clone()),
            (Some(a), None) if float => Dispatch::float_clamp_min(self.raw(), scalar(a)),
            (None, Some(b)) if float => Dispatch::float_clamp_max(self.raw(), scalar(b)),
            (Some(a), Some(b)) if float => Dispatch::float_clamp(self.raw(), scalar(a), scalar(b)),
            (Some(a), None) => Dispatch::int_clamp_min(self.raw(), scalar(a)),
            (None, Some(b)) => Dispatch::int_clamp_max(self.raw(), scalar(b)),
            (Some(a), Some(b)) => Dispatch::int_clamp(self.raw(), scalar(a), scalar(b)),
        };
        Ok(self.with(handle, self.shape.clone()))
    }

    /// Logarithm of [`Tensor::softmax`].
    ///
    /// # Errors
    /// As [`Tensor::softmax`].
    pub fn log_softmax(&self, axis: isize) -> Result<Self> {
        let at = self.axis("log_softmax", axis)?;
        self.require_float("log_softmax")?;
        if self.is_empty() {
            return Ok(self.clone());
        }
        self.require_room("log_softmax")?;
        Ok(self.with(Dispatch::log_softmax(self.in_order()?.raw(), at), self.shape.clone()))
    }

    /// The tensor as floats: unchanged where it is of a float type, else `float32`.
    ///
    /// # Errors
    /// Never on a backend with `float32`.
    pub fn to_float(&self) -> Result<Self> {
        if self.dtype.is_float() { Ok(self.clone()) } else { self.cast(DType::F32) }
    }
}
