//! Functions for losses whose gradients must be those of Keras where they have a kink, and finite where
//! they saturate.

use crate::error::Result;
use crate::tensor::Tensor;

/// Keras' `epsilon()`.
pub(super) const EPSILON: f64 = 1e-7;

/// The mean of two tensors of equal values, so that the gradient is the mean of both.
fn mean_of(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    a.mul_scalar(0.5)?.add(&b.mul_scalar(0.5)?)
}

/// Absolute value, with the gradient 1 at zero, as in JAX.
pub(super) fn absolute(x: &Tensor) -> Result<Tensor> {
    if !x.is_recorded() {
        return x.abs();
    }
    let zero = x.full_like(vec![1; x.rank()], 0.0)?;
    x.where_(&x.greater_equal(&zero)?, &x.neg()?)
}

/// The larger of `x` and a bound. Where both are equal the gradient is 1/2, as in JAX; that is
/// the case for probabilities that a softmax rounds to 1.
pub(super) fn at_least(x: &Tensor, bound: f64) -> Result<Tensor> {
    let clipped = x.clip(Some(bound), None)?;
    if !x.is_recorded() {
        return Ok(clipped);
    }
    let limit = x.full_like(vec![1; x.rank()], bound)?;
    mean_of(&clipped, &limit.where_(&x.less_equal(&limit)?, x)?)
}

/// The smaller of `x` and a bound; gradients as in [`at_least`].
pub(super) fn at_most(x: &Tensor, bound: f64) -> Result<Tensor> {
    let clipped = x.clip(None, Some(bound))?;
    if !x.is_recorded() {
        return Ok(clipped);
    }
    let limit = x.full_like(vec![1; x.rank()], bound)?;
    mean_of(&clipped, &limit.where_(&x.greater_equal(&limit)?, x)?)
}

/// Probabilities clipped to `EPSILON..=1 - EPSILON`, so that `log(x)` and `log(1 - x)` are finite.
pub(super) fn clip_probabilities(x: &Tensor) -> Result<Tensor> {
    at_most(&at_least(x, EPSILON)?, 1.0 - EPSILON)
}

/// Probabilities divided by their sum along an axis, then clipped as [`clip_probabilities`] does.
pub(super) fn normalize_probabilities(x: &Tensor, axis: isize) -> Result<Tensor> {
    clip_probabilities(&x.div(&x.sum(&[axis], true)?)?)
}

/// A power, with a finite gradient at zero where the derivative is finite.
pub(super) fn power(x: &Tensor, exponent: f64) -> Result<Tensor> {
    // Some devices give NaN for powers of numbers that rounding made negative.
    match exponent {
        0.0 => x.full_like(x.shape(), 1.0),
        1.0 => Ok(x.clone()),
        2.0 => x.square(),
        _ => x.pow_scalar(exponent),
    }
}

/// `log(sum(exp(x)))` along an axis without overflow; minus infinity where all elements are.
pub(super) fn log_sum_exp(x: &Tensor, axis: isize) -> Result<Tensor> {
    let max = x.detach().max(&[axis], true)?;
    let zero = max.full_like(vec![1; max.rank()], 0.0)?;
    let shift = zero.where_(&max.sub(&max)?.is_nan()?, &max)?;
    x.sub(&shift)?.exp()?.sum(&[axis], true)?.log()?.add(&shift)?.squeeze(&[axis])
}

/// True where the index along a new axis is the label; all false for labels outside the classes.
pub(super) fn one_hot(labels: &Tensor, classes: usize, axis: isize) -> Result<Tensor> {
    let labels = labels.cast(crate::DType::I32)?.expand_dims(axis)?;
    let mut shape = vec![1; labels.rank()];
    shape[labels.axis("one_hot", axis)?] = classes;
    labels.equal(&Tensor::arange_on(classes, labels.device())?.reshape(shape)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests;
