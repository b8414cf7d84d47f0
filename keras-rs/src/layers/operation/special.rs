//! More functions of elements, running sums and products, and tests of what kind a number is.

use super::arguments::Arguments;
use super::elementwise::Rule;
use super::order::along_spec;
use super::reshape::only;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layer::Spec;
use crate::tensor::{Tensor, broadcast_symbolic};
use std::f64::consts::{LN_2, PI};

/// A condition's one value, and the other elsewhere.
fn choose(condition: &Tensor, yes: f64, no: &Tensor) -> Result<Tensor> {
    no.full_like(vec![], yes)?.where_(condition, no)
}

pub(super) fn exp2(x: &Tensor) -> Result<Tensor> {
    x.full_like(vec![1; x.rank()], 2.0)?.pow(x)
}

pub(super) fn deg2rad(x: &Tensor) -> Result<Tensor> {
    x.mul_scalar(PI / 180.0)
}

pub(super) fn rad2deg(x: &Tensor) -> Result<Tensor> {
    x.mul_scalar(180.0 / PI)
}

pub(super) fn erfc(x: &Tensor) -> Result<Tensor> {
    x.erf()?.neg()?.add_scalar(1.0)
}

/// `sin(πx) / πx`; 1 at 0.
pub(super) fn sinc(x: &Tensor) -> Result<Tensor> {
    let at_zero = x.not_equal_scalar(0.0)?.logical_not()?;
    let angle = choose(&at_zero, 1.0, &x.mul_scalar(PI)?)?;
    choose(&at_zero, 1.0, &angle.sin()?.div(&angle)?)
}

pub(super) fn cbrt(x: &Tensor) -> Result<Tensor> {
    x.sign()?.mul(&x.abs()?.pow_scalar(1.0 / 3.0)?)
}

pub(super) fn trunc(x: &Tensor) -> Result<Tensor> {
    if x.dtype().is_float() { x.trunc() } else { Ok(x.clone()) }
}

fn equals(x: &Tensor, value: f64) -> Result<Tensor> {
    x.to_float()?.not_equal_scalar(value)?.logical_not()
}

pub(super) fn is_finite(x: &Tensor) -> Result<Tensor> {
    x.to_float()?.abs()?.less_scalar(f64::INFINITY)
}

pub(super) fn is_inf(x: &Tensor) -> Result<Tensor> {
    equals(&x.to_float()?.abs()?, f64::INFINITY)
}

pub(super) fn is_positive_inf(x: &Tensor) -> Result<Tensor> {
    equals(x, f64::INFINITY)
}

pub(super) fn is_negative_inf(x: &Tensor) -> Result<Tensor> {
    equals(x, f64::NEG_INFINITY)
}

/// Numbers in place of what is not a number and of infinities, by default the largest of the type.
pub(super) fn nan_to_num(x: &Tensor, arguments: &Arguments<'_>) -> Result<Tensor> {
    let number = |name: &str, default: f64| Ok::<_, Error>(arguments.maybe_number(name)?.unwrap_or(default));
    let largest = super::attention::largest(x.dtype());
    let (nan, high, low) = (number("nan", 0.0)?, number("posinf", largest)?, number("neginf", -largest)?);
    if !x.dtype().is_float() {
        return Ok(x.clone());
    }
    let y = choose(&is_positive_inf(x)?, high, x)?;
    let y = choose(&is_negative_inf(x)?, low, &y)?;
    choose(&x.is_nan()?, nan, &y)
}

pub(super) fn arctan2(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    a.to_float()?.atan2(&b.to_float()?)
}

/// The length of a hypotenuse; the larger side is taken out so that no square overflows.
pub(super) fn hypot(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (a, b) = (a.to_float()?.abs()?, b.to_float()?.abs()?);
    let (large, small) = (a.maximum(&b)?, a.minimum(&b)?);
    let zero = large.not_equal_scalar(0.0)?.logical_not()?;
    let ratio = small.div(&choose(&zero, 1.0, &large)?)?;
    large.mul(&ratio.square()?.add_scalar(1.0)?.sqrt()?)
}

