//! Arguments with one value for all outputs or one for each.

use crate::config::{Config, FromConfig, IntoConfig, Loading, Registered, function_name};
use crate::error::{Error, Result};
use crate::losses::{ComputeLoss, Loss};
use crate::metrics::{Measure, Metric};
use indexmap::IndexMap;
use serde_json::Value;

/// A Keras name, whose meaning may depend on the data (`"accuracy"`), or an object.
#[derive(Clone, Debug)]
pub enum Identifier<T> {
    /// Keras' name.
    Name(String),
    /// An object.
    Object(T),
}

/// One value for the only output, a list in the order of the outputs, or values by output name.
///
/// Lists and names can be nested: an output may have several metrics.
#[derive(Clone, Debug, Default)]
pub enum PerOutput<T> {
    /// Nothing.
    #[default]
    None,
    /// One value.
    One(T),
    /// A list.
    List(Vec<Self>),
    /// By output name.
    Named(IndexMap<String, Self>),
}

impl<T> PerOutput<T> {
    /// Whether it is [`PerOutput::None`].
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// All values; entries by name are sorted, as in Keras.
    pub(super) fn flatten(&self) -> Vec<&T> {
        match self {
            Self::None => Vec::new(),
            Self::One(value) => vec![value],
            Self::List(items) => items.iter().flat_map(Self::flatten).collect(),
            Self::Named(entries) => {
                let mut sorted: Vec<_> = entries.iter().collect();
                sorted.sort_by_key(|(name, _)| (*name).clone());
                sorted.into_iter().flat_map(|(_, entry)| entry.flatten()).collect()
            }
        }
    }

    /// The part for each output.
    ///
    /// # Errors
    /// [`Error::Argument`] where their number differs, [`Error::UnknownName`] for names of no output.
    pub(super) fn split(&self, argument: &'static str, outputs: &[String]) -> Result<Vec<&Self>> {
        let refuse = |got: String| {
            let expected = format!("one entry for each output ({})", outputs.join(", "));
            Err(Error::argument("compile", argument, expected, got))
        };
        match self {
            Self::None => Ok(outputs.iter().map(|_| self).collect()),
            Self::List(items) if items.len() == outputs.len() => Ok(items.iter().collect()),
            Self::List(items) => refuse(format!("{} entries", items.len())),
            Self::One(_) => refuse("a single one".into()),
            Self::Named(entries) => {
                if let Some(unknown) = entries.keys().find(|name| !outputs.contains(name)) {
                    return Err(Error::unknown_name("output", unknown, outputs));
                }
                Ok(outputs.iter().map(|name| entries.get(name).unwrap_or(&Self::None)).collect())
            }
        }
    }
}

impl<T: IntoConfig> IntoConfig for Identifier<T> {
    fn to_config(&self) -> Value {
        match self {
            Self::Name(name) => name.to_config(),
            Self::Object(object) => object.to_config(),
        }
    }
}

impl<T: IntoConfig> IntoConfig for PerOutput<T> {
    fn to_config(&self) -> Value {
        match self {
            Self::None => Value::Null,
            Self::One(value) => value.to_config(),
            Self::List(items) => items.to_config(),
            Self::Named(entries) => {
                Value::Object(entries.iter().map(|(k, v)| (k.clone(), v.to_config())).collect())
            }
        }
    }
}

/// Objects that a loss can be converted to.
trait FromLoss: Registered {
    /// The object for a loss.
    fn from_loss(loss: Loss) -> Self;
}

impl FromLoss for Loss {
    fn from_loss(loss: Loss) -> Self {
        loss
    }
}

impl FromLoss for Metric {
    fn from_loss(loss: Loss) -> Self {
        loss.into()
    }
}

#[allow(private_bounds, reason = "losses and metrics are all there is")]
impl<T: FromLoss> FromConfig for Identifier<T> {
    const EXPECTED: &'static str = "a name or an object with class_name and config";

    fn from_value(value: &Value) -> Option<Self> {
        value.as_str().map(|name| Self::Name(name.into()))
    }

    fn from_config(value: &Value, object: &str, key: &str, loading: &Loading<'_>) -> Result<Self> {
        match Self::from_value(value) {
            Some(name) => Ok(name),
            // Functions of Python are written by name only.
            None => match function_name(value) {
                Some(name) => Ok(Self::Name(name.into())),
                _ if value.get("module").and_then(Value::as_str) == Some("keras.losses") => {
                    Ok(Self::Object(T::from_loss(loading.object(value, object, key)?)))
                }
                _ => Ok(Self::Object(loading.object(value, object, key)?)),
            },
        }
    }
}

