//! Means and variances, and bringing tensors to a norm of one or a variance of one.

use super::arguments::Axes;
use super::linalg::norm_of;
use super::reduction::reduced;
use super::rule::Rule;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, resolve_axis};
use keras_rs_derive::operation;

/// Keras' `epsilon()`.
const EPSILON: f64 = 1e-7;

/// Divides by the norm along axes, or by `epsilon` where that is larger. Keras' `ops.normalize`.
///
/// `None` is Keras' epsilon, 1e-7. Integers and `bool` give `float32`.
///
/// # Errors
/// [`Error::Argument`] for an order below 1 and where there is no such axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[3.0, -1.0], [2])?;
/// assert_eq!(ops::normalize(&x, -1, 1, None)?.to_vec::<f32>()?, [0.75, -0.25]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn normalize(
    x: &Tensor,
    axis: impl Into<Axes>,
    order: isize,
    epsilon: impl Into<Option<f64>>,
) -> Result<Tensor> {
    let (axis, epsilon) = (axis.into(), epsilon.into().unwrap_or(EPSILON));
    Rule::Float.each(x, |x| match order {
        ..=0 => Err(Error::argument("normalize", "order", "a whole number of at least 1", order)),
        2 => {
            let squares = super::sum(&x.square()?, axis.clone(), true)?;
            x.mul(&squares.rsqrt()?.clip(None, Some(1.0 / epsilon))?)
        }
        order => {
            let norm = norm_of("normalize", x, Some((order as f64).into()), &axis, true)?;
            x.div(&norm.clip(Some(epsilon), None)?)
        }
    })
}

super::rule::each_specs! {
    Float: normalize_spec;
}

/// At least `float32`: half precision overflows in sums.
fn wide(x: &Tensor) -> Result<Tensor> {
    x.cast(x.dtype().promote(DType::F32))
}

/// Mean and variance over axes. Keras' `ops.moments`.
///
/// The axes are gone, or have size one with `keepdims`. Integers and `bool` give `float32`; half precision is
/// computed as `float32` and kept within its range. There is one process, so that nothing is `synchronized`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis, or none is named.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 3.0], [2])?;
/// let (mean, variance) = ops::moments(&x, 0, false)?;
/// assert_eq!((mean.to_scalar()?, variance.to_scalar()?), (2.0, 1.0));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn moments(x: &Tensor, axes: impl Into<Axes>, keepdims: bool) -> Result<(Tensor, Tensor)> {
    let Axes::These(axes) = axes.into() else {
        return Err(Error::argument("moments", "axes", "at least one axis", "all"));
    };
    if axes.is_empty() {
        return Err(Error::argument("moments", "axes", "at least one axis", "none"));
    }
    let dtype = Rule::Float.apply(x.dtype());
    let x = wide(x)?;
    let half = matches!(dtype, DType::F16 | DType::BF16);
    // The largest number of `float16`.
    let bounded = |y: Tensor| if half { y.clip(Some(-65504.0), Some(65504.0))?.cast(dtype) } else { Ok(y) };
    Ok((bounded(x.mean(&axes, keepdims)?)?, bounded(x.variance(&axes, keepdims)?)?))
}

pub(crate) fn moments_spec((x, dtype): &Spec, axes: Axes, keepdims: bool) -> Result<(Spec, Spec)> {
    let spec = (reduced("moments", x, &axes, keepdims)?, Rule::Float.apply(*dtype));
    Ok((spec.clone(), spec))
}

