//! Images that are scaled and shifted.

use super::Interpolation;
use super::resample::weighted;
use crate::error::{Error, Result, tuple};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, resolve_axis};
use keras_rs_derive::operation;
use std::f64::consts::PI;

const NAME: &str = "scale_and_translate";

/// Images that are scaled and shifted along some axes. Keras' `ops.image.scale_and_translate`.
///
/// Shapes: tensors of any number of axes; `scale` and `translation` have a number for each of the axes `spatial_dims`. Element
/// `i` of an axis lies at `(i + 0.5) * scale + translation - 0.5` of the result, whose sizes are `output_shape`: on other axes
/// they are those of the images, or unknown. What comes from outside is 0. Integers become floats.
///
/// # Errors
/// [`Error::Shape`] where shapes do not fit each other, [`Error::Argument`] for axes that are not there, sizes that are not known,
/// and for [`Interpolation::Nearest`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::image::{Interpolation, scale_and_translate};
///
/// let x = Tensor::from([1.0, 2.0, 4.0])?;
/// let (scale, shift) = (Tensor::from([1.0])?, Tensor::from([0.5])?);
/// let y = scale_and_translate(&x, [4], &scale, &shift, &[0], Interpolation::Bilinear, true)?;
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 1.5, 3.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation(positional(output_shape))]
pub fn scale_and_translate(
    images: &Tensor,
    output_shape: impl Into<Shape>,
    scale: &Tensor,
    translation: &Tensor,
    spatial_dims: &[isize],
    method: Interpolation,
    antialias: bool,
) -> Result<Tensor> {
    let output = output_shape.into();
    let spec = |x: &Tensor| (Shape::from(x.shape()), x.dtype());
    let (shape, dtype) = scale_and_translate_spec(
        &spec(images),
        &output,
        &spec(scale),
        &spec(translation),
        spatial_dims,
        method,
    )?;
    let Some(shape) = shape.to_known() else {
        return Err(Error::argument(NAME, "output_shape", "known sizes along the axes that change", output));
    };
    crate::limits::check_shape(NAME, dtype, &shape)?;
    let mut y = images.cast(dtype)?;
    if y.is_empty() || shape.contains(&0) {
        return y.full_like(shape, 0.0);
    }
    let numbers = scale.to_float()?.dtype().promote(translation.to_float()?.dtype());
    for (i, axis) in axes(spatial_dims, images.rank())?.into_iter().enumerate() {
        let number = |x: &Tensor| x.narrow(0, i..i + 1)?.cast(numbers)?.reshape([1, 1]);
        let weights = weights(
            [images.shape()[axis], shape[axis]],
            &number(scale)?,
            &number(translation)?,
            method,
            antialias,
        )?;
        y = weighted(&y, axis, &weights.cast(dtype)?)?;
    }
    Ok(y)
}

fn axes(spatial_dims: &[isize], rank: usize) -> Result<Vec<usize>> {
    let axes = spatial_dims.iter().map(|&axis| resolve_axis(NAME, axis, rank));
    let axes = axes.collect::<Result<Vec<_>>>()?;
    if axes.iter().enumerate().any(|(i, axis)| axes[..i].contains(axis)) {
        return Err(Error::argument(NAME, "spatial_dims", "each axis once", format!("{axes:?}")));
    }
    Ok(axes)
}

