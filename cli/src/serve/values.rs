//! The values of one input, gathered from nested lists of JSON as they are read.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use keras_rs::{DType, Tensor, TensorData};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The largest whole number below which all are exact as `f64`.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Key of an object that stands for bytes.
pub(crate) const BYTES_KEY: &str = "b64";

/// Numbers or bytes with the sizes of the lists that held them.
///
/// Lists of numbers go into one vector, because a tree of JSON values would take ten times the memory of the text.
#[derive(Debug, Default)]
pub(crate) struct Values {
    /// Size of the lists at each depth, from the outermost.
    sizes: Vec<Option<usize>>,
    /// Depth of the values.
    rank: Option<usize>,
    numbers: Vec<f64>,
    /// The first number that is not whole or not exact.
    fraction: Option<f64>,
    truths: usize,
    bytes: Vec<Vec<u8>>,
}

impl Values {
    /// Notes that a list at this depth has ended after so many elements.
    pub(crate) fn close(&mut self, depth: usize, count: usize) -> Result<(), String> {
        if self.rank.is_some_and(|rank| depth >= rank) {
            return Err(format!("a list at depth {depth} stands beside numbers"));
        }
        if self.sizes.len() <= depth {
            self.sizes.resize(depth + 1, None);
        }
        match self.sizes[depth].replace(count) {
            Some(size) if size != count => {
                Err(format!("lists at depth {depth} have different lengths: {size} and {count}"))
            }
            _ => Ok(()),
        }
    }

    fn leaf(&mut self, depth: usize) -> Result<(), String> {
        match *self.rank.get_or_insert(depth) {
            rank if rank == depth && self.sizes.len() <= depth => Ok(()),
            rank => Err(format!("values at depth {depth} stand beside others at depth {rank}")),
        }
    }

    fn number(&mut self, depth: usize, number: f64) -> Result<(), String> {
        if number.fract() != 0.0 || number.abs() > EXACT {
            self.fraction.get_or_insert(number);
        }
        self.numbers.push(number);
        self.leaf(depth)
    }

    fn shape(&self) -> Vec<usize> {
        let rank = self.rank.unwrap_or(self.sizes.len());
        (0..rank).map(|depth| self.sizes.get(depth).copied().flatten().unwrap_or(0)).collect()
    }

    /// The bytes of each sample, where there are only bytes.
    pub(crate) fn images(&self) -> Result<Option<&[Vec<u8>]>, String> {
        match (self.bytes.len(), self.numbers.len()) {
            (0, _) => Ok(None),
            (_, 0) if self.rank == Some(1) => Ok(Some(&self.bytes)),
            (_, 0) => Err("bytes must be one for each sample".into()),
            _ => Err("numbers and bytes are mixed".into()),
        }
    }

    /// A tensor of this type.
    pub(crate) fn tensor(self, dtype: DType) -> Result<Tensor, String> {
        let is_truth = self.truths == self.numbers.len() && self.truths > 0;
        match dtype {
            DType::Bool if !is_truth && !self.numbers.is_empty() => {
                return Err("expected true or false".into());
            }
            DType::Bool => {}
            _ if self.truths > 0 => return Err(format!("expected {dtype}, got true or false")),
            _ if dtype.is_float() => {}
            _ => {
                let (low, high) = match dtype {
                    DType::U8 => (0.0, f64::from(u8::MAX)),
                    DType::U32 => (0.0, f64::from(u32::MAX)),
                    DType::I32 => (f64::from(i32::MIN), f64::from(i32::MAX)),
                    _ => (-EXACT, EXACT),
                };
                let outside = || self.numbers.iter().copied().find(|n| !(low..=high).contains(n));
                if let Some(number) = self.fraction.or_else(outside) {
                    return Err(format!("expected {dtype}, got {number}"));
                }
            }
        }
        let data = TensorData::from_f64(&self.numbers, self.shape(), dtype).map_err(|e| e.to_string())?;
        Tensor::from_data(data).map_err(|e| e.to_string())
    }
}

/// Reads a value that stands at a depth of lists.
pub(crate) struct Nested<'a> {
    pub(crate) values: &'a mut Values,
    pub(crate) depth: usize,
}

impl Nested<'_> {
    /// The bytes of the object whose first key, which was `b64`, has been read.
    pub(crate) fn bytes<'de, A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let text: String = map.next_value()?;
        if map.next_key::<IgnoredAny>()?.is_some() {
            return Err(Error::custom("an object with `b64` has no other keys"));
        }
        let bytes =
            BASE64_STANDARD.decode(text).map_err(|e| Error::custom(format!("`b64` is not base64: {e}")))?;
        self.values.bytes.push(bytes);
        self.values.leaf(self.depth).map_err(Error::custom)
    }
}

impl<'de> DeserializeSeed<'de> for Nested<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nested<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("numbers, true, false, {\"b64\": \"...\"}, or lists of them")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.values.number(self.depth, number).map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.visit_f64(number as f64)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.visit_f64(number as f64)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<(), E> {
        self.values.truths += 1;
        self.visit_f64(f64::from(u8::from(truth)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut count = 0;
        while list.next_element_seed(Nested { values: self.values, depth: self.depth + 1 })?.is_some() {
            count += 1;
        }
        self.values.close(self.depth, count).map_err(Error::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        match map.next_key::<String>()?.as_deref() {
            Some(BYTES_KEY) => self.bytes(map),
            _ => Err(Error::custom("an object inside of a value must be {\"b64\": \"...\"}")),
        }
    }
}
