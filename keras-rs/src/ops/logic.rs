//! Comparisons, truth values, tests of what kind a number is, and choices.

use super::operand::{Results, list};
use super::rule::{Rule, binary, unary};
use super::{Given, Joined, Operand, OperationCall, Value};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, broadcast_symbolic};
use keras_rs_derive::operation;

binary! {
    /// Where elements are equal.
    equal, "equal", equal_spec: Bool [1.0, 2.0], [1.0, 3.0] => [1.0, 0.0], Tensor::equal;
    /// Where elements differ.
    not_equal, "not_equal", not_equal_spec: Bool [1.0, 2.0], [1.0, 3.0] => [0.0, 1.0], Tensor::not_equal;
    /// Where `x1` is greater.
    greater, "greater", greater_spec: Bool [1.0, 4.0], [1.0, 3.0] => [0.0, 1.0], Tensor::greater;
    /// Where `x1` is greater or equal.
    greater_equal, "greater_equal", greater_equal_spec: Bool [1.0, 2.0], [1.0, 3.0] => [1.0, 0.0],
        Tensor::greater_equal;
    /// Where `x1` is less.
    less, "less", less_spec: Bool [1.0, 2.0], [1.0, 3.0] => [0.0, 1.0], Tensor::less;
    /// Where `x1` is less or equal.
    less_equal, "less_equal", less_equal_spec: Bool [1.0, 4.0], [1.0, 3.0] => [1.0, 0.0], Tensor::less_equal;
    /// Where both are true; every number but 0 is.
    logical_and, "logical_and", logical_and_spec: Bool [1.0, 1.0], [2.0, 0.0] => [1.0, 0.0],
        |a: &Tensor, b: &Tensor| truth(a)?.logical_and(&truth(b)?);
    /// Where at least one is true; every number but 0 is.
    logical_or, "logical_or", logical_or_spec: Bool [1.0, 0.0], [0.0, 0.0] => [1.0, 0.0],
        |a: &Tensor, b: &Tensor| truth(a)?.logical_or(&truth(b)?);
    /// Where exactly one is true; every number but 0 is.
    logical_xor, "logical_xor", logical_xor_spec: Bool [1.0, 1.0], [0.0, 2.0] => [1.0, 0.0],
        |a: &Tensor, b: &Tensor| truth(a)?.not_equal(&truth(b)?);
    /// 0 where `x1` is negative, 1 where it is positive, `x2` where it is 0.
    heaviside, "heaviside", heaviside_spec: Float [-2.0, 0.0], [0.5, 0.5] => [0.0, 0.5], step;
}

unary! {
    /// Where elements are false: 0.
    logical_not, logical_not_spec: Bool [0.0, 2.0] => [1.0, 0.0], |x: &Tensor| truth(x)?.logical_not();
    /// Where elements are not a number.
    isnan, isnan_spec: Bool [0.0, f32::NAN] => [0.0, 1.0], Tensor::is_nan;
    /// Where elements are neither infinite nor NaN.
    isfinite, isfinite_spec: Bool [0.0, f32::NAN] => [1.0, 0.0],
        |x: &Tensor| x.to_float()?.abs()?.less_scalar(f64::INFINITY);
    /// Where elements are infinite.
    isinf, isinf_spec: Bool [0.0, f32::NEG_INFINITY] => [0.0, 1.0],
        |x: &Tensor| equals(&x.to_float()?.abs()?, f64::INFINITY);
    /// Where elements are infinite and positive.
    isposinf, isposinf_spec: Bool [f32::INFINITY, f32::NEG_INFINITY] => [1.0, 0.0],
        |x: &Tensor| equals(x, f64::INFINITY);
    /// Where elements are infinite and negative.
    isneginf, isneginf_spec: Bool [f32::INFINITY, f32::NEG_INFINITY] => [0.0, 1.0],
        |x: &Tensor| equals(x, f64::NEG_INFINITY);
}

/// The tensor as truth values.
pub(super) fn truth(x: &Tensor) -> Result<Tensor> {
    x.cast(DType::Bool)
}

/// A value where the condition holds, the tensor elsewhere.
pub(super) fn fill(condition: &Tensor, value: f64, x: &Tensor) -> Result<Tensor> {
    x.full_like(vec![], value)?.where_(condition, x)
}

fn equals(x: &Tensor, value: f64) -> Result<Tensor> {
    x.to_float()?.not_equal_scalar(value)?.logical_not()
}

fn step(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (a, b) = (a.to_float()?, b.to_float()?);
    let at_zero = b.where_(&a.not_equal_scalar(0.0)?.logical_not()?, &a)?;
    let y = fill(&a.less_scalar(0.0)?, 0.0, &at_zero)?;
    fill(&a.greater_scalar(0.0)?, 1.0, &y)
}

