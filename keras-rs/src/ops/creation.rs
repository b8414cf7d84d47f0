//! Tensors that are made from numbers: sequences, windows, grids, identity matrices.

use super::host::made;
use super::operand::Results;
use super::{Operand, OperationCall, ToData, Value};
use crate::backend::default_device;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::{IntoDims, Shape, Spec};
use crate::tensor::{Tensor, TensorData, broadcast_symbolic};
use keras_rs_derive::operation;

/// A tensor of values on the default device.
fn fresh(values: &[f64], shape: Vec<usize>, dtype: DType) -> Result<Tensor> {
    Tensor::from_data_on(TensorData::from_f64(values, shape, dtype)?, &default_device()?)
}

/// Numbers from `start` below `stop` in steps. Keras' `ops.arange`.
///
/// The result has one axis; its data type is `float32` unless another is named.
///
/// # Errors
/// [`Error::Argument`] for a step of zero.
///
/// ```
/// use keras_rs::{DType, ops};
///
/// assert_eq!(ops::arange(0.0, 5.0, 2.0, DType::I32)?.to_vec::<i32>()?, [0, 2, 4]);
/// assert_eq!(ops::arange(1.0, 0.0, -0.5, None)?.to_vec::<f32>()?, [1.0, 0.5]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn arange(start: f64, stop: f64, step: f64, dtype: impl Into<Option<DType>>) -> Result<Tensor> {
    if step == 0.0 || !(start.is_finite() && stop.is_finite() && step.is_finite()) {
        return Err(Error::argument("arange", "step", "finite bounds and a step other than 0", step));
    }
    let count = ((stop - start) / step).ceil().max(0.0) as usize;
    let values: Vec<f64> = (0..count).map(|i| start + step * i as f64).collect();
    fresh(&values, vec![count], dtype.into().unwrap_or(DType::F32))
}

/// A tensor of zeros. Keras' `ops.zeros`.
///
/// # Errors
/// [`Error::DType`] where the backend lacks the type.
///
/// ```
/// use keras_rs::{DType, ops};
///
/// assert_eq!(ops::zeros([2], DType::F32)?.to_vec::<f32>()?, [0.0, 0.0]);
/// assert_eq!(ops::ones([2], DType::I32)?.to_vec::<i32>()?, [1, 1]);
/// assert_eq!(ops::full([2], 0.5, DType::F32)?.to_vec::<f32>()?, [0.5, 0.5]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn zeros(shape: impl IntoDims, dtype: DType) -> Result<Tensor> {
    Tensor::zeros(shape, dtype)
}

/// A tensor of ones. Keras' `ops.ones`.
///
/// # Errors
/// As [`zeros`].
pub fn ones(shape: impl IntoDims, dtype: DType) -> Result<Tensor> {
    Tensor::ones(shape, dtype)
}

/// A tensor of one value, or of values that broadcast to the shape. Keras' `ops.full`.
///
/// # Errors
/// As [`zeros`]; [`Error::Shape`] where values do not broadcast to the shape.
pub fn full<X: Operand>(shape: impl IntoDims, fill_value: X, dtype: DType) -> Result<X::Output> {
    let shape = shape.into_dims();
    if <X::Output as Value>::SYMBOLIC {
        let mut call = OperationCall::new("Full");
        call.argument("shape", shape.to_data());
        call.argument("dtype", dtype.to_data());
        call.operand(fill_value.given()?);
        return <Tensor as Results<X::Output>>::of_call(call);
    }
    Value::of(match fill_value.number() {
        Some(number) => Tensor::full(shape, number, dtype)?,
        None => fill_value.into_real()?.cast(dtype)?.broadcast_to(shape)?,
    })
}

pub(crate) fn full_spec(fill_value: &Spec, shape: &[usize], dtype: Option<DType>) -> Result<Spec> {
    let shape = Shape::known(shape);
    if broadcast_symbolic("full", &fill_value.0, &shape)? != shape {
        return Err(Error::shape("full", "fill_value", shape, fill_value.0.clone()));
    }
    Ok((shape, dtype.unwrap_or(DType::F32)))
}

/// A tensor whose values do not matter: zeros. Keras' `ops.empty`.
///
/// # Errors
/// As [`zeros`].
pub fn empty(shape: impl IntoDims, dtype: DType) -> Result<Tensor> {
    Tensor::zeros(shape, dtype)
}