impl<T: FromConfig> FromConfig for PerOutput<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_value(_: &Value) -> Option<Self> {
        None
    }

    fn from_config(value: &Value, object: &str, key: &str, loading: &Loading<'_>) -> Result<Self> {
        let one = |value: &Value, key: &str| Self::from_config(value, object, key, loading);
        let list = |items: &[Value]| {
            let items = items.iter().enumerate().map(|(i, item)| one(item, &format!("{key}/{i}")));
            Ok(Self::List(items.collect::<Result<_>>()?))
        };
        let named = |entries: &Config| {
            let entries = entries.iter().map(|(k, v)| Ok((k.clone(), one(v, &format!("{key}/{k}"))?)));
            Ok(Self::Named(entries.collect::<Result<_>>()?))
        };
        match value {
            Value::Null => Ok(Self::None),
            Value::Array(items) => list(items),
            Value::Object(entries) => match entries.get("class_name").and_then(Value::as_str) {
                Some("__tuple__") => {
                    let items = value.get("items").or_else(|| value.pointer("/config/value"));
                    list(items.and_then(Value::as_array).map_or(&[], Vec::as_slice))
                }
                Some(_) => Ok(Self::One(T::from_config(value, object, key, loading)?)),
                None => named(entries),
            },
            _ => Ok(Self::One(T::from_config(value, object, key, loading)?)),
        }
    }
}

/// Conversions of lists and names, of one kind of entry.
macro_rules! collections {
    ($value:ty: $($entry:ty),*) => {$(
        impl From<Vec<$entry>> for PerOutput<$value> {
            fn from(items: Vec<$entry>) -> Self {
                Self::List(items.into_iter().map(Into::into).collect())
            }
        }

        impl<const N: usize> From<[$entry; N]> for PerOutput<$value> {
            fn from(items: [$entry; N]) -> Self {
                Self::List(items.into_iter().map(Into::into).collect())
            }
        }

        impl<const N: usize> From<[(&str, $entry); N]> for PerOutput<$value> {
            fn from(entries: [(&str, $entry); N]) -> Self {
                Self::Named(entries.into_iter().map(|(name, entry)| (name.into(), entry.into())).collect())
            }
        }
    )*};
}

/// Conversions for one kind of object.
macro_rules! identifiers {
    ($handle:ty, $trait:ident) => {
        impl From<&str> for PerOutput<Identifier<$handle>> {
            fn from(name: &str) -> Self {
                Self::One(Identifier::Name(name.into()))
            }
        }

        impl From<String> for PerOutput<Identifier<$handle>> {
            fn from(name: String) -> Self {
                Self::One(Identifier::Name(name))
            }
        }

        impl From<$handle> for PerOutput<Identifier<$handle>> {
            fn from(object: $handle) -> Self {
                Self::One(Identifier::Object(object))
            }
        }

        impl<T: $trait + 'static> From<T> for PerOutput<Identifier<$handle>> {
            fn from(object: T) -> Self {
                Self::One(Identifier::Object(object.into()))
            }
        }

        collections!(Identifier<$handle>: &str, String, $handle, PerOutput<Identifier<$handle>>, Vec<&str>);

        impl<const M: usize, const N: usize> From<[[&str; M]; N]> for PerOutput<Identifier<$handle>> {
            fn from(items: [[&str; M]; N]) -> Self {
                Self::List(items.into_iter().map(Into::into).collect())
            }
        }

        impl<const M: usize, const N: usize> From<[(&str, [&str; M]); N]> for PerOutput<Identifier<$handle>> {
            fn from(entries: [(&str, [&str; M]); N]) -> Self {
                Self::Named(entries.into_iter().map(|(name, entry)| (name.into(), entry.into())).collect())
            }
        }
    };
}

identifiers!(Loss, ComputeLoss);
identifiers!(Metric, Measure);
collections!(f64: f64, PerOutput<f64>);

impl From<f64> for PerOutput<f64> {
    fn from(weight: f64) -> Self {
        Self::One(weight)
    }
}

impl<T> From<()> for PerOutput<T> {
    fn from((): ()) -> Self {
        Self::None
    }
}
