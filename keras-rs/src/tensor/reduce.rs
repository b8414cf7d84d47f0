//! Reductions over axes.

use super::Tensor;
use super::integers::Wrapping;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use burn::backend::ops::{FloatTensorOps, IntTensorOps};
use burn::backend::{Dispatch, DispatchTensor};
use burn::tensor::IntDType;

type Reduce = fn(DispatchTensor, usize) -> DispatchTensor;

impl Tensor {
    /// The tensor with its elements in order of its axes on backends other than those of CPUs: some reductions of Burn
    /// 0.22.1 read permuted tensors there as if they were not.
    pub(super) fn in_order(&self) -> Result<Self> {
        if self.device.backend().is_cpu() {
            return Ok(self.clone());
        }
        self.reshape([self.len()])?.reshape(self.shape.as_slice())
    }

    fn reduce(
        &self,
        context: &str,
        axes: &[isize],
        keepdims: bool,
        float: Reduce,
        int: Reduce,
    ) -> Result<Self> {
        if self.dtype == DType::Bool {
            return self.cast(DType::I32)?.reduce(context, axes, keepdims, float, int);
        }
        let axes = self.axes(context, axes)?;
        if self.is_empty() {
            // Extremes are refused before; what is left of the others is where they start.
            let kept = self.shape.iter().enumerate().map(|(i, &d)| if axes.contains(&i) { 1 } else { d });
            let start = if context == "prod" { 1.0 } else { 0.0 };
            return self.full_like(kept.collect::<Vec<_>>(), start)?.drop_axes(&axes, keepdims);
        }
        let op = if self.dtype.is_float() { float } else { int };
        let mut reduced = self.in_order()?;
        for &axis in &axes {
            let mut shape = reduced.shape.clone();
            shape[axis] = 1;
            reduced = reduced.with(op(reduced.raw(), axis), shape);
        }
        reduced.drop_axes(&axes, keepdims)
    }

    fn folded(
        &self,
        context: &str,
        axes: &[isize],
        keepdims: bool,
        start: i64,
        op: Wrapping,
    ) -> Result<Self> {
        let axes = self.axes(context, axes)?;
        self.fold_integers(&axes, start, op)?.drop_axes(&axes, keepdims)
    }

    /// Resolves axes; an empty list means all of them.
    fn axes(&self, context: &str, axes: &[isize]) -> Result<Vec<usize>> {
        if axes.is_empty() {
            return Ok((0..self.rank()).collect());
        }
        let axes = axes.iter().map(|&a| self.axis(context, a)).collect::<Result<Vec<_>>>()?;
        if axes.iter().enumerate().any(|(i, axis)| axes[..i].contains(axis)) {
            return Err(Error::argument(context, "axes", "each axis once", format!("{axes:?}")));
        }
        Ok(axes)
    }

    /// Refuses axes of size zero, which have no largest element.
    fn require_elements(&self, context: &str, axes: &[usize]) -> Result<()> {
        if axes.iter().all(|&axis| self.shape[axis] > 0) {
            return Ok(());
        }
        Err(Error::shape(context, "tensor", "elements along the axes", tuple(&self.shape)))
    }

    fn drop_axes(self, axes: &[usize], keepdims: bool) -> Result<Self> {
        if keepdims {
            return Ok(self);
        }
        let kept: Vec<usize> =
            self.shape.iter().enumerate().filter(|(i, _)| !axes.contains(i)).map(|(_, &d)| d).collect();
        self.reshape(kept)
    }

