//! Sums and products of integers that wrap, as NumPy's do, on backends where Burn's may panic.

use super::{Tensor, TensorData};
use crate::backend::Backend;
use crate::error::Result;

/// Sum or product of two integers.
pub(super) type Wrapping = fn(i64, i64) -> i64;

impl Tensor {
    /// Whether sums of this tensor are computed here: for integers on CPU backends.
    pub(super) fn is_host_integers(&self) -> bool {
        self.dtype().is_int() && matches!(self.device().backend(), Backend::Flex | Backend::NdArray)
    }

    /// Reduces axes, which remain with size one.
    pub(super) fn fold_integers(&self, axes: &[usize], start: i64, op: Wrapping) -> Result<Self> {
        let mut values = self.to_data()?.to_i64()?;
        let mut shape = self.shape().to_vec();
        for &axis in axes {
            let (size, inner) = (shape[axis], shape[axis + 1..].iter().product::<usize>());
            shape[axis] = 1;
            let mut folded = vec![start; shape.iter().product()];
            for (i, value) in values.into_iter().enumerate() {
                let into = &mut folded[i / (size * inner) * inner + i % inner];
                *into = op(*into, value);
            }
            values = folded;
        }
        Self::from_data_on(TensorData::from_i64(&values, shape, self.dtype())?, self.device())
    }

    /// Cumulative reduction along an axis.
    pub(super) fn run_integers(&self, axis: usize, op: Wrapping) -> Result<Self> {
        let mut values = self.to_data()?.to_i64()?;
        let shape = self.shape().to_vec();
        let inner: usize = shape[axis + 1..].iter().product();
        for i in 0..values.len() {
            if !(i / inner).is_multiple_of(shape[axis]) {
                values[i] = op(values[i - inner], values[i]);
            }
        }
        Self::from_data_on(TensorData::from_i64(&values, shape, self.dtype())?, self.device())
    }
}
