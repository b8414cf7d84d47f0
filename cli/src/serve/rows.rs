//! Samples one after the other, gathered by input as they are read.

use std::fmt;

use indexmap::IndexMap;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::body::Data;
use super::values::{BYTES_KEY, Nested, Values};

/// Reads the value of `instances`.
pub(crate) struct Rows;

impl<'de> DeserializeSeed<'de> for Rows {
    type Value = Data;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Data, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows {
    type Value = Data;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of samples")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Data, A::Error> {
        let mut rows = 0;
        let (mut single, mut named) = (Values::default(), IndexMap::new());
        while list.next_element_seed(Row { row: rows, single: &mut single, named: &mut named })?.is_some() {
            rows += 1;
        }
        match (rows, named.is_empty()) {
            (0, _) => Err(Error::custom("'instances' is an empty list")),
            (_, true) => {
                single.close(0, rows).map_err(Error::custom)?;
                Ok(Data::Single(single))
            }
            _ => {
                for (name, values) in &mut named {
                    values.close(0, rows).map_err(|e| Error::custom(format!("input {name}: {e}")))?;
                }
                Ok(Data::Named(named))
            }
        }
    }
}

/// One sample: a value, or an object of values by the inputs' names.
struct Row<'a> {
    row: usize,
    single: &'a mut Values,
    named: &'a mut IndexMap<String, Values>,
}

impl Row<'_> {
    fn plain<E: Error>(&mut self) -> Result<Nested<'_>, E> {
        if self.named.is_empty() {
            return Ok(Nested { values: self.single, depth: 1 });
        }
        Err(E::custom(format!("instance {} is no object as those before it", self.row)))
    }
}

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("numbers, true, false, lists of them, or an object by the inputs' names")
    }

    fn visit_f64<E: Error>(mut self, number: f64) -> Result<(), E> {
        self.plain::<E>()?.visit_f64(number)
    }

    fn visit_i64<E: Error>(mut self, number: i64) -> Result<(), E> {
        self.plain::<E>()?.visit_i64(number)
    }

    fn visit_u64<E: Error>(mut self, number: u64) -> Result<(), E> {
        self.plain::<E>()?.visit_u64(number)
    }

    fn visit_bool<E: Error>(mut self, truth: bool) -> Result<(), E> {
        self.plain::<E>()?.visit_bool(truth)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, list: A) -> Result<(), A::Error> {
        self.plain::<A::Error>()?.visit_seq(list)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut read = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if name == BYTES_KEY && read.is_empty() && self.named.is_empty() {
                return self.plain::<A::Error>()?.bytes(map);
            }
            let values = match self.named.get_index_of(&name) {
                Some(at) if read.contains(&at) => {
                    return Err(Error::custom(format!("instance {} has {name} twice", self.row)));
                }
                None if self.row > 0 => {
                    return Err(Error::custom(format!(
                        "instance {} has {name}, the first has not",
                        self.row
                    )));
                }
                known => {
                    read.push(known.unwrap_or(self.named.len()));
                    self.named.entry(name).or_default()
                }
            };
            map.next_value_seed(Nested { values, depth: 1 })?;
        }
        if read.is_empty() || read.len() < self.named.len() {
            return Err(Error::custom(format!("instance {} lacks inputs that others have", self.row)));
        }
        Ok(())
    }
}
