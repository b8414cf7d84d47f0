//! Quantiles: medians, percentiles, with NaN and without.

use super::arguments::Axes;
use super::logic::fill;
use super::reduction::reduced;
use super::rule::Rule;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use keras_rs_derive::operation;

/// What a quantile between two elements is. Keras' argument `method`.
///
/// ```
/// use keras_rs::ops::QuantileMethod;
///
/// assert_eq!(QuantileMethod::try_from("midpoint")?, QuantileMethod::Midpoint);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum QuantileMethod {
    /// The value on the line between both.
    #[default]
    Linear,
    /// The lower one.
    Lower,
    /// The higher one.
    Higher,
    /// The mean of both.
    Midpoint,
    /// The nearer one; the lower one where both are as near.
    Nearest,
}

impl QuantileMethod {
    const ALL: [(&'static str, Self); 5] = [
        ("linear", Self::Linear),
        ("lower", Self::Lower),
        ("higher", Self::Higher),
        ("midpoint", Self::Midpoint),
        ("nearest", Self::Nearest),
    ];

    /// Keras' name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, method)| *method == self).map_or("linear", |(name, _)| *name)
    }
}

impl TryFrom<&str> for QuantileMethod {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, method)| *method);
        found.ok_or_else(|| Error::unknown_name("quantile method", name, Self::ALL.map(|(known, _)| known)))
    }
}

/// The elements below which the fractions `q` of all lie. Keras' `ops.quantile`.
///
/// `q` is one fraction from 0 to 1, or a list, whose axis comes first in the result. Rows with NaN give NaN;
/// integers give `float32`. Gradients flow to both.
///
/// Keras 3.15.1 computes linear quantiles in models whatever `method` says, so that another one is refused for symbolic
/// tensors; [`percentile`] and [`nanquantile`] have no such fault.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis, [`Error::Shape`] where `q` has more than one axis or there are
/// no elements along the axes.
///
/// ```
/// use keras_rs::{Tensor, ops, ops::QuantileMethod};
///
/// let x = Tensor::from_slice::<f32>(&[4.0, 1.0, 3.0, 2.0], [4])?;
/// let q = Tensor::from_slice::<f32>(&[0.0, 0.5], [2])?;
/// assert_eq!(ops::quantile(&x, &q, (), QuantileMethod::Linear, false)?.to_vec::<f32>()?, [1.0, 2.5]);
/// assert_eq!(ops::median(&x, (), false)?.to_scalar()?, 2.5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn quantile(
    x: &Tensor,
    q: &Tensor,
    axis: impl Into<Axes>,
    method: QuantileMethod,
    keepdims: bool,
) -> Result<Tensor> {
    at_fractions("quantile", x, q, &axis.into(), method, keepdims, false)
}

/// As [`quantile`], of the elements that are numbers. Keras' `ops.nanquantile`.
///
/// # Errors
/// As [`quantile`].
#[operation]
pub fn nanquantile(
    x: &Tensor,
    q: &Tensor,
    axis: impl Into<Axes>,
    method: QuantileMethod,
    keepdims: bool,
) -> Result<Tensor> {
    at_fractions("nanquantile", x, q, &axis.into(), method, keepdims, true)
}

/// As [`quantile`], of fractions in percent. Keras' `ops.percentile`.
///
/// # Errors
/// As [`quantile`].
#[operation]
pub fn percentile(
    x: &Tensor,
    q: &Tensor,
    axis: impl Into<Axes>,
    method: QuantileMethod,
    keepdims: bool,
) -> Result<Tensor> {
    quantile(x, &q.to_float()?.div_scalar(100.0)?, axis, method, keepdims)
}

/// As [`percentile`], of the elements that are numbers. Keras' `ops.nanpercentile`.
///
/// # Errors
/// As [`quantile`].
#[operation]
pub fn nanpercentile(
    x: &Tensor,
    q: &Tensor,
    axis: impl Into<Axes>,
    method: QuantileMethod,
    keepdims: bool,
) -> Result<Tensor> {
    nanquantile(x, &q.to_float()?.div_scalar(100.0)?, axis, method, keepdims)
}

/// The elements in the middle of the order. Keras' `ops.median`.
///
/// # Errors
/// As [`quantile`].
#[operation]
pub fn median(x: &Tensor, axis: impl Into<Axes>, keepdims: bool) -> Result<Tensor> {
    let half = x.to_float()?.full_like(vec![], 0.5)?;
    quantile(x, &half, axis, QuantileMethod::Linear, keepdims)
}

/// As [`median`], of the elements that are numbers. Keras' `ops.nanmedian`.
///
/// # Errors
/// As [`quantile`].
#[operation]
pub fn nanmedian(x: &Tensor, axis: impl Into<Axes>, keepdims: bool) -> Result<Tensor> {
    let half = x.to_float()?.full_like(vec![], 0.5)?;
    nanquantile(x, &half, axis, QuantileMethod::Linear, keepdims)
}

