//! What functions that are computed on the host share: reading values, making tensors, and gradients.
//!
//! A function whose value comes from the host keeps its gradient by its first-order expansion around the values
//! read, `f(x0) + (x - x0) * f'(x0)`: exact in value and in gradient, with nothing of the host's work recorded.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::tensor::{Tensor, TensorData};

/// A tensor of values from the host, beside `like`.
pub(super) fn made(
    values: &[f64],
    shape: impl Into<Vec<usize>>,
    dtype: DType,
    like: &Tensor,
) -> Result<Tensor> {
    Tensor::from_data_on(TensorData::from_f64(values, shape.into(), dtype)?, like.device())
}

/// A tensor of whole numbers from the host, beside `like`.
pub(super) fn counted(values: &[usize], shape: impl Into<Vec<usize>>, like: &Tensor) -> Result<Tensor> {
    let values: Vec<i32> = values.iter().map(|&n| i32::try_from(n).unwrap_or(i32::MAX)).collect();
    Tensor::from_data_on(TensorData::from_values(&values, shape.into())?, like.device())
}

/// Refuses a tensor whose gradient is asked for, where the function has none.
pub(super) fn require_constant(context: &str, argument: &str, x: &Tensor) -> Result<()> {
    if !x.is_recorded() {
        return Ok(());
    }
    let expected = "a tensor whose gradient is not asked for (`Tensor::detach` gives one)";
    Err(Error::argument(context, argument, expected, "a recorded tensor"))
}

/// Whole numbers of a tensor, row by row.
pub(super) fn whole(context: &str, argument: &str, x: &Tensor) -> Result<Vec<i64>> {
    if x.dtype() == DType::Bool {
        return x.cast(DType::I32)?.to_data()?.to_i64();
    }
    require_whole(context, argument, x)?;
    x.to_data()?.to_i64()
}

/// Refuses floats.
pub(super) fn require_whole(context: &str, argument: &str, x: &Tensor) -> Result<()> {
    if !x.dtype().is_float() {
        return Ok(());
    }
    Err(Error::DType {
        context: format!("{context} `{argument}`"),
        expected: "an integer type".into(),
        got: x.dtype().to_string(),
    })
}

/// Computes each element on the host, in double precision; `slope` is the derivative.
pub(super) fn each(x: &Tensor, value: fn(f64) -> f64, slope: fn(f64) -> f64) -> Result<Tensor> {
    let at = x.to_f64_vec()?;
    let map =
        |f: fn(f64) -> f64| made(&at.iter().map(|&v| f(v)).collect::<Vec<_>>(), x.shape(), x.dtype(), x);
    let y = map(value)?;
    if !x.is_recorded() {
        return Ok(y);
    }
    // An infinite slope times the difference of zero would be NaN.
    y.add(&x.sub(&x.detach())?.mul(&map(slope)?)?)
}

/// Computes pairs of whole numbers that broadcast, on the host; bits beyond the type are cut.
pub(super) fn pairs(
    context: &str,
    a: &Tensor,
    b: &Tensor,
    function: impl Fn(i64, i64) -> i64,
) -> Result<Tensor> {
    require_whole(context, "x1", a)?;
    require_whole(context, "x2", b)?;
    let dtype = a.dtype().promote(b.dtype());
    let shape = crate::tensor::broadcast_shapes(context, a.shape(), b.shape())?;
    let read = |x: &Tensor| whole(context, "x", &x.cast(dtype)?.broadcast_to(&shape)?);
    let values: Vec<i64> = read(a)?.into_iter().zip(read(b)?).map(|(a, b)| function(a, b)).collect();
    let stored = if dtype == DType::Bool { DType::I32 } else { dtype };
    Tensor::from_data_on(TensorData::from_i64(&values, shape, stored)?, a.device())?.cast(dtype)
}
