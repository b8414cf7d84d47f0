//! Numbers of classes as rows of zeros and ones.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use keras_rs_derive::operation;

/// Number of classes and the new axis.
fn target(context: &str, rank: usize, num_classes: isize, axis: isize) -> Result<(usize, usize)> {
    let classes = usize::try_from(num_classes);
    let negative = |_| Error::argument(context, "num_classes", "a number that is not negative", num_classes);
    let at = match axis {
        -1 => Some(rank),
        axis => usize::try_from(axis).ok().filter(|axis| *axis < rank),
    };
    let at =
        at.ok_or_else(|| Error::argument(context, "axis", format!("-1, or a number under {rank}"), axis))?;
    Ok((classes.map_err(negative)?, at))
}

/// One where the class is the number, zero elsewhere; all zeros for numbers that are no class. Keras'
/// `ops.one_hot`.
///
/// The classes are on a new axis; without a `dtype` the result is `float32`.
///
/// # Errors
/// [`Error::Argument`] for a negative number of classes and where there is no such axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice(&[2, 0], [2])?;
/// assert_eq!(ops::one_hot(&x, 3, -1, None)?.to_vec::<f32>()?, [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn one_hot(
    x: &Tensor,
    num_classes: isize,
    axis: isize,
    dtype: impl Into<Option<DType>>,
) -> Result<Tensor> {
    let (classes, at) = target("one_hot", x.rank(), num_classes, axis)?;
    let x = if x.dtype() == DType::Bool { x.cast(DType::I32)? } else { x.clone() };
    let mut shape = vec![1; x.rank() + 1];
    shape[at] = classes;
    let numbers = Tensor::arange_on(classes, x.device())?.cast(x.dtype())?.reshape(shape)?;
    x.expand_dims(at as isize)?.equal(&numbers)?.cast(dtype.into().unwrap_or(DType::F32))
}

pub(crate) fn one_hot_spec(
    (x, _): &Spec,
    num_classes: isize,
    axis: isize,
    dtype: Option<DType>,
) -> Result<Spec> {
    let (classes, at) = target("one_hot", x.rank(), num_classes, axis)?;
    let mut dims = x.dims().to_vec();
    dims.insert(at, Some(classes));
    Ok((Shape::new(dims), dtype.unwrap_or(DType::F32)))
}

/// The axis that `multi_hot` joins: the second, or the only one.
fn joined(rank: usize) -> usize {
    usize::from(rank > 1)
}

/// One where the class is among the numbers, zero elsewhere. Keras' `ops.multi_hot`.
///
/// The numbers of one row are on the second axis, or on the only one.
///
/// # Errors
/// As [`one_hot`]; [`Error::Shape`] where rows have no numbers.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice(&[2, 0], [2])?;
/// assert_eq!(ops::multi_hot(&x, 3, -1, None)?.to_vec::<f32>()?, [1.0, 0.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn multi_hot(
    inputs: &Tensor,
    num_classes: isize,
    axis: isize,
    dtype: impl Into<Option<DType>>,
) -> Result<Tensor> {
    let dtype = dtype.into().unwrap_or(DType::F32);
    let rows = one_hot(&inputs.cast(DType::I32)?, num_classes, axis, dtype)?;
    super::max(&rows, joined(inputs.rank()) as isize, false, None)
}

pub(crate) fn multi_hot_spec(
    inputs: &Spec,
    num_classes: isize,
    axis: isize,
    dtype: Option<DType>,
) -> Result<Spec> {
    let (shape, dtype) = one_hot_spec(inputs, num_classes, axis, dtype)?;
    let mut dims = shape.dims().to_vec();
    dims.remove(joined(inputs.0.rank()));
    Ok((Shape::new(dims), dtype))
}
