//! Picking elements: by ranges as in `x[:, 1:3]`, and by their numbers.

mod index;

pub use self::index::{Index, IntoKey};

use super::arguments::Integers;
use super::shapes::{along, along_shape};
use crate::error::{Error, Result};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, TensorData, broadcast_shapes, broadcast_symbolic, resolve_axis};
use keras_rs_derive::operation;

impl Tensor {
    /// Picks elements as Python's `x[...]` does: by numbers, ranges and new axes, axis by axis.
    ///
    /// Negative numbers count from the end, ranges are cut to the axis, axes that are left out are taken whole.
    /// [`IntoKey`] lists the forms.
    ///
    /// # Errors
    /// As [`get_item`].
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::ops::Index;
    ///
    /// let x = Tensor::from([[1, 2, 3], [4, 5, 6]])?;
    /// assert_eq!(x.slice(0..1)?.shape(), [1, 3]);
    /// assert_eq!(x.slice((.., -1))?.to_vec::<i32>()?, [3, 6]);
    /// assert_eq!(x.slice((1, ..-1))?.to_vec::<i32>()?, [4, 5]);
    /// assert_eq!(x.slice((.., Index::NewAxis))?.shape(), [2, 1, 3]);
    /// assert_eq!(x.slice((0, Index::from(..).step(-1)))?.to_vec::<i32>()?, [3, 2, 1]);
    /// assert!(x.slice(2).is_err());
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn slice(&self, key: impl IntoKey) -> Result<Self> {
        get_item(self, &key.into_key())
    }
}

/// The key with ranges for the axes that it leaves out.
fn complete(rank: usize, key: &[Index]) -> Result<Vec<Index>> {
    let named = key.iter().filter(|part| part.is_axis()).count();
    if named > rank || key.iter().filter(|part| **part == Index::Ellipsis).count() > 1 {
        let expected = format!("at most {rank} axes and one ellipsis");
        return Err(Error::argument("get_item", "key", expected, format!("{key:?}")));
    }
    if key.iter().any(|part| matches!(part, Index::Range { step: 0, .. })) {
        return Err(Error::argument("get_item", "key", "slices without step 0", format!("{key:?}")));
    }
    let mut parts = key.to_vec();
    let at = parts.iter().position(|part| *part == Index::Ellipsis).unwrap_or(parts.len());
    parts.splice(at..(at + 1).min(parts.len()), std::iter::repeat_n(Index::WHOLE, rank - named));
    Ok(parts)
}

/// The number of an element that may be counted from the end.
fn position(context: &str, argument: &str, index: isize, size: usize) -> Result<usize> {
    let at = if index < 0 { index.saturating_add(size as isize) } else { index };
    let at = usize::try_from(at).ok().filter(|at| *at < size);
    at.ok_or_else(|| {
        Error::argument(context, argument, format!("a number within an axis of size {size}"), index)
    })
}

/// First element and number of elements of a range over an axis.
fn extent(start: Option<isize>, stop: Option<isize>, step: isize, size: usize) -> (isize, usize) {
    let size = size as isize;
    let (low, high) = if step > 0 { (0, size) } else { (-1, size - 1) };
    let bound = |given: Option<isize>, default: isize| match given {
        None => default,
        Some(index) => (if index < 0 { index.saturating_add(size) } else { index }).clamp(low, high),
    };
    let (first, end) = if step > 0 {
        (bound(start, low), bound(stop, high))
    } else {
        (bound(start, high), bound(stop, low))
    };
    let distance = if step > 0 { end - first } else { first - end };
    (first, if distance > 0 { distance.unsigned_abs().div_ceil(step.unsigned_abs()) } else { 0 })
}

