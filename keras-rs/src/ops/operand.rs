//! What functions of `ops` are given: tensors, symbolic tensors and numbers, and how a call on symbolic ones is
//! handed to the model under construction.

use super::arguments::{Axes, Integers};
use super::image::{FillMode, Interpolation};
use super::indexing::Index;
use super::linalg::{NormOrder, SummedAxes};
use super::quantile::QuantileMethod;
use super::repeat::PadMode;
use super::scatter::ScatterReduction;
use super::split::Sections;
use super::window::{DataFormat, Padding};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::shape::Shape;
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

/// An argument that is no tensor, in the forms that files know.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Python's `None`.
    Null,
    /// `True` or `False`.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// A part of the key of `x[key]`.
    Index(Index),
}

impl Data {
    /// Itself, or the other where it is null.
    #[must_use]
    pub fn or(self, absent: Self) -> Self {
        if self == Self::Null { absent } else { self }
    }
}

/// Arguments of functions of `ops` as plain data of an operation.
///
/// ```
/// use keras_rs::ops::{Axes, Data, ToData};
///
/// assert_eq!(Axes::from(-1).to_data(), Data::Whole(-1));
/// assert_eq!(Axes::All.to_data(), Data::Null);
/// assert_eq!([(1_usize, 2_usize)].as_slice().to_data(), Data::List(vec![Data::List(vec![Data::Whole(1), Data::Whole(2)])]));
/// ```
pub trait ToData {
    /// The data.
    fn to_data(&self) -> Data;
}

impl<T: ToData + ?Sized> ToData for &T {
    fn to_data(&self) -> Data {
        (**self).to_data()
    }
}

impl<T: ToData> ToData for [T] {
    fn to_data(&self) -> Data {
        Data::List(self.iter().map(ToData::to_data).collect())
    }
}

impl<T: ToData, const N: usize> ToData for [T; N] {
    fn to_data(&self) -> Data {
        self.as_slice().to_data()
    }
}

impl<T: ToData> ToData for Vec<T> {
    fn to_data(&self) -> Data {
        self.as_slice().to_data()
    }
}

impl<T: ToData> ToData for Option<T> {
    fn to_data(&self) -> Data {
        self.as_ref().map_or(Data::Null, ToData::to_data)
    }
}

impl<A: ToData, B: ToData> ToData for (A, B) {
    fn to_data(&self) -> Data {
        Data::List(vec![self.0.to_data(), self.1.to_data()])
    }
}

/// Plain data of one expression each.
macro_rules! plain {
    ($($ty:ty: |$x:ident| $data:expr;)*) => {$(
        impl ToData for $ty {
            fn to_data(&self) -> Data {
                let $x = self;
                $data
            }
        }
    )*};
}

plain! {
    bool: |x| Data::Flag(*x);
    i32: |x| Data::Whole(i64::from(*x));
    isize: |x| Data::Whole(*x as i64);
    usize: |x| Data::Whole(i64::try_from(*x).unwrap_or(i64::MAX));
    u64: |x| Data::Whole(i64::try_from(*x).unwrap_or(i64::MAX));
    f64: |x| Data::Number(*x);
    str: |x| Data::Text(x.into());
    String: |x| Data::Text(x.clone());
    DType: |x| Data::Text(x.name().into());
    Index: |x| Data::Index(*x);
    Padding: |x| Data::Text(x.name().into());
    DataFormat: |x| Data::Text(x.name().into());
    PadMode: |x| Data::Text(x.name().into());
    QuantileMethod: |x| Data::Text(x.name().into());
    ScatterReduction: |x| Data::Text(x.name().into());
    Interpolation: |x| Data::Text(x.name().into());
    FillMode: |x| Data::Text(x.name().into());
    Shape: |x| x.dims().to_data();
    Axes: |x| match x {
        Self::All => Data::Null,
        Self::These(axes) => match axes.as_slice() {
            [axis] => axis.to_data(),
            axes => axes.to_data(),
        },
    };
    Integers: |x| match x.as_slice() {
        [one] if x.is_single() => one.to_data(),
        several => several.to_data(),
    };
    Sections: |x| match x {
        Self::Count(count) => count.to_data(),
        Self::Indices(indices) => indices.to_data(),
    };
    SummedAxes: |x| match x {
        Self::Count(count) => count.to_data(),
        Self::Pairs(of_x1, of_x2) => Data::List(vec![of_x1.to_data(), of_x2.to_data()]),
    };
    NormOrder: |x| match x {
        Self::Frobenius => Data::Text("fro".into()),
        Self::Nuclear => Data::Text("nuc".into()),
        Self::Number(order) => Data::Number(*order),
    };
}

