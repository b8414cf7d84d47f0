//! Images in another perspective.

use super::affine::sample_images;
use super::layout::Layout;
use super::sample::{Sampling, fill_value, returned};
use super::{FillMode, Interpolation};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::{DataFormat, inv};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use keras_rs_derive::operation;

const NAME: &str = "perspective_transform";

/// Images in the perspective that moves four points to four others. Keras' `ops.image.perspective_transform`.
///
/// Shapes: images stay; the points are `(4, 2)`, or `(batch, 4, 2)` with four for each image or four for all, each a column
/// and a row. The pixel at an end point is that at its start point; outside is the fill value. Integers are rounded.
///
/// # Errors
/// [`Error::Shape`] for other shapes, [`Error::Argument`] for an interpolation other than nearest and bilinear, and for points of
/// which three lie on a line.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::image::{DataFormat, Interpolation, perspective_transform};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2, 1])?;
/// let corners = Tensor::from([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])?;
/// let turned = Tensor::from([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0], [0.0, 1.0]])?;
/// let y = perspective_transform(&x, &corners, &turned, Interpolation::Nearest, 0.0, DataFormat::ChannelsLast)?;
/// assert_eq!(y.to_vec::<f32>()?, [2.0, 1.0, 4.0, 3.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn perspective_transform(
    images: &Tensor,
    start_points: &Tensor,
    end_points: &Tensor,
    interpolation: Interpolation,
    fill_value: f64,
    data_format: DataFormat,
) -> Result<Tensor> {
    let spec = |x: &Tensor| (Shape::from(x.shape()), x.dtype());
    let (start, end) = (spec(start_points), spec(end_points));
    perspective_transform_spec(&spec(images), &start, &end, interpolation, data_format)?;
    if images.is_empty() {
        return Ok(images.clone());
    }
    let dtype = [images, start_points, end_points]
        .into_iter()
        .map(|x| if x.dtype().is_float() { x.dtype() } else { DType::F32 })
        .fold(DType::F32, DType::promote);
    let layout = Layout::of(NAME, images, data_format)?;
    let batch = layout.to_batch(images)?.cast(dtype)?;
    let count = start_points.len() / 8;
    let points = |x: &Tensor| x.cast(dtype)?.reshape([count, 4, 2]);
    let homography = homography(&points(start_points)?, &points(end_points)?)?;
    let number = |at: usize| homography.narrow(1, at..at + 1)?.reshape([count, 1, 1, 1]);
    let along = |axis: usize| -> Result<Tensor> {
        let mut shape = [1; 4];
        shape[axis] = batch.shape()[axis];
        Tensor::arange_on(shape[axis], batch.device())?.cast(dtype)?.reshape(shape)
    };
    let (y, x) = (along(1)?, along(2)?);
    let sum = |of_x: usize, of_y: usize| x.mul(&number(of_x)?)?.add(&y.mul(&number(of_y)?)?);
    let depth = sum(6, 7)?.add_scalar(1.0)?;
    let column = sum(0, 1)?.add(&number(2)?)?.div(&depth)?;
    let row = sum(3, 4)?.add(&number(5)?)?.div(&depth)?;
    let sampling = Sampling {
        linear: interpolation.is_linear(NAME)?,
        fill_mode: FillMode::Constant,
        fill_value: self::fill_value(fill_value, images.dtype()),
    };
    let y = sample_images(NAME, &batch, [row, column], sampling)?;
    layout.restored(&returned(&y, images.dtype())?)
}

/// The eight numbers of the projective transforms from end points to start points.
fn homography(start: &Tensor, end: &Tensor) -> Result<Tensor> {
    let coordinate = |points: &Tensor, at: usize| points.narrow(2, at..at + 1)?.squeeze(&[2]);
    let (to_x, to_y) = (coordinate(start, 0)?, coordinate(start, 1)?);
    let (x, y) = (coordinate(end, 0)?, coordinate(end, 1)?);
    let (zero, one) = (x.full_like(x.shape(), 0.0)?, x.full_like(x.shape(), 1.0)?);
    let times = |to: &Tensor, from: &Tensor| to.mul(from)?.neg();
    let z = || zero.clone();
    let upper = [x.clone(), y.clone(), one.clone(), z(), z(), z(), times(&to_x, &x)?, times(&to_x, &y)?];
    let lower = [z(), z(), z(), x.clone(), y.clone(), one, times(&to_y, &x)?, times(&to_y, &y)?];
    let matrix = Tensor::concat(&[Tensor::stack(&upper, -1)?, Tensor::stack(&lower, -1)?], 1)?;
    let target = Tensor::concat(&[to_x, to_y], 1)?.expand_dims(-1)?;
    let inverse = inv(&matrix.detach())?;
    let solution = inverse.matmul(&target.detach())?;
    if solution.to_f64_vec()?.iter().any(|number| !number.is_finite()) {
        let expected = "points of which no three lie on a line";
        return Err(Error::argument(NAME, "end_points", expected, "others"));
    }
    // The inverse is computed without a record: the solution's gradient is that of its first-order expansion.
    let change = target.sub(&target.detach())?.sub(&matrix.sub(&matrix.detach())?.matmul(&solution)?)?;
    solution.add(&inverse.matmul(&change)?)?.squeeze(&[-1])
}

pub(crate) fn perspective_transform_spec(
    (images, dtype): &Spec,
    (start, _): &Spec,
    (end, _): &Spec,
    interpolation: Interpolation,
    data_format: DataFormat,
) -> Result<Spec> {
    let layout = Layout::new(NAME, "images", images, data_format)?;
    interpolation.is_linear(NAME)?;
    let batch = if layout.batched { images.dims()[0] } else { Some(1) };
    for (name, points) in [("start_points", start), ("end_points", end)] {
        let (count, four, two) = match *points.dims() {
            [four, two] => (Some(1), four, two),
            [count, four, two] => (count, four, two),
            _ => (Some(0), None, None),
        };
        let fits = match (count, batch) {
            (Some(count), Some(batch)) => count == 1 || count == batch,
            (count, _) => count != Some(0),
        };
        if !fits || four.is_some_and(|n| n != 4) || two.is_some_and(|n| n != 2) {
            let expected = "(4, 2), or (batch, 4, 2) with four for each image or four for all";
            return Err(Error::shape(NAME, name, expected, points));
        }
    }
    if start.rank() != end.rank()
        || start.dims().iter().zip(end.dims()).any(|(a, b)| a.is_some() && b.is_some() && a != b)
    {
        return Err(Error::shape(NAME, "end_points", format!("as the start points, {start}"), end));
    }
    Ok((images.clone(), *dtype))
}
