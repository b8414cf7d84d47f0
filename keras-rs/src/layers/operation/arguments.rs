//! Arguments of an operation's class: their forms, defaults, and values as functions of `ops` take them.

use super::call::Kwargs;
use crate::config::json::as_float;
use crate::config::{Config, FromConfig, shorten};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::{
    Axes, CtcDecoding, CtcStrategy, DataFormat, Index, Integers, NormOrder, PadMode, Padding, QuantileMethod,
    ScatterReduction, Sections, SignalWindow, SummedAxes,
};
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
    /// `null`: Keras' class has an argument that no file can hold.
    Nothing,
    /// `false`: as `Nothing`.
    No,
    /// Two numbers or `null`.
    MaybeRange,
    /// A list of numbers.
    Numbers,
    /// The name of a window, numbers or `null`.
    Window,
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
    Floats(&'static [f64]),
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
            Self::Floats(numbers) => numbers.into(),
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
        let (expected, is_valid) = match self.form {
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
            Form::Sizes => ("a whole number or a list of them", integers(value).is_some()),
            Form::Pairs => ("pairs of whole numbers", pairs(value).is_some()),
            Form::Text => ("text", value.is_string()),
            Form::MaybeText => ("text or null", value.is_null() || value.is_string()),
            Form::MaybeSizes => {
                ("a whole number, a list of them, or null", value.is_null() || integers(value).is_some())
            }
            Form::MaybeFlag => ("true, false or null", Option::<bool>::from_value(value).is_some()),
            Form::AxisPairs => ("a number of axes, or two lists of axes", summed_axes(value).is_some()),
            Form::Order => {
                ("a number, text or null", value.is_null() || value.is_string() || as_float(value).is_some())
            }
            Form::Nothing => ("null, as Keras keeps no tensors here", value.is_null()),
            Form::No => ("false, as Keras keeps nothing else here", value == &Value::Bool(false)),
            Form::MaybeRange => ("two numbers or null", range(value).is_some()),
            Form::Numbers => ("a list of numbers", numbers(value).is_some()),
            Form::Window => {
                ("\"hann\", \"hamming\", a list of numbers, or null", signal_window(value).is_some())
            }
        };
        if is_valid { Ok(()) } else { Err(Error::argument(class, self.name, expected, shorten(value))) }
    }
}

fn axes(value: &Value) -> Option<Axes> {
    if value.is_null() {
        return Some(Axes::All);
    }
    let one = isize::from_value(value).map(Axes::from);
    one.or_else(|| Vec::<isize>::from_value(value).map(Axes::from))
}

/// One whole number or several; `null` in a list is -1, as in Keras' shapes.
pub(super) fn integers(value: &Value) -> Option<Integers> {
    let several =
        |list: Vec<Option<isize>>| list.into_iter().map(|n| n.unwrap_or(-1)).collect::<Vec<_>>().into();
    let one = isize::from_value(value).map(Integers::from);
    one.or_else(|| Vec::<Option<isize>>::from_value(value).map(several))
}

fn numbers(value: &Value) -> Option<Vec<f64>> {
    Vec::<Value>::from_value(value)?.iter().map(as_float).collect()
}

fn sections(value: &Value) -> Option<Sections> {
    let one = isize::from_value(value).map(Sections::from);
    one.or_else(|| Vec::<isize>::from_value(value).map(Sections::from))
}

fn summed_axes(value: &Value) -> Option<SummedAxes> {
    if let Some(count) = isize::from_value(value) {
        return Some(SummedAxes::Count(count));
    }
    let lists = Vec::<Value>::from_value(value)?;
    let list = |value: &Value| match axes(value) {
        Some(Axes::These(axes)) => Some(axes),
        _ => None,
    };
    let [of_x1, of_x2] = lists.as_slice() else { return None };
    Some(SummedAxes::Pairs(list(of_x1)?, list(of_x2)?))
}

fn norm_order(value: &Value) -> Option<Option<NormOrder>> {
    match value.as_str() {
        _ if value.is_null() => Some(None),
        Some("fro") => Some(Some(NormOrder::Frobenius)),
        Some("nuc") => Some(Some(NormOrder::Nuclear)),
        _ => as_float(value).map(|order| Some(NormOrder::Number(order))),
    }
}

/// Two numbers or `null`.
fn range(value: &Value) -> Option<Option<(f64, f64)>> {
    if value.is_null() {
        return Some(None);
    }
    match Vec::<Value>::from_value(value)?.as_slice() {
        [low, high] => Some(Some((as_float(low)?, as_float(high)?))),
        _ => None,
    }
}

/// Factors of a window.
fn signal_window(value: &Value) -> Option<SignalWindow> {
    match value {
        Value::Null => Some(SignalWindow::Ones),
        Value::String(name) => SignalWindow::try_from(name.as_str()).ok(),
        Value::Array(numbers) => {
            numbers.iter().map(as_float).collect::<Option<_>>().map(SignalWindow::Values)
        }
        _ => None,
    }
}

