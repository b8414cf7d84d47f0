//! Norms, means and variances, and bringing tensors to a norm of one or a variance of one.

use super::arguments::Arguments;
use super::constant;
use super::elementwise::Rule;
use super::reduction;
use super::reshape::only;
use crate::config::json::as_float;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::layer::Spec;
use crate::shape::Shape;
use crate::tensor::{Tensor, resolve_axis};
use serde_json::Value;

/// Keras' `epsilon()`.
const EPSILON: f64 = 1e-7;

fn epsilon(arguments: &Arguments<'_>) -> Result<f64> {
    Ok(arguments.maybe_number("epsilon")?.unwrap_or(EPSILON))
}

/// `(sum |x|^order)^(1/order)` over axes, of which an empty list means all.
fn vector(x: &Tensor, order: f64, axes: &[isize], keepdims: bool) -> Result<Tensor> {
    match order {
        f64::INFINITY => x.abs()?.max(axes, keepdims),
        f64::NEG_INFINITY => x.abs()?.min(axes, keepdims),
        0.0 => x.not_equal_scalar(0.0)?.cast(x.dtype())?.sum(axes, keepdims),
        1.0 => x.abs()?.sum(axes, keepdims),
        2.0 => x.square()?.sum(axes, keepdims)?.sqrt(),
        order => x.abs()?.pow_scalar(order)?.sum(axes, keepdims)?.pow_scalar(1.0 / order),
    }
}

/// The largest or smallest sum of absolute values of columns (`order` 1 or -1) or rows (infinite).
fn matrix(x: &Tensor, order: f64, axes: [usize; 2], keepdims: bool) -> Option<Result<Tensor>> {
    let [rows, columns] = axes.map(|axis| axis as isize);
    let (summed, compared) = match order {
        1.0 | -1.0 => (rows, columns),
        f64::INFINITY | f64::NEG_INFINITY => (columns, rows),
        _ => return None,
    };
    let norm = || {
        let sums = x.abs()?.sum(&[summed], true)?;
        let norm = if order > 0.0 { sums.max(&[compared], true)? } else { sums.min(&[compared], true)? };
        if keepdims { Ok(norm) } else { norm.squeeze(&[rows, columns]) }
    };
    Some(norm())
}

fn norm_of(
    x: &Tensor,
    order: &Value,
    axes: Option<&[isize]>,
    keepdims: bool,
    arguments: &Arguments<'_>,
) -> Result<Tensor> {
    let refused =
        || arguments.reject("ord", "null, \"fro\", or the number of a norm that is not of singular values");
    let all: Vec<isize> = (0..x.rank() as isize).collect();
    let over = axes.unwrap_or(&all);
    let frobenius = over.len() == 2 && order.as_str() == Some("fro");
    if frobenius || order.is_null() && (axes.is_none() || (1..=2).contains(&over.len())) {
        return vector(x, 2.0, over, keepdims);
    }
    let order = as_float(order).ok_or_else(refused)?;
    match over {
        [_] => vector(x, order, over, keepdims),
        [a, b] => {
            let axes = [x.axis(arguments.class, *a)?, x.axis(arguments.class, *b)?];
            matrix(x, order, axes, keepdims).ok_or_else(refused)?
        }
        _ => Err(refused()),
    }
}

pub(super) fn norm(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = Rule::Float.prepare(only(arguments, operands)?)?;
    let axes = arguments.axes("axis")?;
    let keepdims = arguments.flag("keepdims")?;
    Ok(vec![norm_of(&x, arguments.raw("ord"), axes.as_deref(), keepdims, arguments)?])
}

pub(super) fn norm_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    Ok(vec![(reduction::shape(x, arguments)?, Rule::Float.apply(*dtype))])
}

/// Divided by the norm along axes, or by `epsilon` where that is larger.
pub(super) fn normalize(x: &Tensor, arguments: &Arguments<'_>) -> Result<Tensor> {
    let epsilon = epsilon(arguments)?;
    let axes = arguments.axes("axis")?;
    match arguments.whole("order")? {
        ..=0 => Err(arguments.reject("order", "a whole number of at least 1")),
        2 => {
            let squares = x.square()?.sum(axes.as_deref().unwrap_or_default(), true)?;
            x.mul(&squares.rsqrt()?.clip(None, Some(1.0 / epsilon))?)
        }
        order => {
            let norm = norm_of(x, &order.into(), axes.as_deref(), true, arguments)?;
            x.div(&norm.clip(Some(epsilon), None)?)
        }
    }
}

