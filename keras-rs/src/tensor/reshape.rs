//! Operations that move elements without computing.

use super::{Tensor, broadcast_shapes};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::IntoDims;
use burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use burn::backend::{Dispatch, DispatchTensor};
use burn::tensor::{Shape as BurnShape, Slice};
use std::ops::Range;

/// Calls the operation of the tensor's kind: float, int or bool.
macro_rules! by_kind {
    ($tensor:expr, $float:ident, $int:ident, $bool:ident, ($($arg:expr),*)) => {{
        let raw = $tensor.raw();
        if $tensor.dtype().is_float() {
            Dispatch::$float(raw, $($arg),*)
        } else if $tensor.dtype().is_int() {
            Dispatch::$int(raw, $($arg),*)
        } else {
            Dispatch::$bool(raw, $($arg),*)
        }
    }};
}

impl Tensor {
    /// Changes the shape; the elements stay in C order.
    ///
    /// # Errors
    /// [`Error::Shape`] where the number of elements differs.
    pub fn reshape(&self, shape: impl IntoDims) -> Result<Self> {
        let shape = shape.into_dims();
        if shape == self.shape {
            return Ok(self.clone());
        }
        if shape.iter().try_fold(1_usize, |n, &d| n.checked_mul(d)) != Some(self.len()) {
            return Err(Error::shape(
                "reshape",
                "shape",
                format!("{} elements, as in {}", self.len(), tuple(&self.shape)),
                tuple(&shape),
            ));
        }
        crate::limits::check_shape("reshape", self.dtype, &shape)?;
        super::check_rank("reshape", shape.len(), &self.device)?;
        if self.is_empty() {
            return self.full_like(shape, 0.0);
        }
        let stored = BurnShape::from(if shape.is_empty() { vec![1] } else { shape.clone() });
        let handle = by_kind!(self, float_reshape, int_reshape, bool_reshape, (stored));
        Ok(self.with(handle, shape))
    }

    /// Reorders the axes: axis `i` of the result is axis `axes[i]` of this tensor.
    ///
    /// # Errors
    /// [`Error::Argument`] where `axes` is not a permutation of all axes.
    pub fn permute(&self, axes: &[usize]) -> Result<Self> {
        let mut seen = vec![false; self.rank()];
        let valid = axes.len() == self.rank()
            && axes.iter().all(|&a| a < seen.len() && !std::mem::replace(&mut seen[a], true));
        if !valid {
            return Err(Error::argument(
                "permute",
                "axes",
                format!("a permutation of {} axes", self.rank()),
                format!("{axes:?}"),
            ));
        }
        if axes.iter().enumerate().all(|(i, &a)| i == a) {
            return Ok(self.clone());
        }
        let shape: Vec<usize> = axes.iter().map(|&a| self.shape[a]).collect();
        if self.is_empty() {
            return self.full_like(shape, 0.0);
        }
        let handle = by_kind!(self, float_permute, int_permute, bool_permute, (axes));
        Ok(self.with(handle, shape))
    }

    /// Swaps the last two axes.
    ///
    /// # Errors
    /// [`Error::Shape`] where there are fewer than two axes.
    pub fn transpose(&self) -> Result<Self> {
        self.require_rank("transpose", 2)?;
        let mut axes: Vec<usize> = (0..self.rank()).collect();
        let last = axes.len() - 1;
        axes.swap(last - 1, last);
        self.permute(&axes)
    }

    /// Moves an axis to another position; the others keep their order.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis.
    pub fn move_axis(&self, from: isize, to: isize) -> Result<Self> {
        let (from, to) = (self.axis("move_axis", from)?, self.axis("move_axis", to)?);
        let mut axes: Vec<usize> = (0..self.rank()).filter(|&a| a != from).collect();
        axes.insert(to, from);
        self.permute(&axes)
    }

    /// Adds an axis of size one; `-1` adds it at the end.
    ///
    /// # Errors
    /// [`Error::Argument`] where the position is out of range.
    pub fn expand_dims(&self, axis: isize) -> Result<Self> {
        let at = super::resolve_axis("expand_dims", axis, self.rank() + 1)?;
        let mut shape = self.shape.clone();
        shape.insert(at, 1);
        self.reshape(shape)
    }

    /// Removes axes of size one.
    ///
    /// # Errors
    /// [`Error::Shape`] where an axis has another size.
    pub fn squeeze(&self, axes: &[isize]) -> Result<Self> {
        let mut drop = vec![false; self.rank()];
        for &axis in axes {
            let at = self.axis("squeeze", axis)?;
            if self.shape[at] != 1 {
                return Err(Error::shape(
                    "squeeze",
                    "tensor",
                    format!("size 1 on axis {at}"),
                    tuple(&self.shape),
                ));
            }
            drop[at] = true;
        }
        let shape: Vec<usize> = self.shape.iter().zip(drop).filter(|(_, d)| !d).map(|(s, _)| *s).collect();
        self.reshape(shape)
    }

    /// Repeats axes of size one, and adds leading axes, to reach a shape.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shape cannot be reached.
    pub fn broadcast_to(&self, shape: impl IntoDims) -> Result<Self> {
        let shape = shape.into_dims();
        if shape == self.shape {
            return Ok(self.clone());
        }
        if broadcast_shapes("broadcast_to", &self.shape, &shape)? != shape {
            return Err(Error::shape(
                "broadcast_to",
                "shape",
                format!("one that {} broadcasts to", tuple(&self.shape)),
                tuple(&shape),
            ));
        }
        crate::limits::check_shape("broadcast_to", self.dtype, &shape)?;
        if shape.contains(&0) {
            super::check_rank("broadcast_to", shape.len(), &self.device)?;
            return self.full_like(shape, 0.0);
        }
        let padded = self.pad_rank(shape.len())?;
        let stored = BurnShape::from(shape.clone());
        let handle = by_kind!(padded, float_expand, int_expand, bool_expand, (stored));
        Ok(self.with(handle, shape))
    }

    /// Adds leading axes of size one up to a rank.
    pub(super) fn pad_rank(&self, rank: usize) -> Result<Self> {
        let mut shape = vec![1; rank.saturating_sub(self.rank())];
        shape.extend(&self.shape);
        self.reshape(shape)
    }

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
