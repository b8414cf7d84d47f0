//! Operations that reorder, join, split, repeat or multiply along axes.

use super::arguments::Arguments;
use super::reshape::only;
use crate::config::json::as_float;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layer::Spec;
use crate::shape::Shape;
use crate::tensor::{Tensor, broadcast_symbolic, resolve_axis};

/// Which old axis each new axis is.
fn order(rank: usize, arguments: &Arguments<'_>) -> Result<Vec<usize>> {
    let resolve = |a: isize| resolve_axis(arguments.class, a, rank);
    let mut axes: Vec<usize> = (0..rank).collect();
    match arguments.class {
        "Swapaxes" => axes.swap(resolve(arguments.whole("axis1")?)?, resolve(arguments.whole("axis2")?)?),
        "Moveaxis" => {
            let list = |name| -> Result<Vec<usize>> {
                let given = arguments.axes(name)?.ok_or_else(|| arguments.reject(name, "axes"))?;
                given.into_iter().map(resolve).collect()
            };
            let (from, to) = (list("source")?, list("destination")?);
            if from.len() != to.len() {
                return Err(arguments.reject("destination", format!("{} axes", from.len())));
            }
            axes.retain(|a| !from.contains(a));
            let mut moves: Vec<(usize, usize)> = to.into_iter().zip(from).collect();
            moves.sort_unstable();
            for (to, from) in moves {
                axes.insert(to.min(axes.len()), from);
            }
        }
        _ => match arguments.axes("axes")? {
            None => axes.reverse(),
            Some(given) => axes = given.into_iter().map(resolve).collect::<Result<_>>()?,
        },
    }
    let mut sorted = axes.clone();
    sorted.sort_unstable();
    if sorted.into_iter().eq(0..rank) {
        return Ok(axes);
    }
    Err(Error::argument(arguments.class, "axes", format!("each of {rank} axes once"), format!("{axes:?}")))
}

pub(super) fn permute(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    Ok(vec![x.permute(&order(x.rank(), arguments)?)?])
}

pub(super) fn permute_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    let dims: Vec<_> = order(x.rank(), arguments)?.into_iter().map(|a| x.dims()[a]).collect();
    Ok(vec![(Shape::new(dims), *dtype)])
}

/// The axes that are turned round; `None` stands for all.
fn flipped(arguments: &Arguments<'_>) -> Result<Option<Vec<isize>>> {
    match arguments.class {
        "Fliplr" => Ok(Some(vec![1])),
        "Flipud" => Ok(Some(vec![0])),
        _ => arguments.axes("axis"),
    }
}

pub(super) fn flip(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let axes = flipped(arguments)?.unwrap_or_else(|| (0..x.rank() as isize).collect());
    Ok(vec![x.flip(&axes)?])
}

pub(super) fn flip_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    for axis in flipped(arguments)?.unwrap_or_default() {
        resolve_axis(arguments.class, axis, x.rank())?;
    }
    Ok(vec![(x.clone(), *dtype)])
}

fn joined(operands: &[Spec], arguments: &Arguments<'_>) -> Result<(Shape, DType)> {
    let mut specs = operands.iter();
    let Some((first, dtype)) = specs.next() else {
        return Err(Error::argument(arguments.class, "inputs", "at least one tensor", "an empty list"));
    };
    Ok((first.clone(), specs.fold(*dtype, |d, (_, other)| d.promote(*other))))
}

pub(super) fn concatenate(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    Ok(vec![concatenate_along(operands, arguments.whole("axis")?)?])
}

pub(super) fn concatenate_along(operands: &[Tensor], axis: isize) -> Result<Tensor> {
    Tensor::concat(operands, axis)
}

pub(super) fn concatenate_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    concatenate_spec_along(operands, arguments.whole("axis")?, arguments)
}

pub(super) fn concatenate_spec_along(
    operands: &[Spec],
    axis: isize,
    arguments: &Arguments<'_>,
) -> Result<Vec<Spec>> {
    let (first, dtype) = joined(operands, arguments)?;
    let axis = resolve_axis(arguments.class, axis, first.rank())?;
    let mut dims = first.dims().to_vec();
    for (shape, _) in &operands[1..] {
        shape.require_rank(arguments.class, first.rank())?;
        for (i, (dim, other)) in dims.iter_mut().zip(shape.dims()).enumerate() {
            match (i == axis, *dim, *other) {
                (true, a, b) => *dim = a.zip(b).map(|(a, b)| a.saturating_add(b)),
                (false, None, _) => *dim = *other,
                (false, Some(a), Some(b)) if a != b => {
                    return Err(Error::shape(
                        arguments.class,
                        "inputs",
                        format!("{first} but for axis {axis}"),
                        shape,
                    ));
                }
                _ => {}
            }
        }
    }
    Ok(vec![(Shape::new(dims), dtype)])
}

pub(super) fn stack(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    Ok(vec![Tensor::stack(operands, arguments.whole("axis")?)?])
}

