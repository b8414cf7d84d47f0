//! Positions, counts and groups of values; values put into tensors. Positions are found on the host.

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
fn places(context: &str, argument: &str, x: &Tensor) -> Result<Vec<usize>> {
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
/// assert_eq!(counts.to_vec::<i32>()?, [2, 1]);
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
    let mut counts = vec![0_usize; bins];
    for value in values.iter().filter(|v| (low..=high).contains(*v)) {
        counts[edges.partition_point(|e| e <= value).clamp(1, bins) - 1] += 1;
    }
    let dtype = if x.dtype().is_float() { x.dtype() } else { DType::F32 };
    Ok([counted(&counts, [bins], x)?, made(&edges, [bins + 1], dtype, x)?])
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

/// The tensor with values put in at a position, `start` on each axis. Keras' `ops.slice_update`.
///
/// Gradients flow to both.
///
/// # Errors
/// [`Error::Shape`] where the values do not fit in there.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [3])?;
/// let y = ops::slice_update(&x, &[1], &Tensor::from_slice::<f32>(&[9.0], [1])?)?;
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 9.0, 3.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn slice_update(inputs: &Tensor, start_indices: &[usize], updates: &Tensor) -> Result<Tensor> {
    let ends: Vec<usize> =
        start_indices.iter().zip(updates.shape()).map(|(start, size)| start + size).collect();
    let fits = ends.len() == inputs.rank()
        && updates.rank() == inputs.rank()
        && ends.iter().zip(inputs.shape()).all(|(end, size)| end <= size);
    if !fits {
        let expected = format!("a part of {}", tuple(inputs.shape()));
        return Err(Error::shape("slice_update", "updates", expected, tuple(updates.shape())));
    }
    let margins: Vec<(usize, usize)> = start_indices
        .iter()
        .zip(&ends)
        .zip(inputs.shape())
        .map(|((start, end), size)| (*start, size - end))
        .collect();
    let inside = updates.full_like(updates.shape(), 1.0)?.pad(&margins, 0.0)?.cast(DType::Bool)?;
    updates.cast(inputs.dtype())?.pad(&margins, 0.0)?.where_(&inside, inputs)
}

/// Flat positions of rows of positions on the first axes, and how many elements stand at each.
fn flat_positions(context: &str, indices: &Tensor, shape: &[usize]) -> Result<(Vec<usize>, usize)> {
    let depth = indices.shape().last().copied().unwrap_or(0);
    if indices.rank() < 2 || depth == 0 || depth > shape.len() {
        let expected = format!("rows of at most {} positions", shape.len());
        return Err(Error::shape(context, "indices", expected, tuple(indices.shape())));
    }
    let numbers = whole(context, "indices", indices)?;
    let inner: usize = shape[depth..].iter().product();
    let flat = numbers.chunks(depth).map(|row| {
        row.iter().zip(shape).try_fold(0_usize, |flat, (&at, &size)| match usize::try_from(at) {
            Ok(at) if at < size => Ok(flat * size + at),
            _ => Err(Error::argument(context, "indices", format!("positions in {}", tuple(shape)), at)),
        })
    });
    Ok((flat.collect::<Result<_>>()?, inner))
}

/// Zeros of a shape with values added in at positions. Keras' `ops.scatter`.
///
/// `indices` is `(..., axes)`, `values` `(..., sizes of the other axes)`; values at one position are summed.
/// Gradients flow to the values.
///
/// # Errors
/// [`Error::Shape`] where the shapes do not fit, [`Error::Argument`] for positions beyond the shape.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let at = Tensor::from_slice::<i32>(&[0, 2, 2], [3, 1])?;
/// let values = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [3])?;
/// assert_eq!(ops::scatter(&at, &values, &[4])?.to_vec::<f32>()?, [1.0, 0.0, 5.0, 0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn scatter(indices: &Tensor, values: &Tensor, shape: &[usize]) -> Result<Tensor> {
    let (flat, inner) = flat_positions("scatter", indices, shape)?;
    let rows = shape.iter().product::<usize>().checked_div(inner).unwrap_or(0);
    let values = rows_of("scatter", values, flat.len(), inner)?;
    placed(&flat, rows, &values)?.reshape(shape.to_vec())
}