/// Where two tensors are equal but for `atol + rtol * |x2|`. Keras' `ops.isclose`.
///
/// Shapes broadcast; the result is `bool`. NaN is close to NaN where `equal_nan` says so. The tolerances are
/// tensors that broadcast too; `None` is Keras' default, 1e-5 and 1e-8.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// let b = Tensor::from_slice::<f32>(&[1.000001, 2.1], [2])?;
/// assert_eq!(ops::isclose(&a, &b, None, None, false)?.to_vec::<bool>()?, [true, false]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation(absent(rtol = 1e-5, atol = 1e-8))]
pub fn isclose(
    x1: &Tensor,
    x2: &Tensor,
    rtol: Option<&Tensor>,
    atol: Option<&Tensor>,
    equal_nan: bool,
) -> Result<Tensor> {
    let (a, b) = (x1.to_float()?, x2.to_float()?);
    let tolerance = |given: Option<&Tensor>, default: f64| match given {
        Some(given) => given.to_float(),
        None => b.full_like(vec![], default),
    };
    let allowed = b.abs()?.mul(&tolerance(rtol, 1e-5)?)?.add(&tolerance(atol, 1e-8)?)?;
    let finite = super::isfinite(&b)?.logical_and(&super::isfinite(&a)?)?;
    let near = a.sub(&b)?.abs()?.less_equal(&allowed)?.logical_and(&finite)?;
    let close = near.logical_or(&a.equal(&b)?)?;
    if !equal_nan {
        return Ok(close);
    }
    close.logical_or(&a.is_nan()?.logical_and(&b.is_nan()?)?)
}

pub(crate) fn isclose_spec(operands: &[&Spec]) -> Result<Spec> {
    let none = crate::shape::Shape::default();
    let shape =
        operands.iter().try_fold(none, |shape, (next, _)| broadcast_symbolic("isclose", &shape, next))?;
    Ok((shape, DType::Bool))
}

/// `x1` where the condition holds, `x2` elsewhere. Keras' `ops.where`.
///
/// All shapes broadcast; the data types of `x1` and `x2` are promoted. Every number but 0 counts as true.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let condition = Tensor::from_slice(&[true, false], [2])?;
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// let b = Tensor::from_slice::<f32>(&[3.0, 4.0], [2])?;
/// assert_eq!(ops::where_(&condition, &a, &b)?.to_vec::<f32>()?, [1.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn where_(condition: &Tensor, x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    let dtype = x1.dtype().promote(x2.dtype());
    x1.cast(dtype)?.where_(&truth(condition)?, &x2.cast(dtype)?)
}

pub(crate) fn where_spec((condition, _): &Spec, x1: &Spec, x2: &Spec) -> Result<Spec> {
    let (values, dtype) = Rule::Same.pair_spec("where", x1, x2)?;
    Ok((broadcast_symbolic("where", condition, &values)?, dtype))
}

/// Of several choices the first whose condition holds, element by element, or `default`. Keras' `ops.select`.
///
/// All shapes broadcast, the data types of the choices are promoted; every number but 0 counts as true.
///
/// # Errors
/// [`Error::Argument`] where there are not as many choices as conditions or none, [`Error::Shape`] where shapes do not
/// broadcast.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [3])?;
/// let (small, large) = (x.less_scalar(2.0)?, x.greater_scalar(2.0)?);
/// let y = ops::select(&[&small, &large], &[&x.neg()?, &x.square()?], 0.0)?;
/// assert_eq!(y.to_vec::<f32>()?, [-1.0, 0.0, 9.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn select<C: Operand, X: Operand, D: Operand>(
    condlist: &[&C],
    choicelist: &[&X],
    default: D,
) -> Result<Joined<C, Joined<X, D>>> {
    require_pairs(condlist.len(), choicelist.len())?;
    if <Joined<C, Joined<X, D>> as Value>::SYMBOLIC {
        let mut call = OperationCall::new("Select");
        call.operand(Given::list(condlist)?);
        call.operand(Given::list(choicelist)?);
        call.operand(default.given()?);
        return <Tensor as Results<Joined<C, Joined<X, D>>>>::of_call(call);
    }
    let (conditions, choices) = (list(condlist)?, list(choicelist)?);
    let beside: Vec<Option<&Tensor>> = choices.iter().map(|choice| Some(&**choice)).collect();
    let default = default.real(&beside)?;
    let mut pairs = conditions.iter().zip(&choices).rev();
    Value::of(pairs.try_fold(default.into_owned(), |otherwise, (condition, choice)| {
        where_(&**condition, &**choice, &otherwise)
    })?)
}

fn require_pairs(conditions: usize, choices: usize) -> Result<()> {
    if conditions == choices && choices > 0 {
        return Ok(());
    }
    Err(Error::argument("select", "choicelist", format!("{conditions} choices, at least one"), choices))
}

/// Of the conditions, the choices, and the default.
pub(crate) fn select_spec(conditions: &[Spec], choices: &[Spec], default: &Spec) -> Result<Spec> {
    require_pairs(conditions.len(), choices.len())?;
    let all = conditions.iter().chain(choices).chain([default]);
    let shape = all
        .map(|(shape, _)| shape)
        .try_fold(Shape::default(), |shape, next| broadcast_symbolic("select", &shape, next))?;
    let dtype = choices.iter().map(|(_, dtype)| *dtype).fold(default.1, DType::promote);
    Ok((shape, dtype))
}
