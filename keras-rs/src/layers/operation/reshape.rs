//! Operations that keep the elements and their order, or only make or cast them.

use super::arguments::Arguments;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layer::Spec;
use crate::shape::Shape;
use crate::tensor::{Tensor, resolve_axis};

/// The only operand.
pub(super) fn only<'t, T>(arguments: &Arguments<'_>, operands: &'t [T]) -> Result<&'t T> {
    match operands {
        [one] => Ok(one),
        many => {
            Err(Error::argument(arguments.class, "inputs", "one tensor", format!("{} operands", many.len())))
        }
    }
}

/// One output with the operand's data type.
fn like(operand: &Spec, dims: Vec<Option<usize>>) -> Vec<Spec> {
    vec![(Shape::new(dims), operand.1)]
}

/// A function of the shape alone, run on a tensor: the shape of the result is known then.
macro_rules! by_shape {
    ($($name:ident, $spec:ident, $dims:ident;)*) => {$(
        pub(super) fn $spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
            let x = only(arguments, operands)?;
            Ok(like(x, $dims(&x.0, arguments)?))
        }

        pub(super) fn $name(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
            let x = only(arguments, operands)?;
            let dims = Shape::new($dims(&Shape::from(x.shape()), arguments)?);
            let known = dims.to_known().ok_or_else(|| {
                Error::shape(arguments.class, "inputs", "a shape that leaves no size open", &dims)
            })?;
            Ok(vec![x.reshape(known)?])
        }
    )*};
}

by_shape! {
    reshape, reshape_spec, reshaped;
    expand_dims, expand_dims_spec, expanded;
    squeeze, squeeze_spec, squeezed;
    ravel, ravel_spec, raveled;
}

/// Number of elements, where all sizes are known.
fn elements(shape: &Shape) -> Option<usize> {
    shape.dims().iter().try_fold(1_usize, |n, d| n.checked_mul((*d)?))
}

/// The new shape; one size that is -1 follows from the number of elements.
fn reshaped(x: &Shape, arguments: &Arguments<'_>) -> Result<Vec<Option<usize>>> {
    let wanted = arguments.sizes("newshape")?;
    let open = wanted.iter().filter(|d| d.is_none_or(|d| d == -1)).count();
    let refused =
        || arguments.reject("newshape", format!("sizes, at most one of them -1, for the elements of {x}"));
    let mut dims = Vec::with_capacity(wanted.len());
    for size in &wanted {
        dims.push(match size {
            None | Some(-1) => None,
            Some(size) => Some(usize::try_from(*size).map_err(|_| refused())?),
        });
    }
    let known = dims.iter().flatten().try_fold(1_usize, |n, d| n.checked_mul(*d)).ok_or_else(refused)?;
    match (elements(x), open) {
        (_, 2..) => Err(refused()),
        (None, _) => Ok(dims),
        (Some(count), 0) if count == known => Ok(dims),
        (Some(count), 1) if known > 0 && count % known == 0 => {
            Ok(dims.into_iter().map(|d| d.or(Some(count / known))).collect())
        }
        _ => Err(refused()),
    }
}

fn expanded(x: &Shape, arguments: &Arguments<'_>) -> Result<Vec<Option<usize>>> {
    let axes = arguments.axes("axis")?.ok_or_else(|| arguments.reject("axis", "an axis"))?;
    let rank = x.rank() + axes.len();
    let axes = axes.iter().map(|&a| resolve_axis(arguments.class, a, rank)).collect::<Result<Vec<_>>>()?;
    let mut old = x.dims().iter();
    Ok((0..rank)
        .filter_map(|i| if axes.contains(&i) { Some(Some(1)) } else { old.next().copied() })
        .collect())
}

fn squeezed(x: &Shape, arguments: &Arguments<'_>) -> Result<Vec<Option<usize>>> {
    let Some(axes) = arguments.axes("axis")? else {
        return Ok(x.dims().iter().copied().filter(|d| *d != Some(1)).collect());
    };
    let axes =
        axes.iter().map(|&a| resolve_axis(arguments.class, a, x.rank())).collect::<Result<Vec<_>>>()?;
    match axes.iter().find(|&&a| x.dims()[a] != Some(1)) {
        Some(axis) => Err(Error::shape(arguments.class, "inputs", format!("size 1 on axis {axis}"), x)),
        None => Ok(x.dims().iter().enumerate().filter(|(i, _)| !axes.contains(i)).map(|(_, d)| *d).collect()),
    }
}

fn raveled(x: &Shape, _arguments: &Arguments<'_>) -> Result<Vec<Option<usize>>> {
    Ok(vec![elements(x)])
}

fn target(arguments: &Arguments<'_>) -> Result<Vec<usize>> {
    let sizes = arguments.sizes("shape")?.into_iter().map(|d| usize::try_from(d?).ok());
    sizes.collect::<Option<Vec<_>>>().ok_or_else(|| arguments.reject("shape", "sizes that are not negative"))
}

pub(super) fn broadcast_to(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    Ok(vec![only(arguments, operands)?.broadcast_to(target(arguments)?)?])
}

pub(super) fn broadcast_to_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let x = only(arguments, operands)?;
    Ok(like(x, target(arguments)?.into_iter().map(Some).collect()))
}

pub(super) fn cast(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    Ok(vec![x.cast(arguments.dtype("dtype")?.unwrap_or(x.dtype()))?])
}

/// Also of operations that fill a tensor of the operand's shape.
pub(super) fn cast_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let [(shape, dtype), ..] = operands else {
        return Err(Error::argument(arguments.class, "inputs", "a tensor", "none"));
    };
    Ok(vec![(shape.clone(), arguments.dtype("dtype")?.unwrap_or(*dtype))])
}

fn filled(x: &Tensor, value: f64, arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let dtype = arguments.dtype("dtype")?.unwrap_or(x.dtype());
    Ok(vec![Tensor::full_on(x.shape(), value, dtype, x.device())?])
}

pub(super) fn zeros_like(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    filled(only(arguments, operands)?, 0.0, arguments)
}

pub(super) fn ones_like(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    filled(only(arguments, operands)?, 1.0, arguments)
}

pub(super) fn full_like(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let [x, value] = operands else {
        return Err(Error::argument(arguments.class, "inputs", "a tensor and a value", operands.len()));
    };
    let dtype = arguments.dtype("dtype")?.unwrap_or(x.dtype());
    Ok(vec![value.cast(dtype)?.broadcast_to(x.shape())?])
}

/// The value where the condition holds and the other elsewhere.
pub(super) fn choose(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let [condition, yes, no] = operands else {
        return Err(Error::argument(arguments.class, "inputs", "a condition and two values", operands.len()));
    };
    let dtype = yes.dtype().promote(no.dtype());
    let condition = condition.cast(DType::Bool)?;
    Ok(vec![yes.cast(dtype)?.where_(&condition, &no.cast(dtype)?)?])
}

pub(super) fn choose_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let [(condition, _), (yes, a), (no, b)] = operands else {
        return Err(Error::argument(arguments.class, "inputs", "a condition and two values", operands.len()));
    };
    let values = crate::tensor::broadcast_symbolic(arguments.class, yes, no)?;
    Ok(vec![(crate::tensor::broadcast_symbolic(arguments.class, condition, &values)?, a.promote(*b))])
}
