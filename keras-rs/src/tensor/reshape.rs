//! Operations that move elements without computing.

use super::{Tensor, broadcast_shapes};
use crate::error::{Error, Result, tuple};
use crate::shape::IntoDims;
use burn::backend::Dispatch;
use burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use burn::tensor::Shape as BurnShape;

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
pub(super) use by_kind;

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
}
