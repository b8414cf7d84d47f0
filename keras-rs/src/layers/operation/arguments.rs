//! What an operation is told besides its tensors: arguments of its class and of the call.

use crate::config::json::as_float;
use crate::config::{Config, FromConfig, shorten};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layer::{Argument, BoundArguments, MaskedTensor};
use crate::tensor::Tensor;
use indexmap::IndexMap;
use serde_json::Value;

/// The forms that an argument of a class may have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// `null` for all axes, one axis, or a list.
    Axes,
    /// One whole number.
    Whole,
    /// A whole number or `null`.
    MaybeWhole,
    /// A flag.
    Flag,
    /// A number.
    Number,
    /// A number or `null`.
    MaybeNumber,
    /// The name of a data type.
    Type,
    /// The name of a data type or `null`.
    MaybeType,
    /// A whole number, or a list of whole numbers; `null` in it for one that is to be found out.
    Sizes,
    /// Numbers of elements before and after axes.
    Pairs,
    /// Text.
    Text,
    /// Text or `null`.
    MaybeText,
    /// As `Sizes`, or `null`.
    MaybeSizes,
    /// A flag or `null`.
    MaybeFlag,
    /// A number of axes, or two lists of axes.
    AxisPairs,
    /// A number, text or `null`.
    Order,
}

/// The value of an argument that is not given; `Null` also where there must be one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Default {
    Null,
    Flag(bool),
    Whole(i64),
    Float(f64),
    Text(&'static str),
    Axes(&'static [isize]),
}

impl Default {
    pub(super) fn to_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Flag(flag) => flag.into(),
            Self::Whole(number) => number.into(),
            Self::Float(number) => number.into(),
            Self::Text(text) => text.into(),
            Self::Axes(axes) => axes.into(),
        }
    }
}

/// An argument of an operation's class.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) form: Form,
    pub(super) default: Default,
}

impl Parameter {
    /// Refuses a value that does not have the argument's form.
    pub(super) fn check(&self, class: &str, value: &Value) -> Result<()> {
        let (expected, fits) = match self.form {
            Form::Axes => ("axes: a whole number, a list of them, or null", axes(value).is_some()),
            Form::Whole => ("a whole number", isize::from_value(value).is_some()),
            Form::MaybeWhole => ("a whole number or null", Option::<isize>::from_value(value).is_some()),
            Form::Flag => ("true or false", bool::from_value(value).is_some()),
            Form::Number => ("a number", as_float(value).is_some()),
            Form::MaybeNumber => ("a number or null", value.is_null() || as_float(value).is_some()),
            Form::Type => ("the name of a data type", DType::from_value(value).is_some()),
            Form::MaybeType => {
                ("the name of a data type or null", Option::<DType>::from_value(value).is_some())
            }
            Form::Sizes => ("a whole number or a list of them", sizes(value).is_some()),
            Form::Pairs => ("pairs of whole numbers", pairs(value).is_some()),
            Form::Text => ("text", value.is_string()),
            Form::MaybeText => ("text or null", value.is_null() || value.is_string()),
            Form::MaybeSizes => {
                ("a whole number, a list of them, or null", value.is_null() || sizes(value).is_some())
            }
            Form::MaybeFlag => ("true, false or null", Option::<bool>::from_value(value).is_some()),
            Form::AxisPairs => ("a number of axes, or two lists of axes", axis_pairs(value)),
            Form::Order => {
                ("a number, text or null", value.is_null() || value.is_string() || as_float(value).is_some())
            }
        };
        if fits { Ok(()) } else { Err(Error::argument(class, self.name, expected, shorten(value))) }
    }
}

fn axes(value: &Value) -> Option<Option<Vec<isize>>> {
    if value.is_null() {
        return Some(None);
    }
    let one = isize::from_value(value).map(|axis| vec![axis]);
    one.or_else(|| Vec::<isize>::from_value(value)).map(Some)
}

fn sizes(value: &Value) -> Option<Vec<Option<isize>>> {
    let one = isize::from_value(value).map(|size| vec![Some(size)]);
    one.or_else(|| Vec::<Option<isize>>::from_value(value))
}

fn axis_pairs(value: &Value) -> bool {
    let lists =
        || Vec::<Value>::from_value(value).is_some_and(|lists| lists.iter().all(|l| axes(l).is_some()));
    isize::from_value(value).is_some() || lists()
}

fn pairs(value: &Value) -> Option<Vec<(usize, usize)>> {
    Vec::<(usize, usize)>::from_value(value)
}

/// The arguments of a call that are no operands by name; plain data among the positional ones is named by
/// [`Kwarg::positional`].
pub(super) type Kwargs = IndexMap<String, Kwarg>;