/// The values as one row a position.
fn rows_of(context: &str, values: &Tensor, rows: usize, inner: usize) -> Result<Tensor> {
    if values.len() != rows * inner {
        let expected = format!("{rows} times {inner} elements");
        return Err(Error::shape(context, "values", expected, tuple(values.shape())));
    }
    values.reshape([rows, inner])
}

/// Sums of the rows by their position, as a product with a matrix of ones and zeros.
fn placed(flat: &[usize], rows: usize, values: &Tensor) -> Result<Tensor> {
    let mut matrix = vec![0.0; rows * flat.len()];
    flat.iter().enumerate().for_each(|(column, &row)| matrix[row * flat.len() + column] = 1.0);
    let float = if values.dtype().is_float() { values.dtype() } else { DType::F32 };
    made(&matrix, [rows, flat.len()], float, values)?.matmul(&values.cast(float)?)?.cast(values.dtype())
}

/// The tensor with the values at positions replaced. Keras' `ops.scatter_update`.
///
/// `indices` is `(positions, axes)`, `updates` `(positions, sizes of the other axes)`; of several values for one
/// position the last one stays. Gradients flow to both.
///
/// # Errors
/// As [`scatter`].
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [3])?;
/// let at = Tensor::from_slice::<i32>(&[2], [1, 1])?;
/// let y = ops::scatter_update(&x, &at, &Tensor::from_slice::<f32>(&[9.0], [1])?)?;
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 2.0, 9.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn scatter_update(inputs: &Tensor, indices: &Tensor, updates: &Tensor) -> Result<Tensor> {
    let (flat, inner) = flat_positions("scatter_update", indices, inputs.shape())?;
    let rows = inputs.len().checked_div(inner).unwrap_or(0);
    let updates = rows_of("scatter_update", updates, flat.len(), inner)?;
    let mut last = vec![None; rows];
    flat.iter().enumerate().for_each(|(number, &row)| last[row] = Some(number));
    // Each row of the result is a row of the updates behind the inputs, or its own.
    let source: Vec<usize> =
        last.iter().enumerate().map(|(row, from)| from.map_or(row, |n| rows + n)).collect();
    let both = Tensor::concat(&[inputs.reshape([rows, inner])?, updates.cast(inputs.dtype())?], 0)?;
    both.take(&counted(&source, [rows], inputs)?, 0)?.reshape(inputs.shape())
}

