//! How a call on symbolic tensors is handed to the model under construction.

use super::{Data, Given, Value};
use crate::error::{Error, Result};
use crate::tensor::Tensor;
use std::borrow::Cow;

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
