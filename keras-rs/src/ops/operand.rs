//! What functions of `ops` are given: tensors, symbolic tensors and numbers, and how a call on symbolic ones is
//! handed to the model under construction.

mod call;
mod data;

pub use call::{OperationCall, Results};
pub use data::{Data, ToData};

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::tensor::{Tensor, TensorData};
use std::any::Any;
use std::borrow::Cow;

/// What a function of `ops` can be given where Keras' takes a tensor: a [`Tensor`], a symbolic tensor
/// ([`KerasTensor`](crate::layer::KerasTensor), [`Input`](crate::layers::Input)), or a number (`f64`, `i32`).
///
/// With symbolic tensors the function makes an operation of the model under construction, which goes to files as
/// Keras' own. A tensor beside a symbolic one becomes a constant of the model; a number takes the data type of the
/// tensors that it meets.
///
/// ```
/// use keras_rs::ops;
/// use keras_rs::prelude::*;
///
/// let x = Input::new([3]);
/// let y = ops::maximum(&ops::subtract(&x, &ops::mean(&x, -1, true)?)?, &0.0)?;
/// let model = Model::new(&x, &y)?;
///
/// let data = Tensor::from([[1.0, 2.0, 6.0]])?;
/// assert_eq!(model.predict(&data)?.to_vec::<f32>()?, [0.0, 0.0, 3.0]);
/// let same = ops::maximum(&ops::subtract(&data, &ops::mean(&data, -1, true)?)?, &0.0)?;
/// assert_eq!(same.to_vec::<f32>()?, [0.0, 0.0, 3.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub trait Operand {
    /// What operations on it give: a [`Tensor`] or a symbolic one.
    type Output: Value;

    /// The tensor itself, where it is one with values.
    fn tensor(&self) -> Option<&Tensor> {
        None
    }

    /// The number itself, where it is one.
    fn number(&self) -> Option<f64> {
        None
    }

    /// The tensor with values, on the device and in the type of the tensors beside it where it is a number.
    ///
    /// # Errors
    /// [`Error::Argument`] for a symbolic tensor; where a number cannot be put on the device.
    fn real(&self, beside: &[Option<&Tensor>]) -> Result<Cow<'_, Tensor>>;

    /// As [`Operand::real`], given away where nothing else needs it.
    ///
    /// # Errors
    /// As [`Operand::real`].
    fn into_real(self) -> Result<Tensor>
    where
        Self: Sized,
    {
        Ok(self.real(&[])?.into_owned())
    }

    /// What an operation of a model is given.
    ///
    /// # Errors
    /// Where making the placeholder of an input fails.
    fn given(&self) -> Result<Given>;
}

/// What operations give: a [`Tensor`] or a symbolic tensor.
pub trait Value: Operand<Output = Self> + Sized {
    /// What an operation on this and another kind gives: a symbolic tensor where one of them is.
    type With<V: Value>: Value;

    /// Whether it is symbolic.
    const SYMBOLIC: bool;

    /// The value that was computed.
    ///
    /// # Errors
    /// [`Error::Argument`] where the kind is symbolic.
    fn of(tensor: Tensor) -> Result<Self>;

    /// The outputs of an operation of a model.
    ///
    /// # Errors
    /// Where the class does not take the arguments or the shapes; [`Error::Argument`] where the kind has values.
    fn of_call(call: OperationCall) -> Result<Vec<Self>>;
}

/// What an operation on two kinds of operands gives: a symbolic tensor where one of them is, else a [`Tensor`].
pub type Joined<A, B> = <<A as Operand>::Output as Value>::With<<B as Operand>::Output>;

/// One argument of an operation's call.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "arguments of a call are few and short-lived")]
pub enum Given {
    /// A tensor with values: a constant of the model.
    Tensor(Tensor),
    /// A symbolic tensor, whose type only the modules that make models know.
    Symbolic(Box<dyn Any>),
    /// A list of operands.
    List(Vec<Self>),
    /// Plain data.
    Data(Data),
}

impl Given {
    /// An operand that may be left out.
    ///
    /// # Errors
    /// As [`Operand::given`].
    pub fn optional<X: Operand>(x: Option<&X>) -> Result<Self> {
        x.map_or(Ok(Self::Data(Data::Null)), Operand::given)
    }

