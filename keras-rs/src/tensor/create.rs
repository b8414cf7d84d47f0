//! Making tensors.

use super::{Element, Tensor, TensorData};
use crate::backend::{Device, default_device};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::IntoDims;

impl Tensor {
    /// From values in C order, on the default device.
    ///
    /// # Errors
    /// [`Error::Shape`] where their number is not the shape's product.
    ///
    /// ```
    /// use keras_rs::{DType, Tensor};
    ///
    /// let t = Tensor::from_vec(vec![1_i64, 2, 3], [3])?;
    /// assert_eq!(t.dtype(), DType::I64);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn from_vec<E: Element>(values: Vec<E>, shape: impl IntoDims) -> Result<Self> {
        Self::from_slice(&values, shape)
    }

    /// From values in C order, on the default device.
    ///
    /// # Errors
    /// [`Error::Shape`] where their number is not the shape's product.
    pub fn from_slice<E: Element>(values: &[E], shape: impl IntoDims) -> Result<Self> {
        let shape = shape.into_dims();
        let expected = shape.iter().try_fold(1_usize, |n, &d| n.checked_mul(d));
        if expected != Some(values.len()) {
            let expected = expected.map_or("fewer".into(), |n| n.to_string());
            return Err(Error::shape(
                "from_vec",
                "data",
                format!("{expected} elements for shape {}", tuple(&shape)),
                values.len(),
            ));
        }
        Self::from_data(TensorData::from_values(values, shape)?)
    }

    /// A scalar (rank 0) on the default device.
    ///
    /// # Errors
    /// As [`Tensor::from_data`].
    pub fn scalar<E: Element>(value: E) -> Result<Self> {
        Self::from_data(TensorData::from_values(&[value], vec![])?)
    }

    /// Filled with one value, which is converted to the element type.
    ///
    /// # Errors
    /// [`Error::TooLarge`] where the size does not fit into memory,
    /// [`Error::DType`] where the device lacks the type.
    pub fn full_on(shape: impl IntoDims, value: f64, dtype: DType, device: &Device) -> Result<Self> {
        let shape = shape.into_dims();
        crate::limits::check_shape("full", dtype, &shape)?;
        if shape.contains(&0) {
            return Self::from_data_on(TensorData::new(dtype, shape, Vec::new())?, device);
        }
        let one = TensorData::from_f64(&[value], vec![1; shape.len()], dtype)?;
        Self::from_data_on(one, device)?.broadcast_to(shape)
    }

    /// Filled with one value, on the default device.
    ///
    /// # Errors
    /// As [`Tensor::full_on`].
    pub fn full(shape: impl IntoDims, value: f64, dtype: DType) -> Result<Self> {
        Self::full_on(shape, value, dtype, &default_device()?)
    }

    /// Zeros on the default device.
    ///
    /// # Errors
    /// As [`Tensor::full_on`].
    pub fn zeros(shape: impl IntoDims, dtype: DType) -> Result<Self> {
        Self::full(shape, 0.0, dtype)
    }

    /// Ones on the default device.
    ///
    /// # Errors
    /// As [`Tensor::full_on`].
    pub fn ones(shape: impl IntoDims, dtype: DType) -> Result<Self> {
        Self::full(shape, 1.0, dtype)
    }

    /// A tensor filled with one value, of this one's element type and device.
    ///
    /// # Errors
    /// As [`Tensor::full_on`].
    pub fn full_like(&self, shape: impl IntoDims, value: f64) -> Result<Self> {
        Self::full_on(shape, value, self.dtype(), self.device())
    }

    /// The integers `0, 1, ..., n - 1` as `int32` on a device.
    ///
    /// # Errors
    /// As [`Tensor::from_data_on`].
    pub fn arange_on(n: usize, device: &Device) -> Result<Self> {
        crate::limits::check_shape("arange", DType::I32, &[n])?;
        let end = i32::try_from(n)
            .map_err(|_| Error::argument("arange", "n", format!("at most {}", i32::MAX), n))?;
        let values: Vec<i32> = (0..end).collect();
        Self::from_data_on(TensorData::from_values(&values, vec![n])?, device)
    }
}

impl TensorData {
    /// Integers of any width from `i64`s in C order; out-of-range values wrap.
    pub(crate) fn from_i64(values: &[i64], shape: Vec<usize>, dtype: DType) -> Result<Self> {
        match dtype {
            DType::I32 => Self::from_values(&values.iter().map(|&v| v as i32).collect::<Vec<_>>(), shape),
            DType::U8 => Self::from_values(&values.iter().map(|&v| v as u8).collect::<Vec<_>>(), shape),
            DType::U32 => Self::from_values(&values.iter().map(|&v| v as u32).collect::<Vec<_>>(), shape),
            _ => Self::from_values(values, shape),
        }
    }

    /// Integers of any width as `i64`s.
    pub(crate) fn to_i64(&self) -> Result<Vec<i64>> {
        match self.dtype() {
            DType::I32 => Ok(self.values::<i32>()?.into_iter().map(i64::from).collect()),
            DType::U8 => Ok(self.values::<u8>()?.into_iter().map(i64::from).collect()),
            DType::U32 => Ok(self.values::<u32>()?.into_iter().map(i64::from).collect()),
            _ => self.values::<i64>(),
        }
    }

    /// Values of any element type from `f64`s in C order; integers truncate.
    ///
    /// # Errors
    /// [`Error::Shape`] where their number is not the shape's product.
    pub fn from_f64(values: &[f64], shape: Vec<usize>, dtype: DType) -> Result<Self> {
        Self::from_numbers(values.iter().copied(), shape, dtype)
    }

    /// As [`TensorData::from_f64`], from numbers that need not be in memory all at once.
    ///
    /// # Errors
    /// [`Error::Shape`] where their number is not the shape's product, [`Error::TooLarge`] where
    /// there is no room for them.
    pub(crate) fn from_numbers(
        values: impl Iterator<Item = f64>,
        shape: Vec<usize>,
        dtype: DType,
    ) -> Result<Self> {
        crate::limits::check_shape("values", dtype, &shape)?;
        let mut bytes = Vec::with_capacity(super::byte_len(dtype, &shape).unwrap_or(0));
        match dtype {
            DType::F64 => values.for_each(|v| v.write_le(&mut bytes)),
            DType::F32 => values.for_each(|v| (v as f32).write_le(&mut bytes)),
            DType::F16 => values.for_each(|v| half::f16::from_f64(v).write_le(&mut bytes)),
            DType::BF16 => values.for_each(|v| half::bf16::from_f64(v).write_le(&mut bytes)),
            DType::I32 => values.for_each(|v| (v as i32).write_le(&mut bytes)),
            DType::I64 => values.for_each(|v| (v as i64).write_le(&mut bytes)),
            DType::U8 => values.for_each(|v| (v as u8).write_le(&mut bytes)),
            DType::U32 => values.for_each(|v| (v as u32).write_le(&mut bytes)),
            DType::Bool => values.for_each(|v| (v != 0.0).write_le(&mut bytes)),
        }
        Self::new(dtype, shape, bytes)
    }
}
