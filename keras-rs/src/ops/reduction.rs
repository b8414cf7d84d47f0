//! Sums, means, extremes and other reductions over axes.

use super::arguments::Axes;
use super::logic::truth;
use super::rule::Rule;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, resolve_axis};
use keras_rs_derive::operation;

/// Reduces axes of a tensor, keeping them with size one where told to; an empty list means all of them.
type Method = fn(&Tensor, &[isize], bool) -> Result<Tensor>;

/// Reduces axes in the data type that the rule says.
fn reduce(
    context: &str,
    x: &Tensor,
    axis: &Axes,
    keepdims: bool,
    rule: Rule,
    method: Method,
) -> Result<Tensor> {
    let axes = axis.signed(context, x.rank())?;
    rule.each(x, |x| match axes.as_slice() {
        // No axis: every element is reduced by itself.
        [] => method(&x.reshape([x.len(), 1])?, &[1], false)?.reshape(x.shape()),
        axes => method(x, axes, keepdims),
    })
}

/// The shape after reducing axes.
pub(super) fn reduced(context: &str, x: &Shape, axis: &Axes, keepdims: bool) -> Result<Shape> {
    let axes = axis.resolve(context, x.rank())?;
    let dims = x.dims().iter().enumerate().filter_map(|(i, d)| match axes.contains(&i) {
        true => keepdims.then_some(Some(1)),
        false => Some(*d),
    });
    Ok(Shape::new(dims.collect::<Vec<_>>()))
}