/// An argument of a call that is no operand: a tensor, a list, or plain data.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "keyword arguments are few")]
pub(super) enum Kwarg {
    Tensor(Tensor),
    List,
    Data(Value),
}

impl Kwarg {
    /// The name under which plain data at a position is handed on.
    pub(super) fn positional(position: usize) -> String {
        format!("#{position}")
    }
}

/// The operands of a call, and its other arguments as far as they are plain data.
pub(super) fn operands<T: Clone>(inputs: &BoundArguments<T>) -> (Vec<T>, Kwargs) {
    let arguments = inputs.arguments();
    let tensors = arguments.positional.iter().flat_map(Argument::tensors).cloned().collect();
    let mut kwargs = Kwargs::new();
    for (position, argument) in arguments.positional.iter().enumerate() {
        if let Argument::Data(data) = argument {
            kwargs.insert(Kwarg::positional(position), Kwarg::Data(data.clone()));
        }
    }
    for (name, argument) in &arguments.keyword {
        if let Argument::Data(data) = argument {
            kwargs.insert(name.clone(), Kwarg::Data(data.clone()));
        }
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

/// The arguments of one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arguments<'a> {
    /// The operation's class, for errors.
    pub(super) class: &'static str,
    pub(super) config: &'a Config,
    pub(super) kwargs: &'a Kwargs,
}

impl Arguments<'_> {
    fn get<T>(&self, name: &str, expected: &str, read: impl Fn(&Value) -> Option<T>) -> Result<T> {
        let value = self.config.get(name).unwrap_or(&Value::Null);
        read(value).ok_or_else(|| Error::argument(self.class, name, expected, shorten(value)))
    }

    /// Axes; `None` stands for all.
    pub(super) fn axes(&self, name: &str) -> Result<Option<Vec<isize>>> {
        self.get(name, "axes", axes)
    }

    /// One axis or another whole number.
    pub(super) fn whole(&self, name: &str) -> Result<isize> {
        self.get(name, "a whole number", isize::from_value)
    }

    /// One axis, where there is one.
    pub(super) fn maybe_whole(&self, name: &str) -> Result<Option<isize>> {
        self.get(name, "a whole number or null", Option::<isize>::from_value)
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool> {
        self.get(name, "true or false", bool::from_value)
    }

    pub(super) fn number(&self, name: &str) -> Result<f64> {
        self.get(name, "a number", as_float)
    }

    pub(super) fn maybe_number(&self, name: &str) -> Result<Option<f64>> {
        let read = |v: &Value| if v.is_null() { Some(None) } else { as_float(v).map(Some) };
        self.get(name, "a number or null", read)
    }

    pub(super) fn dtype(&self, name: &str) -> Result<Option<DType>> {
        self.get(name, "the name of a data type or null", Option::<DType>::from_value)
    }

    pub(super) fn sizes(&self, name: &str) -> Result<Vec<Option<isize>>> {
        self.get(name, "a whole number or a list of them", sizes)
    }

    pub(super) fn pairs(&self, name: &str) -> Result<Vec<(usize, usize)>> {
        self.get(name, "pairs of whole numbers", pairs)
    }

    /// The argument as it is written.
    pub(super) fn raw(&self, name: &str) -> &Value {
        self.config.get(name).unwrap_or(&Value::Null)
    }

    /// Plain data at a place among the positional arguments of the call.
    pub(super) fn at(&self, place: usize) -> Option<&Value> {
        match self.kwargs.get(&Kwarg::positional(place)) {
            Some(Kwarg::Data(value)) => Some(value),
            _ => None,
        }
    }

    /// The operand at a place of the call, where it is given: `null` among the positional arguments is
    /// no operand.
    pub(super) fn operand<'t, T>(&self, place: usize, operands: &'t [T]) -> Option<&'t T> {
        let absent = |place: usize| self.at(place).is_some_and(Value::is_null);
        let before = (0..place).filter(|place| absent(*place)).count();
        if absent(place) { None } else { operands.get(place - before) }
    }

    /// Plain data given to the call by keyword; `null` counts as not given.
    pub(super) fn keyword(&self, name: &str) -> Option<&Value> {
        match self.kwargs.get(name) {
            Some(Kwarg::Data(value)) if !value.is_null() => Some(value),
            _ => None,
        }
    }

    /// How many positional arguments of the call are plain data.
    pub(super) fn constants(&self) -> usize {
        self.kwargs.keys().filter(|name| name.starts_with('#')).count()
    }

    /// The error for an argument that is well-formed but not accepted.
    pub(super) fn reject(&self, name: &str, expected: impl Into<String>) -> Error {
        Error::argument(self.class, name, expected.into(), shorten(self.raw(name)))
    }
}
