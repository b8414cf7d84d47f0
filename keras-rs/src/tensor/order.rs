//! Sorting, gathering by index, cumulative sums and products.

use super::{Tensor, TensorData};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use burn::backend::Dispatch;
use burn::backend::ops::{FloatTensorOps, IntTensorOps};
use std::cmp::Ordering;

impl Tensor {
    /// Elements in order along an axis, the smallest first unless `descending`.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis.
    ///
    /// ```
    /// use keras_rs::Tensor;
    ///
    /// let x = Tensor::from_vec(vec![2.0_f32, 3.0, 1.0], [3])?;
    /// assert_eq!(x.sort(0, true)?.to_vec::<f32>()?, [3.0, 2.0, 1.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn sort(&self, axis: isize, descending: bool) -> Result<Self> {
        if self.dtype == DType::Bool {
            return self.cast(DType::I32)?.sort(axis, descending)?.cast(DType::Bool);
        }
        let at = self.axis("sort", axis)?;
        if self.is_empty() {
            return Ok(self.clone());
        }
        self.require_room("sort")?;
        let handle = if self.dtype.is_float() {
            Dispatch::float_sort(self.in_order()?.raw(), at, descending)
        } else {
            Dispatch::int_sort(self.in_order()?.raw(), at, descending)
        };
        Ok(self.with(handle, self.shape.clone()))
    }

    /// Cumulative sums along an axis.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis.
    ///
    /// ```
    /// use keras_rs::Tensor;
    ///
    /// let x = Tensor::from_vec(vec![2.0_f32, 3.0, 1.0], [3])?;
    /// assert_eq!(x.cumsum(0)?.to_vec::<f32>()?, [2.0, 5.0, 6.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn cumsum(&self, axis: isize) -> Result<Self> {
        if self.dtype == DType::Bool {
            return self.cast(DType::I32)?.cumsum(axis);
        }
        let at = self.axis("cumsum", axis)?;
        if self.is_empty() {
            return Ok(self.clone());
        }
        self.require_room("cumsum")?;
        if self.is_host_integers() {
            return self.run_integers(at, i64::wrapping_add);
        }
        let handle = if self.dtype.is_float() {
            Dispatch::float_cumsum(self.in_order()?.raw(), at)
        } else {
            Dispatch::int_cumsum(self.in_order()?.raw(), at)
        };
        Ok(self.with(handle, self.shape.clone()))
    }

    /// Cumulative products along an axis.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis.
    ///
    /// ```
    /// use keras_rs::Tensor;
    ///
    /// let x = Tensor::from_vec(vec![2.0_f32, 3.0, 4.0], [3])?;
    /// assert_eq!(x.cumprod(0)?.to_vec::<f32>()?, [2.0, 6.0, 24.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn cumprod(&self, axis: isize) -> Result<Self> {
        if self.dtype == DType::Bool {
            return self.cast(DType::I32)?.cumprod(axis);
        }
        let at = self.axis("cumprod", axis)?;
        if self.is_empty() {
            return Ok(self.clone());
        }
        self.require_room("cumprod")?;
        if self.is_host_integers() {
            return self.run_integers(at, i64::wrapping_mul);
        }
        let handle = if self.dtype.is_float() {
            Dispatch::float_cumprod(self.in_order()?.raw(), at)
        } else {
            Dispatch::int_cumprod(self.in_order()?.raw(), at)
        };
        Ok(self.with(handle, self.shape.clone()))
    }

    /// Indices that sort an axis, as `int32`; the sort is stable, and NaN is the largest.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis.
    ///
    /// ```
    /// use keras_rs::Tensor;
    ///
    /// let x = Tensor::from_vec(vec![2.0_f32, 3.0, 1.0, 2.0], [4])?;
    /// assert_eq!(x.argsort(0, false)?.to_vec::<i32>()?, [2, 0, 3, 1]);
    /// assert_eq!(x.argsort(0, true)?.to_vec::<i32>()?, [1, 0, 3, 2]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn argsort(&self, axis: isize, descending: bool) -> Result<Self> {
        let at = self.axis("argsort", axis)? as isize;
        crate::limits::check_shape("argsort", DType::F64, &self.shape)?;
        let rows = self.detach().move_axis(at, -1)?;
        let row = rows.shape[rows.rank() - 1];
        // On the host, because Burn's sorts are not stable on every backend.
        let order = if self.dtype.is_float() {
            ordered(&rows.to_f64_vec()?, row, descending, |a, b| rising(*a, *b))
        } else {
            let values = rows.cast(DType::I64)?.to_vec::<i64>()?;
            ordered(&values, row, descending, i64::cmp)
        };
        let order = TensorData::from_values(&order, rows.shape.clone())?;
        Self::from_data_on(order, &self.device)?.move_axis(-1, at)
    }

    /// Gathers elements by their indices along an axis: `[2, 2, 0]` of three elements gives the last, the last
    /// and the first. Negative indices count from the end.
    ///
    /// Shapes are equal but for the axis; the result has that of `indices`.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis or element, [`Error::Shape`] where the shapes
    /// differ elsewhere, [`Error::DType`] for indices that are no integers.
    ///
    /// ```
    /// use keras_rs::Tensor;
    ///
    /// let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0], [2, 2])?;
    /// let indices = Tensor::from_vec(vec![1, 0, -1, 0], [2, 2])?;
    /// assert_eq!(x.take_along_axis(&indices, 1)?.to_vec::<f32>()?, [2.0, 1.0, 4.0, 3.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn take_along_axis(&self, indices: &Self, axis: isize) -> Result<Self> {
        let at = self.axis("take_along_axis", axis)?;
        let mut expected = self.shape.clone();
        expected[at] = indices.shape.get(at).copied().unwrap_or(0);
        if !indices.dtype.is_int() {
            let (expected, got) = ("integer indices".into(), indices.dtype.to_string());
            return Err(Error::DType { context: "take_along_axis".into(), expected, got });
        }
        if indices.shape != expected {
            let expected = format!("{} but for axis {at}", tuple(&self.shape));
            return Err(Error::shape("take_along_axis", "indices", expected, tuple(&indices.shape)));
        }
        let size = self.shape[at] as i64;
        let mut positions = Vec::with_capacity(indices.len());
        // Burn does not check indices.
        for index in indices.cast(DType::I64)?.to_vec::<i64>()? {
            let position = if index < 0 { index + size } else { index };
            if !(0..size).contains(&position) {
                let expected = format!("numbers within an axis of size {size}");
                return Err(Error::argument("take_along_axis", "indices", expected, index));
            }
            positions.push(position as i32);
        }
        let positions = TensorData::from_values(&positions, expected)?;
        self.gather(at, &Self::from_data_on(positions, &self.device)?)
    }

    /// Gathers elements by `int32` indices that are known to be within the axis.
    pub(crate) fn gather(&self, axis: usize, indices: &Self) -> Result<Self> {
        if indices.is_empty() {
            return self.full_like(&indices.shape, 0.0);
        }
        if self.dtype == DType::Bool {
            return self.cast(DType::I32)?.gather(axis, indices)?.cast(DType::Bool);
        }
        crate::limits::check_shape("gather", self.dtype, &indices.shape)?;
        let handle = if self.dtype.is_float() {
            Dispatch::float_gather(axis, self.raw(), indices.raw())
        } else {
            Dispatch::int_gather(axis, self.raw(), indices.raw())
        };
        Ok(self.with(handle, indices.shape.clone()))
    }
}

/// The order of floats; NaN is the largest.
fn rising(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// For each row, the indices that sort it.
fn ordered<T>(values: &[T], row: usize, descending: bool, compare: impl Fn(&T, &T) -> Ordering) -> Vec<i32> {
    let mut order = Vec::with_capacity(values.len());
    for values in values.chunks_exact(row.max(1)) {
        let start = order.len();
        order.extend(0..row as i32);
        order[start..].sort_by(|a, b| {
            let (a, b) = (&values[*a as usize], &values[*b as usize]);
            if descending { compare(b, a) } else { compare(a, b) }
        });
    }
    order
}
