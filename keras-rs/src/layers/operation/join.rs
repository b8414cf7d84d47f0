//! Joining along a fixed axis, and taking apart along one.

use super::arguments::Arguments;
use super::order::along_spec;
use super::reorder::{MAX_PARTS, concatenate_along, concatenate_spec_along};
use super::reshape::only;
use crate::error::{Error, Result};
use crate::layer::Spec;
use crate::shape::Shape;
use crate::tensor::{Tensor, resolve_axis};

/// The least number of axes that are joined, and along which.
fn target(rank: usize, class: &str) -> (usize, isize) {
    match class {
        "Hstack" if rank < 2 => (1, 0),
        "Hstack" => (2, 1),
        "Vstack" => (2, 0),
        _ => (3, 2),
    }
}

/// Where new axes are put for a tensor to have the least number.
fn raised(shape: &[Option<usize>], class: &str) -> Vec<Option<usize>> {
    let (least, _) = target(shape.len(), class);
    let mut dims = shape.to_vec();
    while dims.len() < least {
        // The elements of a vector are a row; of the third axis, a matrix is the first layer.
        dims.insert(if dims.len() == 2 || dims.is_empty() { dims.len() } else { 0 }, Some(1));
    }
    dims
}

/// `Hstack`, `Vstack` and `Dstack`.
pub(super) fn stacked(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let raise = |x: &Tensor| {
        let dims = raised(Shape::from(x.shape()).dims(), arguments.class);
        x.reshape(dims.into_iter().map(|d| d.unwrap_or(1)).collect::<Vec<_>>())
    };
    let parts = operands.iter().map(raise).collect::<Result<Vec<_>>>()?;
    let rank = operands.first().map_or(0, Tensor::rank);
    Ok(vec![concatenate_along(&parts, target(rank, arguments.class).1)?])
}

pub(super) fn stacked_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let raise = |(x, dtype): &Spec| (Shape::new(raised(x.dims(), arguments.class)), *dtype);
    let parts: Vec<Spec> = operands.iter().map(raise).collect();
    let rank = operands.first().map_or(0, |(x, _)| x.rank());
    concatenate_spec_along(&parts, target(rank, arguments.class).1, arguments)
}

/// Two tensors along an axis; flattened where no axis is given.
pub(super) fn append(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    Ok(vec![match arguments.maybe_whole("axis")? {
        Some(axis) => concatenate_along(operands, axis)?,
        None => {
            let flat = operands.iter().map(|x| x.reshape([x.len()])).collect::<Result<Vec<_>>>()?;
            concatenate_along(&flat, 0)?
        }
    }])
}

pub(super) fn append_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let flat = |(x, dtype): &Spec| Ok((along_spec(x, arguments)?, *dtype));
    let parts = operands.iter().map(flat).collect::<Result<Vec<Spec>>>()?;
    concatenate_spec_along(&parts, arguments.maybe_whole("axis")?.unwrap_or(0), arguments)
}

/// The axis that is taken apart and its size, which is `num` where that is given.
fn apart(x: &Shape, arguments: &Arguments<'_>) -> Result<(usize, usize)> {
    let axis = resolve_axis(arguments.class, arguments.whole("axis")?, x.rank())?;
    let size = x.dims()[axis];
    let num = arguments.maybe_whole("num")?.and_then(|n| usize::try_from(n).ok());
    let parts = match (size, num) {
        (Some(size), Some(num)) if size != num => {
            return Err(arguments.reject("num", format!("the size of axis {axis}, {size}")));
        }
        (size, num) => size.or(num),
    };
    match parts {
        Some(parts) if parts <= MAX_PARTS => Ok((axis, parts)),
        _ => {
            let expected = format!("a known size of at most {MAX_PARTS} on axis {axis}");
            Err(Error::shape(arguments.class, "inputs", expected, x))
        }
    }
}

/// Every entry of an axis.
pub(super) fn unstack(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let (axis, parts) = apart(&Shape::from(x.shape()), arguments)?;
    let axis = axis as isize;
    (0..parts).map(|i| x.narrow(axis, i..i + 1)?.squeeze(&[axis])).collect()
}

pub(super) fn unstack_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    let (axis, parts) = apart(x, arguments)?;
    let mut dims = x.dims().to_vec();
    dims.remove(axis);
    Ok(vec![(Shape::new(dims), *dtype); parts])
}

/// First element and size of each axis of a box.
fn corner(x: &Shape, arguments: &Arguments<'_>) -> Result<Vec<(usize, Option<usize>)>> {
    let expected = "a place within each axis";
    let starts = arguments.at(1).and_then(<Vec<isize> as crate::config::FromConfig>::from_value);
    let starts = starts
        .filter(|starts| starts.len() == x.rank())
        .ok_or_else(|| Error::argument(arguments.class, "start_indices", expected, "other data"))?;
    let sizes = arguments.sizes("shape")?;
    if sizes.len() != x.rank() {
        return Err(arguments.reject("shape", format!("{} sizes", x.rank())));
    }
    let axis = |((start, size), dim): ((isize, Option<isize>), &Option<usize>)| {
        let refused = || arguments.reject("shape", format!("a box within {x}"));
        let start = usize::try_from(start).map_err(|_| refused())?;
        let rest = dim.map(|dim| dim.checked_sub(start).ok_or_else(refused)).transpose()?;
        let size = match size {
            Some(-1) | None => rest,
            Some(size) => Some(usize::try_from(size).map_err(|_| refused())?),
        };
        match size.zip(rest) {
            Some((size, rest)) if size > rest => Err(refused()),
            _ => Ok((start, size)),
        }
    };
    starts.into_iter().zip(sizes).zip(x.dims()).map(axis).collect()
}

/// A box of elements; -1 takes all that follow its start.
pub(super) fn slice(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let corner = corner(&Shape::from(x.shape()), arguments)?;
    let ranges: Vec<_> = corner.into_iter().map(|(at, size)| at..at + size.unwrap_or(0)).collect();
    Ok(vec![x.slice(&ranges)?])
}

pub(super) fn slice_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    let dims: Vec<_> = corner(x, arguments)?.into_iter().map(|(_, size)| size).collect();
    Ok(vec![(Shape::new(dims), *dtype)])
}
