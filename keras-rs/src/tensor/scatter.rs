//! Rows that are added to rows.

use super::Tensor;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use burn::backend::Dispatch;
use burn::backend::ops::{FloatTensorOps, IntTensorOps};
use burn::tensor::IndexingUpdateOp;

impl Tensor {
    /// The tensor with each row of `rows` added to its own row of that number on the first axis.
    ///
    /// `numbers` are `int32`, one for each row of `rows`, and are known to be within the axis. Gradients flow to both.
    pub(crate) fn add_rows(&self, numbers: &Self, rows: &Self) -> Result<Self> {
        let mut wanted = self.shape.clone();
        if let (Some(first), Some(count)) = (wanted.first_mut(), numbers.shape.first()) {
            *first = *count;
        }
        if numbers.rank() != 1 || rows.shape != wanted || self.rank() == 0 {
            return Err(Error::shape("add_rows", "rows", tuple(&wanted), tuple(&rows.shape)));
        }
        self.require_same_device("add_rows", rows)?;
        if self.is_empty() || rows.is_empty() {
            return Ok(self.clone());
        }
        if self.dtype == DType::Bool {
            return self.cast(DType::I32)?.add_rows(numbers, rows)?.cast(DType::Bool);
        }
        self.require_room("add_rows")?;
        let rows = rows.cast(self.dtype)?;
        let (own, at, rows) = (self.raw(), numbers.raw(), rows.raw());
        let handle = if self.dtype.is_float() {
            Dispatch::float_select_assign(own, 0, at, rows, IndexingUpdateOp::Add)
        } else {
            Dispatch::int_select_assign(own, 0, at, rows, IndexingUpdateOp::Add)
        };
        Ok(self.with(handle, self.shape.clone()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_number_are_summed_and_infinities_stay_where_they_are() {
        let own = Tensor::from([[1.0, 2.0], [3.0, 4.0]]).unwrap();
        let rows = Tensor::from([[1.0, f64::INFINITY], [10.0, 0.5]]).unwrap();
        let sum = own.add_rows(&Tensor::from([1, 1]).unwrap(), &rows).unwrap();
        assert_eq!(sum.to_vec::<f32>().unwrap(), [1.0, 2.0, 14.0, f32::INFINITY]);
        assert!(own.add_rows(&Tensor::from([1]).unwrap(), &rows).is_err());
    }
}