/// 0 below zero, 1 above, the second operand at zero.
pub(super) fn heaviside(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (a, b) = (a.to_float()?, b.to_float()?);
    let at_zero = b.where_(&a.not_equal_scalar(0.0)?.logical_not()?, &a)?;
    let y = choose(&a.less_scalar(0.0)?, 0.0, &at_zero)?;
    choose(&a.greater_scalar(0.0)?, 1.0, &y)
}

/// The logarithm to base 2 of the sum of two powers of 2, without overflow.
pub(super) fn logaddexp2(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (a, b) = (a.to_float()?, b.to_float()?);
    let rest = exp2(&a.sub(&b)?.abs()?.neg()?)?.log1p()?.div_scalar(LN_2)?;
    a.maximum(&b)?.add(&rest)
}

/// Whether two tensors are equal but for `atol` and for `rtol` of the second.
pub(super) fn is_close(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let [a, b, tolerances @ ..] = operands else {
        return Err(Error::argument(arguments.class, "inputs", "two operands", operands.len()));
    };
    let (a, b) = (a.to_float()?, b.to_float()?);
    let tolerance = |i: usize, default: f64| match tolerances.get(i) {
        Some(given) => given.to_float(),
        None => b.full_like(vec![], default),
    };
    let allowed = b.abs()?.mul(&tolerance(0, 1e-5)?)?.add(&tolerance(1, 1e-8)?)?;
    let finite = is_finite(&b)?.logical_and(&is_finite(&a)?)?;
    let near = a.sub(&b)?.abs()?.less_equal(&allowed)?.logical_and(&finite)?;
    let mut close = near.logical_or(&a.equal(&b)?)?;
    if arguments.flag("equal_nan")? {
        close = close.logical_or(&a.is_nan()?.logical_and(&b.is_nan()?)?)?;
    }
    Ok(vec![close])
}

pub(super) fn is_close_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    match operands {
        [(a, _), (_, _), ..] => {
            let others = operands[1..].iter().map(|(shape, _)| shape);
            let shape =
                others.into_iter().try_fold(a.clone(), |a, b| broadcast_symbolic(arguments.class, &a, b))?;
            Ok(vec![(shape, DType::Bool)])
        }
        few => Err(Error::argument(arguments.class, "inputs", "two operands", few.len())),
    }
}

fn running_type(dtype: DType, arguments: &Arguments<'_>) -> Result<DType> {
    Ok(arguments.dtype("dtype")?.unwrap_or_else(|| Rule::Number.apply(dtype)))
}

/// `Cumsum` and `Cumprod`; of the flattened tensor where no axis is given.
pub(super) fn running(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let dtype = running_type(x.dtype(), arguments)?;
    let (x, axis) = match arguments.maybe_whole("axis")? {
        Some(axis) => (x.cast(dtype)?, axis),
        None => (x.cast(dtype)?.reshape([x.len()])?, 0),
    };
    let y = if arguments.class == "Cumprod" { x.cumprod(axis)? } else { x.cumsum(axis)? };
    Ok(vec![y.cast(dtype)?])
}

pub(super) fn running_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    Ok(vec![(along_spec(x, arguments)?, running_type(*dtype, arguments)?)])
}

/// To another type; what is outside of its range becomes its bound.
pub(super) fn saturate_cast(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let dtype = arguments.dtype("dtype")?.unwrap_or(x.dtype());
    let (low, high) = match dtype {
        DType::Bool => (0.0, 1.0),
        _ if dtype.is_int() => {
            let (low, high) = dtype.int_range();
            (low as f64, high as f64)
        }
        _ => (-super::attention::largest(dtype), super::attention::largest(dtype)),
    };
    // A type that cannot hold a bound has no numbers beyond it.
    let bound = |value: f64| {
        let (own_low, own_high) = x.dtype().int_range();
        let holds = x.dtype().is_float() || (own_low as f64..=own_high as f64).contains(&value);
        holds.then_some(value)
    };
    let x = if x.dtype() == DType::Bool { x.clone() } else { x.clip(bound(low), bound(high))? };
    Ok(vec![x.cast(dtype)?])
}
