//! Comparisons, truth values and selection.

use super::Tensor;
use crate::dtype::DType;
use crate::error::{Error, Result};
use burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use burn::backend::{Dispatch, DispatchTensor};
use burn::tensor::BoolStore;

type Compare = fn(DispatchTensor, DispatchTensor, BoolStore) -> DispatchTensor;

impl Tensor {
    fn boolean(&self, handle: DispatchTensor, shape: Vec<usize>) -> Self {
        Self { handle, shape, dtype: DType::Bool, device: self.device.clone() }
    }

    fn compare(&self, context: &str, other: &Self, float: Compare, int: Compare) -> Result<Self> {
        let (a, b, shape) = self.align(context, other)?;
        if shape.contains(&0) {
            return Self::full_on(shape, 0.0, DType::Bool, &self.device);
        }
        let (a, b) = (a.broadcast_to(&shape)?, b.broadcast_to(&shape)?);
        let op = if a.dtype.is_float() { float } else { int };
        let handle = op(a.raw(), b.raw(), self.device.as_burn().settings().bool_dtype);
        Ok(self.boolean(handle, shape))
    }

    /// True where elements are equal, broadcasting.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes do not broadcast.
    pub fn equal(&self, other: &Self) -> Result<Self> {
        self.compare("equal", other, Dispatch::float_equal, Dispatch::int_equal)
    }

    /// True where elements differ, broadcasting.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes do not broadcast.
    pub fn not_equal(&self, other: &Self) -> Result<Self> {
        self.compare("not_equal", other, Dispatch::float_not_equal, Dispatch::int_not_equal)
    }

    /// True where this is greater, broadcasting.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes do not broadcast.
    pub fn greater(&self, other: &Self) -> Result<Self> {
        self.compare("greater", other, Dispatch::float_greater, Dispatch::int_greater)
    }

    /// True where this is greater or equal, broadcasting.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes do not broadcast.
    pub fn greater_equal(&self, other: &Self) -> Result<Self> {
        self.compare("greater_equal", other, Dispatch::float_greater_equal, Dispatch::int_greater_equal)
    }

    /// True where this is less, broadcasting.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes do not broadcast.
    pub fn less(&self, other: &Self) -> Result<Self> {
        self.compare("less", other, Dispatch::float_lower, Dispatch::int_lower)
    }

    /// True where this is less or equal, broadcasting.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes do not broadcast.
    pub fn less_equal(&self, other: &Self) -> Result<Self> {
        self.compare("less_equal", other, Dispatch::float_lower_equal, Dispatch::int_lower_equal)
    }

    fn as_number(&self, value: f64) -> Result<Self> {
        let shape = vec![1; self.rank()];
        if self.dtype.is_float() || (value.fract() == 0.0 && self.dtype.can_hold(value)) {
            return self.full_like(shape, value);
        }
        Self::full_on(shape, value, DType::F32, &self.device)
    }

    /// True where elements are greater than a number.
    ///
    /// # Errors
    /// As [`Tensor::greater`].
    pub fn greater_scalar(&self, value: f64) -> Result<Self> {
        self.greater(&self.as_number(value)?)
    }

    /// True where elements are less than a number.
    ///
    /// # Errors
    /// As [`Tensor::less`].
    pub fn less_scalar(&self, value: f64) -> Result<Self> {
        self.less(&self.as_number(value)?)
    }

    /// True where elements differ from a number.
    ///
    /// # Errors
    /// As [`Tensor::not_equal`].
    pub fn not_equal_scalar(&self, value: f64) -> Result<Self> {
        self.not_equal(&self.as_number(value)?)
    }

    /// True where elements are NaN; never for integers.
    ///
    /// # Errors
    /// Never.
    pub fn is_nan(&self) -> Result<Self> {
        // Shaders may take `x != x` for false.
        self.equal(self)?.logical_not()
    }

    fn require_bool(&self, context: &str) -> Result<()> {
        if self.dtype == DType::Bool {
            return Ok(());
        }
        Err(Error::DType { context: context.into(), expected: "bool".into(), got: self.dtype.to_string() })
    }

    fn both(
        &self,
        context: &str,
        other: &Self,
        op: fn(DispatchTensor, DispatchTensor) -> DispatchTensor,
    ) -> Result<Self> {
        self.require_bool(context)?;
        other.require_bool(context)?;
        self.require_same_device(context, other)?;
        let shape = super::broadcast_shapes(context, &self.shape, &other.shape)?;
        crate::limits::check_shape(context, DType::Bool, &shape)?;
        let (a, b) = (self.broadcast_to(&shape)?, other.broadcast_to(&shape)?);
        Ok(self.boolean(op(a.raw(), b.raw()), shape))
    }

    /// True where both are true, broadcasting.
    ///
    /// # Errors
    /// [`Error::DType`] for tensors that are not `bool`.
    pub fn logical_and(&self, other: &Self) -> Result<Self> {
        self.both("logical_and", other, Dispatch::bool_and)
    }

    /// True where either is true, broadcasting.
    ///
    /// # Errors
    /// [`Error::DType`] for tensors that are not `bool`.
    pub fn logical_or(&self, other: &Self) -> Result<Self> {
        self.both("logical_or", other, Dispatch::bool_or)
    }

    /// True where it is false.
    ///
    /// # Errors
    /// [`Error::DType`] for tensors that are not `bool`.
    pub fn logical_not(&self) -> Result<Self> {
        self.require_bool("logical_not")?;
        self.require_room("logical_not")?;
        Ok(self.boolean(Dispatch::bool_not(self.raw()), self.shape.clone()))
    }

    /// This tensor's elements where the condition holds, the other's elsewhere; all broadcast.
    ///
    /// # Errors
    /// [`Error::DType`] for a condition that is not `bool`, [`Error::Shape`] where the shapes do
    /// not broadcast.
    ///
    /// ```
    /// use keras_rs::Tensor;
    ///
    /// let x = Tensor::from_vec(vec![-1.0_f32, 2.0], [2])?;
    /// let y = x.where_(&x.greater_scalar(0.0)?, &x.mul_scalar(0.1)?)?;
    /// assert_eq!(y.to_vec::<f32>()?, [-0.1, 2.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn where_(&self, condition: &Self, other: &Self) -> Result<Self> {
        condition.require_bool("where")?;
        self.require_same_device("where", condition)?;
        if self.dtype == DType::Bool && other.dtype == DType::Bool {
            let yes = self.logical_and(condition)?;
            return yes.logical_or(&other.logical_and(&condition.logical_not()?)?);
        }
        let (a, b, shape) = self.align("where", other)?;
        let shape = super::broadcast_shapes("where", &shape, &condition.shape)?;
        if shape.contains(&0) {
            return a.full_like(shape, 0.0);
        }
        let (a, b, c) = (a.broadcast_to(&shape)?, b.broadcast_to(&shape)?, condition.broadcast_to(&shape)?);
        // Burn takes the second tensor where the mask is true.
        let handle = if a.dtype.is_float() {
            Dispatch::float_mask_where(b.raw(), c.raw(), a.raw())
        } else {
            Dispatch::int_mask_where(b.raw(), c.raw(), a.raw())
        };
        Ok(a.with(handle, shape))
    }
}