/// A result of the operand's shape and type.
fn like(context: &str, given: &Tensor, y: &Tensor) -> Result<Tensor> {
    if y.shape() != given.shape() {
        let expected = format!("parameters that broadcast to {}", tuple(given.shape()));
        return Err(Error::shape(context, "x", expected, tuple(y.shape())));
    }
    y.cast(given.dtype())
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

/// Axes, their sizes with ones elsewhere, and whether they are the last axis alone.
fn spread(context: &str, x: &Tensor, axis: &Axes) -> Result<(Vec<isize>, Vec<usize>, bool)> {
    let axes = axis.resolve(context, x.rank())?;
    if axes.is_empty() {
        return Err(Error::argument(context, "axis", "at least one axis", "none"));
    }
    let sizes = x.shape().iter().enumerate().map(|(i, d)| if axes.contains(&i) { *d } else { 1 }).collect();
    let last = axes.len() == 1 && axes[0] + 1 == x.rank();
    Ok((axes.into_iter().map(|axis| axis as isize).collect(), sizes, last))
}

/// Subtracts the mean over axes and divides by the standard deviation. Keras' `ops.layer_normalization`.
///
/// `gamma` multiplies and `beta` adds; they have the sizes of the axes. `None` is Keras' epsilon, 1e-7. The
/// result has the shape and data type of `x`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis, [`Error::Shape`] where `gamma` or `beta` do not have the
/// sizes of the axes.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 3.0], [1, 2])?;
/// let y = ops::layer_normalization(&x, None, None, -1, 0.0)?;
/// assert_eq!(y.to_vec::<f32>()?, [-1.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation("LayerNorm")]
pub fn layer_normalization(
    x: &Tensor,
    gamma: Option<&Tensor>,
    beta: Option<&Tensor>,
    axis: impl Into<Axes>,
    epsilon: impl Into<Option<f64>>,
) -> Result<Tensor> {
    let context = "layer_normalization";
    let wide = wide(x)?;
    let (axes, sizes, last) = spread(context, x, &axis.into())?;
    let along = |v: &Tensor| -> Result<Tensor> {
        let v = v.cast(wide.dtype())?;
        if v.rank() == x.rank() || last { Ok(v) } else { v.reshape(&sizes) }
    };
    let (gamma, beta) = (gamma.map(along).transpose()?, beta.map(along).transpose()?);
    let (mean, variance) = (wide.mean(&axes, true)?, wide.variance(&axes, true)?);
    let epsilon = epsilon.into().unwrap_or(EPSILON);
    like(context, x, &standardized(&wide, (&mean, &variance), (gamma.as_ref(), beta.as_ref()), epsilon)?)
}

/// [`layer_normalization`] as Keras has it with `rms_scaling`: the mean stays, and nothing is added.
///
/// # Errors
/// As [`layer_normalization`].
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 3.0], [1, 2])?;
/// let y = ops::layer_normalization_rms(&x, None, -1, 0.0)?;
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 3.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn layer_normalization_rms(
    x: &Tensor,
    gamma: Option<&Tensor>,
    axis: impl Into<Axes>,
    epsilon: impl Into<Option<f64>>,
) -> Result<Tensor> {
    let context = "layer_normalization";
    let wide = wide(x)?;
    let (axes, sizes, last) = spread(context, x, &axis.into())?;
    let variance = wide.variance(&axes, true)?.add_scalar(epsilon.into().unwrap_or(EPSILON))?;
    let mut y = wide.mul(&variance.rsqrt()?)?;
    if let Some(gamma) = gamma {
        let gamma = gamma.cast(wide.dtype())?;
        y = y.mul(&if gamma.rank() == x.rank() || last { gamma } else { gamma.reshape(&sizes)? })?;
    }
    like(context, x, &y)
}

/// Divides by the root of the mean square over axes. Keras' `ops.rms_normalization`.
///
/// `scale` multiplies. `None` is Keras' epsilon, 1e-7. The result has the shape and data type of `x`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis, [`Error::Shape`] where `scale` does not broadcast.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[2.0, 2.0], [1, 2])?;
/// assert_eq!(ops::rms_normalization(&x, None, -1, 0.0)?.to_vec::<f32>()?, [1.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation("RMSNorm")]
pub fn rms_normalization(
    x: &Tensor,
    scale: Option<&Tensor>,
    axis: impl Into<Axes>,
    epsilon: impl Into<Option<f64>>,
) -> Result<Tensor> {
    let wide = wide(x)?;
    let mean = super::mean(&wide.square()?, axis, true)?;
    let mut y = wide.mul(&mean.add_scalar(epsilon.into().unwrap_or(EPSILON))?.rsqrt()?)?;
    if let Some(scale) = scale {
        y = y.mul(&scale.cast(wide.dtype())?)?;
    }
    like("rms_normalization", x, &y)
}

