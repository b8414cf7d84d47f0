//! Products, distances and correlations of vectors and matrices.

use super::arguments::Axes;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::tensor::{Tensor, resolve_axis};

/// Kronecker's product: `x1` with each element replaced by it times `x2`. Keras' `ops.kron`.
///
/// # Errors
/// [`Error::DType`] where the backend lacks the promoted type.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// let b = Tensor::from_slice::<f32>(&[1.0, 10.0], [2])?;
/// assert_eq!(ops::kron(&a, &b)?.to_vec::<f32>()?, [1.0, 10.0, 2.0, 20.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn kron(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    let rank = x1.rank().max(x2.rank());
    let padded = |x: &Tensor| [vec![1; rank - x.rank()], x.shape().to_vec()].concat();
    let (a, b) = (padded(x1), padded(x2));
    let spread = |dims: &[usize], first: bool| -> Vec<usize> {
        dims.iter().flat_map(|&d| if first { [d, 1] } else { [1, d] }).collect()
    };
    let product = x1.reshape(spread(&a, true))?.mul(&x2.reshape(spread(&b, false))?)?;
    product.reshape(a.iter().zip(&b).map(|(a, b)| a * b).collect::<Vec<_>>())
}

/// The vector product of vectors with two or three elements. Keras' `ops.cross`.
///
/// Vectors lie along `axis`, or along `axisa`, `axisb` and `axisc` (of the result). Two vectors of two elements
/// give a number; a missing third element is 0.
///
/// # Errors
/// [`Error::Shape`] for vectors of other sizes.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 0.0, 0.0], [3])?;
/// let y = Tensor::from_slice::<f32>(&[0.0, 1.0, 0.0], [3])?;
/// assert_eq!(ops::cross(&x, &y, -1, -1, -1, None)?.to_vec::<f32>()?, [0.0, 0.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn cross(
    x1: &Tensor,
    x2: &Tensor,
    axisa: isize,
    axisb: isize,
    axisc: isize,
    axis: impl Into<Option<isize>>,
) -> Result<Tensor> {
    let axis = axis.into();
    let parts = |x: &Tensor, at: isize| -> Result<Vec<Tensor>> {
        let at = axis.unwrap_or(at);
        let size = x.dim(at)?;
        if !matches!(size, 2 | 3) {
            return Err(Error::shape("cross", "x", "2 or 3 elements along the axis", tuple(x.shape())));
        }
        (0..size).map(|i| x.narrow(at, i..i + 1)?.squeeze(&[at])).collect()
    };
    let (a, b) = (parts(x1, axisa)?, parts(x2, axisb)?);
    let term = |i: usize, j: usize| -> Result<Tensor> {
        match (a.get(i), b.get(j)) {
            (Some(a), Some(b)) => a.mul(b),
            _ => a[0].mul(&b[0])?.mul_scalar(0.0),
        }
    };
    let component = |i: usize, j: usize| term(i, j)?.sub(&term(j, i)?);
    if a.len() == 2 && b.len() == 2 {
        return component(0, 1);
    }
    let all = [component(1, 2)?, component(2, 0)?, component(0, 1)?];
    Tensor::stack(&all, axis.unwrap_or(axisc))
}

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

/// The area under the points `y`, which lie `dx` apart, or at `x`, along an axis. Keras' `ops.trapezoid`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let y = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [3])?;
/// assert_eq!(ops::trapezoid(&y, None, 2.0, -1)?.to_scalar()?, 8.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn trapezoid(y: &Tensor, x: Option<&Tensor>, dx: f64, axis: isize) -> Result<Tensor> {
    let at = resolve_axis("trapezoid", axis, y.rank())?;
    let (y, axis) = (y.to_float()?, at as isize);
    let size = y.shape()[at];
    if size < 2 {
        return y.mul_scalar(0.0)?.sum(&[axis], false);
    }
    let heights = y.narrow(axis, 1..size)?.add(&y.narrow(axis, 0..size - 1)?)?;
    let areas = match x {
        None => heights.mul_scalar(dx)?,
        Some(x) => {
            let axis = if x.rank() == 1 { 0 } else { axis };
            let widths = x.narrow(axis, 1..size)?.sub(&x.narrow(axis, 0..size - 1)?)?.cast(y.dtype())?;
            let mut shape = vec![1; y.rank()];
            shape[at] = size - 1;
            heights.mul(&if x.rank() == 1 { widths.reshape(shape)? } else { widths })?
        }
    };
    areas.sum(&[axis], false)?.mul_scalar(0.5)
}

/// Euclidean distances of the rows of `x` from the rows of `y`, `(..., rows of x, rows of y)`. Keras' `ops.cdist`.
///
/// # Errors
/// [`Error::Shape`] where the shapes do not fit.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[0.0, 0.0], [1, 2])?;
/// let b = Tensor::from_slice::<f32>(&[3.0, 4.0], [1, 2])?;
/// assert_eq!(ops::cdist(&a, &b)?.to_vec::<f32>()?, [5.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn cdist(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    let gaps = x.to_float()?.expand_dims(-2)?.sub(&y.to_float()?.expand_dims(-3)?)?;
    gaps.square()?.sum(&[-1], false)?.sqrt()
}

/// A matrix with a vector on a diagonal, or the diagonal of a matrix. Keras' `ops.diag`.
///
/// # Errors
/// [`Error::Shape`] for more than two axes or none.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// let matrix = ops::diag(&x, 0)?;
/// assert_eq!(matrix.to_vec::<f32>()?, [1.0, 0.0, 0.0, 2.0]);
/// assert_eq!(ops::diag(&matrix, 0)?.to_vec::<f32>()?, [1.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn diag(x: &Tensor, k: isize) -> Result<Tensor> {
    match x.rank() {
        1 => {
            let (n, shift) = (x.len(), k.unsigned_abs());
            // Row by row, each element is followed by the rest of its row and what precedes the next one.
            let rows = x.reshape([n, 1])?.mul(&super::identity(n, x.dtype())?.to_device(x.device())?)?;
            let before = if k < 0 { [(shift, 0), (0, shift)] } else { [(0, shift), (shift, 0)] };
            rows.pad(&before, 0.0)
        }
        2 => super::diagonal(x, k, 0, 1),
        _ => Err(Error::shape("diag", "x", "a vector or a matrix", tuple(x.shape()))),
    }
}

/// A matrix with all elements on a diagonal. Keras' `ops.diagflat`.
///
/// # Errors
/// As [`diag`].
pub fn diagflat(x: &Tensor, k: isize) -> Result<Tensor> {
    diag(&x.reshape([x.len()])?, k)
}

/// The ratio in decibels of the largest value to the mean squared difference of two images. Keras' `ops.psnr`.
///
/// # Errors
/// [`Error::Shape`] where the shapes differ.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[0.0, 0.0], [2])?;
/// let b = Tensor::from_slice::<f32>(&[0.1, 0.1], [2])?;
/// assert!((ops::psnr(&a, &b, 1.0)?.to_scalar()? - 20.0).abs() < 1e-4);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn psnr(x1: &Tensor, x2: &Tensor, max_val: f64) -> Result<Tensor> {
    if x1.shape() != x2.shape() {
        return Err(Error::shape("psnr", "x2", tuple(x1.shape()), tuple(x2.shape())));
    }
    let error = super::mean(&x1.to_float()?.sub(&x2.to_float()?)?.square()?, Axes::All, false)?;
    super::log10(&error)?.mul_scalar(-10.0)?.add_scalar(20.0 * max_val.log10())
}
