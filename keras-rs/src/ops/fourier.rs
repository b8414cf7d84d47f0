//! Fourier transforms, of pairs of real and imaginary parts, as products with matrices of cosines and sines.

use super::host::made;
use super::matmul;
use crate::error::{Error, Result, tuple};
use crate::tensor::Tensor;

/// Cosines and sines of `2 pi j k / size`, `(rows, columns)`.
fn turns(rows: usize, columns: usize, size: usize, like: &Tensor) -> Result<(Tensor, Tensor)> {
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

/// Both parts as floats of one shape.
fn parts(context: &str, x: [&Tensor; 2]) -> Result<[Tensor; 2]> {
    let [real, imaginary] = x;
    if real.shape() != imaginary.shape() || real.rank() == 0 || real.is_empty() {
        let expected = format!("parts of one shape with elements, as {}", tuple(real.shape()));
        return Err(Error::shape(context, "x", expected, tuple(imaginary.shape())));
    }
    Ok([real.to_float()?, imaginary.to_float()?])
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
pub fn fft(x: [&Tensor; 2]) -> Result<[Tensor; 2]> {
    along_last(&parts("fft", x)?, 1.0)
}

/// Fourier's transform along the last two axes. Keras' `ops.fft2`.
///
/// # Errors
/// As [`fft`].
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
pub fn rfft(x: &Tensor, fft_length: impl Into<Option<usize>>) -> Result<[Tensor; 2]> {
    let size = length("rfft", fft_length.into().map_or_else(|| x.dim(-1), Ok)?)?;
    let x = resized(&x.to_float()?, size)?;
    let (cos, sin) = turns(size, size / 2 + 1, size, &x)?;
    Ok([matmul(&x, &cos)?, matmul(&x, &sin)?.neg()?])
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
pub fn extract_sequences(x: &Tensor, sequence_length: usize, sequence_stride: usize) -> Result<Tensor> {
    let size = x.dim(-1)?;
    if !(1..=size).contains(&sequence_length) || sequence_stride == 0 {
        let got = format!("{sequence_length} every {sequence_stride}");
        return Err(Error::argument(
            "extract_sequences",
            "sequence_length",
            format!("1 to {size} elements"),
            got,
        ));
    }
    let starts = (0..=size - sequence_length).step_by(sequence_stride);
    let pieces: Vec<Tensor> =
        starts.map(|start| x.narrow(-1, start..start + sequence_length)).collect::<Result<_>>()?;
    Tensor::stack(&pieces, -2)
}