macro_rules! segments {
    ($($(#[$doc:meta])* $name:ident: $empty:expr, $join:expr => $y:expr;)*) => {$(
        $(#[$doc])*
        #[doc = concat!("Keras' `ops.", stringify!($name), "`.")]
        ///
        /// `segment_ids` is a vector with the group of each row, `num_segments` the number of groups, by default as
        /// many as occur. Computed row by row.
        ///
        /// # Errors
        /// [`Error::Shape`](crate::Error::Shape) where there are not as many groups as rows,
        /// [`Error::Argument`](crate::Error::Argument) for groups below 0 or beyond their number.
        ///
        /// ```
        /// use keras_rs::{Tensor, ops};
        ///
        /// let data = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [3])?;
        /// let groups = Tensor::from_slice::<i32>(&[0, 0, 1], [3])?;
        #[doc = concat!("let y = ops::", stringify!($name), "(&data, &groups, None)?;")]
        #[doc = concat!("assert_eq!(y.to_vec::<f32>()?, ", stringify!($y), ");")]
        /// # Ok::<(), keras_rs::Error>(())
        /// ```
        pub fn $name(
            data: &Tensor,
            segment_ids: &Tensor,
            num_segments: impl Into<Option<usize>>,
        ) -> Result<Tensor> {
            grouped(stringify!($name), data, segment_ids, num_segments.into(), $empty, $join)
        }
    )*};
}

segments! {
    /// Sums of the rows of each group; 0 for a group without rows.
    segment_sum: |x: &Tensor| x.full_like(x.shape(), 0.0), Tensor::add => [3.0, 3.0];
    /// Products of the rows of each group; 1 for a group without rows.
    segment_prod: |x: &Tensor| x.full_like(x.shape(), 1.0), Tensor::mul => [2.0, 3.0];
    /// The largest values of each group; the least value of the type for a group without rows.
    segment_max: |x: &Tensor| extreme(x, true), Tensor::maximum => [2.0, 3.0];
    /// The smallest values of each group; the largest value of the type for a group without rows.
    segment_min: |x: &Tensor| extreme(x, false), Tensor::minimum => [1.0, 3.0];
}

/// The least or the largest value of a type.
fn extreme(x: &Tensor, least: bool) -> Result<Tensor> {
    let (low, high) = match x.dtype() {
        DType::Bool => (0.0, 1.0),
        DType::U8 => (0.0, 255.0),
        DType::U32 => (0.0, f64::from(u32::MAX)),
        dtype if dtype.is_float() => (f64::NEG_INFINITY, f64::INFINITY),
        _ => (f64::from(i32::MIN), f64::from(i32::MAX)),
    };
    x.full_like(x.shape(), if least { low } else { high })
}

fn grouped(
    context: &str,
    data: &Tensor,
    segment_ids: &Tensor,
    num_segments: Option<usize>,
    empty: impl Fn(&Tensor) -> Result<Tensor>,
    join: impl Fn(&Tensor, &Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    let groups = places(context, "segment_ids", segment_ids)?;
    if segment_ids.rank() != 1 || data.shape().first() != Some(&groups.len()) {
        let expected = format!("a group for each row of {}", tuple(data.shape()));
        return Err(Error::shape(context, "segment_ids", expected, tuple(segment_ids.shape())));
    }
    let count = num_segments.unwrap_or_else(|| groups.iter().max().map_or(0, |n| n + 1));
    if let Some(beyond) = groups.iter().find(|&&n| n >= count) {
        return Err(Error::argument(context, "segment_ids", format!("below {count}"), beyond));
    }
    let mut joined: Vec<Option<Tensor>> = vec![None; count];
    for (row, group) in groups.into_iter().enumerate() {
        let value = data.narrow(0, row..row + 1)?;
        joined[group] = Some(match joined[group].take() {
            Some(before) => join(&before, &value)?,
            None => value,
        });
    }
    let mut shape = data.shape().to_vec();
    shape[0] = 1;
    let missing = empty(&data.full_like(shape.clone(), 0.0)?)?;
    let rows: Vec<Tensor> = joined.into_iter().map(|row| row.unwrap_or_else(|| missing.clone())).collect();
    if rows.is_empty() {
        shape[0] = 0;
        return data.full_like(shape, 0.0);
    }
    Tensor::concat(&rows, 0)
}

/// Of several choices the first whose condition holds, element by element, or `default`. Keras' `ops.select`.
///
/// # Errors
/// [`Error::Argument`] where there are not as many choices as conditions or none, [`Error::Shape`] where shapes do not
/// broadcast.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [3])?;
/// let (small, large) = (x.less_scalar(2.0)?, x.greater_scalar(2.0)?);
/// let y = ops::select(&[&small, &large], &[&x.neg()?, &x.square()?], 0.0)?;
/// assert_eq!(y.to_vec::<f32>()?, [-1.0, 0.0, 9.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn select(condlist: &[&Tensor], choicelist: &[&Tensor], default: f64) -> Result<Tensor> {
    let (Some(first), true) = (choicelist.first(), condlist.len() == choicelist.len()) else {
        let expected = format!("{} choices, at least one", condlist.len());
        return Err(Error::argument("select", "choicelist", expected, choicelist.len()));
    };
    let start = first.full_like(vec![], default)?;
    condlist
        .iter()
        .zip(choicelist)
        .rev()
        .try_fold(start, |otherwise, (condition, choice)| super::where_(*condition, *choice, &otherwise))
}
