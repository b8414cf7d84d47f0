//! Arguments that a user gives a layer besides its inputs.

use super::{Argument, Arguments, KerasTensor, MaskedTensor, Symbolic};
use crate::config::{FromConfig, shorten};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::tensor::{Tensor, TensorData};
use indexmap::IndexMap;
use serde_json::{Value, json};

/// A tensor as an argument: a symbolic one of a model under construction, or one with values.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "arguments by keyword are few and short-lived")]
pub enum CallTensor {
    /// A symbolic tensor.
    Symbolic(KerasTensor),
    /// A tensor with values; in a symbolic call it becomes a constant of the model.
    Real(Tensor),
}

/// Things that can be given to a layer as an argument by keyword: tensors, symbolic tensors, arrays of
/// them, flags and numbers.
pub trait IntoCallArgument {
    /// The argument.
    ///
    /// # Errors
    /// Where making the placeholder of an input fails.
    fn into_call_argument(self) -> Result<Argument<CallTensor>>;
}

impl IntoCallArgument for &Tensor {
    fn into_call_argument(self) -> Result<Argument<CallTensor>> {
        Ok(Argument::Tensor(CallTensor::Real(self.clone())))
    }
}

impl IntoCallArgument for Tensor {
    fn into_call_argument(self) -> Result<Argument<CallTensor>> {
        Ok(Argument::Tensor(CallTensor::Real(self)))
    }
}

impl<S: Symbolic> IntoCallArgument for &S {
    fn into_call_argument(self) -> Result<Argument<CallTensor>> {
        Ok(Argument::Tensor(CallTensor::Symbolic(self.keras_tensor()?)))
    }
}

impl<T: IntoCallArgument, const N: usize> IntoCallArgument for [T; N] {
    fn into_call_argument(self) -> Result<Argument<CallTensor>> {
        let items = self.into_iter().map(IntoCallArgument::into_call_argument);
        Ok(Argument::List(items.collect::<Result<_>>()?))
    }
}

impl<T: IntoCallArgument> IntoCallArgument for Vec<T> {
    fn into_call_argument(self) -> Result<Argument<CallTensor>> {
        let items = self.into_iter().map(IntoCallArgument::into_call_argument);
        Ok(Argument::List(items.collect::<Result<_>>()?))
    }
}

macro_rules! plain {
    ($($ty:ty),*) => {$(
        impl IntoCallArgument for $ty {
            fn into_call_argument(self) -> Result<Argument<CallTensor>> {
                Ok(Argument::Data(json!(self)))
            }
        }
    )*};
}
plain!(bool, i64, f64, &str, Value);

/// Arguments of a call by keyword, under Keras' names.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0_f32, 3.0], [1, 2])?;
/// let mask = Tensor::from_vec(vec![true, false], [1, 2])?;
/// let y = Softmax::new().shared().call_masked(&x, Call::new().mask(&mask))?;
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Call {
    keyword: IndexMap<String, Argument<CallTensor>>,
    error: Option<Error>,
}

macro_rules! keywords {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(self, $name: impl IntoCallArgument) -> Self {
            self.argument(stringify!($name), $name)
        }
    )*};
}

impl Call {
    /// Without arguments.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an argument under a name of the layer's own.
    #[must_use]
    pub fn argument(mut self, name: &str, value: impl IntoCallArgument) -> Self {
        match value.into_call_argument() {
            Ok(value) => {
                self.keyword.insert(name.into(), value);
            }
            Err(error) => {
                self.error.get_or_insert(error);
            }
        }
        self
    }

    keywords! {
        /// Says whether the layer and all inside it behave as in training.
        training
        /// Which steps or values count.
        mask
        /// The states that a recurrent layer starts from.
        initial_state
        /// Tensors that a cell sees at every step.
        constants
        /// Which positions attend to which.
        attention_mask
        /// Which queries count.
        query_mask
        /// Which values count.
        value_mask
        /// Which keys count.
        key_mask
        /// Whether positions attend to earlier ones only.
        use_causal_mask
        /// Whether the attention scores are an output, too.
        return_attention_scores
    }

