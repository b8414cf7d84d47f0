//! The JSON of a `:predict` request, as TensorFlow Serving defines it.

use std::fmt;

use indexmap::IndexMap;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use super::failure::Failure;
use super::rows::Rows;
use super::values::{Nested, Values};

/// Whether samples stand one after the other, or inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// `instances`, answered by `predictions`.
    Rows,
    /// `inputs`, answered by `outputs`.
    Columns,
}

/// The values of a request.
#[derive(Debug)]
pub(crate) enum Data {
    /// Without a name, for the only input.
    Single(Values),
    /// By the name of the input.
    Named(IndexMap<String, Values>),
}

/// A request, read.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) format: Format,
    pub(crate) signature_name: Option<String>,
    pub(crate) data: Data,
}

impl Body {
    /// Reads the JSON.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, Failure> {
        let mut parser = serde_json::Deserializer::from_slice(text);
        let body = parser.deserialize_map(Object).and_then(|body| parser.end().map(|()| body));
        body.map_err(|error| match error.classify() {
            Category::Data => Failure::invalid(error.to_string()),
            _ => Failure::invalid(format!("JSON Parse error: {error}")),
        })
    }
}

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Body;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with 'instances' or 'inputs'")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Body, A::Error> {
        let (mut signature_name, mut read) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            let format = match key.as_str() {
                "instances" => Format::Rows,
                "inputs" => Format::Columns,
                "signature_name" => {
                    signature_name = map.next_value()?;
                    continue;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            if read.is_some() {
                return Err(Error::custom("there must be one of 'instances' and 'inputs', once"));
            }
            let data = match format {
                Format::Rows => map.next_value_seed(Rows)?,
                Format::Columns => map.next_value_seed(Columns)?,
            };
            read = Some((format, data));
        }
        let (format, data) = read.ok_or_else(|| Error::custom("Missing 'inputs' or 'instances' key"))?;
        Ok(Body { format, signature_name, data })
    }
}

/// The value of `inputs`.
struct Columns;

impl<'de> DeserializeSeed<'de> for Columns {
    type Value = Data;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Data, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Columns {
    type Value = Data;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lists, or an object of them by the inputs' names")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Data, A::Error> {
        let mut values = Values::default();
        Nested { values: &mut values, depth: 0 }.visit_seq(list)?;
        Ok(Data::Single(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Data, A::Error> {
        let mut named = IndexMap::new();
        while let Some(name) = map.next_key::<String>()? {
            let mut values = Values::default();
            map.next_value_seed(Nested { values: &mut values, depth: 0 })?;
            named.insert(name, values);
        }
        Ok(Data::Named(named))
    }
}