/// Picks elements as Python's `x[key]`. Keras' `ops.get_item`.
///
/// Axes that the key leaves out are taken whole; ranges are cut to the axis, and may be empty.
///
/// # Errors
/// [`Error::Argument`] for more parts than axes, two ellipses, a step of 0, and numbers outside of their axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
/// use keras_rs::ops::Index;
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// let y = ops::get_item(&x, &[Index::Ellipsis, Index::from(1..)])?;
/// assert_eq!(y.to_vec::<f32>()?, [2.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation(positional(key))]
pub fn get_item(x: &Tensor, key: &[Index]) -> Result<Tensor> {
    let (mut ranges, mut backwards, mut shape) = (Vec::new(), Vec::new(), Vec::new());
    for part in complete(x.rank(), key)? {
        // Each part but a new axis takes the next axis.
        let size = x.shape().get(ranges.len()).copied().unwrap_or(1);
        match part {
            Index::NewAxis => shape.push(1),
            Index::At(index) => {
                let at = position("get_item", "key", index, size)?;
                ranges.push((at..at + 1, 1));
            }
            Index::Range { start, stop, step } => {
                let (first, count) = extent(start, stop, step, size);
                shape.push(count);
                if count == 0 {
                    ranges.push((0..0, 1));
                    continue;
                }
                let last = first + (count as isize - 1) * step;
                let (from, to) = (first.min(last).unsigned_abs(), first.max(last).unsigned_abs());
                if step < 0 {
                    backwards.push(ranges.len() as isize);
                }
                ranges.push((from..to + 1, step.unsigned_abs()));
            }
            Index::Ellipsis => {}
        }
    }
    let mut y = x.slice_with_steps(&ranges)?;
    if !backwards.is_empty() && !y.is_empty() {
        y = y.flip(&backwards)?;
    }
    y.reshape(shape)
}

pub(crate) fn get_item_spec((x, dtype): &Spec, key: &[Index]) -> Result<Spec> {
    let mut sizes = x.dims().iter();
    let mut dims = Vec::new();
    for part in complete(x.rank(), key)? {
        match part {
            Index::NewAxis => dims.push(Some(1)),
            Index::At(index) => {
                if let Some(Some(size)) = sizes.next() {
                    position("get_item", "key", index, *size)?;
                }
            }
            Index::Range { start, stop, step } => {
                let size = sizes.next().copied().flatten();
                dims.push(size.map(|size| extent(start, stop, step, size).1));
            }
            Index::Ellipsis => {}
        }
    }
    Ok((Shape::new(dims), *dtype))
}

/// Cuts a box out of a tensor. Keras' `ops.slice`.
///
/// One first element and one size for each axis; a size of -1 takes all that follow.
///
/// # Errors
/// [`Error::Argument`] where the numbers are not one an axis or leave the tensor.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// assert_eq!(ops::slice(&x, [0, 1], [-1, 1])?.to_vec::<f32>()?, [2.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation(positional(start_indices))]
pub fn slice(
    inputs: &Tensor,
    start_indices: impl Into<Integers>,
    shape: impl Into<Integers>,
) -> Result<Tensor> {
    let corner = corner(&Shape::from(inputs.shape()), &start_indices.into(), &shape.into())?;
    let ranges: Vec<_> = corner.into_iter().map(|(at, size)| at..at + size.unwrap_or(0)).collect();
    inputs.cut(&ranges)
}

pub(crate) fn slice_spec((x, dtype): &Spec, start_indices: Integers, shape: Integers) -> Result<Spec> {
    let dims: Vec<_> = corner(x, &start_indices, &shape)?.into_iter().map(|(_, size)| size).collect();
    Ok((Shape::new(dims), *dtype))
}

/// First element and size of each axis of a box.
fn corner(x: &Shape, starts: &Integers, sizes: &Integers) -> Result<Vec<(usize, Option<usize>)>> {
    let (starts, sizes) = (starts.as_slice(), sizes.as_slice());
    for (argument, list) in [("start_indices", starts), ("shape", sizes)] {
        if list.len() != x.rank() {
            let expected = format!("{} numbers", x.rank());
            return Err(Error::argument("slice", argument, expected, format!("{list:?}")));
        }
    }
    let refused = || {
        let got = format!("{starts:?} and {sizes:?}");
        Error::argument("slice", "shape", format!("a box within {x}"), got)
    };
    let axis = |((&start, &size), dim): ((&isize, &isize), &Option<usize>)| {
        let start = usize::try_from(start).map_err(|_| refused())?;
        let rest = dim.map(|dim| dim.checked_sub(start).ok_or_else(refused)).transpose()?;
        let size = match size {
            -1 => rest,
            size => Some(usize::try_from(size).map_err(|_| refused())?),
        };
        match size.zip(rest) {
            Some((size, rest)) if size > rest => Err(refused()),
            _ => Ok((start, size)),
        }
    };
    starts.iter().zip(sizes).zip(x.dims()).map(axis).collect()
}