    /// Sum over axes; an empty list means all axes.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis.
    ///
    /// ```
    /// use keras_rs::Tensor;
    ///
    /// let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0], [2, 2])?;
    /// assert_eq!(x.sum(&[0], false)?.to_vec::<f32>()?, [4.0, 6.0]);
    /// assert_eq!(x.sum(&[], false)?.to_scalar()?, 10.0);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn sum(&self, axes: &[isize], keepdims: bool) -> Result<Self> {
        if self.is_host_integers() {
            return self.folded("sum", axes, keepdims, 0, i64::wrapping_add);
        }
        self.reduce("sum", axes, keepdims, Dispatch::float_sum_dim, Dispatch::int_sum_dim)
    }

    /// Product over axes; an empty list means all axes.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis.
    pub fn prod(&self, axes: &[isize], keepdims: bool) -> Result<Self> {
        if self.is_host_integers() {
            return self.folded("prod", axes, keepdims, 1, i64::wrapping_mul);
        }
        self.reduce("prod", axes, keepdims, Dispatch::float_prod_dim, Dispatch::int_prod_dim)
    }

    /// Largest element over axes; an empty list means all axes.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis,
    /// [`Error::Shape`] where there are no elements along one.
    pub fn max(&self, axes: &[isize], keepdims: bool) -> Result<Self> {
        self.extreme("max", axes, keepdims, Dispatch::float_max_dim, Dispatch::int_max_dim)
    }

    /// Smallest element over axes; an empty list means all axes.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis,
    /// [`Error::Shape`] where there are no elements along one.
    pub fn min(&self, axes: &[isize], keepdims: bool) -> Result<Self> {
        self.extreme("min", axes, keepdims, Dispatch::float_min_dim, Dispatch::int_min_dim)
    }

    fn extreme(
        &self,
        context: &str,
        axes: &[isize],
        keepdims: bool,
        float: Reduce,
        int: Reduce,
    ) -> Result<Self> {
        let resolved = self.axes(context, axes)?;
        self.require_elements(context, &resolved)?;
        if !self.is_recorded() || self.is_empty() {
            return self.reduce(context, axes, keepdims, float, int);
        }
        // All elements that equal the extreme share the gradient; Burn gives it to one of them.
        let kept = self.detach().reduce(context, axes, true, float, int)?;
        let equal = self.detach().equal(&kept)?;
        let count = equal.cast(self.dtype)?.sum(axes, true)?;
        let zero = kept.full_like(vec![1; self.rank()], 0.0)?;
        // The value is zero, also where elements are infinite: only the gradient matters.
        let path = self.sub(&self.detach())?.where_(&equal, &zero)?;
        let path = path.where_(&path.detach().equal(&path.detach())?, &zero)?;
        kept.add(&path.sum(axes, true)?.div(&count)?)?.drop_axes(&resolved, keepdims)
    }

    /// Mean over axes; an empty list means all axes. Integers give `float32`.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis.
    pub fn mean(&self, axes: &[isize], keepdims: bool) -> Result<Self> {
        let count: usize = self.axes("mean", axes)?.iter().map(|&a| self.shape[a]).product();
        self.to_float()?.sum(axes, keepdims)?.div_scalar(count as f64)
    }

    /// Variance over axes (divided by the count); an empty list means all axes.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis.
    pub fn variance(&self, axes: &[isize], keepdims: bool) -> Result<Self> {
        let float = self.to_float()?;
        float.sub(&float.mean(axes, true)?)?.square()?.mean(axes, keepdims)
    }

    /// Index of the largest element along an axis, as `int32`; the first if several are equal.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis.
    pub fn argmax(&self, axis: isize) -> Result<Self> {
        if self.dtype == DType::Bool {
            return self.cast(DType::I32)?.argmax(axis);
        }
        let at = self.axis("argmax", axis)?;
        self.require_elements("argmax", &[at])?;
        let mut shape = self.shape.clone();
        shape[at] = 1;
        if self.is_empty() {
            return Self::full_on(shape, 0.0, DType::I32, &self.device)?.squeeze(&[at as isize]);
        }
        let ordered = self.in_order()?;
        let handle = if self.dtype.is_float() {
            Dispatch::float_argmax(ordered.raw(), at, IntDType::I32)
        } else {
            Dispatch::int_cast(Dispatch::int_argmax(ordered.raw(), at), IntDType::I32)
        };
        let kept = Self { handle, shape, dtype: DType::I32, device: self.device.clone() };
        kept.squeeze(&[at as isize])
    }
}
