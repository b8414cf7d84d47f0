//! Larger tensors from smaller ones: joined, repeated, padded.

use super::Tensor;
use crate::error::{Error, Result, tuple};
use burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use burn::backend::{Dispatch, DispatchTensor};

impl Tensor {
    /// Joins tensors along an axis; data types are promoted.
    ///
    /// # Errors
    /// [`Error::Shape`] where other axes differ, [`Error::Argument`] for an empty list.
    ///
    /// ```
    /// use keras_rs::Tensor;
    ///
    /// let a = Tensor::from_vec(vec![1.0_f32, 2.0], [1, 2])?;
    /// assert_eq!(Tensor::concat(&[a.clone(), a], 0)?.shape(), [2, 2]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn concat(tensors: &[Self], axis: isize) -> Result<Self> {
        let Some(first) = tensors.first() else {
            return Err(Error::argument("concat", "tensors", "at least one tensor", "none"));
        };
        let at = first.axis("concat", axis)?;
        let dtype = tensors.iter().fold(first.dtype, |d, t| d.promote(t.dtype));
        let mut shape = first.shape.clone();
        shape[at] = 0;
        for t in tensors {
            first.require_same_device("concat", t)?;
            let same = t.rank() == shape.len()
                && t.shape.iter().zip(&first.shape).enumerate().all(|(i, (a, b))| i == at || a == b);
            if !same {
                return Err(Error::shape(
                    "concat",
                    "tensors",
                    format!("{} but for axis {at}", tuple(&first.shape)),
                    tuple(&t.shape),
                ));
            }
            shape[at] = shape[at].saturating_add(t.shape[at]);
        }
        crate::limits::check_shape("concat", dtype, &shape)?;
        if tensors.len() == 1 {
            return Ok(first.clone());
        }
        let parts = tensors.iter().filter(|t| !t.is_empty()).map(|t| t.cast(dtype));
        let parts = parts.collect::<Result<Vec<Self>>>()?;
        match parts.as_slice() {
            [] => return Self::full_on(shape, 0.0, dtype, &first.device),
            [only] => return Ok(only.clone()),
            _ => {}
        }
        let raws: Vec<DispatchTensor> = parts.iter().map(Self::raw).collect();
        let handle = if dtype.is_float() {
            Dispatch::float_cat(raws, at)
        } else if dtype.is_int() {
            Dispatch::int_cat(raws, at)
        } else {
            Dispatch::bool_cat(raws, at)
        };
        Ok(Self { handle, shape, dtype, device: first.device.clone() })
    }

    /// Joins tensors of one shape along a new axis.
    ///
    /// # Errors
    /// As [`Tensor::concat`].
    pub fn stack(tensors: &[Self], axis: isize) -> Result<Self> {
        let expanded = tensors.iter().map(|t| t.expand_dims(axis)).collect::<Result<Vec<_>>>()?;
        Self::concat(&expanded, axis)
    }

    /// Repeats the whole tensor along an axis.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis.
    pub fn tile(&self, axis: isize, times: usize) -> Result<Self> {
        let at = self.axis("tile", axis)?;
        let mut wide = self.shape.clone();
        wide.insert(at, times);
        let mut shape = self.shape.clone();
        shape[at] = shape[at].saturating_mul(times);
        self.expand_dims(at as isize)?.broadcast_to(wide)?.reshape(shape)
    }

    /// Repeats each element along an axis, as `numpy.repeat`.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis.
    pub fn repeat(&self, axis: isize, times: usize) -> Result<Self> {
        let at = self.axis("repeat", axis)?;
        let mut wide = self.shape.clone();
        wide.insert(at + 1, times);
        let mut shape = self.shape.clone();
        shape[at] = shape[at].saturating_mul(times);
        self.expand_dims(at as isize + 1)?.broadcast_to(wide)?.reshape(shape)
    }

    /// Surrounds the tensor with a value: `padding[i]` elements before and after axis `i`.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is not one pair an axis.
    pub fn pad(&self, padding: &[(usize, usize)], value: f64) -> Result<Self> {
        if padding.len() != self.rank() {
            return Err(Error::argument(
                "pad",
                "padding",
                format!("{} pairs", self.rank()),
                format!("{padding:?}"),
            ));
        }
        let grown =
            padding.iter().zip(&self.shape).map(|(&(a, b), &d)| d.saturating_add(a).saturating_add(b));
        crate::limits::check_shape("pad", self.dtype, &grown.collect::<Vec<_>>())?;
        let mut padded = self.clone();
        for (axis, &(before, after)) in padding.iter().enumerate() {
            let side = |n: usize| -> Result<Option<Self>> {
                let mut shape = padded.shape.clone();
                shape[axis] = n;
                if n == 0 { Ok(None) } else { padded.full_like(shape, value).map(Some) }
            };
            let parts: Vec<Self> =
                [side(before)?, Some(padded.clone()), side(after)?].into_iter().flatten().collect();
            padded = Self::concat(&parts, axis as isize)?;
        }
        Ok(padded)
    }
}
