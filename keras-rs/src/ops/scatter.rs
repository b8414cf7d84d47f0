//! Values put into tensors, groups of rows, choices.

use super::host::{counted, made, whole};
use super::lookup::places;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::tensor::Tensor;

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
