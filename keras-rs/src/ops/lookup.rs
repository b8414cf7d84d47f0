//! Positions of values, which are found on the host.

use super::host::{counted, whole};
use super::shapes::{along, along_shape};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, TensorData};
use keras_rs_derive::operation;

/// Positions in a sorted vector at which values would be put in so that it stays sorted. Keras' `ops.searchsorted`.
///
/// `side` is `"left"` (before equal elements) or `"right"`.
///
/// # Errors
/// [`Error::Argument`] for another side, [`Error::Shape`] where the sequence is no vector.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let sorted = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [3])?;
/// let values = Tensor::from_slice::<f32>(&[2.0, 9.0], [2])?;
/// assert_eq!(ops::searchsorted(&sorted, &values, "left")?.to_vec::<i32>()?, [1, 3]);
/// assert_eq!(ops::searchsorted(&sorted, &values, "right")?.to_vec::<i32>()?, [2, 3]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation("SearchSorted")]
pub fn searchsorted(sorted_sequence: &Tensor, values: &Tensor, side: &str) -> Result<Tensor> {
    if sorted_sequence.rank() != 1 {
        return Err(Error::shape(
            "searchsorted",
            "sorted_sequence",
            "a vector",
            tuple(sorted_sequence.shape()),
        ));
    }
    let right = match side {
        "left" => false,
        "right" => true,
        other => return Err(Error::argument("searchsorted", "side", "\"left\" or \"right\"", other)),
    };
    let sorted = sorted_sequence.to_f64_vec()?;
    // NaN is the largest.
    let below = |a: f64, b: f64| a < b || (b.is_nan() && !a.is_nan());
    let place = |v: f64| sorted.partition_point(|&s| if right { !below(v, s) } else { below(s, v) });
    let places: Vec<usize> = values.to_f64_vec()?.into_iter().map(place).collect();
    counted(&places, values.shape(), values)
}

pub(crate) fn searchsorted_spec((sorted, _): &Spec, (values, _): &Spec) -> Result<Spec> {
    sorted.require_rank("searchsorted", 1)?;
    Ok((values.clone(), DType::I32))
}

/// Numbers of the intervals between `bins` in which values lie. Keras' `ops.digitize`.
///
/// # Errors
/// [`Error::Shape`] where `bins` is no vector.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[0.5, 1.0, 7.0], [3])?;
/// let bins = Tensor::from_slice::<f32>(&[1.0, 5.0], [2])?;
/// assert_eq!(ops::digitize(&x, &bins)?.to_vec::<i32>()?, [0, 1, 2]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn digitize(x: &Tensor, bins: &Tensor) -> Result<Tensor> {
    searchsorted(bins, x, "right")
}

pub(crate) fn digitize_spec(x: &Spec, bins: &Spec) -> Result<Spec> {
    searchsorted_spec(bins, x)
}

/// Whether each element is among others, or is not where `invert` is set. Keras' `ops.isin`.
///
/// NaN is among no others.
///
/// # Errors
/// Where reading the tensors fails.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<i32>(&[1, 2, 3], [3])?;
/// let others = Tensor::from_slice::<i32>(&[3, 1], [2])?;
/// assert_eq!(ops::isin(&x, &others, false)?.to_vec::<bool>()?, [true, false, true]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation("IsIn")]
pub fn isin(x1: &Tensor, x2: &Tensor, invert: bool) -> Result<Tensor> {
    let mut others = x2.to_f64_vec()?;
    others.retain(|other| !other.is_nan());
    others.sort_by(f64::total_cmp);
    let found = |v: f64| others.get(others.partition_point(|&o| o < v)) == Some(&v);
    let flags: Vec<bool> = x1.to_f64_vec()?.into_iter().map(|v| found(v) != invert).collect();
    Tensor::from_data_on(TensorData::from_values(&flags, x1.shape().to_vec())?, x1.device())
}

pub(crate) fn isin_spec((x1, _): &Spec, _x2: &Spec) -> Result<Spec> {
    Ok((x1.clone(), DType::Bool))
}

/// Positions of the elements that are not 0: for each axis a vector. Keras' `ops.nonzero`.
///
/// # Errors
/// Where reading the tensor fails.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<i32>(&[0, 5, 6, 0], [2, 2])?;
/// let [rows, columns]: [Tensor; 2] = ops::nonzero(&x)?.try_into().unwrap();
/// assert_eq!((rows.to_vec::<i32>()?, columns.to_vec::<i32>()?), (vec![0, 1], vec![1, 0]));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn nonzero(x: &Tensor) -> Result<Vec<Tensor>> {
    let values = x.to_f64_vec()?;
    let found: Vec<usize> = (0..values.len()).filter(|&i| values[i] != 0.0).collect();
    let mut stride = values.len();
    let mut axes = Vec::with_capacity(x.rank());
    for &size in x.shape() {
        stride /= size.max(1);
        let at: Vec<usize> = found.iter().map(|i| i / stride.max(1) % size.max(1)).collect();
        axes.push(counted(&at, [found.len()], x)?);
    }
    Ok(axes)
}

