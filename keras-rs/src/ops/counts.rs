//! How often values occur, and which different ones there are.

use super::arguments::Axes;
use super::host::{counted, made};
use super::lookup::places;
use super::rule::Rule;
use super::segments::{Reduction, over_rows};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use keras_rs_derive::operation;

/// How often each whole number from 0 occurs in a vector, or in each row of a matrix, or the sum of its weights; at least
/// `minlength` counts. Keras' `ops.bincount`.
///
/// Gradients flow to the weights.
///
/// # Errors
/// [`Error::DType`] for floats, [`Error::Argument`] for numbers below 0, [`Error::Shape`] where `x` has more than two
/// axes or none, or weights have another shape; [`Error::Argument`] for a symbolic `x` beside weights, which Keras keeps
/// in no file.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<i32>(&[1, 2, 2], [3])?;
/// assert_eq!(ops::bincount(&x, None, 4)?.to_vec::<i32>()?, [0, 1, 2, 0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation(keyword(weights))]
pub fn bincount(x: &Tensor, weights: Option<&Tensor>, minlength: usize) -> Result<Tensor> {
    let (rows, columns) = match *x.shape() {
        [columns] => (1, columns),
        [rows, columns] => (rows, columns),
        _ => return Err(Error::shape("bincount", "x", "one or two axes", tuple(x.shape()))),
    };
    let numbers = places("bincount", "x", x)?;
    let size = numbers.iter().max().map_or(0, |n| n + 1).max(minlength);
    let shape = if x.rank() == 1 { vec![size] } else { vec![rows, size] };
    crate::limits::check_shape("bincount", DType::I32, &shape)?;
    // Each row has counts of its own.
    let places: Vec<usize> = numbers.iter().enumerate().map(|(i, n)| i / columns.max(1) * size + n).collect();
    let Some(weights) = weights else {
        let mut counts = vec![0_usize; rows * size];
        places.iter().for_each(|&place| counts[place] += 1);
        return counted(&counts, shape, x);
    };
    if weights.shape() != x.shape() {
        return Err(Error::shape("bincount", "weights", tuple(x.shape()), tuple(weights.shape())));
    }
    over_rows(&weights.reshape([places.len()])?, &places, rows * size, Reduction::Sum)?.reshape(shape)
}

pub(crate) fn bincount_spec((x, _): &Spec) -> Result<Spec> {
    let dims = match x.dims() {
        [_] => vec![None],
        [rows, _] => vec![*rows, None],
        _ => return Err(Error::shape("bincount", "x", "one or two axes", x.clone())),
    };
    Ok((Shape::new(dims), DType::I32))
}

/// Counts of values in `bins` intervals of one width between the bounds of `range`, by default the smallest and the
/// largest value; and the edges of the intervals. Keras' `ops.histogram`.
///
/// Both are floats. Gradients flow through the edges.
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
#[operation]
pub fn histogram(x: &Tensor, bins: usize, range: impl Into<Option<(f64, f64)>>) -> Result<[Tensor; 2]> {
    let x = x.to_float()?;
    crate::limits::check_shape("histogram", x.dtype(), &[bins.saturating_add(1)])?;
    let number = |value: f64| x.detach().full_like(vec![], value);
    let (low, high) = match range.into() {
        Some((low, high)) => (number(low)?, number(high)?),
        None if x.is_empty() => (number(0.0)?, number(1.0)?),
        None => (super::amin(&x, Axes::All, false)?, super::amax(&x, Axes::All, false)?),
    };
    let (from, to) = (low.to_scalar()?, high.to_scalar()?);
    if bins == 0 || from > to {
        let got = format!("{bins} bins from {from} to {to}");
        return Err(Error::argument("histogram", "bins", "at least one between rising bounds", got));
    }
    let margin = if from == to { 0.5 } else { 0.0 };
    let (low, high) = (low.add_scalar(-margin)?, high.add_scalar(margin)?);
    let edges = super::linspace(&low, &high, bins + 1, true, None, 0)?;
    let bounds = edges.to_f64_vec()?;
    let mut counts = vec![0.0; bins];
    for value in x.to_f64_vec()?.iter().filter(|v| (bounds[0]..=bounds[bins]).contains(*v)) {
        counts[bounds.partition_point(|e| e <= value).clamp(1, bins) - 1] += 1.0;
    }
    Ok([made(&counts, [bins], x.dtype(), &x)?, edges])
}

pub(crate) fn histogram_spec((_, dtype): &Spec, bins: usize) -> Result<Vec<Spec>> {
    let dtype = Rule::Float.apply(*dtype);
    Ok(vec![(Shape::known(&[bins]), dtype), (Shape::known(&[bins.saturating_add(1)]), dtype)])
}