/// A call of an operation on symbolic tensors: its class and its arguments.
#[derive(Debug)]
pub struct OperationCall {
    /// Keras' class.
    pub class: &'static str,
    /// Arguments of the class by name.
    pub arguments: Vec<(&'static str, Data)>,
    /// Arguments of the call by position.
    pub positional: Vec<Given>,
    /// Arguments of the call by keyword.
    pub keyword: Vec<(Cow<'static, str>, Given)>,
}

impl OperationCall {
    /// A call without arguments.
    pub fn new(class: &'static str) -> Self {
        Self { class, arguments: Vec::new(), positional: Vec::new(), keyword: Vec::new() }
    }

    /// Adds an argument of the class.
    pub fn argument(&mut self, name: &'static str, data: Data) {
        self.arguments.push((name, data));
    }

    /// Adds an argument of the call by position.
    pub fn operand(&mut self, given: Given) {
        self.positional.push(given);
    }

    /// Adds an argument of the call by keyword, unless it is none.
    pub fn keyword(&mut self, name: impl Into<Cow<'static, str>>, given: Given) {
        if !matches!(given, Given::Data(Data::Null)) {
            self.keyword.push((name.into(), given));
        }
    }

    /// As many outputs as the function has.
    fn outputs<V: Value, const N: usize>(self) -> Result<[V; N]> {
        let class = self.class;
        let outputs = V::of_call(self)?;
        let got = outputs.len();
        outputs.try_into().map_err(|_| Error::argument(class, "outputs", format!("{N} tensors"), got))
    }
}

/// What functions of `ops` return, in the kind that their operands have.
pub trait Results<V: Value>: Sized {
    /// The same in that kind.
    type Values;

    /// What was computed.
    ///
    /// # Errors
    /// As [`Value::of`].
    fn of_values(self) -> Result<Self::Values>;

    /// The outputs of an operation of a model.
    ///
    /// # Errors
    /// As [`Value::of_call`].
    fn of_call(call: OperationCall) -> Result<Self::Values>;
}

impl<V: Value> Results<V> for Tensor {
    type Values = V;

    fn of_values(self) -> Result<V> {
        V::of(self)
    }

    fn of_call(call: OperationCall) -> Result<V> {
        let [only] = call.outputs()?;
        Ok(only)
    }
}

impl<V: Value> Results<V> for (Tensor, Tensor) {
    type Values = (V, V);

    fn of_values(self) -> Result<(V, V)> {
        Ok((V::of(self.0)?, V::of(self.1)?))
    }

    fn of_call(call: OperationCall) -> Result<(V, V)> {
        let [first, second] = call.outputs()?;
        Ok((first, second))
    }
}

impl<V: Value> Results<V> for (Tensor, Tensor, Tensor) {
    type Values = (V, V, V);

    fn of_values(self) -> Result<(V, V, V)> {
        Ok((V::of(self.0)?, V::of(self.1)?, V::of(self.2)?))
    }

    fn of_call(call: OperationCall) -> Result<(V, V, V)> {
        let [first, second, third] = call.outputs()?;
        Ok((first, second, third))
    }
}

impl<V: Value, const N: usize> Results<V> for [Tensor; N] {
    type Values = [V; N];

    fn of_values(self) -> Result<[V; N]> {
        let values = self.into_iter().map(V::of).collect::<Result<Vec<_>>>()?;
        values.try_into().map_err(|values: Vec<V>| {
            Error::argument("operation", "outputs", format!("{N} tensors"), values.len())
        })
    }

    fn of_call(call: OperationCall) -> Result<[V; N]> {
        call.outputs()
    }
}

impl<V: Value> Results<V> for Vec<Tensor> {
    type Values = Vec<V>;

    fn of_values(self) -> Result<Vec<V>> {
        self.into_iter().map(V::of).collect()
    }

    fn of_call(call: OperationCall) -> Result<Vec<V>> {
        V::of_call(call)
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
