//! Arithmetic of two tensors, and of a tensor and a number.

use super::integers::Wrapping;
use super::{Tensor, TensorData, broadcast_shapes};
use crate::backend::Backend;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use burn::backend::ops::{FloatTensorOps, IntTensorOps};
use burn::backend::{Dispatch, DispatchTensor, Scalar};

type Binary = fn(DispatchTensor, DispatchTensor) -> DispatchTensor;

impl Tensor {
    /// Brings two operands to one data type and rank; says the shape of the result.
    pub(super) fn align(&self, context: &str, other: &Self) -> Result<(Self, Self, Vec<usize>)> {
        let shape = broadcast_shapes(context, &self.shape, &other.shape)?;
        self.require_same_device(context, other)?;
        let mut dtype = self.dtype.promote(other.dtype);
        if dtype == DType::Bool {
            dtype = DType::I32;
        }
        crate::limits::check_shape(context, dtype, &shape)?;
        let rank = shape.len();
        Ok((self.cast(dtype)?.pad_rank(rank)?, other.cast(dtype)?.pad_rank(rank)?, shape))
    }

    fn binary(
        &self,
        context: &str,
        other: &Self,
        float: Binary,
        int: Binary,
        wrap: Wrapping,
    ) -> Result<Self> {
        let (a, b, shape) = self.align(context, other)?;
        if shape.contains(&0) {
            return a.full_like(shape, 0.0);
        }
        if a.overflow_panics() {
            return a.wrapping(&b, &shape, wrap);
        }
        let op = if a.dtype.is_float() { float } else { int };
        Ok(a.with(op(a.raw(), b.raw()), shape))
    }

    /// Whether Burn computes with integers of this type in a way that panics on overflow where
    /// overflow is checked: in its 64 bits on `flex`, in every width on `ndarray`.
    fn overflow_panics(&self) -> bool {
        match self.device.backend() {
            Backend::NdArray => self.dtype.is_int(),
            Backend::Flex => self.dtype == DType::I64,
            _ => false,
        }
    }

    /// Integer arithmetic that wraps, as NumPy's does.
    fn wrapping(&self, other: &Self, shape: &[usize], op: Wrapping) -> Result<Self> {
        let values = |t: &Self| t.broadcast_to(shape)?.to_data()?.to_i64();
        let (a, b) = (values(self)?, values(other)?);
        let result: Vec<i64> = a.into_iter().zip(b).map(|(a, b)| op(a, b)).collect();
        Self::from_data_on(TensorData::from_i64(&result, shape.to_vec(), self.dtype)?, &self.device)
    }

    /// As [`Tensor::binary`] with operands that are not needed any more, in place where they are floats of one type,
    /// the second has no more axes, and nothing else has the values of one.
    fn into_binary(
        self,
        context: &str,
        other: Self,
        float: Binary,
        int: Binary,
        wrap: Wrapping,
    ) -> Result<Self> {
        if self.dtype != other.dtype || !self.dtype.is_float() || self.rank() < other.rank() {
            return self.binary(context, &other, float, int, wrap);
        }
        let other = if self.rank() == other.rank() {
            other
        } else {
            let missing = self.rank() - other.rank();
            other.reshape([&vec![1; missing], other.shape()].concat())?
        };
        let shape = broadcast_shapes(context, &self.shape, &other.shape)?;
        self.require_same_device(context, &other)?;
        crate::limits::check_shape(context, self.dtype, &shape)?;
        if shape.contains(&0) {
            return self.full_like(shape, 0.0);
        }
        let Self { handle, dtype, device, .. } = self;
        Ok(Self { handle: float(handle, other.handle), shape, dtype, device })
    }

    /// [`Tensor::add`] of two tensors that are not needed any more.
    pub(crate) fn into_sum(self, other: Self) -> Result<Self> {
        self.into_binary("add", other, Dispatch::float_add, Dispatch::int_add, i64::wrapping_add)
    }

    /// [`Tensor::mul`] of two tensors that are not needed any more.
    pub(crate) fn into_product(self, other: Self) -> Result<Self> {
        self.into_binary("mul", other, Dispatch::float_mul, Dispatch::int_mul, i64::wrapping_mul)
    }

    /// Elementwise sum, broadcasting.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes do not broadcast.
    pub fn add(&self, other: &Self) -> Result<Self> {
        self.binary("add", other, Dispatch::float_add, Dispatch::int_add, i64::wrapping_add)
    }

