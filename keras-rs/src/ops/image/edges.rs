//! Edges of images.

use super::layout::Layout;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::DataFormat;
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use keras_rs_derive::operation;

const NAME: &str = "sobel_edges";

/// Differences along the height and along the width of images, by Sobel's filters. Keras' `ops.image.sobel_edges`.
///
/// Shapes: `(batch, height, width, channels)`, or with the channels first, gives the same with an axis of two at the end: the
/// difference along the height, then that along the width. Outside of the images are zeros.
///
/// # Errors
/// [`Error::Shape`] for another number of axes, [`Error::DType`] for types without negative numbers.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::image::{DataFormat, sobel_edges};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 4.0], [1, 1, 3, 1])?;
/// let y = sobel_edges(&x, DataFormat::ChannelsLast)?;
/// assert_eq!(y.shape(), [1, 1, 3, 1, 2]);
/// assert_eq!(y.to_vec::<f32>()?, [0.0, 4.0, 0.0, 6.0, 0.0, -4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn sobel_edges(images: &Tensor, data_format: DataFormat) -> Result<Tensor> {
    let (shape, _) = sobel_edges_spec(&(Shape::from(images.shape()), images.dtype()), data_format)?;
    if images.is_empty() {
        return images.full_like(shape.to_known().unwrap_or_default(), 0.0);
    }
    let layout = Layout::of(NAME, images, data_format)?;
    let x = images.to_float()?;
    let (down, across) = (layout.height, layout.width);
    let along_height = smoothed(&difference(&x, down)?, across)?;
    let along_width = smoothed(&difference(&x, across)?, down)?;
    Tensor::stack(&[along_height, along_width], -1)?.cast(images.dtype())
}

/// Neighbours of each element along an axis, before and after it, with zeros outside.
fn neighbours(x: &Tensor, axis: usize) -> Result<[Tensor; 2]> {
    let size = x.shape()[axis];
    let mut around = vec![(0, 0); x.rank()];
    around[axis] = (1, 1);
    let padded = x.pad(&around, 0.0)?;
    Ok([padded.narrow(axis as isize, 0..size)?, padded.narrow(axis as isize, 2..size + 2)?])
}

fn difference(x: &Tensor, axis: usize) -> Result<Tensor> {
    let [before, after] = neighbours(x, axis)?;
    after.sub(&before)
}

fn smoothed(x: &Tensor, axis: usize) -> Result<Tensor> {
    let [before, after] = neighbours(x, axis)?;
    before.add(&x.mul_scalar(2.0)?)?.add(&after)
}

pub(crate) fn sobel_edges_spec((images, dtype): &Spec, data_format: DataFormat) -> Result<Spec> {
    images.require_rank(NAME, 4)?;
    Layout::new(NAME, "images", images, data_format)?;
    if matches!(dtype, DType::Bool | DType::U8 | DType::U32) {
        let expected = "a type with negative numbers".into();
        return Err(Error::DType { context: format!("{NAME} `images`"), expected, got: dtype.to_string() });
    }
    let mut dims = images.dims().to_vec();
    dims.push(Some(2));
    Ok((Shape::new(dims), *dtype))
}
