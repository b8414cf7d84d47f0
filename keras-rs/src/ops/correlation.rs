//! Correlations of rows, and of vectors that are moved along each other.

use super::rule::Rule;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use keras_rs_derive::operation;

/// Pearson's correlations of the rows. Keras' `ops.corrcoef`.
///
/// # Errors
/// [`Error::Shape`] where `x` has more than two axes.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 6.0, 4.0, 2.0], [2, 3])?;
/// let y = ops::corrcoef(&x)?.to_vec::<f32>()?;
/// assert!((y[1] + 1.0).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn corrcoef(x: &Tensor) -> Result<Tensor> {
    let rows = match x.rank() {
        2 => x.to_float()?,
        0 | 1 => x.to_float()?.reshape([1, x.len()])?,
        _ => return Err(Error::shape("corrcoef", "x", "at most two axes", tuple(x.shape()))),
    };
    let centred = rows.sub(&rows.mean(&[-1], true)?)?;
    let covariance = centred.matmul(&centred.transpose()?)?;
    let deviation = centred.square()?.sum(&[-1], true)?.sqrt()?;
    let y = covariance.div(&deviation.mul(&deviation.transpose()?)?)?.clip(Some(-1.0), Some(1.0))?;
    if x.rank() < 2 { y.reshape(Vec::<usize>::new()) } else { Ok(y) }
}

pub(crate) fn corrcoef_spec((x, dtype): &Spec) -> Result<Spec> {
    let dims = match x.dims() {
        [rows, _] => vec![*rows, *rows],
        [] | [_] => Vec::new(),
        _ => return Err(Error::shape("corrcoef", "x", "at most two axes", x.clone())),
    };
    Ok((Shape::new(dims), Rule::Float.apply(*dtype)))
}

/// Sums of products of a vector with another one that is moved along it. Keras' `ops.correlate`.
///
/// `mode` is `"valid"` (where both overlap wholly), `"same"` (as many as the longer one has) or `"full"`.
///
/// # Errors
/// [`Error::Argument`] for another mode, [`Error::Shape`] for tensors that are no vectors.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [3])?;
/// let b = Tensor::from_slice::<f32>(&[0.0, 1.0, 0.5], [3])?;
/// assert_eq!(ops::correlate(&a, &b, "valid")?.to_vec::<f32>()?, [3.5]);
/// assert_eq!(ops::correlate(&a, &b, "full")?.to_vec::<f32>()?, [0.5, 2.0, 3.5, 3.0, 0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn correlate(x1: &Tensor, x2: &Tensor, mode: &str) -> Result<Tensor> {
    for x in [x1, x2] {
        if x.rank() != 1 || x.is_empty() {
            return Err(Error::shape("correlate", "x", "a vector with elements", tuple(x.shape())));
        }
    }
    let (n, m) = (x1.len(), x2.len());
    let dtype = x1.dtype().promote(x2.dtype()).promote(DType::F32);
    let (a, b) = (x1.cast(dtype)?, x2.cast(dtype)?);
    // Row k of the matrix holds the part of x1 that stands opposite to x2 after k moves.
    let padded = a.pad(&[(m - 1, m - 1)], 0.0)?;
    let rows: Vec<Tensor> = (0..n + m - 1).map(|k| padded.narrow(0, k..k + m)).collect::<Result<_>>()?;
    let full = Tensor::stack(&rows, 0)?.matmul(&b.reshape([m, 1])?)?.reshape([n + m - 1])?;
    let (short, long) = (n.min(m), n.max(m));
    match mode {
        "full" => Ok(full),
        "valid" => full.narrow(0, short - 1..long),
        "same" => {
            let start = (short - 1) / 2 + if m > n { (short - 1) % 2 } else { 0 };
            full.narrow(0, start..start + long)
        }
        other => Err(Error::argument("correlate", "mode", "\"valid\", \"same\" or \"full\"", other)),
    }
}

pub(crate) fn correlate_spec((x1, a): &Spec, (x2, b): &Spec, mode: &str) -> Result<Spec> {
    let ([n], [m]) = (x1.dims(), x2.dims()) else {
        return Err(Error::shape("correlate", "x", "vectors", format!("{x1} and {x2}")));
    };
    let size = |of: fn(usize, usize) -> usize| n.zip(*m).map(|(n, m)| of(n, m));
    let size = match mode {
        "full" => size(|n, m| (n + m).saturating_sub(1)),
        "valid" => size(|n, m| n.max(m) - n.min(m) + 1),
        "same" => size(usize::max),
        other => return Err(Error::argument("correlate", "mode", "\"valid\", \"same\" or \"full\"", other)),
    };
    Ok((Shape::new([size]), a.promote(*b).promote(DType::F32)))
}
