//! Fourier transforms, of pairs of real and imaginary parts, as products with matrices of cosines and sines.

use super::host::made;
use super::matmul;
use super::rule::Rule;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use keras_rs_derive::operation;

/// Cosines and sines of `2 pi j k / size`, `(rows, columns)`.
fn turns(rows: usize, columns: usize, size: usize, like: &Tensor) -> Result<(Tensor, Tensor)> {
    crate::limits::check_shape("fft", DType::F64, &[rows, columns])?;
    let angle = |i: usize| {
        let turn = (i / columns) * (i % columns) % size;
        std::f64::consts::TAU * turn as f64 / size as f64
    };
    let table = |f: fn(f64) -> f64| {
        let values: Vec<f64> = (0..rows * columns).map(|i| f(angle(i))).collect();
        made(&values, [rows, columns], like.dtype(), like)
    };
    Ok((table(f64::cos)?, table(f64::sin)?))
}

/// Both parts as floats of one shape and type.
fn parts(context: &str, x: [&Tensor; 2]) -> Result<[Tensor; 2]> {
    let [real, imaginary] = x;
    if real.shape() != imaginary.shape() || real.rank() == 0 || real.is_empty() {
        let expected = format!("parts of one shape with elements, as {}", tuple(real.shape()));
        return Err(Error::shape(context, "x", expected, tuple(imaginary.shape())));
    }
    let dtype = Rule::Float.apply(real.dtype().promote(imaginary.dtype()));
    Ok([real.cast(dtype)?, imaginary.cast(dtype)?])
}

/// The transform along the last axis; `sign` is -1 for the inverse, whose sums are not divided here.
fn along_last([real, imaginary]: &[Tensor; 2], sign: f64) -> Result<[Tensor; 2]> {
    let size = real.dim(-1)?;
    let (cos, sin) = turns(size, size, size, real)?;
    let sin = sin.mul_scalar(sign)?;
    let new_real = matmul(real, &cos)?.add(&matmul(imaginary, &sin)?)?;
    let new_imaginary = matmul(imaginary, &cos)?.sub(&matmul(real, &sin)?)?;
    Ok([new_real, new_imaginary])
}

fn along_two(x: &[Tensor; 2], sign: f64) -> Result<[Tensor; 2]> {
    let turned =
        |[a, b]: [Tensor; 2]| -> Result<[Tensor; 2]> { Ok([a.move_axis(-1, -2)?, b.move_axis(-1, -2)?]) };
    turned(along_last(&turned(along_last(x, sign)?)?, sign)?)
}

/// Fourier's transform along the last axis. Keras' `ops.fft`.
///
/// Computed as a product with a matrix: gradients flow, and the work grows with the square of the size.
///
/// # Errors
/// [`Error::Shape`] where the parts differ in shape or have no elements.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let (real, zero) = (Tensor::from([1.0, 0.0, 0.0, 0.0])?, Tensor::from([0.0; 4])?);
/// let [real, _imaginary] = ops::fft([&real, &zero])?;
/// assert_eq!(real.to_vec::<f32>()?, [1.0; 4]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation("FFT")]
pub fn fft(x: [&Tensor; 2]) -> Result<[Tensor; 2]> {
    along_last(&parts("fft", x)?, 1.0)
}

/// Shape and type of both parts, whose last axis must be known.
pub(crate) fn fft_spec((real, a): &Spec, (imaginary, b): &Spec) -> Result<[Spec; 2]> {
    same_parts("fft", real, imaginary)?;
    real.known_dim("fft", -1)?;
    let spec = (real.clone(), Rule::Float.apply(a.promote(*b)));
    Ok([spec.clone(), spec])
}

pub(crate) fn fft2_spec(real: &Spec, imaginary: &Spec) -> Result<[Spec; 2]> {
    real.0.known_dim("fft2", -2)?;
    fft_spec(real, imaginary)
}

