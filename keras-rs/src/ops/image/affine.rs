//! Images under affine transforms of their coordinates.

use super::layout::Layout;
use super::sample::{Axis, Sampling, fill_value, returned, sample};
use super::{FillMode, Interpolation};
use crate::error::{Error, Result};
use crate::ops::DataFormat;
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use keras_rs_derive::operation;

const NAME: &str = "affine_transform";

/// Images whose pixels are taken from where a projective transform puts their coordinates. Keras'
/// `ops.image.affine_transform`.
///
/// Shapes: images stay; the transform is `(8,)`, or `(batch, 8)` with one for each image or one for all. With the numbers
/// `a0, a1, a2, b0, b1, b2, c0, c1` the pixel at column `x` and row `y` is that at column `a0 x + a1 y + a2` and row
/// `b0 x + b1 y + b2`; `c0` and `c1` are 0 for affine transforms, and are multiplied with the number of the channel, as Keras
/// on JAX does. Integers are rounded.
///
/// # Errors
/// [`Error::Shape`] for other shapes, [`Error::Argument`] for an interpolation other than nearest and bilinear.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::image::{DataFormat, FillMode, Interpolation, affine_transform};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [1, 3, 1])?;
/// let right = Tensor::from([1.0, 0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0])?;
/// let (linear, wrap) = (Interpolation::Bilinear, FillMode::Wrap);
/// let y = affine_transform(&x, &right, linear, wrap, 0.0, DataFormat::ChannelsLast)?;
/// assert_eq!(y.to_vec::<f32>()?, [3.0, 1.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn affine_transform(
    images: &Tensor,
    transform: &Tensor,
    interpolation: Interpolation,
    fill_mode: FillMode,
    fill_value: f64,
    data_format: DataFormat,
) -> Result<Tensor> {
    let spec = |x: &Tensor| (Shape::from(x.shape()), x.dtype());
    affine_transform_spec(&spec(images), &spec(transform), interpolation, data_format)?;
    if images.is_empty() {
        return Ok(images.clone());
    }
    let dtype = images.to_float()?.dtype().promote(transform.to_float()?.dtype());
    let layout = Layout::of(NAME, images, data_format)?;
    let batch = layout.to_batch(images)?;
    let transform = transform.cast(dtype)?.reshape([transform.len() / 8, 8])?;
    let projects = transform.is_recorded()
        || transform.narrow(1, 6..8)?.to_f64_vec()?.into_iter().any(|number| number != 0.0);
    // Channels are sampled together where they have the same coordinates.
    let channels = if projects { batch.dim(3)? } else { 1 };
    let number = |at: usize| transform.narrow(1, at..at + 1)?.reshape([transform.dim(0)?, 1, 1, 1]);
    let along = |axis: usize, size: usize| -> Result<Tensor> {
        let mut shape = [1; 4];
        shape[axis] = size;
        Tensor::arange_on(size, batch.device())?.cast(dtype)?.reshape(shape)
    };
    let (y, x, c) = (along(1, batch.dim(1)?)?, along(2, batch.dim(2)?)?, along(3, channels)?);
    let coordinate = |of_y: usize, of_x: usize, of_c: usize, offset: usize| -> Result<Tensor> {
        let mut sum = y.mul(&number(of_y)?)?.add(&x.mul(&number(of_x)?)?)?;
        if projects {
            sum = sum.add(&c.mul(&number(of_c)?)?)?;
        }
        sum.add(&number(offset)?)
    };
    let at = [coordinate(4, 3, 6, 5)?, coordinate(1, 0, 7, 2)?];
    let sampling = Sampling {
        linear: interpolation.is_linear(NAME)?,
        fill_mode,
        fill_value: self::fill_value(fill_value, images.dtype()),
    };
    let y = sample_images(NAME, &batch.cast(dtype)?, at, sampling)?;
    layout.restored(&returned(&y, images.dtype())?)
}

/// Samples `(batch, height, width, channels)` at rows and columns of `(batch or 1, height, width, channels or 1)`.
pub(super) fn sample_images(
    context: &str,
    images: &Tensor,
    at: [Tensor; 2],
    sampling: Sampling,
) -> Result<Tensor> {
    let [batch, height, width, channels] = [0, 1, 2, 3].map(|axis| images.shape()[axis]);
    let apart = at[0].dim(3)?;
    let shape = [batch, height, width, apart];
    // Elements that are sampled together are a row.
    let in_row = channels / apart;
    let counted = |axis: usize, size: usize, stride: usize| -> Result<Tensor> {
        let mut shape = [1; 4];
        shape[axis] = size;
        Tensor::arange_on(size, images.device())?.mul_scalar(stride as f64)?.reshape(shape)
    };
    let base = counted(0, batch, height * width * apart)?.add(&counted(3, apart, 1)?)?;
    let axis = |at: &Tensor, size: usize, stride: usize| -> Result<Axis> {
        Ok(Axis { coordinate: at.broadcast_to(shape)?, size, stride })
    };
    let axes = [axis(&at[0], height, width * apart)?, axis(&at[1], width, apart)?];
    let values = images.reshape([batch * height * width * apart, in_row])?;
    sample(context, &values, Some(&base), &axes, sampling)?.reshape([batch, height, width, channels])
}

pub(crate) fn affine_transform_spec(
    (images, dtype): &Spec,
    (transform, _): &Spec,
    interpolation: Interpolation,
    data_format: DataFormat,
) -> Result<Spec> {
    let layout = Layout::new(NAME, "images", images, data_format)?;
    interpolation.is_linear(NAME)?;
    let batch = if layout.batched { images.dims()[0] } else { Some(1) };
    let fits = |of_transforms: Option<usize>| match (of_transforms, batch) {
        (Some(count), Some(batch)) => count == 1 || count == batch,
        _ => true,
    };
    match transform.dims() {
        [None | Some(8)] => {}
        [count, None | Some(8)] if fits(*count) => {}
        _ => {
            let expected = "(8,), or (batch, 8) with one for each image or one for all";
            return Err(Error::shape(NAME, "transform", expected, transform));
        }
    }
    Ok((images.clone(), *dtype))
}