pub(crate) fn quantile_spec(
    (x, dtype): &Spec,
    (q, _): &Spec,
    axis: Axes,
    _method: QuantileMethod,
    keepdims: bool,
) -> Result<Spec> {
    if q.rank() > 1 {
        return Err(Error::shape("quantile", "q", "one number, or one axis", q.clone()));
    }
    let kept = reduced("quantile", x, &axis, keepdims)?;
    Ok((Shape::new([q.dims(), kept.dims()].concat()), Rule::Float.apply(*dtype)))
}

fn at_fractions(
    context: &str,
    x: &Tensor,
    q: &Tensor,
    axis: &Axes,
    method: QuantileMethod,
    keepdims: bool,
    skip_nan: bool,
) -> Result<Tensor> {
    if q.rank() > 1 {
        return Err(Error::shape(context, "q", "one number, or one axis", tuple(q.shape())));
    }
    let axes = axis.resolve(context, x.rank())?;
    let x = x.to_float()?;
    let (sorted, kept) = rows(context, &x, &axes)?;
    let fractions = q.cast(x.dtype())?.reshape([1, q.len()])?;
    let y = picked(&sorted, &fractions, method, skip_nan)?;
    // The axis of the fractions goes to the front.
    let y = y.transpose()?;
    let mut shape: Vec<usize> = if keepdims {
        x.shape().iter().enumerate().map(|(i, &d)| if axes.contains(&i) { 1 } else { d }).collect()
    } else {
        kept
    };
    if q.rank() == 1 {
        shape.insert(0, q.len());
    }
    y.reshape(shape)
}

/// The elements along the axes in order, as rows, and the sizes of the other axes.
fn rows(context: &str, x: &Tensor, axes: &[usize]) -> Result<(Tensor, Vec<usize>)> {
    let others: Vec<usize> = (0..x.rank()).filter(|i| !axes.contains(i)).collect();
    let kept: Vec<usize> = others.iter().map(|&i| x.shape()[i]).collect();
    let size: usize = axes.iter().map(|&i| x.shape()[i]).product();
    if size == 0 {
        return Err(Error::shape(context, "x", "elements along the axes", tuple(x.shape())));
    }
    let order: Vec<usize> = others.iter().chain(axes).copied().collect();
    let rows = x.permute(&order)?.reshape([kept.iter().product(), size])?;
    Ok((super::sort(&rows, -1)?, kept))
}

/// Quantiles `(rows, fractions)` of sorted rows, in which NaN comes last.
fn picked(sorted: &Tensor, fractions: &Tensor, method: QuantileMethod, skip_nan: bool) -> Result<Tensor> {
    let size = sorted.shape()[1];
    let shape = [sorted.shape()[0], fractions.shape()[1]];
    let is_nan = sorted.detach().is_nan()?;
    let missing = is_nan.cast(DType::I32)?.sum(&[1], true)?.cast(sorted.dtype())?;
    let last = if skip_nan {
        missing.neg()?.add_scalar(size as f64 - 1.0)?
    } else {
        missing.full_like([1, 1], size as f64 - 1.0)?
    };
    let position = fractions.mul(&last.clip(Some(0.0), None)?)?.broadcast_to(shape)?;
    let (low, high) = (position.detach().floor()?, position.detach().ceil()?);
    let values = |at: &Tensor| sorted.take_along_axis(&at.cast(DType::I32)?, 1);
    let weight = position.sub(&low)?;
    let y = match method {
        QuantileMethod::Lower => values(&low)?,
        QuantileMethod::Higher => values(&high)?,
        QuantileMethod::Nearest => {
            let nearer_high = weight.detach().greater_scalar(0.5)?.cast(sorted.dtype())?;
            values(&low.add(&nearer_high)?)?
        }
        QuantileMethod::Midpoint => values(&low)?.add(&values(&high)?)?.mul_scalar(0.5)?,
        QuantileMethod::Linear => {
            // At an element itself there is no other one, which may be infinite or NaN, and no slope.
            let exact = weight.detach().not_equal_scalar(0.0)?.logical_not()?;
            let weight = fill(&exact, 0.0, &weight)?;
            let below = values(&low)?.mul(&weight.neg()?.add_scalar(1.0)?)?;
            fill(&exact, 0.0, &values(&high)?.mul(&weight)?)?.add(&below)?
        }
    };
    let empty =
        if skip_nan { missing.sub(&missing.full_like(vec![], size as f64)?)? } else { missing.clone() };
    let undefined =
        if skip_nan { empty.not_equal_scalar(0.0)?.logical_not()? } else { empty.greater_scalar(0.0)? };
    fill(&undefined.broadcast_to(shape)?, f64::NAN, &y)
}
