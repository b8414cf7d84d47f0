//! Operands and other arguments of a call.

use super::arguments::{self, Arguments};
use super::constant::{Constant, is_array};
use crate::config::json::as_float;
use crate::config::shorten;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layer::{Argument, BoundArguments, MaskedTensor};
use crate::ops::{Index, Integers};
use crate::tensor::Tensor;
use indexmap::IndexMap;
use serde_json::Value;

/// The arguments of a call that are no operands by name; plain data among the positional ones is named by
/// [`Kwarg::positional`].
pub(super) type Kwargs = IndexMap<String, Kwarg>;

/// An argument of a call that is no operand: a tensor, a list, or plain data.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "keyword arguments are few")]
pub(super) enum Kwarg {
    Tensor(Tensor),
    /// A tensor or a structure of them, of which only the shapes are known here.
    Shapes,
    List,
    Data(Value),
}

impl Kwarg {
    /// The name under which plain data at a position is handed on.
    pub(super) fn positional(position: usize) -> String {
        format!("#{position}")
    }
}

/// The operands of a call, and its other arguments as far as they are plain data. Items of lists have positions of
/// their own.
pub(super) fn operands<T: Clone>(inputs: &BoundArguments<T>) -> (Vec<T>, Kwargs) {
    let arguments = inputs.arguments();
    let (mut tensors, mut kwargs) = (Vec::new(), Kwargs::new());
    let mut pending: Vec<&Argument<T>> = arguments.positional.iter().rev().collect();
    let mut position = 0;
    while let Some(argument) = pending.pop() {
        match argument {
            Argument::Data(Value::Array(items)) if items.iter().any(is_array) => {
                for item in items {
                    kwargs.insert(Kwarg::positional(position), Kwarg::Data(item.clone()));
                    position += 1;
                }
                continue;
            }
            Argument::Tensor(tensor) => tensors.push(tensor.clone()),
            Argument::List(items) => {
                pending.extend(items.iter().rev());
                continue;
            }
            Argument::Dict(entries) => {
                pending.extend(entries.iter().rev().map(|(_, entry)| entry));
                continue;
            }
            Argument::Data(data) => {
                kwargs.insert(Kwarg::positional(position), Kwarg::Data(data.clone()));
            }
        }
        position += 1;
    }
    for (name, argument) in &arguments.keyword {
        let kwarg = match argument {
            Argument::Data(data) => Kwarg::Data(data.clone()),
            _ => Kwarg::Shapes,
        };
        kwargs.insert(name.clone(), kwarg);
    }
    (tensors, kwargs)
}

/// Adds the tensors that a call gives by keyword.
pub(super) fn with_tensors(mut kwargs: Kwargs, inputs: &BoundArguments<MaskedTensor>) -> Kwargs {
    for (name, argument) in &inputs.arguments().keyword {
        match argument {
            Argument::Tensor(tensor) => kwargs.insert(name.clone(), Kwarg::Tensor(tensor.tensor.clone())),
            Argument::List(_) | Argument::Dict(_) => kwargs.insert(name.clone(), Kwarg::List),
            Argument::Data(_) => None,
        };
    }
    kwargs
}

/// Operands and data of the call.
impl Arguments<'_> {
    /// Plain data at a position among the positional arguments.
    pub(super) fn at(&self, position: usize) -> Option<&Value> {
        match self.kwargs.get(&Kwarg::positional(position)) {
            Some(Kwarg::Data(value)) => Some(value),
            _ => None,
        }
    }

    /// How many positional arguments are plain data.
    pub(super) fn constants(&self) -> usize {
        self.kwargs.keys().filter(|name| name.starts_with('#')).count()
    }

    /// Whole numbers at a position among the positional arguments.
    pub(super) fn integers_at(&self, position: usize, name: &str) -> Result<Integers> {
        let expected = "a whole number or a list of them";
        let value = self.at(position).ok_or_else(|| Error::argument(self.class, name, expected, "none"))?;
        arguments::integers(value).ok_or_else(|| Error::argument(self.class, name, expected, shorten(value)))
    }

    /// The key of `x[key]`, the second positional argument.
    pub(super) fn key(&self) -> Result<Vec<Index>> {
        let value = self.at(1).ok_or_else(|| Error::argument(self.class, "key", "an index", "none"))?;
        let tuple = value.get("items").or_else(|| value.pointer("/config/items")).unwrap_or(value);
        let key = match tuple {
            Value::Array(items) => items.iter().map(arguments::index).collect::<Option<Vec<_>>>(),
            one => arguments::index(one).map(|part| vec![part]),
        };
        let expected = "whole numbers, slices, an ellipsis, new axes";
        key.ok_or_else(|| Error::argument(self.class, "key", expected, shorten(value)))
    }

    /// A number given by keyword; `null` counts as not given.
    pub(super) fn number_keyword(&self, name: &str) -> Result<Option<f64>> {
        match self.kwargs.get(name) {
            None | Some(Kwarg::Data(Value::Null)) => Ok(None),
            Some(Kwarg::Data(value)) => {
                let refused = || Error::argument(self.class, name, "a number", shorten(value));
                as_float(value).map(Some).ok_or_else(refused)
            }
            Some(_) => Err(Error::argument(self.class, name, "a number", "a tensor")),
        }
    }

    /// A tensor or an array given by keyword, beside operands of the type `like`.
    pub(super) fn tensor_keyword(&self, name: &str, like: DType, x: &Tensor) -> Result<Option<Tensor>> {
        match self.kwargs.get(name) {
            None | Some(Kwarg::Data(Value::Null)) => Ok(None),
            Some(Kwarg::Tensor(tensor)) => Ok(Some(tensor.clone())),
            Some(Kwarg::Data(value)) => {
                Constant::parse(self.class, value)?.tensor(like, x.device()).map(Some)
            }
            Some(Kwarg::List | Kwarg::Shapes) => {
                Err(Error::argument(self.class, name, "one tensor", "a list"))
            }
        }
    }

    /// The operand at a position of the call, where it is given: `null` among the positional arguments is
    /// no operand.
    pub(super) fn operand<'t, T>(&self, position: usize, operands: &'t [T]) -> Option<&'t T> {
        let absent = |position: usize| self.at(position).is_some_and(Value::is_null);
        let before = (0..position).filter(|position| absent(*position)).count();
        if absent(position) { None } else { operands.get(position - before) }
    }

    /// Operands, of which there must be as many as the pattern asks for.
    pub(super) fn exactly<'t, T, const N: usize>(&self, operands: &'t [T]) -> Result<&'t [T; N]> {
        let expected = if N == 1 { "one operand".into() } else { format!("{N} operands") };
        operands.try_into().map_err(|_| {
            Error::argument(self.class, "inputs", expected, format!("{} operands", operands.len()))
        })
    }
}