    /// The arguments of a symbolic call; tensors with values become constants.
    pub(super) fn symbolic(self, first: Vec<Argument<KerasTensor>>) -> Result<Arguments<KerasTensor>> {
        let mut arguments = Arguments { positional: first, keyword: IndexMap::new() };
        for (name, argument) in self.finish()? {
            arguments.keyword.insert(name, symbolic(argument)?);
        }
        Ok(arguments)
    }

    /// The arguments of a call on data.
    pub(super) fn real(self, mut first: Arguments<MaskedTensor>) -> Result<Arguments<MaskedTensor>> {
        for (name, argument) in self.finish()? {
            let argument = argument.try_map(&mut |tensor| match tensor {
                CallTensor::Real(tensor) => Ok(MaskedTensor::from(tensor)),
                CallTensor::Symbolic(tensor) => {
                    Err(Error::argument("call", &name, "a tensor with values", format!("{tensor:?}")))
                }
            })?;
            first.keyword.insert(name, argument);
        }
        Ok(first)
    }

    fn finish(self) -> Result<IndexMap<String, Argument<CallTensor>>> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.keyword),
        }
    }
}

fn symbolic(argument: Argument<CallTensor>) -> Result<Argument<KerasTensor>> {
    Ok(match argument {
        Argument::Tensor(CallTensor::Symbolic(tensor)) => Argument::Tensor(tensor),
        Argument::Tensor(CallTensor::Real(tensor)) => Argument::Data(constant(&tensor)?),
        Argument::List(items) => Argument::List(items.into_iter().map(symbolic).collect::<Result<_>>()?),
        Argument::Dict(entries) => Argument::Dict(
            entries.into_iter().map(|(key, entry)| Ok((key, symbolic(entry)?))).collect::<Result<_>>()?,
        ),
        Argument::Data(data) => Argument::Data(data),
    })
}

/// An array as files hold it.
pub(crate) fn constant(tensor: &Tensor) -> Result<Value> {
    let values: Vec<Value> = tensor.to_f64_vec()?.into_iter().map(|v| leaf(v, tensor.dtype())).collect();
    Ok(json!({
        "class_name": "__tensor__",
        "config": { "value": nested(values, tensor.shape()), "dtype": tensor.dtype().name() },
    }))
}

fn leaf(value: f64, dtype: DType) -> Value {
    match dtype {
        DType::Bool => (value != 0.0).into(),
        dtype if dtype.is_float() => crate::config::json::float(value),
        _ => (value as i64).into(),
    }
}

/// Values as nested lists of a shape.
fn nested(values: Vec<Value>, shape: &[usize]) -> Value {
    match shape {
        [] => values.into_iter().next().unwrap_or(Value::Null),
        [_] => values.into(),
        [_, rest @ ..] => {
            let size = rest.iter().product::<usize>().max(1);
            values.chunks(size).map(|chunk| nested(chunk.to_vec(), rest)).collect()
        }
    }
}

/// The array that a value in a file's call is; `None` where it is none.
pub(super) fn constant_data(value: &Value) -> Option<Result<TensorData>> {
    if !matches!(value.get("class_name").and_then(Value::as_str), Some("__tensor__" | "__numpy__")) {
        return None;
    }
    let refused = || Error::argument("call", "constant", "an array in Keras' form", shorten(value));
    let read = || {
        let dtype = value.pointer("/config/dtype").and_then(DType::from_value).unwrap_or(DType::F32);
        let mut content = value.pointer("/config/value").ok_or_else(refused)?;
        let mut values = Vec::new();
        flatten(content, &mut values).ok_or_else(refused)?;
        let mut shape = Vec::new();
        while let Value::Array(items) = content {
            shape.push(items.len());
            let Some(first) = items.first() else { break };
            content = first;
        }
        TensorData::from_f64(&values, shape, dtype)
    };
    Some(read())
}

fn flatten(value: &Value, values: &mut Vec<f64>) -> Option<()> {
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| flatten(item, values)),
        Value::Bool(flag) => {
            values.push(f64::from(u8::from(*flag)));
            Some(())
        }
        number => {
            values.push(crate::config::json::as_float(number)?);
            Some(())
        }
    }
}
