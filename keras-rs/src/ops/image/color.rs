//! Colors of images.

use super::layout::{Layout, float_images_spec};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::DataFormat;
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use keras_rs_derive::operation;

/// Parts of red, green and blue in gray.
const GRAY: [f64; 3] = [0.2989, 0.5870, 0.1140];

/// Gray images, from red, green and blue. Keras' `ops.image.rgb_to_grayscale`.
///
/// Shapes: `(height, width, 3)` gives `(height, width, 1)`, for a batch as well, or with the channels first; gray images
/// stay as they are. Integers are computed as `float32` and cut to whole numbers.
///
/// # Errors
/// [`Error::Shape`] for another number of axes, or channels that are neither 3 nor 1.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::image::{DataFormat, rgb_to_grayscale};
///
/// let x = Tensor::from_slice::<u8>(&[255, 0, 0], [1, 1, 3])?;
/// assert_eq!(rgb_to_grayscale(&x, DataFormat::ChannelsLast)?.to_vec::<u8>()?, [76]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation("RGBToGrayscale")]
pub fn rgb_to_grayscale(images: &Tensor, data_format: DataFormat) -> Result<Tensor> {
    let spec = (Shape::from(images.shape()), images.dtype());
    rgb_to_grayscale_spec(&spec, data_format)?;
    let layout = Layout::of("rgb_to_grayscale", images, data_format)?;
    if images.shape()[layout.channels] == 1 {
        return Ok(images.clone());
    }
    let planes = planes(&images.to_float()?, layout)?;
    let [red, green, blue] = [0, 1, 2].map(|i| planes[i].mul_scalar(GRAY[i]));
    red?.add(&green?)?.add(&blue?)?.expand_dims(layout.channels as isize)?.cast(images.dtype())
}

pub(crate) fn rgb_to_grayscale_spec((images, dtype): &Spec, data_format: DataFormat) -> Result<Spec> {
    let layout = Layout::new("rgb_to_grayscale", "images", images, data_format)?;
    let mut dims = images.dims().to_vec();
    if dims[layout.channels].is_some_and(|channels| channels != 1 && channels != 3) {
        return Err(Error::shape("rgb_to_grayscale", "images", "3 channels, or 1", images));
    }
    dims[layout.channels] = Some(1);
    Ok((Shape::new(dims), *dtype))
}

/// The channels of images of three, each without its axis.
fn planes(images: &Tensor, layout: Layout) -> Result<[Tensor; 3]> {
    let axis = layout.channels as isize;
    let plane = |i: usize| images.narrow(axis, i..i + 1)?.squeeze(&[axis]);
    Ok([plane(0)?, plane(1)?, plane(2)?])
}

/// Refuses what is no image of floats with three channels.
fn colors_spec(context: &str, images: &Spec, data_format: DataFormat) -> Result<Spec> {
    let spec = float_images_spec(context, images, data_format)?;
    let layout = Layout::new(context, "images", &images.0, data_format)?;
    match images.0.dims()[layout.channels] {
        None | Some(3) => Ok(spec),
        Some(_) => Err(Error::shape(context, "images", "3 channels", &images.0)),
    }
}