    /// An operand for which a number stands where it is left out.
    ///
    /// # Errors
    /// As [`Operand::given`].
    pub fn optional_or<X: Operand>(x: Option<&X>, absent: f64) -> Result<Self> {
        x.map_or(Ok(Self::Data(Data::Number(absent))), Operand::given)
    }

    /// A list of operands.
    ///
    /// # Errors
    /// As [`Operand::given`].
    pub fn list<X: Operand>(xs: &[&X]) -> Result<Self> {
        Ok(Self::List(xs.iter().map(Operand::given).collect::<Result<_>>()?))
    }
}

/// The tensor with values of an operand that may be left out.
///
/// # Errors
/// As [`Operand::real`].
pub fn optional<X: Operand>(x: Option<&X>) -> Result<Option<Cow<'_, Tensor>>> {
    x.map(|x| x.real(&[])).transpose()
}

/// The tensors with values of a list of operands.
///
/// # Errors
/// As [`Operand::real`].
pub fn list<'x, X: Operand>(xs: &'x [&'x X]) -> Result<Vec<Cow<'x, Tensor>>> {
    xs.iter().map(|x| x.real(&[])).collect()
}

impl Operand for Tensor {
    type Output = Self;

    fn tensor(&self) -> Option<&Tensor> {
        Some(self)
    }

    fn real(&self, _beside: &[Option<&Tensor>]) -> Result<Cow<'_, Tensor>> {
        Ok(Cow::Borrowed(self))
    }

    fn into_real(self) -> Result<Tensor> {
        Ok(self)
    }

    fn given(&self) -> Result<Given> {
        Ok(Given::Tensor(self.clone()))
    }
}

impl Value for Tensor {
    type With<V: Value> = V;

    const SYMBOLIC: bool = false;

    fn of(tensor: Tensor) -> Result<Self> {
        Ok(tensor)
    }

    fn of_call(call: OperationCall) -> Result<Vec<Self>> {
        Err(Error::argument(call.class, "operands", "a symbolic tensor among them", "none"))
    }
}

impl<X: Operand> Operand for &X {
    type Output = X::Output;

    fn tensor(&self) -> Option<&Tensor> {
        (**self).tensor()
    }

    fn number(&self) -> Option<f64> {
        (**self).number()
    }

    fn real(&self, beside: &[Option<&Tensor>]) -> Result<Cow<'_, Tensor>> {
        (**self).real(beside)
    }

    fn given(&self) -> Result<Given> {
        (**self).given()
    }
}

/// A number in the type of the tensors beside it; a fraction makes integers floats, a number makes truth values
/// integers.
fn number(value: f64, is_whole: bool, beside: &[Option<&Tensor>]) -> Result<Tensor> {
    let tensors = || beside.iter().copied().flatten();
    let common = tensors().map(Tensor::dtype).reduce(DType::promote);
    let dtype = match (common, is_whole) {
        (None | Some(DType::Bool), true) => DType::I32,
        (None, false) => DType::F32,
        (Some(dtype), false) if !dtype.is_float() => DType::F32,
        (Some(dtype), _) => dtype,
    };
    let data = TensorData::from_f64(&[value], Vec::new(), dtype)?;
    match tensors().next() {
        Some(tensor) => Tensor::from_data_on(data, tensor.device()),
        None => Tensor::from_data(data),
    }
}

macro_rules! numbers {
    ($($ty:ty: $is_whole:literal, $data:expr;)*) => {$(
        impl Operand for $ty {
            type Output = Tensor;

            fn number(&self) -> Option<f64> {
                Some(f64::from(*self))
            }

            fn real(&self, beside: &[Option<&Tensor>]) -> Result<Cow<'_, Tensor>> {
                number(f64::from(*self), $is_whole, beside).map(Cow::Owned)
            }

            fn given(&self) -> Result<Given> {
                Ok(Given::Data($data(*self)))
            }
        }
    )*};
}

numbers! {
    f64: false, Data::Number;
    i32: true, |x| Data::Whole(i64::from(x));
}