pub(crate) fn nonzero_spec((x, _): &Spec) -> Result<Vec<Spec>> {
    Ok(vec![(Shape::new([None]), DType::I32); x.rank()])
}

/// For each flat position of a shape the positions on its axes. Keras' `ops.unravel_index`.
///
/// # Errors
/// [`Error::DType`] for floats, [`Error::Argument`] for positions beyond the shape.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let at = Tensor::from_slice::<i32>(&[1, 5], [2])?;
/// let axes = ops::unravel_index(&at, &[2, 3])?;
/// assert_eq!((axes[0].to_vec::<i32>()?, axes[1].to_vec::<i32>()?), (vec![0, 1], vec![1, 2]));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn unravel_index(indices: &Tensor, shape: &[usize]) -> Result<Vec<Tensor>> {
    let count = shape.iter().try_fold(1_usize, |count, &size| count.checked_mul(size)).ok_or_else(|| {
        Error::argument("unravel_index", "shape", "a number of elements that a tensor may have", tuple(shape))
    })?;
    let flat = whole("unravel_index", "indices", indices)?;
    let size = i64::try_from(count)?;
    let at = flat
        .iter()
        .map(|&i| if (-size..size).contains(&i) { Ok(i.rem_euclid(size) as usize) } else { Err(i) });
    let at: Vec<usize> = at
        .collect::<std::result::Result<_, _>>()
        .map_err(|i| Error::argument("unravel_index", "indices", format!("below {count}"), i))?;
    let mut stride = count;
    let mut axes = Vec::with_capacity(shape.len());
    for size in shape {
        stride /= (*size).max(1);
        let along: Vec<usize> = at.iter().map(|i| i / stride % size).collect();
        axes.push(counted(&along, indices.shape(), indices)?);
    }
    Ok(axes)
}

pub(crate) fn unravel_index_spec((indices, _): &Spec, shape: &[usize]) -> Result<Vec<Spec>> {
    Ok(vec![(indices.clone(), DType::I32); shape.len()])
}

/// Positions of the elements along an axis, or of the flattened tensor, those of the `kth` smallest and of all below
/// it before the others. Keras' `ops.argpartition`.
///
/// The first ones are in order of their elements, the others in their own; a negative `kth` counts from the end.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis or element.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[4.0, 3.0, 1.0, 2.0], [4])?;
/// assert_eq!(ops::argpartition(&x, 1, -1)?.to_vec::<i32>()?, [2, 3, 0, 1]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn argpartition(x: &Tensor, kth: isize, axis: impl Into<Option<isize>>) -> Result<Tensor> {
    let (x, axis) = along("argpartition", x, axis.into())?;
    let first = nth(kth, x.shape()[axis])? + 1;
    let order = x.argsort(axis as isize, false)?;
    // Sorting the numbers themselves puts the others in order.
    let others = order.narrow(axis as isize, first..order.shape()[axis])?;
    Tensor::concat(
        &[order.narrow(axis as isize, 0..first)?, others.sort(axis as isize, false)?],
        axis as isize,
    )
}

fn nth(kth: isize, size: usize) -> Result<usize> {
    let from_end = isize::try_from(size)?.checked_add(kth).filter(|_| kth < 0);
    let number = usize::try_from(from_end.unwrap_or(kth)).ok().filter(|number| *number < size);
    let expected = || format!("the number of one of {size} elements");
    number.ok_or_else(|| Error::argument("argpartition", "kth", expected(), kth))
}

pub(crate) fn argpartition_spec((x, _): &Spec, kth: isize, axis: Option<isize>) -> Result<Spec> {
    let shape = along_shape("argpartition", x, axis)?;
    if let Ok(size) = shape.known_dim("argpartition", axis.unwrap_or(0)) {
        nth(kth, size)?;
    }
    Ok((shape, DType::I32))
}

/// Whole numbers of at least 0.
pub(super) fn places(context: &str, argument: &str, x: &Tensor) -> Result<Vec<usize>> {
    let numbers = whole(context, argument, x)?;
    let refuse = |n: i64| Error::argument(context, argument, "numbers of at least 0", n);
    numbers.into_iter().map(|n| usize::try_from(n).map_err(|_| refuse(n))).collect()
}
