//! Exchange of spatial blocks of an image for channels.

use super::DataFormat;
use crate::error::{Error, Result};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use keras_rs_derive::operation;

/// The size of blocks, checked, and the sizes of images: batch, height, width, channels.
fn images(
    context: &str,
    x: &Shape,
    block_size: isize,
    format: DataFormat,
) -> Result<(usize, [Option<usize>; 4])> {
    let size = usize::try_from(block_size).ok().filter(|size| (1..=1 << 15).contains(size));
    let refused = || Error::argument(context, "block_size", "a number from 1 to 32768", block_size);
    let [b, h, w, c] = *x.dims() else {
        return Err(Error::shape(context, "x", "four axes", x));
    };
    let sizes = if format == DataFormat::ChannelsLast { [b, h, w, c] } else { [b, w, c, h] };
    Ok((size.ok_or_else(refused)?, sizes))
}

/// Refuses sizes that blocks do not divide.
fn divided(context: &str, x: &Shape, sizes: &[Option<usize>], by: usize) -> Result<()> {
    if sizes.iter().all(|d| d.is_none_or(|d| d.is_multiple_of(by))) {
        return Ok(());
    }
    Err(Error::shape(context, "x", format!("sizes that {by} divides"), x))
}

/// Moves groups of channels into spatial blocks. Keras' `ops.depth_to_space`.
///
/// Shapes: `(batch, height, width, channels)` gives `(batch, height * n, width * n, channels / n²)` for blocks
/// of size `n`, or as the data format says.
///
/// # Errors
/// [`Error::Argument`] for a size below 1, [`Error::Shape`] where there are not four axes or `n²` does not
/// divide the channels.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [1, 1, 1, 4])?;
/// assert_eq!(ops::depth_to_space(&x, 2, ops::DataFormat::ChannelsLast)?.shape(), [1, 2, 2, 1]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn depth_to_space(x: &Tensor, block_size: isize, data_format: DataFormat) -> Result<Tensor> {
    let shape = Shape::from(x.shape());
    let (n, sizes) = images("depth_to_space", &shape, block_size, data_format)?;
    divided("depth_to_space", &shape, &sizes[3..], n * n)?;
    let [b, h, w, c] = sizes.map(|d| d.unwrap_or(0));
    let c = c / (n * n);
    let (split, order, shape) = match data_format {
        DataFormat::ChannelsLast => (vec![b, h, w, n, n, c], [0, 1, 3, 2, 4, 5], [b, h * n, w * n, c]),
        DataFormat::ChannelsFirst => (vec![b, c, n, n, h, w], [0, 1, 4, 2, 5, 3], [b, c, h * n, w * n]),
    };
    x.reshape(split)?.permute(&order)?.reshape(shape)
}

pub(crate) fn depth_to_space_spec((x, dtype): &Spec, block_size: isize, format: DataFormat) -> Result<Spec> {
    let (n, [b, h, w, c]) = images("depth_to_space", x, block_size, format)?;
    divided("depth_to_space", x, &[c], n * n)?;
    let grown = |d: Option<usize>| d.map(|d| d.saturating_mul(n));
    Ok((format.shape(b, &[grown(h), grown(w)], c.map(|c| c / (n * n))), *dtype))
}

/// Moves spatial blocks into channels, the inverse of [`depth_to_space`]. Keras' `ops.space_to_depth`.
///
/// Shapes: `(batch, height, width, channels)` gives `(batch, height / n, width / n, channels * n²)` for blocks
/// of size `n`, or as the data format says.
///
/// # Errors
/// [`Error::Argument`] for a size below 1, [`Error::Shape`] where there are not four axes or `n` does not
/// divide height and width.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [1, 2, 2, 1])?;
/// assert_eq!(ops::space_to_depth(&x, 2, ops::DataFormat::ChannelsLast)?.shape(), [1, 1, 1, 4]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn space_to_depth(x: &Tensor, block_size: isize, data_format: DataFormat) -> Result<Tensor> {
    let shape = Shape::from(x.shape());
    let (n, sizes) = images("space_to_depth", &shape, block_size, data_format)?;
    divided("space_to_depth", &shape, &sizes[1..3], n)?;
    let [b, h, w, c] = sizes.map(|d| d.unwrap_or(0));
    let (h, w) = (h / n, w / n);
    let (split, order, shape) = match data_format {
        DataFormat::ChannelsLast => (vec![b, h, n, w, n, c], [0, 1, 3, 2, 4, 5], [b, h, w, c * n * n]),
        DataFormat::ChannelsFirst => (vec![b, c, h, n, w, n], [0, 1, 3, 5, 2, 4], [b, c * n * n, h, w]),
    };
    x.reshape(split)?.permute(&order)?.reshape(shape)
}

pub(crate) fn space_to_depth_spec((x, dtype): &Spec, block_size: isize, format: DataFormat) -> Result<Spec> {
    let (n, [b, h, w, c]) = images("space_to_depth", x, block_size, format)?;
    divided("space_to_depth", x, &[h, w], n)?;
    let grown = c.map(|c| c.saturating_mul(n * n));
    Ok((format.shape(b, &[h.map(|h| h / n), w.map(|w| w / n)], grown), *dtype))
}