/// At least `float32`: half precision overflows in sums.
fn wide(x: &Tensor) -> Result<Tensor> {
    x.cast(x.dtype().promote(DType::F32))
}

/// Mean and variance.
pub(super) fn moments(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let axes = arguments.axes("axes")?.filter(|axes| !axes.is_empty());
    let axes = axes.ok_or_else(|| arguments.reject("axes", "at least one axis"))?;
    let keepdims = arguments.flag("keepdims")?;
    let dtype = Rule::Float.apply(x.dtype());
    let x = wide(x)?;
    let half = matches!(dtype, DType::F16 | DType::BF16);
    // The largest number of `float16`.
    let bounded = |y: Tensor| if half { y.clip(Some(-65504.0), Some(65504.0))?.cast(dtype) } else { Ok(y) };
    Ok(vec![bounded(x.mean(&axes, keepdims)?)?, bounded(x.variance(&axes, keepdims)?)?])
}

pub(super) fn moments_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    let axes = arguments.axes("axes")?;
    let shape = reduction::shape_over(x, axes.as_deref(), arguments.flag("keepdims")?, arguments.class)?;
    let spec = (shape, Rule::Float.apply(*dtype));
    Ok(vec![spec.clone(), spec])
}

/// The first operand's shape and data type.
pub(super) fn first_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    match operands.first() {
        Some(spec) => Ok(vec![spec.clone()]),
        None => Err(Error::argument(arguments.class, "inputs", "a tensor", "none")),
    }
}

/// A result of the operand's shape and type.
fn like(given: &Tensor, y: Tensor, arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    if y.shape() != given.shape() {
        let expected = format!("parameters that broadcast to {}", tuple(given.shape()));
        return Err(Error::shape(arguments.class, "inputs", expected, tuple(y.shape())));
    }
    Ok(vec![y.cast(given.dtype())?])
}

fn first<'t>(operands: &'t [Tensor], arguments: &Arguments<'_>) -> Result<&'t Tensor> {
    operands.first().ok_or_else(|| Error::argument(arguments.class, "inputs", "a tensor", "none"))
}

/// `x * scale + offset` for scale and offset of the mean and variance; sizes of axes elsewhere are 1.
fn standardized(
    x: &Tensor,
    (mean, variance): (&Tensor, &Tensor),
    (scale, offset): (Option<&Tensor>, Option<&Tensor>),
    epsilon: f64,
) -> Result<Tensor> {
    let mut inverse = variance.add_scalar(epsilon)?.rsqrt()?;
    if let Some(scale) = scale {
        inverse = inverse.mul(scale)?;
    }
    let mut rest = mean.neg()?.mul(&inverse)?;
    if let Some(offset) = offset {
        rest = rest.add(offset)?;
    }
    x.mul(&inverse)?.add(&rest)
}

pub(super) fn layer_norm(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let given = first(operands, arguments)?;
    let x = wide(given)?;
    let axes = arguments.axes("axis")?.unwrap_or_default();
    let axes = axes.iter().map(|a| x.axis(arguments.class, *a)).collect::<Result<Vec<_>>>()?;
    let over: Vec<isize> = axes.iter().map(|a| *a as isize).collect();
    let last = axes.len() == 1 && axes[0] + 1 == x.rank();
    let shape: Vec<usize> =
        x.shape().iter().enumerate().map(|(i, d)| if axes.contains(&i) { *d } else { 1 }).collect();
    let spread = |place: usize| -> Result<Option<Tensor>> {
        let Some(v) = arguments.operand(place, operands) else { return Ok(None) };
        let v = v.cast(x.dtype())?;
        Ok(Some(if v.rank() == x.rank() || last { v } else { v.reshape(shape.clone())? }))
    };
    let (gamma, beta) = (spread(1)?, spread(2)?);
    let (mean, variance) = (x.mean(&over, true)?, x.variance(&over, true)?);
    let epsilon = epsilon(arguments)?;
    let y = if arguments.flag("rms_scaling")? {
        let y = x.mul(&variance.add_scalar(epsilon)?.rsqrt()?)?;
        gamma.map_or_else(|| Ok(y.clone()), |gamma| y.mul(&gamma))?
    } else {
        standardized(&x, (&mean, &variance), (gamma.as_ref(), beta.as_ref()), epsilon)?
    };
    like(given, y, arguments)
}

