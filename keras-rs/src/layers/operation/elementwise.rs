//! Operations that compute element by element, and what they make of data types.

use super::arguments::Arguments;
use crate::activations;
use crate::dtype::DType;
use crate::error::Result;
use crate::tensor::Tensor;

/// The data type of a result, from the operands'.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// The operands'.
    Same,
    /// The operands'; `int32` for `bool`.
    Number,
    /// The operands'; `float32` for integers and `bool`.
    Float,
    /// The operands'; `int32` for `bool`, `uint32` for `uint8`.
    Total,
    /// `bool`.
    Bool,
}

impl Rule {
    pub(super) fn apply(self, dtype: DType) -> DType {
        match (self, dtype) {
            (Self::Bool, _) => DType::Bool,
            (Self::Number | Self::Total, DType::Bool) => DType::I32,
            (Self::Total, DType::U8) => DType::U32,
            (Self::Float, dtype) if !dtype.is_float() => DType::F32,
            (_, dtype) => dtype,
        }
    }

    /// Brings the only operand to the type that is computed in.
    pub(super) fn prepare(self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Same | Self::Bool => Ok(x.clone()),
            Self::Number | Self::Float | Self::Total => x.cast(self.apply(x.dtype())),
        }
    }
}

/// The tensor as truth values.
pub(super) fn truth(x: &Tensor) -> Result<Tensor> {
    x.cast(DType::Bool)
}

pub(super) fn logical_and(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    truth(a)?.logical_and(&truth(b)?)
}

pub(super) fn logical_or(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    truth(a)?.logical_or(&truth(b)?)
}

pub(super) fn logical_xor(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    truth(a)?.not_equal(&truth(b)?)
}

pub(super) fn logical_not(x: &Tensor) -> Result<Tensor> {
    truth(x)?.logical_not()
}

/// A power; small whole exponents by multiplication, which is exact for integers and quick for floats.
pub(super) fn power(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    if b.rank() == 0 && !b.is_recorded() {
        let exponent = b.to_scalar()?;
        let dtype = a.dtype().promote(b.dtype());
        if exponent.fract() == 0.0 && (1.0..=8.0).contains(&exponent) {
            let a = a.cast(dtype)?;
            return (1..exponent as u8).try_fold(a.clone(), |product, _| product.mul(&a));
        }
    }
    wide_float(a)?.pow(&wide_float(b)?)
}

/// Floats as they are, integers in the widest float type that the device has.
fn wide_float(x: &Tensor) -> Result<Tensor> {
    if x.dtype().is_float() {
        return Ok(x.clone());
    }
    x.cast(if x.device().supports(DType::F64) { DType::F64 } else { DType::F32 })
}

pub(super) fn floor_divide(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    wide_float(a)?.div(&wide_float(b)?)?.floor()
}

/// The remainder, of the divisor's sign.
pub(super) fn modulo(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (a, b) = (wide_float(a)?, wide_float(b)?);
    a.sub(&a.div(&b)?.floor()?.mul(&b)?)
}

/// A quotient; 0 where the divisor is.
pub(super) fn divide_no_nan(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let quotient = a.div(b)?;
    let zero = quotient.full_like(vec![], 0.0)?;
    zero.where_(&b.equal(&b.full_like(vec![], 0.0)?)?, &quotient)
}

/// The logarithm of the sum of two exponentials, without overflow.
pub(super) fn logaddexp(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (a, b) = (a.to_float()?, b.to_float()?);
    a.maximum(&b)?.add(&a.sub(&b)?.abs()?.neg()?.exp()?.log1p()?)
}

pub(super) fn log2(x: &Tensor) -> Result<Tensor> {
    x.log()?.div_scalar(std::f64::consts::LN_2)
}

pub(super) fn log10(x: &Tensor) -> Result<Tensor> {
    x.log()?.div_scalar(std::f64::consts::LN_10)
}

pub(super) fn tan(x: &Tensor) -> Result<Tensor> {
    x.sin()?.div(&x.cos()?)
}

pub(super) fn copy(x: &Tensor) -> Result<Tensor> {
    Ok(x.clone())
}

pub(super) fn sign(x: &Tensor) -> Result<Tensor> {
    x.to_float()?.sign()
}

pub(super) fn stop_gradient(x: &Tensor) -> Result<Tensor> {
    Ok(x.detach())
}

pub(super) fn clip(x: &Tensor, arguments: &Arguments<'_>) -> Result<Tensor> {
    x.clip(arguments.maybe_number("x_min")?, arguments.maybe_number("x_max")?)
}

pub(super) fn round(x: &Tensor, arguments: &Arguments<'_>) -> Result<Tensor> {
    let decimals = arguments.whole("decimals")?;
    if !x.dtype().is_float() && decimals >= 0 {
        return Ok(x.clone());
    }
    let scale =
        10_f64.powi(i32::try_from(decimals).map_err(|_| arguments.reject("decimals", "a small number"))?);
    let x = x.to_float()?;
    if decimals == 0 { x.round() } else { x.mul_scalar(scale)?.round()?.div_scalar(scale) }
}

pub(super) fn elu(x: &Tensor, arguments: &Arguments<'_>) -> Result<Tensor> {
    activations::elu_with(x, arguments.number("alpha")?)
}

pub(super) fn celu(x: &Tensor, arguments: &Arguments<'_>) -> Result<Tensor> {
    activations::celu_with(x, arguments.number("alpha")?)
}

pub(super) fn leaky_relu(x: &Tensor, arguments: &Arguments<'_>) -> Result<Tensor> {
    activations::leaky_relu_with(x, arguments.number("negative_slope")?)
}

pub(super) fn gelu(x: &Tensor, arguments: &Arguments<'_>) -> Result<Tensor> {
    activations::gelu_with(x, arguments.flag("approximate")?)
}

pub(super) fn squareplus(x: &Tensor, arguments: &Arguments<'_>) -> Result<Tensor> {
    activations::squareplus_with(x, arguments.number("b")?)
}

pub(super) fn soft_shrink(x: &Tensor, arguments: &Arguments<'_>) -> Result<Tensor> {
    activations::soft_shrink_with(x, arguments.number("threshold")?)
}

pub(super) fn hard_shrink(x: &Tensor, arguments: &Arguments<'_>) -> Result<Tensor> {
    activations::hard_shrink_with(x, arguments.number("threshold")?)
}

pub(super) fn threshold(x: &Tensor, arguments: &Arguments<'_>) -> Result<Tensor> {
    activations::threshold(x, arguments.number("threshold")?, arguments.number("default_value")?)
}

pub(super) fn softmax(x: &Tensor, arguments: &Arguments<'_>) -> Result<Tensor> {
    activations::softmax_over(x, &arguments.axes("axis")?.unwrap_or_default())
}

pub(super) fn log_softmax(x: &Tensor, arguments: &Arguments<'_>) -> Result<Tensor> {
    activations::log_softmax_with(x, arguments.whole("axis")?)
}

pub(super) fn sparsemax(x: &Tensor, arguments: &Arguments<'_>) -> Result<Tensor> {
    activations::sparsemax_with(x, arguments.whole("axis")?)
}
