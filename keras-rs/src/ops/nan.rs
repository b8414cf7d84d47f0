//! Reductions and running sums that leave out NaN.

use super::arguments::Axes;
use super::logic::fill;
use crate::dtype::DType;
use crate::error::Result;
use crate::tensor::Tensor;

/// The tensor with another value for NaN.
fn without(x: &Tensor, value: f64) -> Result<Tensor> {
    if x.dtype().is_float() { fill(&x.is_nan()?, value, x) } else { Ok(x.clone()) }
}

/// How many elements are numbers along the axes.
fn numbers(x: &Tensor, axis: &Axes, keepdims: bool, dtype: DType) -> Result<Tensor> {
    super::sum(&x.is_nan()?.logical_not()?.cast(DType::I32)?, axis.clone(), keepdims)?.cast(dtype)
}

/// Sums that leave out NaN. Keras' `ops.nansum`.
///
/// Axes and data types are those of [`sum`](super::sum); without numbers it is 0.
///
/// # Errors
/// [`Error::Argument`](crate::Error::Argument) where there is no such axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, f32::NAN, 3.0], [3])?;
/// assert_eq!(ops::nansum(&x, (), false)?.to_scalar()?, 4.0);
/// assert_eq!(ops::nanprod(&x, (), false)?.to_scalar()?, 3.0);
/// assert_eq!(ops::nanmean(&x, (), false)?.to_scalar()?, 2.0);
/// assert_eq!(ops::nanmax(&x, (), false)?.to_scalar()?, 3.0);
/// assert_eq!(ops::nanargmin(&x, None, false)?.to_scalar()?, 0.0);
/// assert_eq!(ops::nancumsum(&x, None, None)?.to_vec::<f32>()?, [1.0, 1.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[super::operation]
pub fn nansum(x: &Tensor, axis: impl Into<Axes>, keepdims: bool) -> Result<Tensor> {
    super::sum(&without(x, 0.0)?, axis, keepdims)
}

/// Products that leave out NaN; without numbers 1. Keras' `ops.nanprod`.
///
/// # Errors
/// As [`nansum`].
#[super::operation]
pub fn nanprod(x: &Tensor, axis: impl Into<Axes>, keepdims: bool) -> Result<Tensor> {
    super::prod(&without(x, 1.0)?, axis, keepdims, None)
}

/// Means that leave out NaN; without numbers NaN. Keras' `ops.nanmean`.
///
/// # Errors
/// As [`nansum`].
#[super::operation]
pub fn nanmean(x: &Tensor, axis: impl Into<Axes>, keepdims: bool) -> Result<Tensor> {
    let axis = axis.into();
    if !x.dtype().is_float() {
        return super::mean(x, axis, keepdims);
    }
    let counts = numbers(x, &axis, keepdims, x.dtype())?;
    nansum(x, axis, keepdims)?.div(&counts)
}

/// Variances that leave out NaN; without numbers NaN. Keras' `ops.nanvar`.
///
/// # Errors
/// As [`nansum`].
#[super::operation]
pub fn nanvar(x: &Tensor, axis: impl Into<Axes>, keepdims: bool) -> Result<Tensor> {
    let axis = axis.into();
    if !x.dtype().is_float() {
        return super::var(x, axis, keepdims);
    }
    let centred = x.sub(&nanmean(x, axis.clone(), true)?)?;
    nanmean(&fill(&x.is_nan()?, f64::NAN, &without(&centred, 0.0)?.square()?)?, axis, keepdims)
}

/// Standard deviations that leave out NaN; without numbers NaN. Keras' `ops.nanstd`.
///
/// # Errors
/// As [`nansum`].
#[super::operation]
pub fn nanstd(x: &Tensor, axis: impl Into<Axes>, keepdims: bool) -> Result<Tensor> {
    nanvar(x, axis, keepdims)?.sqrt()
}

/// Largest elements that leave out NaN; without numbers NaN. Keras' `ops.nanmax`.
///
/// # Errors
/// As [`nansum`]; [`Error::Shape`](crate::Error::Shape) where there are no elements along the axes.
#[super::operation]
pub fn nanmax(x: &Tensor, axis: impl Into<Axes>, keepdims: bool) -> Result<Tensor> {
    let axis = axis.into();
    let extreme = super::amax(&without(x, f64::NEG_INFINITY)?, axis.clone(), keepdims)?;
    nan_without_numbers(x, &axis, keepdims, extreme)
}

/// Smallest elements that leave out NaN; without numbers NaN. Keras' `ops.nanmin`.
///
/// # Errors
/// As [`nanmax`].
#[super::operation]
pub fn nanmin(x: &Tensor, axis: impl Into<Axes>, keepdims: bool) -> Result<Tensor> {
    let axis = axis.into();
    let extreme = super::amin(&without(x, f64::INFINITY)?, axis.clone(), keepdims)?;
    nan_without_numbers(x, &axis, keepdims, extreme)
}

fn nan_without_numbers(x: &Tensor, axis: &Axes, keepdims: bool, y: Tensor) -> Result<Tensor> {
    if !x.dtype().is_float() {
        return Ok(y);
    }
    fill(&super::all(&x.is_nan()?, axis.clone(), keepdims)?, f64::NAN, &y)
}

/// Positions of the largest elements that leave out NaN; -1 without numbers. Keras' `ops.nanargmax`.
///
/// # Errors
/// As [`argmax`](super::argmax).
#[super::operation]
pub fn nanargmax(x: &Tensor, axis: impl Into<Option<isize>>, keepdims: bool) -> Result<Tensor> {
    let axis = axis.into();
    let found = super::argmax(&without(x, f64::NEG_INFINITY)?, axis, keepdims)?;
    minus_one_without_numbers(x, axis, keepdims, found)
}

/// Positions of the smallest elements that leave out NaN; -1 without numbers. Keras' `ops.nanargmin`.
///
/// # Errors
/// As [`argmin`](super::argmin).
#[super::operation]
pub fn nanargmin(x: &Tensor, axis: impl Into<Option<isize>>, keepdims: bool) -> Result<Tensor> {
    let axis = axis.into();
    let found = super::argmin(&without(x, f64::INFINITY)?, axis, keepdims)?;
    minus_one_without_numbers(x, axis, keepdims, found)
}

fn minus_one_without_numbers(
    x: &Tensor,
    axis: Option<isize>,
    keepdims: bool,
    found: Tensor,
) -> Result<Tensor> {
    if !x.dtype().is_float() {
        return Ok(found);
    }
    fill(&super::all(&x.is_nan()?, axis, keepdims)?, -1.0, &found)
}

/// Running sums that leave out NaN. Keras' `ops.nancumsum`.
///
/// # Errors
/// As [`cumsum`](super::cumsum).
#[super::operation]
pub fn nancumsum(
    x: &Tensor,
    axis: impl Into<Option<isize>>,
    dtype: impl Into<Option<DType>>,
) -> Result<Tensor> {
    super::cumsum(&without(x, 0.0)?, axis, dtype)
}

/// Running products that leave out NaN. Keras' `ops.nancumprod`.
///
/// # Errors
/// As [`cumprod`](super::cumprod).
#[super::operation]
pub fn nancumprod(
    x: &Tensor,
    axis: impl Into<Option<isize>>,
    dtype: impl Into<Option<DType>>,
) -> Result<Tensor> {
    super::cumprod(&without(x, 1.0)?, axis, dtype)
}