    /// Elementwise difference, broadcasting.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes do not broadcast.
    pub fn sub(&self, other: &Self) -> Result<Self> {
        self.binary("sub", other, Dispatch::float_sub, Dispatch::int_sub, i64::wrapping_sub)
    }

    /// Elementwise product, broadcasting.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes do not broadcast.
    pub fn mul(&self, other: &Self) -> Result<Self> {
        self.binary("mul", other, Dispatch::float_mul, Dispatch::int_mul, i64::wrapping_mul)
    }

    /// Elementwise quotient, broadcasting; integers are divided as `float32`, as in Python.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes do not broadcast.
    pub fn div(&self, other: &Self) -> Result<Self> {
        let float = |t: &Self| if t.dtype.is_float() { Ok(t.clone()) } else { t.cast(DType::F32) };
        let (a, b, shape) = float(self)?.align("div", &float(other)?)?;
        if shape.contains(&0) {
            return a.full_like(shape, 0.0);
        }
        Ok(a.with(Dispatch::float_div(a.raw(), b.raw()), shape))
    }

    /// Elementwise power of floats, broadcasting.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes do not broadcast, [`Error::DType`] for integers.
    pub fn pow(&self, exponent: &Self) -> Result<Self> {
        let (a, b, shape) = self.align("pow", exponent)?;
        a.require_float("pow")?;
        if shape.contains(&0) {
            return a.full_like(shape, 0.0);
        }
        Ok(a.with(Dispatch::float_powf(a.raw(), b.raw()), shape))
    }