pub(super) fn same_parts(context: &str, real: &Shape, imaginary: &Shape) -> Result<()> {
    if real == imaginary {
        return Ok(());
    }
    Err(Error::shape(context, "x", format!("parts of one shape, as {real}"), imaginary.clone()))
}

/// Fourier's transform along the last two axes. Keras' `ops.fft2`.
///
/// # Errors
/// As [`fft`].
#[operation("FFT2")]
pub fn fft2(x: [&Tensor; 2]) -> Result<[Tensor; 2]> {
    let x = parts("fft2", x)?;
    two_axes("fft2", &x[0])?;
    along_two(&x, 1.0)
}

/// The inverse of [`fft2`]. Keras' `ops.ifft2`.
///
/// # Errors
/// As [`fft`].
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let (real, imaginary) = (Tensor::from([[1.0, 2.0], [3.0, 4.0]])?, Tensor::from([[0.0; 2]; 2])?);
/// let [a, b] = ops::fft2([&real, &imaginary])?;
/// assert_eq!(ops::ifft2([&a, &b])?[0].to_vec::<f32>()?, [1.0, 2.0, 3.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation("IFFT2")]
pub fn ifft2(x: [&Tensor; 2]) -> Result<[Tensor; 2]> {
    let x = parts("ifft2", x)?;
    two_axes("ifft2", &x[0])?;
    let count = (x[0].dim(-1)? * x[0].dim(-2)?) as f64;
    let [real, imaginary] = along_two(&x, -1.0)?;
    Ok([real.div_scalar(count)?, imaginary.div_scalar(count)?])
}

fn two_axes(context: &str, x: &Tensor) -> Result<()> {
    if x.rank() >= 2 {
        return Ok(());
    }
    Err(Error::shape(context, "x", "at least two axes", tuple(x.shape())))
}

/// The tensor cut or filled with zeros to a size of its last axis.
fn resized(x: &Tensor, size: usize) -> Result<Tensor> {
    let own = x.dim(-1)?;
    if own >= size {
        return x.narrow(-1, 0..size);
    }
    let mut padding = vec![(0, 0); x.rank()];
    padding[x.rank() - 1] = (0, size - own);
    x.pad(&padding, 0.0)
}

/// Fourier's transform of real numbers along the last axis: the first `fft_length / 2 + 1` values. Keras' `ops.rfft`.
///
/// The axis is cut or filled with zeros to `fft_length`, by default its own size.
///
/// # Errors
/// [`Error::Argument`] for a length of 0, [`Error::Shape`] for a tensor without axes.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let [real, imaginary] = ops::rfft(&Tensor::from([1.0, 2.0, 3.0, 4.0])?, None)?;
/// assert_eq!((real.shape(), real.to_vec::<f32>()?[0]), (&[3][..], 10.0));
/// let again = ops::irfft([&real, &imaginary], None)?.to_vec::<f32>()?;
/// assert!((again[3] - 4.0).abs() < 1e-5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation("RFFT")]
pub fn rfft(x: &Tensor, fft_length: impl Into<Option<usize>>) -> Result<[Tensor; 2]> {
    let size = length("rfft", fft_length.into().map_or_else(|| x.dim(-1), Ok)?)?;
    let x = resized(&x.to_float()?, size)?;
    let (cos, sin) = turns(size, size / 2 + 1, size, &x)?;
    Ok([matmul(&x, &cos)?, matmul(&x, &sin)?.neg()?])
}

pub(crate) fn rfft_spec((x, dtype): &Spec, fft_length: Option<usize>) -> Result<[Spec; 2]> {
    let size = fft_length.map_or_else(|| last("rfft", x), |length| Ok(Some(length)))?;
    let spec = (with_last(x, size.map(|size| size / 2 + 1)), Rule::Float.apply(*dtype));
    Ok([spec.clone(), spec])
}

fn last(context: &str, x: &Shape) -> Result<Option<usize>> {
    x.dims().last().copied().ok_or_else(|| Error::shape(context, "x", "at least one axis", x.clone()))
}

