//! Diagonals and triangles of matrices.

use super::arguments::Arguments;
use super::elementwise::Rule;
use super::reshape::only;
use crate::error::{Error, Result};
use crate::layer::Spec;
use crate::shape::Shape;
use crate::tensor::{Tensor, TensorData, resolve_axis};

/// Number of elements on the diagonal of `rows` times `columns` that starts `offset` to the right.
fn length(rows: usize, columns: usize, offset: isize) -> usize {
    let (down, right) = if offset < 0 { (offset.unsigned_abs(), 0) } else { (0, offset.unsigned_abs()) };
    rows.saturating_sub(down).min(columns.saturating_sub(right))
}

/// Elements whose number on axis `b` is that on axis `a` plus the offset, on a new last axis.
pub(super) fn of(x: &Tensor, a: usize, b: usize, offset: isize) -> Result<Tensor> {
    let (rows, columns) = (x.shape()[a], x.shape()[b]);
    let others: Vec<usize> = (0..x.rank()).filter(|axis| *axis != a && *axis != b).collect();
    let mut shape: Vec<usize> = others.iter().map(|axis| x.shape()[*axis]).collect();
    let count = length(rows, columns, offset);
    if count == 0 {
        shape.push(0);
        return x.full_like(shape, 0.0);
    }
    let (down, right) = if offset < 0 { (offset.unsigned_abs(), 0) } else { (0, offset.unsigned_abs()) };
    let places: Vec<i32> = (0..count)
        .map(|i| i32::try_from((down + i) * columns + right + i))
        .collect::<std::result::Result<_, _>>()?;
    let flat = x.permute(&[&others[..], &[a, b]].concat())?;
    shape.push(rows * columns);
    let places = Tensor::from_data_on(TensorData::from_values(&places, vec![count])?, x.device())?;
    flat.reshape(shape)?.take(&places, -1)
}

fn axes(rank: usize, arguments: &Arguments<'_>) -> Result<(usize, usize)> {
    let axis = |name| resolve_axis(arguments.class, arguments.whole(name)?, rank);
    let (a, b) = (axis("axis1")?, axis("axis2")?);
    if a == b { Err(arguments.reject("axis2", format!("another axis than {a}"))) } else { Ok((a, b)) }
}

pub(super) fn diagonal(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let (a, b) = axes(x.rank(), arguments)?;
    Ok(vec![of(x, a, b, arguments.whole("offset")?)?])
}

pub(super) fn diagonal_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    let (a, b) = axes(x.rank(), arguments)?;
    let offset = arguments.whole("offset")?;
    let kept = x.dims().iter().enumerate().filter(|(i, _)| *i != a && *i != b).map(|(_, d)| *d);
    let count = x.dims()[a].zip(x.dims()[b]).map(|(rows, columns)| length(rows, columns, offset));
    Ok(vec![(Shape::new(kept.chain([count]).collect::<Vec<_>>()), *dtype)])
}

/// The sum of a diagonal.
pub(super) fn trace(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let diagonal = diagonal(operands, arguments)?;
    let dtype = Rule::Total.apply(x.dtype());
    diagonal.iter().map(|d| d.cast(dtype)?.sum(&[-1], false)?.cast(dtype)).collect()
}

pub(super) fn trace_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let diagonal = diagonal_spec(operands, arguments)?;
    let summed = |(shape, dtype): Spec| {
        let dims = shape.dims();
        (Shape::new(&dims[..dims.len().saturating_sub(1)]), Rule::Total.apply(dtype))
    };
    Ok(diagonal.into_iter().map(summed).collect())
}

/// Which elements of a matrix are on the diagonal that starts `k` to the right, or below it.
pub(super) fn lower(rows: usize, columns: usize, k: isize) -> Vec<bool> {
    let below = |i: usize| (i % columns) as i64 - (i / columns) as i64 <= k as i64;
    (0..rows * columns).map(below).collect()
}

/// Zeros above the `k`-th diagonal (`Tril`) or below it (`Triu`).
pub(super) fn triangle(x: &Tensor, arguments: &Arguments<'_>) -> Result<Tensor> {
    let [.., rows, columns] = *x.shape() else {
        return Err(Error::shape(arguments.class, "inputs", "at least two axes", Shape::from(x.shape())));
    };
    let k = arguments.whole("k")?;
    let tril = arguments.class == "Tril";
    // What is not on or below the diagonal before the k-th is on or above the k-th.
    let kept = lower(rows, columns, if tril { k } else { k.saturating_sub(1) });
    let kept = Tensor::from_data_on(TensorData::from_values(&kept, vec![rows, columns])?, x.device())?;
    x.where_(&if tril { kept } else { kept.logical_not()? }, &x.full_like(vec![], 0.0)?)
}
