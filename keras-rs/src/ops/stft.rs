//! Fourier transforms of windows that slide over a signal, and the signal from them.

use super::fourier::{irfft, rfft, same_parts};
use super::host::made;
use super::rule::Rule;
use super::{Data, PadMode, ToData, extract_sequences, pad};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use keras_rs_derive::operation;
use std::f64::consts::TAU;

/// Factors of the elements of each window of [`stft`] and [`istft`]. Keras' argument `window`.
///
/// ```
/// use keras_rs::ops::SignalWindow;
///
/// assert_eq!(SignalWindow::try_from("hamming")?, SignalWindow::Hamming);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub enum SignalWindow {
    /// Hann's, periodic: `0.5 - 0.5 cos(2 pi k / length)`.
    #[default]
    Hann,
    /// Hamming's, periodic: `0.54 - 0.46 cos(2 pi k / length)`.
    Hamming,
    /// One for each element.
    Ones,
    /// These numbers.
    Values(Vec<f64>),
}

impl SignalWindow {
    /// The factors for windows of `length` elements, amid zeros where the transform has more.
    fn factors(&self, context: &str, length: usize, fft_length: usize) -> Result<Vec<f64>> {
        let turn = |k: usize| (TAU * k as f64 / length as f64).cos();
        let own: Vec<f64> = match self {
            // Keras fills up with ones, too.
            Self::Ones => return Ok(vec![1.0; fft_length]),
            Self::Hann | Self::Hamming if length == 1 => vec![1.0],
            Self::Hann => (0..length).map(|k| 0.5 - 0.5 * turn(k)).collect(),
            Self::Hamming => (0..length).map(|k| 0.54 - 0.46 * turn(k)).collect(),
            Self::Values(values) if values.len() == length => values.clone(),
            Self::Values(values) => {
                let got = format!("{} numbers", values.len());
                return Err(Error::argument(context, "window", format!("{length} numbers"), got));
            }
        };
        let mut factors = vec![0.0; fft_length];
        let start = (fft_length - length) / 2;
        factors[start..start + length].copy_from_slice(&own);
        Ok(factors)
    }
}

impl TryFrom<&str> for SignalWindow {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        match name {
            "hann" => Ok(Self::Hann),
            "hamming" => Ok(Self::Hamming),
            _ => Err(Error::unknown_name("window", name, ["hann", "hamming"])),
        }
    }
}

impl From<Vec<f64>> for SignalWindow {
    fn from(values: Vec<f64>) -> Self {
        Self::Values(values)
    }
}

impl ToData for SignalWindow {
    fn to_data(&self) -> Data {
        match self {
            Self::Hann => Data::Text("hann".into()),
            Self::Hamming => Data::Text("hamming".into()),
            Self::Ones => Data::Null,
            Self::Values(values) => values.to_data(),
        }
    }
}

/// Refuses lengths that do not go together.
fn check_lengths(context: &str, length: usize, stride: usize, fft_length: usize) -> Result<()> {
    for (name, number) in [("sequence_length", length), ("sequence_stride", stride)] {
        if number == 0 {
            return Err(Error::argument(context, name, "at least 1", number));
        }
    }
    if fft_length < length {
        return Err(Error::argument(context, "fft_length", format!("at least {length}"), fft_length));
    }
    Ok(())
}

/// How many windows a signal has.
fn windows(x: &Shape, stride: usize, fft_length: usize, center: bool) -> Result<Option<usize>> {
    let Some(last) = x.dims().last() else {
        return Err(Error::shape("stft", "x", "at least one axis", x));
    };
    let Some(size) = *last else { return Ok(None) };
    let padding = if center { fft_length / 2 } else { 0 };
    let whole = padding.saturating_mul(2).saturating_add(size);
    if size == 0 || whole < fft_length {
        return Err(Error::shape("stft", "x", format!("a last axis of at least {fft_length} elements"), x));
    }
    Ok(Some((whole - fft_length) / stride + 1))
}