/// Matrix of weights, one row for each new element, with everything recorded that depends on scale and translation.
fn weights(
    [from, size]: [usize; 2],
    scale: &Tensor,
    translation: &Tensor,
    method: Interpolation,
    antialias: bool,
) -> Result<Tensor> {
    crate::limits::check_shape(NAME, scale.dtype(), &[size, from])?;
    let counted = |count: usize, shape: [usize; 2]| -> Result<Tensor> {
        Tensor::arange_on(count, scale.device())?.cast(scale.dtype())?.reshape(shape)
    };
    let one = scale.full_like([1, 1], 1.0)?;
    let zero = scale.full_like([1, 1], 0.0)?;
    let inverse = one.div(scale)?;
    let width = if antialias { inverse.maximum(&one)? } else { one.clone() };
    let at = counted(size, [size, 1])?.add_scalar(0.5)?.mul(&inverse)?.sub(&translation.mul(&inverse)?)?;
    let at = at.add_scalar(-0.5)?;
    let distance = at.sub(&counted(from, [1, from])?)?.abs()?.div(&width)?;
    let weights = kernel(&distance, method)?;
    let total = weights.sum(&[1], true)?;
    // Near zero the quotient would be inaccurate.
    let usable = total.abs()?.greater_scalar(1000.0 * f64::from(f32::EPSILON))?;
    let inside = at.less_scalar(-0.5)?.logical_or(&at.greater_scalar(from as f64 - 0.5)?)?.logical_not()?;
    weights.div(&total.where_(&usable, &one)?)?.where_(&usable.logical_and(&inside)?, &zero)
}

/// Weights at distances from 0 on.
fn kernel(x: &Tensor, method: Interpolation) -> Result<Tensor> {
    let zero = x.full_like([1, 1], 0.0)?;
    match method {
        Interpolation::Nearest => {
            Err(Error::argument(NAME, "method", "a method that interpolates", method.name()))
        }
        Interpolation::Bilinear => x.neg()?.add_scalar(1.0)?.maximum(&zero),
        Interpolation::Bicubic => {
            let near = x.mul_scalar(1.5)?.add_scalar(-2.5)?.mul(x)?.mul(x)?.add_scalar(1.0)?;
            let far =
                x.mul_scalar(-0.5)?.add_scalar(2.5)?.mul(x)?.add_scalar(-4.0)?.mul(x)?.add_scalar(2.0)?;
            near.where_(&x.less_scalar(1.0)?, &far)?.where_(&x.less_scalar(2.0)?, &zero)
        }
        Interpolation::Lanczos3 => lanczos(x, 3.0),
        Interpolation::Lanczos5 => lanczos(x, 5.0),
    }
}

fn lanczos(x: &Tensor, radius: f64) -> Result<Tensor> {
    let (zero, one) = (x.full_like([1, 1], 0.0)?, x.full_like([1, 1], 1.0)?);
    // The limit, where the quotient loses its digits.
    let apart = x.greater_scalar(1e-3)?;
    let safe = x.where_(&apart, &one)?;
    let waves = safe.mul_scalar(PI)?.sin()?.mul(&safe.mul_scalar(PI / radius)?.sin()?)?.mul_scalar(radius)?;
    let window = waves.div(&safe.square()?.mul_scalar(PI * PI)?)?.where_(&apart, &one)?;
    zero.where_(&x.greater_scalar(radius)?, &window)
}

pub(crate) fn scale_and_translate_spec(
    (images, dtype): &Spec,
    output: &Shape,
    (scale, _): &Spec,
    (translation, _): &Spec,
    spatial_dims: &[isize],
    method: Interpolation,
) -> Result<Spec> {
    let axes = axes(spatial_dims, images.rank())?;
    for (name, numbers) in [("scale", scale), ("translation", translation)] {
        if numbers.rank() != 1 || numbers.dims()[0].is_some_and(|count| count != axes.len()) {
            return Err(Error::shape(NAME, name, tuple(&[axes.len()]), numbers));
        }
    }
    if method == Interpolation::Nearest {
        return Err(Error::argument(NAME, "method", "a method that interpolates", method.name()));
    }
    if output.rank() != images.rank() {
        return Err(Error::shape(NAME, "output_shape", format!("{} sizes", images.rank()), output));
    }
    let mut dims = output.dims().to_vec();
    for (axis, size) in dims.iter_mut().enumerate().filter(|(axis, _)| !axes.contains(axis)) {
        let own = images.dims()[axis];
        if size.is_some() && own.is_some() && *size != own {
            let expected = format!("the images' size on axis {axis}, which does not change");
            return Err(Error::argument(NAME, "output_shape", expected, output));
        }
        *size = size.or(own);
    }
    let dtype = if dtype.is_float() { *dtype } else { crate::dtype::DType::F32 };
    Ok((Shape::new(dims), dtype))
}