/// Reductions, each with its rule for symbolic tensors, and what it gives for the rows of
/// `[[1, 2], [3, 4]]`.
macro_rules! reductions {
    ($($(#[$doc:meta])* $name:ident, $spec:ident: $rule:ident $y:expr, $method:expr;)*) => {$(
        $(#[$doc])*
        #[doc = concat!("Keras' `ops.", stringify!($name), "`.")]
        ///
        /// The axes are gone, or have size one with `keepdims`.
        #[doc = reductions!(@ $rule)]
        ///
        /// # Errors
        /// [`Error::Argument`] where there is no such axis or one is named twice.
        ///
        /// ```
        /// use keras_rs::{Tensor, ops};
        ///
        /// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
        #[doc = concat!("let y = ops::", stringify!($name), "(&x, -1, false)?.to_f64_vec()?;")]
        #[doc = concat!("assert!(y.iter().zip(", stringify!($y), ").all(|(y, want)| (y - want).abs() < 1e-5));")]
        /// # Ok::<(), keras_rs::Error>(())
        /// ```
        #[operation]
        pub fn $name(x: &Tensor, axis: impl Into<Axes>, keepdims: bool) -> Result<Tensor> {
            reduce(stringify!($name), x, &axis.into(), keepdims, Rule::$rule, $method)
        }

        pub(crate) fn $spec((x, dtype): &Spec, axis: Axes, keepdims: bool) -> Result<Spec> {
            Ok((reduced(stringify!($name), x, &axis, keepdims)?, Rule::$rule.apply(*dtype)))
        }
    )*};
    (@ Same) => { "The data type stays; without elements along the axes it is an [`Error::Shape`]." };
    (@ Float) => { "Integers and `bool` give `float32`." };
    (@ Total) => { "`bool` gives `int32`, `uint8` gives `uint32`." };
    (@ Bool) => { "The result is `bool`; every number but 0 is true." };
}

reductions! {
    /// Means; NaN where there are no elements.
    mean, mean_spec: Float [1.5, 3.5], |x, axes, keepdims| wide(x)?.mean(axes, keepdims);
    /// Sums; 0 where there are no elements.
    sum, sum_spec: Total [3.0, 7.0], |x, axes, keepdims| wide(x)?.sum(axes, keepdims);
    /// Variances, divided by the number of elements; NaN where there are none.
    var, var_spec: Float [0.25, 0.25], variance;
    /// Standard deviations: square roots of [`var`].
    std, std_spec: Float [0.5, 0.5], |x, axes, keepdims| variance(x, axes, keepdims)?.sqrt();
    /// Whether at least one element is true; not so where there are none.
    any, any_spec: Bool [1.0, 1.0], |x, axes, keepdims| extreme_truth(x, axes, keepdims, false);
    /// Whether all elements are true; so where there are none.
    all, all_spec: Bool [1.0, 1.0], |x, axes, keepdims| extreme_truth(x, axes, keepdims, true);
    /// Logarithms of sums of exponentials, without overflow; minus infinity where there are no elements.
    logsumexp, logsumexp_spec: Float [2.313262, 4.313262], log_of_sums;
    /// Distances from the smallest element to the largest.
    ptp, ptp_spec: Same [1.0, 1.0],
        |x, axes, keepdims| x.max(axes, keepdims)?.sub(&x.min(axes, keepdims)?);
    /// Largest elements, as [`max`] without `initial`.
    amax, amax_spec: Same [2.0, 4.0], Tensor::max;
    /// Smallest elements, as [`min`] without `initial`.
    amin, amin_spec: Same [1.0, 3.0], Tensor::min;
}

/// Half precision overflows in sums, so they are made in `float32`, as Keras does.
fn wide(x: &Tensor) -> Result<Tensor> {
    if matches!(x.dtype(), DType::F16 | DType::BF16) { x.cast(DType::F32) } else { Ok(x.clone()) }
}

fn variance(x: &Tensor, axes: &[isize], keepdims: bool) -> Result<Tensor> {
    wide(x)?.variance(axes, keepdims)
}

/// Whether axes have no elements, so that nothing is the largest of them.
fn has_none(x: &Tensor, axes: &[isize]) -> Result<bool> {
    if axes.is_empty() {
        return Ok(x.is_empty());
    }
    axes.iter().try_fold(false, |none, axis| Ok(none || x.dim(*axis)? == 0))
}

fn extreme_truth(x: &Tensor, axes: &[isize], keepdims: bool, all: bool) -> Result<Tensor> {
    if has_none(x, axes)? {
        return x.cast(DType::I32)?.sum(axes, keepdims)?.add_scalar(f64::from(u8::from(all)));
    }
    if all { truth(x)?.min(axes, keepdims) } else { truth(x)?.max(axes, keepdims) }
}

fn log_of_sums(x: &Tensor, axes: &[isize], keepdims: bool) -> Result<Tensor> {
    if has_none(x, axes)? {
        return x.sum(axes, keepdims)?.log();
    }
    let highest = x.max(axes, true)?;
    let sums = x.sub(&highest)?.exp()?.sum(axes, true)?.log()?.add(&highest)?;
    if keepdims { Ok(sums) } else { sums.reshape(x.max(axes, false)?.shape()) }
}

/// [`amax`] or [`amin`], and the value that takes part in it.
fn extreme(
    context: &str,
    x: &Tensor,
    axis: &Axes,
    keepdims: bool,
    initial: Option<f64>,
    method: Method,
) -> Result<Tensor> {
    let Some(initial) = initial else { return reduce(context, x, axis, keepdims, Rule::Same, method) };
    let axes = axis.signed(context, x.rank())?;
    if !axes.is_empty() && has_none(x, &axes)? {
        let shape = reduced(context, &Shape::from(x.shape()), axis, keepdims)?;
        return x.full_like(shape.to_known().unwrap_or_default(), initial);
    }
    let y = reduce(context, x, axis, keepdims, Rule::Same, method)?;
    let initial = y.full_like(vec![], initial)?;
    let y = if context == "max" { y.maximum(&initial)? } else { y.minimum(&initial)? };
    y.cast(x.dtype())
}

/// Largest elements over axes. Keras' `ops.max`.
///
/// The axes are gone, or have size one with `keepdims`; the data type stays. With `initial` no result is
/// below it.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis or one is named twice, [`Error::Shape`] where there are no
/// elements along the axes and no `initial`.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// assert_eq!(ops::max(&x, -1, false, 3.0)?.to_vec::<f32>()?, [3.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn max(
    x: &Tensor,
    axis: impl Into<Axes>,
    keepdims: bool,
    initial: impl Into<Option<f64>>,
) -> Result<Tensor> {
    extreme("max", x, &axis.into(), keepdims, initial.into(), Tensor::max)
}

/// Smallest elements over axes. Keras' `ops.min`.
///
/// The axes are gone, or have size one with `keepdims`; the data type stays. With `initial` no result is
/// above it.
///
/// # Errors
/// As [`max`].
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// assert_eq!(ops::min(&x, (), false, None)?.to_scalar()?, 1.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn min(
    x: &Tensor,
    axis: impl Into<Axes>,
    keepdims: bool,
    initial: impl Into<Option<f64>>,
) -> Result<Tensor> {
    extreme("min", x, &axis.into(), keepdims, initial.into(), Tensor::min)
}

