//! Numbers at even distances, and with even ratios.

use super::operand::Results;
use super::rule::Rule;
use super::{Joined, Operand, OperationCall, ToData, Value};
use crate::dtype::DType;
use crate::error::Result;
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, TensorData, broadcast_symbolic, resolve_axis};

/// What the functions share: how many numbers, whether the last one is `stop`, their data type and their axis.
#[derive(Clone, Copy, Debug)]
struct Space {
    context: &'static str,
    num: usize,
    endpoint: bool,
    dtype: Option<DType>,
    axis: isize,
}

/// `num` numbers from `start` to `stop`, which is the last one where `endpoint` is set. Keras' `ops.linspace`.
///
/// Bounds are numbers, or tensors that broadcast; the numbers stand along a new axis of the result. It is of the bounds'
/// float type, `float32` for numbers and whole numbers, unless another type is named; whole numbers are rounded down.
///
/// # Errors
/// [`Error::DType`](crate::Error::DType) where the backend lacks the type,
/// [`Error::Argument`](crate::Error::Argument) where there is no such axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// assert_eq!(ops::linspace(0.0, 1.0, 3, true, None, 0)?.to_vec::<f32>()?, [0.0, 0.5, 1.0]);
/// assert_eq!(ops::linspace(0.0, 1.0, 2, false, None, 0)?.to_vec::<f32>()?, [0.0, 0.5]);
/// let stops = Tensor::from([1.0, 4.0])?;
/// assert_eq!(ops::linspace(0.0, &stops, 2, true, None, 1)?.to_vec::<f32>()?, [0.0, 1.0, 0.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn linspace<A: Operand, B: Operand>(
    start: A,
    stop: B,
    num: usize,
    endpoint: bool,
    dtype: impl Into<Option<DType>>,
    axis: isize,
) -> Result<Joined<A, B>> {
    let space = Space { context: "linspace", num, endpoint, dtype: dtype.into(), axis };
    if <Joined<A, B> as Value>::SYMBOLIC {
        return space.call("Linspace", None, &start, &stop);
    }
    Value::of(space.finish(&space.line(&space.bounds(&start, &stop)?)?)?)
}

/// Powers of `base` whose exponents are those of [`linspace`]. Keras' `ops.logspace`.
///
/// # Errors
/// As [`linspace`].
///
/// ```
/// use keras_rs::ops;
///
/// assert_eq!(ops::logspace(0.0, 2.0, 3, true, 10.0, None, 0)?.to_vec::<f32>()?, [1.0, 10.0, 100.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn logspace<A: Operand, B: Operand>(
    start: A,
    stop: B,
    num: usize,
    endpoint: bool,
    base: f64,
    dtype: impl Into<Option<DType>>,
    axis: isize,
) -> Result<Joined<A, B>> {
    let space = Space { context: "logspace", num, endpoint, dtype: dtype.into(), axis };
    if <Joined<A, B> as Value>::SYMBOLIC {
        return space.call("Logspace", Some(base), &start, &stop);
    }
    let exponents = space.line(&space.bounds(&start, &stop)?)?;
    Value::of(space.finish(&exponents.full_like(vec![], base)?.pow(&exponents)?)?)
}

/// `num` numbers from `start` to `stop`, each the same multiple of the one before. Keras' `ops.geomspace`.
///
/// Bounds and results are as those of [`linspace`]; bounds of different signs, or 0, give NaN.
///
/// # Errors
/// As [`linspace`].
///
/// ```
/// use keras_rs::ops;
///
/// let y = ops::geomspace(1.0, 4.0, 3, true, None, 0)?.to_vec::<f32>()?;
/// assert!((y[1] - 2.0).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn geomspace<A: Operand, B: Operand>(
    start: A,
    stop: B,
    num: usize,
    endpoint: bool,
    dtype: impl Into<Option<DType>>,
    axis: isize,
) -> Result<Joined<A, B>> {
    let space = Space { context: "geomspace", num, endpoint, dtype: dtype.into(), axis };
    if <Joined<A, B> as Value>::SYMBOLIC {
        return space.call("Geomspace", None, &start, &stop);
    }
    let [first, last] = space.bounds(&start, &stop)?;
    let sign = super::sign(&first.detach())?;
    let exponents = space.line(&[first.div(&sign)?.log()?, last.div(&sign)?.log()?])?;
    let signs = sign.expand_dims(space.axis)?;
    Value::of(space.finish(&exponents.exp()?.mul(&signs)?)?)
}