/// Ones on a diagonal of `n` rows and `m` columns, which starts `k` to the right. Keras' `ops.eye`.
///
/// # Errors
/// As [`zeros`].
///
/// ```
/// use keras_rs::{DType, ops};
///
/// assert_eq!(ops::eye(2, 3, 1, DType::I32)?.to_vec::<i32>()?, [0, 1, 0, 0, 0, 1]);
/// assert_eq!(ops::identity(2, DType::I32)?.to_vec::<i32>()?, [1, 0, 0, 1]);
/// assert_eq!(ops::tri(2, 3, 0, DType::I32)?.to_vec::<i32>()?, [1, 0, 0, 1, 1, 0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn eye(n: usize, m: impl Into<Option<usize>>, k: isize, dtype: DType) -> Result<Tensor> {
    matrix(n, m.into().unwrap_or(n), dtype, |row, column| column - row == k)
}

/// Ones on the diagonal of `n` rows and columns. Keras' `ops.identity`.
///
/// # Errors
/// As [`zeros`].
pub fn identity(n: usize, dtype: DType) -> Result<Tensor> {
    eye(n, None, 0, dtype)
}

/// Ones on and below a diagonal of `n` rows and `m` columns. Keras' `ops.tri`.
///
/// # Errors
/// As [`zeros`].
pub fn tri(n: usize, m: impl Into<Option<usize>>, k: isize, dtype: DType) -> Result<Tensor> {
    matrix(n, m.into().unwrap_or(n), dtype, |row, column| column - row <= k)
}

fn matrix(n: usize, m: usize, dtype: DType, is_one: impl Fn(isize, isize) -> bool) -> Result<Tensor> {
    let cells = (0..n).flat_map(|row| (0..m).map(move |column| (row, column)));
    let values: Vec<f64> =
        cells.map(|(row, column)| f64::from(u8::from(is_one(row as isize, column as isize)))).collect();
    fresh(&values, vec![n, m], dtype)
}

macro_rules! windows {
    ($($(#[$doc:meta])* $name:ident: $middle:literal, $value:expr;)*) => {$(
        $(#[$doc])*
        #[doc = concat!("Keras' `ops.", stringify!($name), "`.")]
        ///
        /// The result has `n` values of type `float32`; one value is 1.
        ///
        /// # Errors
        /// [`Error::DType`](crate::Error::DType) where the backend lacks the type.
        ///
        /// ```
        /// use keras_rs::ops;
        ///
        #[doc = concat!("let window = ops::", stringify!($name), "(5)?.to_vec::<f32>()?;")]
        #[doc = concat!("assert!((window[1] - ", stringify!($middle), ").abs() < 1e-6 && window[2] == 1.0);")]
        /// # Ok::<(), keras_rs::Error>(())
        /// ```
        pub fn $name(n: usize) -> Result<Tensor> {
            window(n, $value)
        }
    )*};
}

windows! {
    /// Bartlett's window, a triangle.
    bartlett: 0.5, |t| 1.0 - (2.0 * t - 1.0).abs();
    /// Blackman's window.
    blackman: 0.34, |t| 0.42 - 0.5 * turn(t) + 0.08 * turn(2.0 * t);
    /// Hamming's window.
    hamming: 0.54, |t| 0.54 - 0.46 * turn(t);
    /// Hann's window.
    hanning: 0.5, |t| 0.5 - 0.5 * turn(t);
}

/// The cosine of a part of a full turn.
fn turn(t: f64) -> f64 {
    (std::f64::consts::TAU * t).cos()
}

/// Kaiser's window with shape parameter `beta`. Keras' `ops.kaiser`.
///
/// # Errors
/// As [`bartlett`].
///
/// ```
/// use keras_rs::ops;
///
/// assert_eq!(ops::kaiser(3, 0.0)?.to_vec::<f32>()?, [1.0, 1.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn kaiser(n: usize, beta: f64) -> Result<Tensor> {
    let bessel = super::floats::bessel0;
    window(n, |t| bessel(beta * (1.0 - (2.0 * t - 1.0).powi(2)).max(0.0).sqrt()) / bessel(beta))
}

/// `n` values of a function of the position, 0 at the first and 1 at the last.
fn window(n: usize, value: impl Fn(f64) -> f64) -> Result<Tensor> {
    let values: Vec<f64> = match n {
        1 => vec![1.0],
        _ => (0..n).map(|i| value(i as f64 / (n as f64 - 1.0))).collect(),
    };
    fresh(&values, vec![n], DType::F32)
}

/// The coordinates of a grid: for each of the vectors a tensor of the grid's shape. Keras' `ops.meshgrid`.
///
/// With `indexing` `"xy"` the first two axes are swapped, as in images; with `"ij"` they are not.
///
/// # Errors
/// [`Error::Argument`] for another `indexing`, [`Error::Shape`] for a tensor with more than one axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let (x, y) = (Tensor::from_slice::<i32>(&[1, 2], [2])?, Tensor::from_slice::<i32>(&[3], [1])?);
/// let grid = ops::meshgrid(&[&x, &y], "ij")?;
/// assert_eq!((grid[1].shape(), grid[1].to_vec::<i32>()?), (&[2, 1][..], vec![3, 3]));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn meshgrid(x: &[&Tensor], indexing: &str) -> Result<Vec<Tensor>> {
    let specs: Vec<Spec> = x.iter().map(|x| (Shape::from(x.shape()), x.dtype())).collect();
    let grid = meshgrid_spec(&specs, indexing)?;
    let sizes = grid.first().and_then(|(shape, _)| shape.to_known()).unwrap_or_default();
    let swaps = indexing == "xy" && sizes.len() > 1;
    let place = |i: usize| if swaps && i < 2 { 1 - i } else { i };
    let spread = |(i, x): (usize, &&Tensor)| {
        let mut shape = vec![1; sizes.len()];
        shape[place(i)] = x.len();
        x.reshape(shape)?.broadcast_to(sizes.clone())
    };
    x.iter().enumerate().map(spread).collect()
}