/// Products over axes; 1 where there are no elements. Keras' `ops.prod`.
///
/// The axes are gone, or have size one with `keepdims`. Without a `dtype`, `bool` gives `int32` and `uint8`
/// gives `uint32`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis or one is named twice.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// assert_eq!(ops::prod(&x, 0, false, None)?.to_vec::<f32>()?, [3.0, 8.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn prod(
    x: &Tensor,
    axis: impl Into<Axes>,
    keepdims: bool,
    dtype: impl Into<Option<DType>>,
) -> Result<Tensor> {
    let dtype = dtype.into().unwrap_or_else(|| Rule::Total.apply(x.dtype()));
    let product: Method = |x, axes, keepdims| wide(x)?.prod(axes, keepdims);
    reduce("prod", &x.cast(dtype)?, &axis.into(), keepdims, Rule::Same, product)
}

pub(crate) fn prod_spec((x, own): &Spec, axis: Axes, keepdims: bool, dtype: Option<DType>) -> Result<Spec> {
    Ok((reduced("prod", x, &axis, keepdims)?, dtype.unwrap_or_else(|| Rule::Total.apply(*own))))
}

/// How many elements over axes are not zero, as `int32`. Keras' `ops.count_nonzero`.
///
/// The axes are gone.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis or one is named twice.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 0.0, 3.0, 4.0], [2, 2])?;
/// assert_eq!(ops::count_nonzero(&x, -1)?.to_vec::<i32>()?, [1, 2]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn count_nonzero(x: &Tensor, axis: impl Into<Axes>) -> Result<Tensor> {
    let flags = truth(x)?.cast(DType::I32)?;
    reduce("count_nonzero", &flags, &axis.into(), false, Rule::Same, Tensor::sum)
}

pub(crate) fn count_nonzero_spec((x, _): &Spec, axis: Axes) -> Result<Spec> {
    Ok((reduced("count_nonzero", x, &axis, false)?, DType::I32))
}

/// Where the largest element lies along an axis, as `int32`; the first of equals. Keras' `ops.argmax`.
///
/// `None` looks for it in the flattened tensor. The axis is gone, or has size one with `keepdims`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis, [`Error::Shape`] where it has no elements.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 4.0, 3.0], [2, 2])?;
/// assert_eq!(ops::argmax(&x, -1, false)?.to_vec::<i32>()?, [1, 0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn argmax(x: &Tensor, axis: impl Into<Option<isize>>, keepdims: bool) -> Result<Tensor> {
    let x = if x.dtype() == DType::Bool { x.cast(DType::I32)? } else { x.clone() };
    first_of("argmax", &x, axis.into(), keepdims)
}

/// Where the smallest element lies along an axis, as `int32`; the first of equals. Keras' `ops.argmin`.
///
/// As [`argmax`].
///
/// # Errors
/// As [`argmax`].
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 4.0, 3.0], [2, 2])?;
/// assert_eq!(ops::argmin(&x, None, false)?.to_scalar()?, 0.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn argmin(x: &Tensor, axis: impl Into<Option<isize>>, keepdims: bool) -> Result<Tensor> {
    first_of("argmin", &x.neg()?, axis.into(), keepdims)
}

fn first_of(context: &str, x: &Tensor, axis: Option<isize>, keepdims: bool) -> Result<Tensor> {
    let (flat, at) = match axis {
        Some(axis) => (x.clone(), resolve_axis(context, axis, x.rank())?),
        None => (x.reshape([x.len()])?, 0),
    };
    if flat.shape()[at] == 0 {
        return Err(Error::shape(context, "x", "elements along the axis", tuple(x.shape())));
    }
    let found = flat.argmax(at as isize)?;
    if !keepdims {
        return Ok(found);
    }
    let mut kept = vec![1; x.rank()];
    if axis.is_some() {
        kept = x.shape().to_vec();
        kept[at] = 1;
    }
    found.reshape(kept)
}

pub(crate) fn argmax_spec((x, _): &Spec, axis: Option<isize>, keepdims: bool) -> Result<Spec> {
    Ok((reduced("argmax", x, &Axes::from(axis), keepdims)?, DType::I32))
}

#[cfg(test)]
mod tests;