pub(super) fn stack_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (first, dtype) = joined(operands, arguments)?;
    let axis = resolve_axis(arguments.class, arguments.whole("axis")?, first.rank() + 1)?;
    let mut dims = first.dims().to_vec();
    for (shape, _) in operands {
        let fits = shape.rank() == first.rank()
            && shape.dims().iter().zip(&dims).all(|(a, b)| a.is_none() || b.is_none() || a == b);
        if !fits {
            return Err(Error::shape(arguments.class, "inputs", &first, shape));
        }
        dims = dims.iter().zip(shape.dims()).map(|(a, b)| a.or(*b)).collect();
    }
    dims.insert(axis, Some(operands.len()));
    Ok(vec![(Shape::new(dims), dtype)])
}

/// Most parts that an axis is split into: each is an output, with a shape of its own.
pub(super) const MAX_PARTS: usize = 1 << 16;

/// Ends of the parts that an axis of a size is split into.
fn ends(size: usize, arguments: &Arguments<'_>) -> Result<Vec<usize>> {
    let refused = || arguments.reject("indices_or_sections", format!("parts of an axis of size {size}"));
    let given = arguments.sizes("indices_or_sections")?;
    if !arguments.raw("indices_or_sections").is_number() {
        let mut ends = Vec::new();
        for index in given {
            let index = index.ok_or_else(refused)?;
            let at = if index < 0 { index + size as isize } else { index };
            ends.push(usize::try_from(at).map_err(|_| refused())?.min(size));
        }
        ends.push(size);
        return if ends.is_sorted() { Ok(ends) } else { Err(refused()) };
    }
    let parts = given.first().copied().flatten().and_then(|n| usize::try_from(n).ok()).ok_or_else(refused)?;
    if parts == 0 || parts > MAX_PARTS || (!size.is_multiple_of(parts) && arguments.class != "ArraySplit") {
        return Err(refused());
    }
    // The first parts have one element more where the size is no multiple.
    Ok((1..=parts).map(|part| part * (size / parts) + part.min(size % parts)).collect())
}

/// The axis that is split.
fn split_axis(rank: usize, arguments: &Arguments<'_>) -> Result<usize> {
    let axis = match arguments.class {
        "Hsplit" => isize::from(rank > 1),
        "Vsplit" => 0,
        "Dsplit" => 2,
        _ => arguments.whole("axis")?,
    };
    resolve_axis(arguments.class, axis, rank)
}

pub(super) fn split(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let axis = split_axis(x.rank(), arguments)? as isize;
    let mut start = 0;
    let mut parts = Vec::new();
    for end in ends(x.dim(axis)?, arguments)? {
        parts.push(x.narrow(axis, start..end)?);
        start = end;
    }
    Ok(parts)
}

pub(super) fn split_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    let axis = split_axis(x.rank(), arguments)?;
    let size = x.known_dim(arguments.class, axis as isize)?;
    let mut start = 0;
    let part = |end: usize| {
        let mut dims = x.dims().to_vec();
        dims[axis] = Some(end - std::mem::replace(&mut start, end));
        (Shape::new(dims), *dtype)
    };
    Ok(ends(size, arguments)?.into_iter().map(part).collect())
}

/// Half of an axis, times the sigmoid of the other half.
pub(super) fn glu(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let axis = arguments.whole("axis")?;
    let half = glu_half(x.dim(axis)?, arguments)?;
    Ok(vec![x.narrow(axis, 0..half)?.mul(&x.narrow(axis, half..2 * half)?.sigmoid()?)?])
}

fn glu_half(size: usize, arguments: &Arguments<'_>) -> Result<usize> {
    let odd = || Error::shape(arguments.class, "inputs", "an axis of an even size", size);
    if size.is_multiple_of(2) { Ok(size / 2) } else { Err(odd()) }
}

pub(super) fn glu_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    let axis = resolve_axis(arguments.class, arguments.whole("axis")?, x.rank())?;
    let mut dims = x.dims().to_vec();
    dims[axis] = dims[axis].map(|size| glu_half(size, arguments)).transpose()?;
    Ok(vec![(Shape::new(dims), *dtype)])
}

/// How often the elements of an axis, or of the flattened tensor, are repeated.
fn times(arguments: &Arguments<'_>) -> Result<Vec<usize>> {
    let sizes = arguments.sizes("repeats")?.into_iter().map(|n| usize::try_from(n?).ok());
    sizes
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| arguments.reject("repeats", "numbers that are not negative"))
}

fn repeat_times(arguments: &Arguments<'_>) -> Result<usize> {
    match times(arguments)?.as_slice() {
        [one] => Ok(*one),
        _ => Err(arguments.reject("repeats", "one number")),
    }
}

pub(super) fn repeat(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let repeats = repeat_times(arguments)?;
    Ok(vec![match arguments.maybe_whole("axis")? {
        Some(axis) => x.repeat(axis, repeats)?,
        None => x.reshape([x.len()])?.repeat(0, repeats)?,
    }])
}

