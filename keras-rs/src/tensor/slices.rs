//! Parts of tensors: slices, picked entries, reversed axes.

use super::Tensor;
use super::reshape::by_kind;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use burn::backend::Dispatch;
use burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use burn::tensor::Slice;
use std::ops::Range;

impl Tensor {
    /// Slices every axis by a range that lies within it; axes beyond `ranges` are not sliced.
    ///
    /// # Errors
    /// [`Error::Argument`] where a range leaves its axis.
    pub(crate) fn cut(&self, ranges: &[Range<usize>]) -> Result<Self> {
        let with_step: Vec<(Range<usize>, usize)> = ranges.iter().cloned().map(|r| (r, 1)).collect();
        self.slice_with_steps(&with_step)
    }

    /// Slices every axis by a range and a step; axes beyond `ranges` are not sliced.
    ///
    /// # Errors
    /// [`Error::Argument`] where a range leaves its axis or a step is zero.
    pub fn slice_with_steps(&self, ranges: &[(Range<usize>, usize)]) -> Result<Self> {
        let is_valid = ranges.len() <= self.rank()
            && ranges
                .iter()
                .zip(&self.shape)
                .all(|((r, step), &d)| r.start <= r.end && r.end <= d && *step > 0);
        if !is_valid {
            return Err(Error::argument(
                "slice",
                "ranges",
                format!("ranges within {}", tuple(&self.shape)),
                format!("{ranges:?}"),
            ));
        }
        if ranges.iter().zip(&self.shape).all(|((r, step), &d)| *r == (0..d) && *step == 1) {
            return Ok(self.clone());
        }
        let slices: Vec<Slice> = ranges
            .iter()
            .map(|(r, step)| Slice::with_step(r.start as isize, Some(r.end as isize), *step as isize))
            .collect();
        let mut shape = self.shape.clone();
        for (size, (r, step)) in shape.iter_mut().zip(ranges) {
            *size = r.len().div_ceil(*step);
        }
        if shape.contains(&0) {
            return self.full_like(shape, 0.0);
        }
        crate::limits::check_shape("slice", self.dtype, &shape)?;
        let handle = by_kind!(self, float_slice, int_slice, bool_slice, (&slices));
        Ok(self.with(handle, shape))
    }

    /// Slices one axis by a range.
    ///
    /// # Errors
    /// [`Error::Argument`] where the range leaves the axis.
    pub fn narrow(&self, axis: isize, range: Range<usize>) -> Result<Self> {
        let at = self.axis("narrow", axis)?;
        let mut ranges: Vec<Range<usize>> = self.shape[..at].iter().map(|&d| 0..d).collect();
        ranges.push(range);
        self.cut(&ranges)
    }

    /// The tensor with another one in the place of its elements from a position of an axis on; where it is the
    /// only owner of its values, backends write in place.
    pub(crate) fn into_written(self, axis: isize, from: usize, value: &Self) -> Result<Self> {
        let at = self.axis("written", axis)?;
        let mut wanted = self.shape.clone();
        wanted[at] = value.dim(axis).unwrap_or(usize::MAX);
        let fits =
            wanted == value.shape && from.checked_add(wanted[at]).is_some_and(|end| end <= self.shape[at]);
        if !fits || self.dtype != value.dtype {
            let expected = format!("{} elements that fit into {}", self.dtype, tuple(&self.shape));
            let got = format!("{} of type {} from {from}", tuple(&value.shape), value.dtype);
            return Err(Error::shape("written", "value", expected, got));
        }
        if value.is_empty() {
            return Ok(self);
        }
        let slices: Vec<Slice> = wanted
            .iter()
            .enumerate()
            .map(|(i, &size)| {
                let start = if i == at { from } else { 0 };
                Slice::new(start as isize, Some((start + size) as isize), 1)
            })
            .collect();
        let value = value.raw();
        let Self { handle, shape, dtype, device } = self;
        let handle = if dtype.is_float() {
            Dispatch::float_slice_assign(handle, &slices, value)
        } else if dtype.is_int() {
            Dispatch::int_slice_assign(handle, &slices, value)
        } else {
            Dispatch::bool_slice_assign(handle, &slices, value)
        };
        Ok(Self { handle, shape, dtype, device })
    }

    /// Reverses the order along axes.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis, or one is named twice.
    pub fn flip(&self, axes: &[isize]) -> Result<Self> {
        let axes = axes.iter().map(|&a| self.axis("flip", a)).collect::<Result<Vec<_>>>()?;
        if axes.iter().enumerate().any(|(i, axis)| axes[..i].contains(axis)) {
            return Err(Error::argument("flip", "axes", "each axis once", format!("{axes:?}")));
        }
        if self.is_empty() {
            return Ok(self.clone());
        }
        self.require_room("flip")?;
        let handle = by_kind!(self, float_flip, int_flip, bool_flip, (&axes));
        Ok(self.with(handle, self.shape.clone()))
    }

    /// Picks entries of one axis by index; `indices` has one axis and an integer type.
    ///
    /// Indices must be within the axis; this is not checked, as it would need their values.
    ///
    /// # Errors
    /// [`Error::DType`] for indices that are no integers, [`Error::Shape`] where they have not one axis.
    pub fn take(&self, indices: &Self, axis: isize) -> Result<Self> {
        let at = self.axis("take", axis)?;
        if !indices.dtype.is_int() {
            return Err(Error::DType {
                context: "take".into(),
                expected: "integer indices".into(),
                got: indices.dtype.to_string(),
            });
        }
        self.require_same_device("take", indices)?;
        if indices.rank() != 1 {
            return Err(Error::shape("take", "indices", "one axis", tuple(&indices.shape)));
        }
        let mut shape = self.shape.clone();
        shape[at] = indices.len();
        crate::limits::check_shape("take", self.dtype, &shape)?;
        if shape.contains(&0) {
            return self.full_like(shape, 0.0);
        }
        let raw = self.raw();
        let handle = if self.dtype.is_float() {
            Dispatch::float_select(raw, at, indices.raw())
        } else if self.dtype.is_int() {
            Dispatch::int_select(raw, at, indices.raw())
        } else {
            return self.cast(DType::I32)?.take(indices, axis)?.cast(DType::Bool);
        };
        Ok(self.with(handle, shape))
    }
}