/// A part of the key of `x[key]`, as Keras writes Python's.
pub(super) fn index(value: &Value) -> Option<Index> {
    match value.get("class_name").and_then(Value::as_str) {
        Some("__ellipsis__") => return Some(Index::Ellipsis),
        Some("__slice__") => {
            let bound = |name: &str| Option::<isize>::from_value(value.get("config")?.get(name)?);
            let step = bound("step")?.unwrap_or(1);
            return Some(Index::Range { start: bound("start")?, stop: bound("stop")?, step });
        }
        _ => {}
    }
    if value.is_null() { Some(Index::NewAxis) } else { isize::from_value(value).map(Index::At) }
}

fn pairs(value: &Value) -> Option<Vec<(usize, usize)>> {
    Vec::<(usize, usize)>::from_value(value)
}

/// The arguments of one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arguments<'a> {
    /// The operation's class, for errors.
    pub(super) class: &'static str,
    pub(super) config: &'a Config,
    pub(super) kwargs: &'a Kwargs,
}

/// Arguments of the class.
impl Arguments<'_> {
    fn get<T>(&self, name: &str, expected: &str, read: impl Fn(&Value) -> Option<T>) -> Result<T> {
        let value = self.config.get(name).unwrap_or(&Value::Null);
        read(value).ok_or_else(|| Error::argument(self.class, name, expected, shorten(value)))
    }

    pub(super) fn axes(&self, name: &str) -> Result<Axes> {
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

    /// A number of elements.
    pub(super) fn count(&self, name: &str) -> Result<usize> {
        self.get(name, "a whole number of at least 0", usize::from_value)
    }

    /// A number of elements, where it is given.
    pub(super) fn maybe_count(&self, name: &str) -> Result<Option<usize>> {
        self.get(name, "a whole number of at least 0, or null", Option::<usize>::from_value)
    }

    pub(super) fn range(&self, name: &str) -> Result<Option<(f64, f64)>> {
        self.get(name, "two numbers or null", range)
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

    pub(super) fn dtype(&self, name: &str) -> Result<DType> {
        self.get(name, "the name of a data type", DType::from_value)
    }

    pub(super) fn maybe_dtype(&self, name: &str) -> Result<Option<DType>> {
        self.get(name, "the name of a data type or null", Option::<DType>::from_value)
    }

    pub(super) fn integers(&self, name: &str) -> Result<Integers> {
        self.get(name, "a whole number or a list of them", integers)
    }

    pub(super) fn maybe_integers(&self, name: &str) -> Result<Option<Integers>> {
        let read = |v: &Value| if v.is_null() { Some(None) } else { integers(v).map(Some) };
        self.get(name, "a whole number, a list of them, or null", read)
    }

    pub(super) fn shape(&self, name: &str) -> Result<Vec<usize>> {
        self.integers(name)?.at_least(0, self.class, name)
    }

    pub(super) fn numbers(&self, name: &str) -> Result<Vec<f64>> {
        self.get(name, "a list of numbers", numbers)
    }

    pub(super) fn sections(&self, name: &str) -> Result<Sections> {
        self.get(name, "a whole number or a list of them", sections)
    }

    pub(super) fn pairs(&self, name: &str) -> Result<Vec<(usize, usize)>> {
        self.get(name, "pairs of whole numbers", pairs)
    }

    pub(super) fn summed_axes(&self, name: &str) -> Result<SummedAxes> {
        self.get(name, "a number of axes, or two lists of axes", summed_axes)
    }

    pub(super) fn norm_order(&self, name: &str) -> Result<Option<NormOrder>> {
        self.get(name, "null, \"fro\", \"nuc\", or a number", norm_order)
    }

    pub(super) fn text(&self, name: &str) -> Result<String> {
        self.get(name, "text", |value| value.as_str().map(Into::into))
    }

    pub(super) fn signal_window(&self, name: &str) -> Result<SignalWindow> {
        self.get(name, "\"hann\", \"hamming\", a list of numbers, or null", signal_window)
    }

    /// The arguments of `CTCDecode`.
    pub(super) fn ctc_decoding(&self) -> Result<CtcDecoding> {
        Ok(CtcDecoding {
            strategy: CtcStrategy::try_from(self.text("strategy")?.as_str())?,
            beam_width: self.count("beam_width")?,
            top_paths: self.count("top_paths")?,
            merge_repeated: self.flag("merge_repeated")?,
            mask_index: self.whole("mask_index")?,
        })
    }

    pub(super) fn quantile_method(&self, name: &str) -> Result<QuantileMethod> {
        QuantileMethod::try_from(self.text(name)?.as_str())
    }

    /// How values are put into tensors, where it is not in place of elements.
    pub(super) fn scatter_reduction(&self, name: &str) -> Result<Option<ScatterReduction>> {
        let name = self.get(name, "text or null", Option::<String>::from_value)?;
        name.map(|name| ScatterReduction::try_from(name.as_str())).transpose()
    }

    pub(super) fn pad_mode(&self, name: &str) -> Result<PadMode> {
        PadMode::try_from(self.text(name)?.as_str())
    }

    pub(super) fn padding(&self, name: &str) -> Result<Padding> {
        Padding::try_from(self.text(name)?.as_str())
    }

    /// `null` is Keras' default.
    pub(super) fn data_format(&self, name: &str) -> Result<DataFormat> {
        let name = self.config.get(name).and_then(Value::as_str);
        name.map_or(Ok(DataFormat::ChannelsLast), DataFormat::try_from)
    }
}