pub(super) fn repeat_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    let repeats = repeat_times(arguments)?;
    let dims = match arguments.maybe_whole("axis")? {
        Some(axis) => {
            let axis = resolve_axis(arguments.class, axis, x.rank())?;
            let mut dims = x.dims().to_vec();
            dims[axis] = dims[axis].map(|d| d.saturating_mul(repeats));
            dims
        }
        None => vec![x.dims().iter().try_fold(repeats, |n, d| n.checked_mul((*d)?))],
    };
    Ok(vec![(Shape::new(dims), *dtype)])
}

/// Repeats of each axis, and how many axes of size one are added in front.
fn tiles(rank: usize, arguments: &Arguments<'_>) -> Result<(usize, Vec<usize>)> {
    let given = times(arguments)?;
    let added = given.len().saturating_sub(rank);
    let mut repeats = vec![1; rank.saturating_sub(given.len())];
    repeats.extend(given);
    Ok((added, repeats))
}

pub(super) fn tile(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let (added, repeats) = tiles(x.rank(), arguments)?;
    let mut y = x.reshape([vec![1; added], x.shape().to_vec()].concat())?;
    for (axis, times) in repeats.into_iter().enumerate().filter(|(_, times)| *times != 1) {
        y = y.tile(axis as isize, times)?;
    }
    Ok(vec![y])
}

pub(super) fn tile_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    let (added, repeats) = tiles(x.rank(), arguments)?;
    let dims = std::iter::repeat_n(&Some(1), added).chain(x.dims());
    let dims: Vec<_> = dims.zip(repeats).map(|(d, n)| d.map(|d| d.saturating_mul(n))).collect();
    Ok(vec![(Shape::new(dims), *dtype)])
}

/// Elements before and after each axis.
fn padding(rank: usize, arguments: &Arguments<'_>) -> Result<Vec<(usize, usize)>> {
    let pairs = arguments.pairs("pad_width")?;
    match pairs.as_slice() {
        [one] => Ok(vec![*one; rank]),
        many if many.len() == rank => Ok(pairs),
        _ => Err(arguments.reject("pad_width", format!("one pair, or {rank}"))),
    }
}

pub(super) fn pad(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let mode = arguments.raw("mode").as_str().unwrap_or_default();
    if mode != "constant" {
        let padded = super::shift::pad_with_own(x, &padding(x.rank(), arguments)?, mode);
        let expected = "\"constant\", \"reflect\", \"symmetric\", \"edge\" or \"wrap\"";
        return Ok(vec![padded.unwrap_or_else(|| Err(arguments.reject("mode", expected)))?]);
    }
    let value = match arguments.keyword("constant_values") {
        None => 0.0,
        Some(value) => as_float(value)
            .ok_or_else(|| Error::argument(arguments.class, "constant_values", "a number", value))?,
    };
    Ok(vec![x.pad(&padding(x.rank(), arguments)?, value)?])
}

pub(super) fn pad_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    let pairs = padding(x.rank(), arguments)?;
    let dims: Vec<_> = x
        .dims()
        .iter()
        .zip(pairs)
        .map(|(d, (a, b))| d.map(|d| d.saturating_add(a).saturating_add(b)))
        .collect();
    Ok(vec![(Shape::new(dims), *dtype)])
}

fn pair<'t, T>(operands: &'t [T], arguments: &Arguments<'_>) -> Result<(&'t T, &'t T)> {
    match operands {
        [a, b] => Ok((a, b)),
        many => {
            Err(Error::argument(arguments.class, "inputs", "two tensors", format!("{} operands", many.len())))
        }
    }
}

/// The matrix product; a vector is a row on the left and a column on the right.
pub(super) fn matmul(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let (a, b) = pair(operands, arguments)?;
    let row = if a.rank() == 1 { a.expand_dims(0)? } else { a.clone() };
    let column = if b.rank() == 1 { b.expand_dims(1)? } else { b.clone() };
    let mut y = row.matmul(&column)?;
    if b.rank() == 1 {
        y = y.squeeze(&[-1])?;
    }
    if a.rank() == 1 {
        y = y.squeeze(&[if b.rank() == 1 { -1 } else { -2 }])?;
    }
    Ok(vec![y.cast(a.dtype().promote(b.dtype()))?])
}

pub(super) fn matmul_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let ((a, a_type), (b, b_type)) = pair(operands, arguments)?;
    let refused = || {
        Error::shape(arguments.class, "inputs", "matrices that follow one another", format!("{a} and {b}"))
    };
    let row = if a.rank() == 1 { Shape::new([&[Some(1)], a.dims()].concat()) } else { a.clone() };
    let column = if b.rank() == 1 { Shape::new([b.dims(), &[Some(1)]].concat()) } else { b.clone() };
    let ([outer_a @ .., n, k], [outer_b @ .., k2, m]) = (row.dims(), column.dims()) else {
        return Err(refused());
    };
    if k.zip(*k2).is_some_and(|(k, k2)| k != k2) {
        return Err(refused());
    }
    let outer = broadcast_symbolic(arguments.class, &Shape::new(outer_a), &Shape::new(outer_b))?;
    let mut dims = outer.dims().to_vec();
    dims.extend((a.rank() != 1).then_some(*n));
    dims.extend((b.rank() != 1).then_some(*m));
    Ok(vec![(Shape::new(dims), a_type.promote(*b_type))])
}