/// Fourier's transforms of windows along the last axis, one every `sequence_stride` elements: their real and imaginary
/// parts. Keras' `ops.stft`.
///
/// Shapes: `(..., size)` gives two of `(..., windows, fft_length / 2 + 1)`. A window of `sequence_length` elements stands in
/// the middle of `fft_length` elements, times the factors of `window`; with `center` the signal is continued on both sides by
/// its mirror image, so that window `t` is around element `t * sequence_stride`.
///
/// # Errors
/// [`Error::DType`] for other types than `float32` and `float64`, [`Error::Argument`] for lengths of 0, an `fft_length` below
/// `sequence_length` or another number of factors, [`Error::Shape`] where no window fits.
///
/// ```
/// use keras_rs::{Tensor, ops, ops::SignalWindow};
///
/// let x = Tensor::from([0.0, 1.0, 2.0, 3.0, 4.0])?;
/// let [real, imaginary] = ops::stft(&x, 3, 2, 3, SignalWindow::Hann, true)?;
/// assert_eq!(real.shape(), [3, 2]);
/// assert!((real.to_vec::<f32>()?[0] - 0.75).abs() < 1e-6);
/// let again = ops::istft([&real, &imaginary], 3, 2, 3, None, SignalWindow::Hann, true)?;
/// assert!((again.to_vec::<f32>()?[2] - 2.0).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation("STFT")]
pub fn stft(
    x: &Tensor,
    sequence_length: usize,
    sequence_stride: usize,
    fft_length: usize,
    window: impl Into<SignalWindow>,
    center: bool,
) -> Result<[Tensor; 2]> {
    check_lengths("stft", sequence_length, sequence_stride, fft_length)?;
    if !matches!(x.dtype(), DType::F32 | DType::F64) {
        let got = x.dtype().to_string();
        return Err(Error::DType { context: "stft".into(), expected: "float32 or float64".into(), got });
    }
    let factors = window.into().factors("stft", sequence_length, fft_length)?;
    windows(&x.shape().into(), sequence_stride, fft_length, center)?;
    let mut around = vec![(0, 0); x.rank()];
    if let (true, Some(last)) = (center, around.last_mut()) {
        *last = (fft_length / 2, fft_length / 2);
    }
    let signal = pad(x, &around, PadMode::Reflect, None)?;
    let pieces = extract_sequences(&signal, fft_length, sequence_stride)?;
    rfft(&pieces.mul(&made(&factors, [fft_length], x.dtype(), x)?)?, fft_length)
}

pub(crate) fn stft_spec(
    (x, dtype): &Spec,
    sequence_length: usize,
    sequence_stride: usize,
    fft_length: usize,
    _window: SignalWindow,
    center: bool,
) -> Result<[Spec; 2]> {
    check_lengths("stft", sequence_length, sequence_stride, fft_length)?;
    let mut dims = x.dims().to_vec();
    let windows = windows(x, sequence_stride, fft_length, center)?;
    dims.pop();
    dims.extend([windows, Some(fft_length / 2 + 1)]);
    let spec = (Shape::new(dims), *dtype);
    Ok([spec.clone(), spec])
}

/// The part of the sum of windows that is the signal.
fn kept(
    windows: usize,
    stride: usize,
    fft_length: usize,
    length: Option<usize>,
    center: bool,
) -> std::ops::Range<usize> {
    let whole = (windows.saturating_sub(1)).saturating_mul(stride).saturating_add(fft_length);
    let start = if center { (fft_length / 2).min(whole) } else { 0 };
    let stop = match length {
        Some(length) => start.saturating_add(length).min(whole),
        None if center => whole.saturating_sub(fft_length / 2).max(start),
        None => whole,
    };
    start..stop
}

