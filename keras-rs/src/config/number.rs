//! Numbers that remember how they were written.

use super::value::whole;
use super::{FromConfig, IntoConfig};
use serde_json::{Value, json};

/// A number of a configuration: Python tells `2` from `2.0`, and so do the files it writes.
///
/// ```
/// use keras_rs::config::{IntoConfig, Number};
///
/// assert_eq!(Number::from(2).to_config().to_string(), "2");
/// assert_eq!(Number::from(2.0).to_config().to_string(), "2.0");
/// assert_eq!(Number::from(2), Number::from(2.0));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Number {
    value: f64,
    whole: bool,
}

impl Number {
    /// The value.
    pub fn get(self) -> f64 {
        self.value
    }

    /// Whether it was written as a whole number, `2` and not `2.0`.
    pub(crate) fn is_whole(self) -> bool {
        self.whole
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

macro_rules! from_number {
    ($whole:literal: $($ty:ty),*) => {$(
        impl From<$ty> for Number {
            fn from(value: $ty) -> Self {
                Self { value: value as f64, whole: $whole }
            }
        }
    )*};
}

from_number!(true: i32, i64, u32, usize);
from_number!(false: f32, f64);

impl IntoConfig for Number {
    fn to_config(&self) -> Value {
        if self.whole { json!(self.value as i64) } else { super::json::float(self.value) }
    }
}

impl FromConfig for Number {
    const EXPECTED: &'static str = "a number";

    fn from_value(value: &Value) -> Option<Self> {
        let written_whole = value.is_i64() || value.is_u64();
        match whole(value) {
            Some(n) if written_whole => Some(Self::from(n)),
            _ => f64::from_value(value).map(Self::from),
        }
    }
}