pub(crate) fn meshgrid_spec(x: &[Spec], indexing: &str) -> Result<Vec<Spec>> {
    if !matches!(indexing, "xy" | "ij") {
        return Err(Error::argument("meshgrid", "indexing", "\"xy\" or \"ij\"", indexing));
    }
    let size = |(shape, _): &Spec| match shape.dims() {
        [] => Ok(Some(1)),
        [size] => Ok(*size),
        _ => Err(Error::shape("meshgrid", "x", "vectors", shape.clone())),
    };
    let mut sizes = x.iter().map(size).collect::<Result<Vec<_>>>()?;
    if indexing == "xy" && sizes.len() > 1 {
        sizes.swap(0, 1);
    }
    Ok(x.iter().map(|(_, dtype)| (Shape::new(sizes.clone()), *dtype)).collect())
}

/// The powers of the elements of a vector, as rows: `n` columns, the highest power first unless `increasing`. Keras'
/// `ops.vander`.
///
/// # Errors
/// [`Error::Shape`] where `x` has not one axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[2.0, 3.0], [2])?;
/// assert_eq!(ops::vander(&x, 3, true)?.to_vec::<f32>()?, [1.0, 2.0, 4.0, 1.0, 3.0, 9.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation(rename(n = "N"))]
pub fn vander(x: &Tensor, n: impl Into<Option<usize>>, increasing: bool) -> Result<Tensor> {
    if x.rank() != 1 {
        return Err(Error::shape("vander", "x", "a vector", tuple(x.shape())));
    }
    let n = n.into().unwrap_or(x.len());
    crate::limits::check_shape("vander", x.dtype(), &[x.len(), n])?;
    let mut columns = vec![x.full_like(x.shape(), 1.0)?];
    for i in 1..n {
        columns.push(columns[i - 1].mul(x)?);
    }
    columns.truncate(n);
    if !increasing {
        columns.reverse();
    }
    if columns.is_empty() {
        return made(&[], [x.len(), 0], x.dtype(), x);
    }
    Tensor::stack(&columns, -1)
}

pub(crate) fn vander_spec((x, dtype): &Spec, n: Option<usize>) -> Result<Spec> {
    let [size] = x.dims() else {
        return Err(Error::shape("vander", "x", "a vector", x.clone()));
    };
    Ok((Shape::new([*size, n.or(*size)]), *dtype))
}