pub(super) fn rms_norm(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let given = first(operands, arguments)?;
    let x = wide(given)?;
    let axes = arguments.axes("axis")?.unwrap_or_default();
    let mean = x.square()?.mean(&axes, true)?;
    let y = x.mul(&mean.add_scalar(epsilon(arguments)?)?.rsqrt()?)?;
    let scale = match arguments.operand(1, operands) {
        Some(scale) => Some(scale.clone()),
        None => constant::keyword(arguments, "scale", x.dtype(), x.device())?,
    };
    let y = match scale {
        Some(scale) => y.mul(&scale.cast(x.dtype())?)?,
        None => y,
    };
    like(given, y, arguments)
}

pub(super) fn batch_norm(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = first(operands, arguments)?;
    let axis = x.axis(arguments.class, arguments.whole("axis")?)?;
    let mut shape = vec![1; x.rank()];
    shape[axis] = x.shape()[axis];
    let vector = |name: &str, place: usize| -> Result<Option<Tensor>> {
        match arguments.operand(place, operands) {
            None => Ok(None),
            Some(v) if v.shape() == [shape[axis]] => v.reshape(shape.clone()).map(Some),
            Some(v) => {
                let expected = tuple(&[shape[axis]]);
                Err(Error::shape(arguments.class, name, expected, tuple(v.shape())))
            }
        }
    };
    let missing = || Error::argument(arguments.class, "inputs", "a mean and a variance", "none");
    let mean = vector("mean", 1)?.ok_or_else(missing)?;
    let variance = vector("variance", 2)?.ok_or_else(missing)?;
    let (offset, scale) = (vector("offset", 3)?, vector("scale", 4)?);
    let epsilon = arguments.number("epsilon")?;
    let y = standardized(x, (&mean, &variance), (scale.as_ref(), offset.as_ref()), epsilon)?;
    like(x, y, arguments)
}

/// The weighted mean over one axis or all.
pub(super) fn average(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = Rule::Float.prepare(first(operands, arguments)?)?;
    let axis = arguments.maybe_whole("axis")?;
    let axes: Vec<isize> = axis.into_iter().collect();
    let weights = match arguments.operand(1, operands) {
        Some(weights) => Some(weights.clone()),
        None => constant::keyword(arguments, "weights", x.dtype(), x.device())?,
    };
    let Some(weights) = weights else { return Ok(vec![x.mean(&axes, false)?]) };
    let dtype = x.dtype().promote(weights.dtype());
    let (x, mut weights) = (x.cast(dtype)?, weights.cast(dtype)?);
    if weights.shape() != x.shape() {
        let at = axis.map(|axis| x.axis(arguments.class, axis)).transpose()?;
        let Some(at) = at.filter(|at| weights.shape() == [x.shape()[*at]]) else {
            let expected = format!("{}, or one number for each element of the axis", tuple(x.shape()));
            return Err(Error::shape(arguments.class, "weights", expected, tuple(weights.shape())));
        };
        let mut shape = vec![1; x.rank()];
        shape[at] = weights.len();
        weights = weights.reshape(shape)?.broadcast_to(x.shape())?;
    }
    Ok(vec![x.mul(&weights)?.sum(&axes, false)?.div(&weights.sum(&axes, false)?)?])
}

pub(super) fn average_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let Some((x, dtype)) = operands.first() else {
        return Err(Error::argument(arguments.class, "inputs", "a tensor", "none"));
    };
    let mut dims = Vec::new();
    if let Some(axis) = arguments.maybe_whole("axis")? {
        dims = x.dims().to_vec();
        dims.remove(resolve_axis(arguments.class, axis, x.rank())?);
    }
    let dtype = Rule::Float.apply(*dtype);
    let dtype = arguments.operand(1, operands).map_or(dtype, |(_, weights)| dtype.promote(*weights));
    Ok(vec![(Shape::new(dims), dtype)])
}