/// Subtracts a mean and divides by the root of a variance, one for each entry of an axis. Keras'
/// `ops.batch_normalization`.
///
/// `offset` adds and `scale` multiplies; all four are vectors of the axis' size. The result has the shape and
/// data type of `x`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis, [`Error::Shape`] where a vector has another size.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 3.0], [1, 2])?;
/// let one = Tensor::ones([2], keras_rs::DType::F32)?;
/// assert_eq!(ops::batch_normalization(&x, &one, &one, -1, None, None, 0.0)?.to_vec::<f32>()?, [0.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation("BatchNorm")]
pub fn batch_normalization(
    x: &Tensor,
    mean: &Tensor,
    variance: &Tensor,
    axis: isize,
    offset: Option<&Tensor>,
    scale: Option<&Tensor>,
    epsilon: f64,
) -> Result<Tensor> {
    let context = "batch_normalization";
    let axis = resolve_axis(context, axis, x.rank())?;
    let mut shape = vec![1; x.rank()];
    shape[axis] = x.shape()[axis];
    let vector = |name: &str, v: &Tensor| -> Result<Tensor> {
        if v.shape() == [shape[axis]] {
            return v.reshape(&shape);
        }
        Err(Error::shape(context, name, tuple(&[shape[axis]]), tuple(v.shape())))
    };
    let (mean, variance) = (vector("mean", mean)?, vector("variance", variance)?);
    let offset = offset.map(|v| vector("offset", v)).transpose()?;
    let scale = scale.map(|v| vector("scale", v)).transpose()?;
    like(context, x, &standardized(x, (&mean, &variance), (scale.as_ref(), offset.as_ref()), epsilon)?)
}

/// The weighted mean over one axis or all. Keras' `ops.average`.
///
/// `weights` has the shape of `x`, or one number for each entry of the axis. Integers and `bool` give
/// `float32`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis, [`Error::Shape`] for weights of another shape.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 5.0], [2])?;
/// let weights = Tensor::from_slice::<f32>(&[3.0, 1.0], [2])?;
/// assert_eq!(ops::average(&x, 0, Some(&weights))?.to_scalar()?, 2.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation(keyword(weights))]
pub fn average(x: &Tensor, axis: impl Into<Option<isize>>, weights: Option<&Tensor>) -> Result<Tensor> {
    let axis = axis.into();
    let x = Rule::Float.prepare(x)?;
    let axes: Vec<isize> = axis.into_iter().collect();
    let Some(weights) = weights else { return x.mean(&axes, false) };
    let dtype = x.dtype().promote(weights.dtype());
    let (x, mut weights) = (x.cast(dtype)?, weights.cast(dtype)?);
    if weights.shape() != x.shape() {
        let at = axis.map(|axis| resolve_axis("average", axis, x.rank())).transpose()?;
        let Some(at) = at.filter(|at| weights.shape() == [x.shape()[*at]]) else {
            let expected = format!("{}, or one number for each entry of the axis", tuple(x.shape()));
            return Err(Error::shape("average", "weights", expected, tuple(weights.shape())));
        };
        let mut shape = vec![1; x.rank()];
        shape[at] = weights.len();
        weights = weights.reshape(shape)?.broadcast_to(x.shape())?;
    }
    x.mul(&weights)?.sum(&axes, false)?.div(&weights.sum(&axes, false)?)
}

pub(crate) fn average_spec((x, dtype): &Spec, axis: Option<isize>, weights: Option<&Spec>) -> Result<Spec> {
    let mut dims = Vec::new();
    if let Some(axis) = axis {
        dims = x.dims().to_vec();
        dims.remove(resolve_axis("average", axis, x.rank())?);
    }
    let dtype = Rule::Float.apply(*dtype);
    Ok((Shape::new(dims), weights.map_or(dtype, |(_, weights)| dtype.promote(*weights))))
}