impl Space {
    fn call<V: Value>(
        &self,
        class: &'static str,
        base: Option<f64>,
        start: &impl Operand,
        stop: &impl Operand,
    ) -> Result<V> {
        let mut call = OperationCall::new(class);
        call.argument("num", self.num.to_data());
        call.argument("endpoint", self.endpoint.to_data());
        if let Some(base) = base {
            call.argument("base", base.to_data());
        }
        call.argument("dtype", self.dtype.to_data());
        call.argument("axis", self.axis.to_data());
        call.operand(start.given()?);
        call.operand(stop.given()?);
        <Tensor as Results<V>>::of_call(call)
    }

    /// Both bounds in one shape and the type that is computed in.
    fn bounds(&self, start: &impl Operand, stop: &impl Operand) -> Result<[Tensor; 2]> {
        let (first, last) = match (start.number(), stop.number()) {
            // Numbers keep their precision.
            (Some(first), Some(last)) => {
                let dtype = self.dtype.filter(|dtype| dtype.is_float()).unwrap_or(DType::F32);
                let number = |value| Tensor::from_data(TensorData::from_f64(&[value], Vec::new(), dtype)?);
                (number(first)?, number(last)?)
            }
            _ => {
                let (first, last) = (start.real(&[stop.tensor()])?, stop.real(&[start.tensor()])?);
                let dtype = Rule::Float.apply(first.dtype().promote(last.dtype()));
                (first.cast(dtype)?, last.cast(dtype)?)
            }
        };
        let shape = crate::tensor::broadcast_shapes(self.context, first.shape(), last.shape())?;
        Ok([first.broadcast_to(&shape)?, last.broadcast_to(&shape)?])
    }

    /// Numbers on the way between both bounds, along the new axis.
    fn line(&self, [first, last]: &[Tensor; 2]) -> Result<Tensor> {
        let at = resolve_axis(self.context, self.axis, first.rank() + 1)?;
        let intervals = if self.endpoint { self.num.saturating_sub(1) } else { self.num };
        let part = |i: usize| if intervals == 0 { 0.0 } else { i as f64 / intervals as f64 };
        let mut shape = vec![1; first.rank() + 1];
        shape[at] = self.num;
        let mut whole: Vec<usize> = first.shape().to_vec();
        whole.insert(at, self.num);
        crate::limits::check_shape(self.context, first.dtype(), &whole)?;
        if whole.contains(&0) {
            return first.full_like(whole, 0.0);
        }
        let made = |part: &dyn Fn(usize) -> f64| {
            let parts: Vec<f64> = (0..self.num).map(part).collect();
            super::host::made(&parts, shape.clone(), first.dtype(), first)
        };
        let (of_first, of_last) = (made(&|i| 1.0 - part(i))?, made(&part)?);
        let axis = at as isize;
        first.expand_dims(axis)?.mul(&of_first)?.add(&last.expand_dims(axis)?.mul(&of_last)?)
    }

    fn finish(&self, y: &Tensor) -> Result<Tensor> {
        let dtype = self.dtype.unwrap_or(y.dtype());
        if dtype.is_int() { y.floor()?.cast(dtype) } else { y.cast(dtype) }
    }
}

/// Shape and type of the result of all three.
pub(crate) fn space_spec(
    (start, a): &Spec,
    (stop, b): &Spec,
    num: usize,
    dtype: Option<DType>,
    axis: isize,
) -> Result<Spec> {
    let mut dims = broadcast_symbolic("linspace", start, stop)?.dims().to_vec();
    dims.insert(resolve_axis("linspace", axis, dims.len() + 1)?, Some(num));
    Ok((Shape::new(dims), dtype.unwrap_or(Rule::Float.apply(a.promote(*b)))))
}