/// Hue, saturation and value, from red, green and blue between 0 and 1. Keras' `ops.image.rgb_to_hsv`.
///
/// Shapes: images or batches of images of three channels, which stay; each is between 0 and 1.
///
/// # Errors
/// [`Error::Shape`] for another number of axes or channels, [`Error::DType`] for integers.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::image::{DataFormat, rgb_to_hsv};
///
/// let x = Tensor::from_slice::<f32>(&[0.0, 0.5, 0.0], [1, 1, 3])?;
/// let [hue, saturation, value] = rgb_to_hsv(&x, DataFormat::ChannelsLast)?.to_vec::<f32>()?[..] else { panic!() };
/// assert!((hue - 1.0 / 3.0).abs() < 1e-6 && saturation == 1.0 && value == 0.5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation("RGBToHSV")]
pub fn rgb_to_hsv(images: &Tensor, data_format: DataFormat) -> Result<Tensor> {
    rgb_to_hsv_spec(&(Shape::from(images.shape()), images.dtype()), data_format)?;
    let layout = Layout::of("rgb_to_hsv", images, data_format)?;
    let constant = |value: f64| images.full_like([], value);
    let (zero, one) = (constant(0.0)?, constant(1.0)?);
    let tiny = images.abs()?.less_scalar(smallest_step(images.dtype()))?;
    let [r, g, b] = planes(&zero.where_(&tiny, images)?, layout)?;
    let value = r.maximum(&g)?.maximum(&b)?;
    let range = value.sub(&r.minimum(&g)?.minimum(&b)?)?;
    let (has_value, has_range) = (value.greater_scalar(0.0)?, range.greater_scalar(0.0)?);
    let saturation = range.div(&value.where_(&has_value, &one)?)?.where_(&has_value, &zero)?;
    let norm = one.div(&range.where_(&has_range, &one)?.mul_scalar(6.0)?)?;
    let of_green = norm.mul(&b.sub(&r)?)?.add_scalar(2.0 / 6.0)?;
    let of_blue = norm.mul(&r.sub(&g)?)?.add_scalar(4.0 / 6.0)?;
    let hue = of_green.where_(&value.equal(&g)?, &of_blue)?;
    let hue = norm.mul(&g.sub(&b)?)?.where_(&value.equal(&r)?, &hue)?;
    let turn = hue.less_scalar(0.0)?.cast(hue.dtype())?;
    let hue = hue.where_(&has_range, &zero)?.add(&turn)?;
    Tensor::stack(&[hue, saturation, value], layout.channels as isize)
}

pub(crate) fn rgb_to_hsv_spec(images: &Spec, data_format: DataFormat) -> Result<Spec> {
    colors_spec("rgb_to_hsv", images, data_format)
}

/// The distance from 1 to the next number of a type of floats.
fn smallest_step(dtype: DType) -> f64 {
    match dtype {
        DType::F64 => f64::EPSILON,
        DType::F16 => 2_f64.powi(-10),
        DType::BF16 => 2_f64.powi(-7),
        _ => f64::from(f32::EPSILON),
    }
}

/// Red, green and blue, from hue, saturation and value between 0 and 1. Keras' `ops.image.hsv_to_rgb`.
///
/// Shapes: images or batches of images of three channels, which stay.
///
/// # Errors
/// As [`rgb_to_hsv`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::image::{DataFormat, hsv_to_rgb};
///
/// let x = Tensor::from_slice::<f32>(&[0.5, 1.0, 0.25], [1, 1, 3])?;
/// assert_eq!(hsv_to_rgb(&x, DataFormat::ChannelsLast)?.to_vec::<f32>()?, [0.0, 0.25, 0.25]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation("HSVToRGB")]
pub fn hsv_to_rgb(images: &Tensor, data_format: DataFormat) -> Result<Tensor> {
    hsv_to_rgb_spec(&(Shape::from(images.shape()), images.dtype()), data_format)?;
    let layout = Layout::of("hsv_to_rgb", images, data_format)?;
    let [hue, saturation, value] = planes(images, layout)?;
    let angle = hue.sub(&hue.floor()?)?.mul_scalar(6.0)?;
    let gray = saturation.neg()?.add_scalar(1.0)?;
    let color = |part: Tensor| -> Result<Tensor> {
        value.mul(&gray.add(&saturation.mul(&part.clip(Some(0.0), Some(1.0))?)?)?)
    };
    let distance = |from: f64| angle.add_scalar(-from)?.abs();
    let red = color(distance(3.0)?.add_scalar(-1.0)?)?;
    let green = color(distance(2.0)?.neg()?.add_scalar(2.0)?)?;
    let blue = color(distance(4.0)?.neg()?.add_scalar(2.0)?)?;
    Tensor::stack(&[red, green, blue], layout.channels as isize)
}

pub(crate) fn hsv_to_rgb_spec(images: &Spec, data_format: DataFormat) -> Result<Spec> {
    colors_spec("hsv_to_rgb", images, data_format)
}