/// Entries of an axis by number. Keras' `ops.take`.
///
/// The axes of `indices` replace the axis; without an axis, elements of the flattened tensor. Negative
/// numbers count from the end.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis or entry.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [3])?;
/// let indices = Tensor::from_slice(&[2, 0, -1, 1], [2, 2])?;
/// assert_eq!(ops::take(&x, &indices, 0)?.to_vec::<f32>()?, [3.0, 1.0, 3.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn take(x: &Tensor, indices: &Tensor, axis: impl Into<Option<isize>>) -> Result<Tensor> {
    let (x, axis) = along("take", x, axis.into())?;
    let size = x.shape()[axis];
    // Burn does not check numbers; negative ones count from the end.
    let mut positions = Vec::with_capacity(indices.len());
    for index in indices.to_f64_vec()? {
        positions.push(position("take", "indices", index as isize, size)? as i32);
    }
    let shape = [&x.shape()[..axis], indices.shape(), &x.shape()[axis + 1..]].concat();
    if positions.is_empty() {
        return x.full_like(shape, 0.0);
    }
    let flat = TensorData::from_values(&positions, vec![positions.len()])?;
    x.take(&Tensor::from_data_on(flat, x.device())?, axis as isize)?.reshape(shape)
}

pub(crate) fn take_spec((x, dtype): &Spec, (indices, _): &Spec, axis: Option<isize>) -> Result<Spec> {
    let dims = match axis {
        None => indices.dims().to_vec(),
        Some(axis) => {
            let axis = resolve_axis("take", axis, x.rank())?;
            [&x.dims()[..axis], indices.dims(), &x.dims()[axis + 1..]].concat()
        }
    };
    Ok((Shape::new(dims), *dtype))
}

/// Elements by their numbers along an axis; all other axes broadcast. Keras' `ops.take_along_axis`.
///
/// The result has the shape of `indices`; without an axis both are flattened. Negative numbers count from the
/// end.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis or element, [`Error::Shape`] where the other axes do not
/// broadcast, [`Error::DType`] for indices that are no integers.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// let indices = Tensor::from_slice(&[1, 0], [2, 1])?;
/// assert_eq!(ops::take_along_axis(&x, &indices, 1)?.to_vec::<f32>()?, [2.0, 3.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn take_along_axis(x: &Tensor, indices: &Tensor, axis: impl Into<Option<isize>>) -> Result<Tensor> {
    let axis = axis.into();
    let (x, at) = along("take_along_axis", x, axis)?;
    let indices = if axis.is_none() { super::ravel(indices)? } else { indices.clone() };
    if indices.rank() != x.rank() {
        let expected = format!("{} axes", x.rank());
        return Err(Error::shape("take_along_axis", "indices", expected, indices.rank()));
    }
    let shape = |own: &Tensor, other: &Tensor| -> Result<Vec<usize>> {
        let (mut of_own, mut of_other) = (own.shape().to_vec(), other.shape().to_vec());
        of_other[at] = 1;
        let size = std::mem::replace(&mut of_own[at], 1);
        let mut shape = broadcast_shapes("take_along_axis", &of_own, &of_other)?;
        shape[at] = size;
        Ok(shape)
    };
    let (x_shape, indices_shape) = (shape(&x, &indices)?, shape(&indices, &x)?);
    x.broadcast_to(x_shape)?.take_along_axis(&indices.broadcast_to(indices_shape)?, at as isize)
}

pub(crate) fn take_along_axis_spec(
    (x, dtype): &Spec,
    (indices, _): &Spec,
    axis: Option<isize>,
) -> Result<Spec> {
    let context = "take_along_axis";
    let Some(axis) = axis else { return Ok((along_shape(context, indices, None)?, *dtype)) };
    let axis = resolve_axis(context, axis, x.rank())?;
    indices.require_rank(context, x.rank())?;
    let without = |shape: &Shape| {
        let mut dims = shape.dims().to_vec();
        dims[axis] = Some(1);
        Shape::new(dims)
    };
    let mut dims = broadcast_symbolic(context, &without(x), &without(indices))?.dims().to_vec();
    dims[axis] = indices.dims()[axis];
    Ok((Shape::new(dims), *dtype))
}