    /// Angle in radians, in [-π, π], of points with these heights and, in `x`, distances to the right;
    /// broadcasting.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes do not broadcast, [`Error::DType`] for integers.
    ///
    /// ```
    /// use keras_rs::Tensor;
    ///
    /// let y = Tensor::from_vec(vec![0.0_f32, 1.0], [2])?;
    /// let angles = y.atan2(&Tensor::from_vec(vec![1.0_f32, 0.0], [2])?)?.to_vec::<f32>()?;
    /// assert_eq!(angles, [0.0, std::f32::consts::FRAC_PI_2]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn atan2(&self, x: &Self) -> Result<Self> {
        let (a, b, shape) = self.align("atan2", x)?;
        a.require_float("atan2")?;
        if shape.contains(&0) {
            return a.full_like(shape, 0.0);
        }
        let (a, b) = (a.broadcast_to(&shape)?, b.broadcast_to(&shape)?);
        Ok(a.with(Dispatch::float_atan2(a.raw(), b.raw()), shape))
    }

    /// Elementwise larger value, broadcasting; NaN if one of them is NaN, as in NumPy.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes do not broadcast.
    pub fn maximum(&self, other: &Self) -> Result<Self> {
        self.pick(other, "maximum", Self::greater_equal)
    }

    /// Elementwise smaller value, broadcasting; NaN if one of them is NaN, as in NumPy.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes do not broadcast.
    pub fn minimum(&self, other: &Self) -> Result<Self> {
        self.pick(other, "minimum", Self::less_equal)
    }

    fn pick(&self, other: &Self, context: &str, first: fn(&Self, &Self) -> Result<Self>) -> Result<Self> {
        let (a, b, shape) = self.align(context, other)?;
        let (a, b) = (a.broadcast_to(&shape)?, b.broadcast_to(&shape)?);
        let mut take_a = first(&a, &b)?;
        if a.dtype.is_float() {
            take_a = take_a.logical_or(&a.is_nan()?)?;
        }
        a.where_(&take_a, &b)
    }

    fn scalar_operand(&self, value: f64) -> Scalar {
        if self.dtype.is_float() { Scalar::Float(value) } else { Scalar::Int(value as i64) }
    }

    fn with_scalar(
        self,
        value: f64,
        float: fn(DispatchTensor, Scalar) -> DispatchTensor,
        int: fn(DispatchTensor, Scalar) -> DispatchTensor,
        wrap: Wrapping,
    ) -> Result<Self> {
        if self.dtype == DType::Bool {
            return self.cast(DType::I32)?.with_scalar(value, float, int, wrap);
        }
        if !self.dtype.is_float() && value.fract() != 0.0 {
            return self.cast(DType::F32)?.with_scalar(value, float, int, wrap);
        }
        if !self.dtype.can_hold(value) {
            let wider = if self.dtype == DType::I64 { DType::F32 } else { DType::I64 };
            return self.cast(wider)?.with_scalar(value, float, int, wrap);
        }
        if self.overflow_panics() {
            return self.wrapping(&self.full_like(Vec::new(), value)?, &self.shape, wrap);
        }
        self.require_room("arithmetic with a number")?;
        let op = if self.dtype.is_float() { float } else { int };
        let scalar = self.scalar_operand(value);
        let Self { handle, shape, dtype, device } = self;
        Ok(Self { handle: op(handle, scalar), shape, dtype, device })
    }

    /// [`Tensor::add_scalar`] of a tensor that is not needed any more.
    pub(crate) fn into_shifted(self, value: f64) -> Result<Self> {
        self.with_scalar(value, Dispatch::float_add_scalar, Dispatch::int_add_scalar, i64::wrapping_add)
    }

    /// [`Tensor::mul_scalar`] of a tensor that is not needed any more.
    pub(crate) fn into_scaled(self, value: f64) -> Result<Self> {
        self.with_scalar(value, Dispatch::float_mul_scalar, Dispatch::int_mul_scalar, i64::wrapping_mul)
    }

    /// Adds a number; an integer tensor becomes `float32` where the number is not whole.
    ///
    /// # Errors
    /// [`Error::DType`] where the backend lacks the type.
    pub fn add_scalar(&self, value: f64) -> Result<Self> {
        self.clone().with_scalar(
            value,
            Dispatch::float_add_scalar,
            Dispatch::int_add_scalar,
            i64::wrapping_add,
        )
    }

    /// Multiplies by a number; an integer tensor becomes `float32` where the number is not whole.
    ///
    /// # Errors
    /// [`Error::DType`] where the backend lacks the type.
    pub fn mul_scalar(&self, value: f64) -> Result<Self> {
        self.clone().with_scalar(
            value,
            Dispatch::float_mul_scalar,
            Dispatch::int_mul_scalar,
            i64::wrapping_mul,
        )
    }

    /// Divides by a number; integers are divided as `float32`.
    ///
    /// # Errors
    /// [`Error::DType`] where the backend lacks the type.
    pub fn div_scalar(&self, value: f64) -> Result<Self> {
        let float = if self.dtype.is_float() { self.clone() } else { self.cast(DType::F32)? };
        float.require_room("div_scalar")?;
        Ok(float.with(Dispatch::float_div_scalar(float.raw(), Scalar::Float(value)), float.shape.clone()))
    }

    /// Matrix product over the last two axes; leading axes broadcast, as `numpy.matmul`.
    ///
    /// # Errors
    /// [`Error::Shape`] where the inner sizes differ or an operand has fewer than two axes.
    pub fn matmul(&self, other: &Self) -> Result<Self> {
        self.require_same_device("matmul", other)?;
        self.require_rank("matmul", 2)?;
        other.require_rank("matmul", 2)?;
        let (n, k) = (self.shape[self.rank() - 2], self.shape[self.rank() - 1]);
        let (k2, m) = (other.shape[other.rank() - 2], other.shape[other.rank() - 1]);
        if k != k2 {
            return Err(Error::shape(
                "matmul",
                "other",
                format!("{k} rows, to follow {}", tuple(&self.shape)),
                tuple(&other.shape),
            ));
        }
        let batch =
            broadcast_shapes("matmul", &self.shape[..self.rank() - 2], &other.shape[..other.rank() - 2])?;
        let dtype = self.dtype.promote(other.dtype);
        if dtype == DType::Bool || (dtype.is_int() && self.device.supports(DType::F64)) {
            // Burn multiplies matrices of only some integer types, and panics on overflow.
            let wide = if self.device.supports(DType::F64) { DType::F64 } else { DType::F32 };
            return self.cast(wide)?.matmul(&other.cast(wide)?)?.cast(dtype);
        }
        let shape: Vec<usize> = batch.iter().copied().chain([n, m]).collect();
        crate::limits::check_shape("matmul", dtype, &shape)?;
        if shape.contains(&0) || k == 0 {
            return Self::full_on(shape, 0.0, dtype, &self.device);
        }
        // If all share one matrix, a single large product is much faster than many small ones.
        if other.rank() == 2 && self.rank() > 2 {
            let rows: usize = self.shape[..self.rank() - 1].iter().product();
            return self.reshape([rows, k])?.matmul(other)?.reshape(shape);
        }
        let rank = shape.len();
        let (a, b) = (self.cast(dtype)?.pad_rank(rank)?, other.cast(dtype)?.pad_rank(rank)?);
        let handle = if dtype.is_float() {
            Dispatch::float_matmul(a.raw(), b.raw())
        } else {
            Dispatch::int_matmul(a.raw(), b.raw())
        };
        Ok(a.with(handle, shape))
    }
}