/// The signal of windows that [`stft`] gives for the same arguments: their inverses, times the factors of `window`, are
/// summed, and divided by the sums of the squares of the factors. Keras' `ops.istft`.
///
/// Shapes: two of `(..., windows, fft_length / 2 + 1)` give `(..., size)`; `length` cuts the signal after so many elements.
/// Elements that no factor reaches are 0. With [`SignalWindow::Ones`] sums are divided by `sequence_stride / fft_length`
/// more, as in Keras on JAX.
///
/// # Errors
/// [`Error::Shape`] where the parts differ in shape or have less than two axes, [`Error::Argument`] as [`stft`].
///
/// ```
/// use keras_rs::{Tensor, ops, ops::SignalWindow};
///
/// let x = Tensor::from([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]])?;
/// let [real, imaginary] = ops::stft(&x, 4, 1, 4, SignalWindow::Hamming, true)?;
/// let again = ops::istft([&real, &imaginary], 4, 1, 4, 3, SignalWindow::Hamming, true)?;
/// assert!(again.to_vec::<f32>()?.iter().zip([1.0, 2.0, 3.0]).all(|(y, want)| (y - want).abs() < 1e-5));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation("ISTFT")]
pub fn istft(
    x: [&Tensor; 2],
    sequence_length: usize,
    sequence_stride: usize,
    fft_length: usize,
    length: impl Into<Option<usize>>,
    window: impl Into<SignalWindow>,
    center: bool,
) -> Result<Tensor> {
    let (window, length, stride) = (window.into(), length.into(), sequence_stride);
    check_lengths("istft", sequence_length, stride, fft_length)?;
    let [real, imaginary] = x;
    check_parts(&real.shape().into(), &imaginary.shape().into())?;
    let factors = window.factors("istft", sequence_length, fft_length)?;
    let dtype = Rule::Float.apply(real.dtype().promote(imaginary.dtype()));
    let count = real.dim(-2)?;
    let whole = (count - 1).saturating_mul(stride).saturating_add(fft_length);
    let mut shape = real.shape()[..real.rank() - 2].to_vec();
    shape.push(whole);
    crate::limits::check_shape("istft", dtype, &shape)?;

    let mut squares = vec![0.0; whole];
    for start in (0..count).map(|number| number * stride) {
        squares[start..start + fft_length].iter_mut().zip(&factors).for_each(|(sum, f)| *sum += f * f);
    }
    let extra = if window == SignalWindow::Ones { fft_length as f64 / stride as f64 } else { 1.0 };
    let inverse = |square: &f64| extra / if *square > 1e-10 { *square } else { 1.0 };
    let weights: Vec<f64> = squares.iter().map(inverse).collect();

    let pieces = irfft(x, fft_length)?.mul(&made(&factors, [fft_length], dtype, real)?)?;
    let signal =
        summed(&pieces, stride)?.narrow(-1, 0..whole)?.mul(&made(&weights, [whole], dtype, real)?)?;
    signal.narrow(-1, kept(count, stride, fft_length, length, center))
}

/// Sums of pieces `(..., pieces, size)` that start `stride` elements apart, zeros behind them.
fn summed(pieces: &Tensor, stride: usize) -> Result<Tensor> {
    let (count, size) = (pieces.dim(-2)?, pieces.dim(-1)?);
    // Each piece is a row of parts as long as the stride: part k of all pieces is moved by k and added.
    let parts = size.div_ceil(stride);
    let mut leading = pieces.shape()[..pieces.rank() - 2].to_vec();
    let mut around = vec![(0, 0); pieces.rank()];
    around[pieces.rank() - 1] = (0, parts * stride - size);
    let pieces = pieces.pad(&around, 0.0)?;
    let mut sum: Option<Tensor> = None;
    for part in 0..parts {
        let mut moved = vec![(0, 0); pieces.rank()];
        moved[pieces.rank() - 2] = (part, parts - 1 - part);
        let part = pieces.narrow(-1, part * stride..(part + 1) * stride)?.pad(&moved, 0.0)?;
        sum = Some(match sum {
            Some(sum) => sum.add(&part)?,
            None => part,
        });
    }
    leading.push((count + parts - 1) * stride);
    sum.unwrap_or(pieces).reshape(leading)
}

fn check_parts(real: &Shape, imaginary: &Shape) -> Result<()> {
    same_parts("istft", real, imaginary)?;
    if real.rank() < 2 || real.dims().contains(&Some(0)) {
        let expected = "at least two axes, with elements";
        return Err(Error::shape("istft", "x", expected, real));
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "two operands and Keras' arguments")]
pub(crate) fn istft_spec(
    (real, dtype): &Spec,
    (imaginary, other): &Spec,
    sequence_length: usize,
    sequence_stride: usize,
    fft_length: usize,
    length: Option<usize>,
    _window: SignalWindow,
    center: bool,
) -> Result<Spec> {
    check_lengths("istft", sequence_length, sequence_stride, fft_length)?;
    check_parts(real, imaginary)?;
    let mut dims = real.dims().to_vec();
    dims.pop();
    let windows = dims.pop().flatten();
    dims.push(windows.map(|windows| kept(windows, sequence_stride, fft_length, length, center).len()));
    Ok((Shape::new(dims), Rule::Float.apply(dtype.promote(*other))))
}
