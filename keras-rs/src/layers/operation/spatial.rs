//! Operations on images: pooling, and blocks of places in exchange for channels.

use super::arguments::Arguments;
use super::reshape::only;
use crate::error::{Error, Result};
use crate::layer::Spec;
use crate::ops::{self, DataFormat, Padding, Windows};
use crate::shape::Shape;
use crate::tensor::Tensor;

fn format(arguments: &Arguments<'_>) -> Result<DataFormat> {
    arguments.raw("data_format").as_str().map_or(Ok(DataFormat::ChannelsLast), DataFormat::try_from)
}

/// The windows of a pooling: size and step along each spatial axis, and padding.
struct Pool {
    size: Vec<usize>,
    strides: Vec<usize>,
    padding: Padding,
    format: DataFormat,
}

impl Pool {
    fn new(rank: usize, arguments: &Arguments<'_>) -> Result<Self> {
        let spatial = rank.saturating_sub(2);
        let list = |name: &str| -> Result<Vec<usize>> {
            let refused = || arguments.reject(name, format!("a number of at least 1, or {spatial}"));
            let sizes =
                arguments.sizes(name)?.into_iter().map(|n| usize::try_from(n?).ok().filter(|n| *n > 0));
            match sizes.collect::<Option<Vec<_>>>().ok_or_else(refused)?.as_slice() {
                [one] => Ok(vec![*one; spatial]),
                many if many.len() == spatial => Ok(many.to_vec()),
                _ => Err(refused()),
            }
        };
        let size = list("pool_size")?;
        let strides = if arguments.raw("strides").is_null() { size.clone() } else { list("strides")? };
        let padding = Padding::try_from(arguments.raw("padding").as_str().unwrap_or_default())?;
        if padding == Padding::Causal {
            return Err(arguments.reject("padding", "\"valid\" or \"same\""));
        }
        Ok(Self { size, strides, padding, format: format(arguments)? })
    }
}

/// `MaxPool` and `AveragePool`.
pub(super) fn pool(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let pool = Pool::new(x.rank(), arguments)?;
    let axes = pool.format.spatial_axes(x.rank());
    let first_axis = axes.start;
    let padding: Vec<(usize, usize)> = axes
        .zip(pool.size.iter().zip(&pool.strides))
        .map(|(axis, (size, stride))| pool.padding.amounts(x.shape()[axis], *size, *stride))
        .collect();
    let windows = Windows { first_axis, size: &pool.size, strides: &pool.strides, padding: &padding };
    let y = if arguments.class == "MaxPool" {
        ops::max_pool(x, &windows)?
    } else {
        ops::average_pool(x, &windows)?
    };
    Ok(vec![y.cast(x.dtype())?])
}

pub(super) fn pool_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    let pool = Pool::new(x.rank(), arguments)?;
    let mut dims = x.dims().to_vec();
    for (i, axis) in pool.format.spatial_axes(x.rank()).enumerate() {
        dims[axis] = pool.padding.output_size(dims[axis], pool.size[i], pool.strides[i]);
        if dims[axis] == Some(0) {
            return Err(arguments.reject("pool_size", format!("a window within {x}")));
        }
    }
    Ok(vec![(Shape::new(dims), *dtype)])
}

/// The size of blocks and the sizes of images: batch, height, width, channels.
fn block(x: &Shape, arguments: &Arguments<'_>) -> Result<(usize, [Option<usize>; 4])> {
    let size =
        usize::try_from(arguments.whole("block_size")?).ok().filter(|size| (1..=1 << 15).contains(size));
    let size = size.ok_or_else(|| arguments.reject("block_size", "a number of at least 1"))?;
    let [b, h, w, c] = *x.dims() else {
        return Err(Error::shape(arguments.class, "inputs", "four axes", x));
    };
    let sizes = if format(arguments)? == DataFormat::ChannelsLast { [b, h, w, c] } else { [b, w, c, h] };
    let fits = |d: Option<usize>, by: usize| d.is_none_or(|d| d.is_multiple_of(by));
    let [_, h, w, c] = sizes;
    let ok =
        if arguments.class == "DepthToSpace" { fits(c, size * size) } else { fits(h, size) && fits(w, size) };
    if ok {
        return Ok((size, sizes));
    }
    Err(Error::shape(arguments.class, "inputs", format!("sizes that blocks of {size} divide"), x))
}

/// `DepthToSpace` and `SpaceToDepth`.
pub(super) fn blocks(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let (n, sizes) = block(&Shape::from(x.shape()), arguments)?;
    let [b, h, w, c] = sizes.map(|d| d.unwrap_or(0));
    let last = format(arguments)? == DataFormat::ChannelsLast;
    let (split, order, shape) = match (arguments.class == "DepthToSpace", last) {
        (true, true) => {
            let c = c / (n * n);
            (vec![b, h, w, n, n, c], [0, 1, 3, 2, 4, 5], [b, h * n, w * n, c])
        }
        (true, false) => {
            let c = c / (n * n);
            (vec![b, c, n, n, h, w], [0, 1, 4, 2, 5, 3], [b, c, h * n, w * n])
        }
        (false, true) => {
            let (h, w) = (h / n, w / n);
            (vec![b, h, n, w, n, c], [0, 1, 3, 2, 4, 5], [b, h, w, c * n * n])
        }
        (false, false) => {
            let (h, w) = (h / n, w / n);
            (vec![b, c, h, n, w, n], [0, 1, 3, 5, 2, 4], [b, c * n * n, h, w])
        }
    };
    Ok(vec![x.reshape(split)?.permute(&order)?.reshape(shape)?])
}

pub(super) fn blocks_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    let (n, [b, h, w, c]) = block(x, arguments)?;
    let grown = |d: Option<usize>, by: usize| d.map(|d| d.saturating_mul(by));
    let (h, w, c) = if arguments.class == "DepthToSpace" {
        (grown(h, n), grown(w, n), c.map(|c| c / (n * n)))
    } else {
        (h.map(|h| h / n), w.map(|w| w / n), grown(c, n * n))
    };
    Ok(vec![(format(arguments)?.shape(b, &[h, w], c), *dtype)])
}
