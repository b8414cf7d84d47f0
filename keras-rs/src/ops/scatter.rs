//! Values put into tensors.

use super::arguments::Integers;
use super::host::{counted, whole};
use super::segments::{Reduction, over_rows};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use keras_rs_derive::operation;

/// What becomes of an element and the values that are put there. Keras' argument `reduction`.
///
/// ```
/// use keras_rs::ops::ScatterReduction;
///
/// assert_eq!(ScatterReduction::try_from("mul")?, ScatterReduction::Mul);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScatterReduction {
    /// Their sum.
    Add,
    /// The largest of them.
    Max,
    /// The smallest of them.
    Min,
    /// Their product.
    Mul,
}

impl ScatterReduction {
    const ALL: [(&'static str, Self); 4] =
        [("add", Self::Add), ("max", Self::Max), ("min", Self::Min), ("mul", Self::Mul)];

    /// Keras' name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, reduction)| *reduction == self).map_or("add", |(name, _)| *name)
    }
}

impl TryFrom<&str> for ScatterReduction {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, reduction)| *reduction);
        found.ok_or_else(|| Error::unknown_name("scatter reduction", name, Self::ALL.map(|(known, _)| known)))
    }
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
/// let y = ops::slice_update(&x, [1], &Tensor::from_slice::<f32>(&[9.0], [1])?)?;
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 9.0, 3.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation(positional(start_indices))]
pub fn slice_update(inputs: &Tensor, start_indices: impl Into<Integers>, updates: &Tensor) -> Result<Tensor> {
    let starts = start_indices.into().at_least(0, "slice_update", "start_indices")?;
    let margin = |((&start, &size), &of_update): ((&usize, &usize), &usize)| {
        Some((start, size.checked_sub(start)?.checked_sub(of_update)?))
    };
    let sizes = starts.iter().zip(inputs.shape()).zip(updates.shape());
    let fits = starts.len() == inputs.rank() && updates.rank() == inputs.rank();
    let Some(margins) = sizes.map(margin).collect::<Option<Vec<_>>>().filter(|_| fits) else {
        let expected = format!("a part of {} from {starts:?} on", tuple(inputs.shape()));
        return Err(Error::shape("slice_update", "updates", expected, tuple(updates.shape())));
    };
    if updates.is_empty() {
        return Ok(inputs.clone());
    }
    let inside = updates.detach().full_like(updates.shape(), 1.0)?.pad(&margins, 0.0)?.cast(DType::Bool)?;
    updates.cast(inputs.dtype())?.pad(&margins, 0.0)?.where_(&inside, inputs)
}

/// Flat positions of rows of positions on the first axes, and how many elements stand at each.
fn flat_positions(context: &str, indices: &Tensor, shape: &[usize]) -> Result<(Vec<usize>, usize)> {
    let depth = indices.shape().last().copied().unwrap_or(0);
    if depth == 0 || depth > shape.len() {
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
#[operation]
pub fn scatter(indices: &Tensor, values: &Tensor, shape: &[usize]) -> Result<Tensor> {
    crate::limits::check_shape("scatter", values.dtype(), shape)?;
    let (flat, inner) = flat_positions("scatter", indices, shape)?;
    let rows = shape.iter().product::<usize>().checked_div(inner).unwrap_or(0);
    let values = rows_of("scatter", values, flat.len(), inner)?;
    over_rows(&values, &flat, rows, Reduction::Sum)?.reshape(shape.to_vec())
}

pub(crate) fn scatter_spec(_indices: &Spec, (_, dtype): &Spec, shape: &[usize]) -> Result<Spec> {
    Ok((Shape::known(shape), *dtype))
}

/// The values as one row a position.
fn rows_of(context: &str, values: &Tensor, rows: usize, inner: usize) -> Result<Tensor> {
    if values.len() != rows * inner {
        let expected = format!("{rows} times {inner} elements");
        return Err(Error::shape(context, "values", expected, tuple(values.shape())));
    }
    values.reshape([rows, inner])
}

/// The tensor with values put in at positions. Keras' `ops.scatter_update`.
///
/// `indices` is `(positions, axes)`, `updates` `(positions, sizes of the other axes)`. Without a `reduction` values
/// replace elements, and of several values for one position the last one stays; with one they are joined with the
/// element. Gradients flow to both.
///
/// # Errors
/// As [`scatter`].
///
/// ```
/// use keras_rs::{Tensor, ops, ops::ScatterReduction};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [3])?;
/// let at = Tensor::from_slice::<i32>(&[2], [1, 1])?;
/// let value = Tensor::from_slice::<f32>(&[9.0], [1])?;
/// assert_eq!(ops::scatter_update(&x, &at, &value, None)?.to_vec::<f32>()?, [1.0, 2.0, 9.0]);
/// assert_eq!(ops::scatter_update(&x, &at, &value, ScatterReduction::Add)?.to_vec::<f32>()?, [1.0, 2.0, 12.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn scatter_update(
    inputs: &Tensor,
    indices: &Tensor,
    updates: &Tensor,
    reduction: impl Into<Option<ScatterReduction>>,
) -> Result<Tensor> {
    let (flat, inner) = flat_positions("scatter_update", indices, inputs.shape())?;
    let rows = inputs.len().checked_div(inner).unwrap_or(0);
    let updates = rows_of("scatter_update", updates, flat.len(), inner)?.cast(inputs.dtype())?;
    let own = inputs.reshape([rows, inner])?;
    let y = match reduction.into() {
        None => replaced(&own, &flat, &updates)?,
        Some(ScatterReduction::Add) => own.add_rows(&counted(&flat, [flat.len()], inputs)?, &updates)?,
        Some(ScatterReduction::Max) => joined(&own, &flat, updates, Reduction::Max)?,
        Some(ScatterReduction::Min) => joined(&own, &flat, updates, Reduction::Min)?,
        Some(ScatterReduction::Mul) => joined(&own, &flat, updates, Reduction::Product)?,
    };
    y.reshape(inputs.shape())
}

/// The rows with others in the places of some.
fn replaced(own: &Tensor, flat: &[usize], updates: &Tensor) -> Result<Tensor> {
    let rows = own.dim(0)?;
    // Each row of the result is one of its own, or one of the updates behind them.
    let mut source: Vec<usize> = (0..rows).collect();
    flat.iter().enumerate().for_each(|(number, &row)| source[row] = rows + number);
    let both = Tensor::concat(&[own.clone(), updates.clone()], 0)?;
    both.take(&counted(&source, [rows], own)?, 0)
}

/// The rows, each joined with the others of its number.
fn joined(own: &Tensor, flat: &[usize], updates: Tensor, reduction: Reduction) -> Result<Tensor> {
    let rows = own.dim(0)?;
    let groups: Vec<usize> = (0..rows).chain(flat.iter().copied()).collect();
    over_rows(&Tensor::concat(&[own.clone(), updates], 0)?, &groups, rows, reduction)
}
