//! Operations that reduce axes.

use super::arguments::Arguments;
use super::elementwise::truth;
use crate::dtype::DType;
use crate::error::Result;
use crate::layer::Spec;
use crate::shape::Shape;
use crate::tensor::{Tensor, resolve_axis};

/// Reduces axes, of which an empty list means all, and keeps them with size one where told to.
pub(super) type Reduce = fn(&Tensor, &[isize], bool) -> Result<Tensor>;

/// The shape after reducing `axis`.
pub(super) fn shape(x: &Shape, arguments: &Arguments<'_>) -> Result<Shape> {
    shape_over(x, arguments.axes("axis")?.as_deref(), arguments.flag("keepdims")?, arguments.class)
}

/// The shape after reducing axes.
pub(super) fn shape_over(x: &Shape, axes: Option<&[isize]>, keepdims: bool, class: &str) -> Result<Shape> {
    let axes = match axes {
        None => (0..x.rank()).collect(),
        Some(axes) => axes.iter().map(|&a| resolve_axis(class, a, x.rank())).collect::<Result<Vec<_>>>()?,
    };
    let dims = x.dims().iter().enumerate().filter_map(|(i, d)| match axes.contains(&i) {
        true => keepdims.then_some(Some(1)),
        false => Some(*d),
    });
    Ok(Shape::new(dims.collect::<Vec<_>>()))
}

pub(super) fn run(call: Reduce, x: &Tensor, arguments: &Arguments<'_>) -> Result<Tensor> {
    let axes = arguments.axes("axis")?;
    let y = match axes.as_deref() {
        // An empty list reduces nothing, which is not what it means below.
        Some([]) => return Ok(x.clone()),
        axes => call(x, axes.unwrap_or_default(), arguments.flag("keepdims")?)?,
    };
    match (arguments.class, arguments.maybe_number("initial")) {
        ("Max" | "Amax", Ok(Some(least))) => y.maximum(&y.full_like(vec![], least)?),
        ("Min" | "Amin", Ok(Some(most))) => y.minimum(&y.full_like(vec![], most)?),
        _ => Ok(y),
    }
}

/// Half precision overflows in sums, so they are made in `float32`, as Keras does.
fn wide(x: &Tensor) -> Result<Tensor> {
    if matches!(x.dtype(), DType::F16 | DType::BF16) { x.cast(DType::F32) } else { Ok(x.clone()) }
}

pub(super) fn mean(x: &Tensor, axes: &[isize], keepdims: bool) -> Result<Tensor> {
    wide(x)?.mean(axes, keepdims)
}

pub(super) fn sum(x: &Tensor, axes: &[isize], keepdims: bool) -> Result<Tensor> {
    wide(x)?.sum(axes, keepdims)
}

pub(super) fn prod(x: &Tensor, axes: &[isize], keepdims: bool) -> Result<Tensor> {
    wide(x)?.prod(axes, keepdims)
}

pub(super) fn variance(x: &Tensor, axes: &[isize], keepdims: bool) -> Result<Tensor> {
    wide(x)?.variance(axes, keepdims)
}

pub(super) fn std(x: &Tensor, axes: &[isize], keepdims: bool) -> Result<Tensor> {
    variance(x, axes, keepdims)?.sqrt()
}

pub(super) fn any(x: &Tensor, axes: &[isize], keepdims: bool) -> Result<Tensor> {
    truth(x)?.max(axes, keepdims)
}

pub(super) fn all(x: &Tensor, axes: &[isize], keepdims: bool) -> Result<Tensor> {
    truth(x)?.min(axes, keepdims)
}

/// The distance from the smallest to the largest.
pub(super) fn ptp(x: &Tensor, axes: &[isize], keepdims: bool) -> Result<Tensor> {
    x.max(axes, keepdims)?.sub(&x.min(axes, keepdims)?)
}

/// How many elements are not zero.
pub(super) fn count_nonzero(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = super::reshape::only(arguments, operands)?;
    let flags = truth(x)?.cast(DType::I32)?;
    Ok(vec![match arguments.axes("axis")?.as_deref() {
        Some([]) => flags,
        axes => flags.sum(axes.unwrap_or_default(), false)?.cast(DType::I32)?,
    }])
}

pub(super) fn count_nonzero_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, _) = super::reshape::only(arguments, operands)?;
    let axes = arguments.axes("axis")?;
    Ok(vec![(shape_over(x, axes.as_deref(), false, arguments.class)?, DType::I32)])
}

/// The logarithm of the sum of exponentials, without overflow.
pub(super) fn logsumexp(x: &Tensor, axes: &[isize], keepdims: bool) -> Result<Tensor> {
    let highest = x.max(axes, true)?;
    let sums = x.sub(&highest)?.exp()?.sum(axes, true)?.log()?.add(&highest)?;
    if keepdims { Ok(sums) } else { sums.reshape(x.max(axes, false)?.shape()) }
}

/// The product in the type that `dtype` names.
pub(super) fn typed_prod(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = super::reshape::only(arguments, operands)?;
    let dtype = prod_type(x.dtype(), arguments)?;
    Ok(vec![run(prod, &x.cast(dtype)?, arguments)?.cast(dtype)?])
}

fn prod_type(dtype: DType, arguments: &Arguments<'_>) -> Result<DType> {
    Ok(arguments.dtype("dtype")?.unwrap_or_else(|| super::elementwise::Rule::Total.apply(dtype)))
}

pub(super) fn typed_prod_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = super::reshape::only(arguments, operands)?;
    Ok(vec![(shape(x, arguments)?, prod_type(*dtype, arguments)?)])
}

/// Where the largest element lies along an axis, or in the flattened tensor.
pub(super) fn argmax(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = super::reshape::only(arguments, operands)?;
    let x = if x.dtype() == DType::Bool { x.cast(DType::I32)? } else { x.clone() };
    let signed = if arguments.class == "Argmin" { x.neg()? } else { x.clone() };
    let (flat, axis) = match arguments.maybe_whole("axis")? {
        Some(axis) => (signed, axis),
        None => (signed.reshape([x.len()])?, 0),
    };
    let place = flat.argmax(axis)?;
    if !arguments.flag("keepdims")? {
        return Ok(vec![place]);
    }
    let mut kept = vec![1; x.rank()];
    if let Some(axis) = arguments.maybe_whole("axis")? {
        kept = x.shape().to_vec();
        kept[x.axis(arguments.class, axis)?] = 1;
    }
    Ok(vec![place.reshape(kept)?])
}

pub(super) fn argmax_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, _) = super::reshape::only(arguments, operands)?;
    Ok(vec![(shape(x, arguments)?, DType::I32)])
}
