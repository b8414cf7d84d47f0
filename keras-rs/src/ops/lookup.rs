//! Positions and counts of values, which are found on the host.

use super::host::{counted, made, require_constant, whole};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::tensor::{Tensor, TensorData};

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
    let place = |v: f64| sorted.partition_point(|&s| if right { s <= v } else { s < v });
    let places: Vec<usize> = values.to_f64_vec()?.into_iter().map(place).collect();
    counted(&places, values.shape(), values)
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
pub fn digitize(x: &Tensor, bins: &Tensor) -> Result<Tensor> {
    searchsorted(bins, x, "right")
}

/// How often each whole number from 0 occurs in a vector, or the sum of its weights; at least `minlength` counts.
/// Keras' `ops.bincount`.
///
/// # Errors
/// [`Error::DType`] for floats, [`Error::Argument`] for numbers below 0, [`Error::Shape`] where `x` is no vector or
/// weights have another shape.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<i32>(&[1, 2, 2], [3])?;
/// assert_eq!(ops::bincount(&x, None, 4)?.to_vec::<i32>()?, [0, 1, 2, 0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn bincount(x: &Tensor, weights: Option<&Tensor>, minlength: usize) -> Result<Tensor> {
    if x.rank() != 1 {
        return Err(Error::shape("bincount", "x", "a vector", tuple(x.shape())));
    }
    let numbers = places("bincount", "x", x)?;
    let size = numbers.iter().max().map_or(0, |n| n + 1).max(minlength);
    let Some(weights) = weights else {
        let mut counts = vec![0_usize; size];
        numbers.iter().for_each(|&n| counts[n] += 1);
        return counted(&counts, [size], x);
    };
    if weights.shape() != x.shape() {
        return Err(Error::shape("bincount", "weights", tuple(x.shape()), tuple(weights.shape())));
    }
    require_constant("bincount", "weights", weights)?;
    let mut sums = vec![0.0; size];
    numbers.iter().zip(weights.to_f64_vec()?).for_each(|(&n, weight)| sums[n] += weight);
    made(&sums, [size], weights.dtype(), x)
}

/// Whole numbers of at least 0.
pub(super) fn places(context: &str, argument: &str, x: &Tensor) -> Result<Vec<usize>> {
    let numbers = whole(context, argument, x)?;
    let refuse = |n: i64| Error::argument(context, argument, "numbers of at least 0", n);
    numbers.into_iter().map(|n| usize::try_from(n).map_err(|_| refuse(n))).collect()
}

/// Counts of values in `bins` intervals of one width between the bounds of `range`, by default the smallest and the
/// largest value; and the edges of the intervals. Keras' `ops.histogram`.
///
/// # Errors
/// [`Error::Argument`] for no intervals or bounds in the wrong order.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[0.0, 0.2, 1.0], [3])?;
/// let [counts, edges] = ops::histogram(&x, 2, None)?;
/// assert_eq!(counts.to_vec::<f32>()?, [2.0, 1.0]);
/// assert_eq!(edges.to_vec::<f32>()?, [0.0, 0.5, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn histogram(x: &Tensor, bins: usize, range: impl Into<Option<(f64, f64)>>) -> Result<[Tensor; 2]> {
    let values = x.to_f64_vec()?;
    let extremes = || {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if values.is_empty() { (0.0, 1.0) } else { (low, high) }
    };
    let (mut low, mut high) = range.into().unwrap_or_else(extremes);
    if bins == 0 || low > high {
        let got = format!("{bins} bins from {low} to {high}");
        return Err(Error::argument("histogram", "bins", "at least one between rising bounds", got));
    }
    if low == high {
        (low, high) = (low - 0.5, high + 0.5);
    }
    let edges: Vec<f64> = (0..=bins).map(|i| low + (high - low) * i as f64 / bins as f64).collect();
    let mut counts = vec![0.0; bins];
    for value in values.iter().filter(|v| (low..=high).contains(*v)) {
        counts[edges.partition_point(|e| e <= value).clamp(1, bins) - 1] += 1.0;
    }
    let dtype = if x.dtype().is_float() { x.dtype() } else { DType::F32 };
    Ok([made(&counts, [bins], dtype, x)?, made(&edges, [bins + 1], dtype, x)?])
}

/// Whether each element is among others, or is not where `invert` is set. Keras' `ops.isin`.
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
pub fn isin(x1: &Tensor, x2: &Tensor, invert: bool) -> Result<Tensor> {
    let mut others = x2.to_f64_vec()?;
    others.sort_by(f64::total_cmp);
    let found = |v: f64| others.get(others.partition_point(|&o| o < v)) == Some(&v);
    let flags: Vec<bool> = x1.to_f64_vec()?.into_iter().map(|v| found(v) != invert).collect();
    Tensor::from_data_on(TensorData::from_values(&flags, x1.shape().to_vec())?, x1.device())
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

/// The different elements in ascending order, flat. Keras' `ops.unique` with its defaults.
///
/// # Errors
/// [`Error::Argument`] for a tensor whose gradient is asked for.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<i32>(&[3, 1, 3], [3])?;
/// assert_eq!(ops::unique(&x)?.to_vec::<i32>()?, [1, 3]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn unique(x: &Tensor) -> Result<Tensor> {
    require_constant("unique", "x", x)?;
    let mut values = x.to_f64_vec()?;
    values.sort_by(f64::total_cmp);
    values.dedup();
    made(&values, [values.len()], x.dtype(), x)
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
pub fn unravel_index(indices: &Tensor, shape: &[usize]) -> Result<Vec<Tensor>> {
    let count: usize = shape.iter().product();
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
        stride /= size;
        let along: Vec<usize> = at.iter().map(|i| i / stride % size).collect();
        axes.push(counted(&along, indices.shape(), indices)?);
    }
    Ok(axes)
}

/// Positions that would order the elements along an axis; the first `kth` are the smallest. Keras'
/// `ops.argpartition`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis or element.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[3.0, 1.0, 2.0], [3])?;
/// assert_eq!(ops::argpartition(&x, 1, -1)?.to_vec::<i32>()?[0], 1);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn argpartition(x: &Tensor, kth: usize, axis: isize) -> Result<Tensor> {
    let size = x.dim(axis)?;
    if kth >= size {
        return Err(Error::argument("argpartition", "kth", format!("below {size}"), kth));
    }
    super::argsort(x, axis)
}