fn with_last(x: &Shape, size: Option<usize>) -> Shape {
    let mut dims = x.dims().to_vec();
    if let Some(last) = dims.last_mut() {
        *last = size;
    }
    Shape::new(dims)
}

fn length(context: &str, length: usize) -> Result<usize> {
    if length > 0 { Ok(length) } else { Err(Error::argument(context, "fft_length", "at least 1", length)) }
}

/// The inverse of [`rfft`]: real numbers. Keras' `ops.irfft`.
///
/// `fft_length` is by default `2 * (values - 1)`.
///
/// # Errors
/// As [`fft`] and [`rfft`].
#[operation("IRFFT")]
pub fn irfft(x: [&Tensor; 2], fft_length: impl Into<Option<usize>>) -> Result<Tensor> {
    let [real, imaginary] = parts("irfft", x)?;
    let size = length("irfft", fft_length.into().unwrap_or(2 * (real.dim(-1)? - 1)))?;
    let count = size / 2 + 1;
    let (real, imaginary) = (resized(&real, count)?, resized(&imaginary, count)?);
    // Every value but the first, and the last of an even size, stands for its conjugate, too.
    let weight = |k: usize| if k == 0 || 2 * k == size { 1.0 } else { 2.0 } / size as f64;
    let weights = made(&(0..count).map(weight).collect::<Vec<_>>(), [count], real.dtype(), &real)?;
    let (cos, sin) = turns(count, size, size, &real)?;
    matmul(&real.mul(&weights)?, &cos)?.sub(&matmul(&imaginary.mul(&weights)?, &sin)?)
}

pub(crate) fn irfft_spec((real, a): &Spec, (imaginary, b): &Spec, fft_length: Option<usize>) -> Result<Spec> {
    same_parts("irfft", real, imaginary)?;
    let size = match fft_length {
        Some(length) => Some(length),
        None => last("irfft", real)?.map(|size| 2 * size.saturating_sub(1)),
    };
    Ok((with_last(real, size), Rule::Float.apply(a.promote(*b))))
}

/// Pieces of the last axis, `sequence_length` long, one every `sequence_stride` elements: `(..., pieces,
/// sequence_length)`. Keras' `ops.extract_sequences`.
///
/// # Errors
/// [`Error::Argument`] for lengths or strides of 0 and lengths beyond the axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let pieces = ops::extract_sequences(&Tensor::from([1.0, 2.0, 3.0, 4.0, 5.0])?, 3, 2)?;
/// assert_eq!(pieces.to_vec::<f32>()?, [1.0, 2.0, 3.0, 3.0, 4.0, 5.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn extract_sequences(x: &Tensor, sequence_length: usize, sequence_stride: usize) -> Result<Tensor> {
    pieces(Some(x.dim(-1)?), sequence_length, sequence_stride)?;
    let starts = (0..=x.dim(-1)? - sequence_length).step_by(sequence_stride);
    let pieces: Vec<Tensor> =
        starts.map(|start| x.narrow(-1, start..start + sequence_length)).collect::<Result<_>>()?;
    Tensor::stack(&pieces, -2)
}

/// How many pieces an axis has.
fn pieces(size: Option<usize>, length: usize, stride: usize) -> Result<Option<usize>> {
    if length == 0 || stride == 0 || size.is_some_and(|size| size < length) {
        let most = size.map_or("all".into(), |size| size.to_string());
        let got = format!("{length} every {stride}");
        return Err(Error::argument(
            "extract_sequences",
            "sequence_length",
            format!("1 to {most} elements"),
            got,
        ));
    }
    Ok(size.map(|size| (size - length) / stride + 1))
}

pub(crate) fn extract_sequences_spec((x, dtype): &Spec, length: usize, stride: usize) -> Result<Spec> {
    let size = pieces(last("extract_sequences", x)?, length, stride)?;
    let mut dims = with_last(x, size).dims().to_vec();
    dims.push(Some(length));
    Ok((Shape::new(dims), *dtype))
}
