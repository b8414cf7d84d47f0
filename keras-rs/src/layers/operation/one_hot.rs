//! Numbers of classes as rows of zeros and ones.

use super::arguments::Arguments;
use super::reshape::only;
use crate::dtype::DType;
use crate::error::Result;
use crate::layer::Spec;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Number of classes, the new axis and the data type.
fn target(rank: usize, arguments: &Arguments<'_>) -> Result<(usize, usize, DType)> {
    let classes = usize::try_from(arguments.whole("num_classes")?);
    let classes = classes.map_err(|_| arguments.reject("num_classes", "a number that is not negative"))?;
    let axis = match arguments.whole("axis")? {
        -1 => Some(rank),
        axis => usize::try_from(axis).ok().filter(|axis| *axis < rank),
    };
    let axis = axis.ok_or_else(|| arguments.reject("axis", format!("-1, or a number under {rank}")))?;
    Ok((classes, axis, arguments.dtype("dtype")?.unwrap_or(DType::F32)))
}

/// One where the class is the number, zero elsewhere; all zeros for numbers that are no class.
pub(super) fn one_hot(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let (classes, axis, dtype) = target(x.rank(), arguments)?;
    let x = if x.dtype() == DType::Bool { x.cast(DType::I32)? } else { x.clone() };
    let mut shape = vec![1; x.rank() + 1];
    shape[axis] = classes;
    let numbers = Tensor::arange_on(classes, x.device())?.cast(x.dtype())?.reshape(shape)?;
    Ok(vec![x.expand_dims(axis as isize)?.equal(&numbers)?.cast(dtype)?])
}

pub(super) fn one_hot_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, _) = only(arguments, operands)?;
    let (classes, axis, dtype) = target(x.rank(), arguments)?;
    let mut dims = x.dims().to_vec();
    dims.insert(axis, Some(classes));
    Ok(vec![(Shape::new(dims), dtype)])
}

/// The axis that `multi_hot` joins: the second, or the only one.
fn joined(rank: usize) -> usize {
    usize::from(rank > 1)
}

/// One where the class is among the numbers.
pub(super) fn multi_hot(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let rows = one_hot(&[x.cast(DType::I32)?], arguments)?;
    rows.iter().map(|rows| rows.max(&[joined(x.rank()) as isize], false)).collect()
}

pub(super) fn multi_hot_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, _) = only(arguments, operands)?;
    let joined = joined(x.rank());
    let without = |(shape, dtype): Spec| {
        let mut dims = shape.dims().to_vec();
        dims.remove(joined);
        (Shape::new(dims), dtype)
    };
    Ok(one_hot_spec(operands, arguments)?.into_iter().map(without).collect())
}
