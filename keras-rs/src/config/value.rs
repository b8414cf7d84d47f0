//! Reading single configuration values.

use super::Loading;
use crate::dtype::{DType, DTypePolicy, DTypePolicyMap};
use crate::error::{Error, Result};
use crate::limits::MAX_CONFIG_NUMBER;
use serde_json::Value;

/// Types that can be read from a configuration entry.
pub trait FromConfig: Sized {
    /// What to call the accepted values in an error.
    const EXPECTED: &'static str;

    /// Reads the value; `None` means it does not have the form.
    fn from_value(value: &Value) -> Option<Self>;

    /// Reads a value that may be an object of a registered class.
    ///
    /// # Errors
    /// [`Error::Config`] where the value does not have the form.
    fn from_config(value: &Value, object: &str, key: &str, _loading: &Loading<'_>) -> Result<Self> {
        Self::from_value(value).ok_or_else(|| unexpected::<Self>(value, object, key))
    }
}

/// The error for a value that does not have the form; long values are cut.
pub(crate) fn unexpected<T: FromConfig>(value: &Value, object: &str, key: &str) -> Error {
    Error::Config {
        object: object.into(),
        key: key.into(),
        expected: T::EXPECTED.into(),
        got: shorten(value),
    }
}

pub(crate) fn shorten(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(120) {
        Some((cut, _)) => format!("{}...", &text[..cut]),
        None => text,
    }
}

impl FromConfig for bool {
    const EXPECTED: &'static str = "true or false";

    fn from_value(value: &Value) -> Option<Self> {
        // Some writers of old files store booleans as 0 and 1.
        value.as_bool().or_else(|| match value.as_u64() {
            Some(n @ (0 | 1)) => Some(n == 1),
            _ => None,
        })
    }
}

impl FromConfig for usize {
    const EXPECTED: &'static str = "a whole number from 0 to 2147483647";

    fn from_value(value: &Value) -> Option<Self> {
        whole(value).and_then(|n| n.try_into().ok()).filter(|n| *n <= MAX_CONFIG_NUMBER)
    }
}

impl FromConfig for isize {
    const EXPECTED: &'static str = "a whole number of at most 2147483647, either sign";

    fn from_value(value: &Value) -> Option<Self> {
        let number: Self = whole(value)?.try_into().ok()?;
        (number.unsigned_abs() <= MAX_CONFIG_NUMBER).then_some(number)
    }
}

impl FromConfig for i64 {
    const EXPECTED: &'static str = "a whole number";

    fn from_value(value: &Value) -> Option<Self> {
        whole(value)
    }
}

impl FromConfig for u64 {
    const EXPECTED: &'static str = "a whole number that is not negative";

    fn from_value(value: &Value) -> Option<Self> {
        whole(value)?.try_into().ok()
    }
}

/// Whole numbers, which Python may have written as `3.0`.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    let float = || value.as_f64().filter(|f| f.fract() == 0.0 && f.abs() < 9e15).map(|f| f as i64);
    value.as_i64().or_else(float)
}

impl FromConfig for f64 {
    const EXPECTED: &'static str = "a number";

    fn from_value(value: &Value) -> Option<Self> {
        super::json::as_float(value)
    }
}

impl FromConfig for String {
    const EXPECTED: &'static str = "text";

    fn from_value(value: &Value) -> Option<Self> {
        value.as_str().map(Into::into)
    }
}

impl FromConfig for Value {
    const EXPECTED: &'static str = "anything";

    fn from_value(value: &Value) -> Option<Self> {
        Some(value.clone())
    }
}

impl FromConfig for super::Config {
    const EXPECTED: &'static str = "an object";

    fn from_value(value: &Value) -> Option<Self> {
        value.as_object().cloned()
    }
}

impl<T: FromConfig> FromConfig for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_value(value: &Value) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::from_value(value).map(Some) }
    }

    fn from_config(value: &Value, object: &str, key: &str, loading: &Loading<'_>) -> Result<Self> {
        if value.is_null() { Ok(None) } else { T::from_config(value, object, key, loading).map(Some) }
    }
}

impl<T: FromConfig> FromConfig for Vec<T> {
    const EXPECTED: &'static str = "a list";

    /// Tuples come as lists, or as `{"class_name": "__tuple__", "items": [...]}`.
    fn from_value(value: &Value) -> Option<Self> {
        let items = value.get("items").unwrap_or(value);
        items.as_array()?.iter().map(T::from_value).collect()
    }

    /// Members may be objects of registered classes.
    fn from_config(value: &Value, object: &str, key: &str, loading: &Loading<'_>) -> Result<Self> {
        let items = value.get("items").unwrap_or(value).as_array();
        match (Self::from_value(value), items) {
            (Some(plain), _) => Ok(plain),
            (None, Some(items)) if items.iter().all(Value::is_object) => {
                items.iter().map(|item| T::from_config(item, object, key, loading)).collect()
            }
            _ => Err(unexpected::<Self>(value, object, key)),
        }
    }
}

impl<T: FromConfig, const N: usize> FromConfig for [T; N] {
    const EXPECTED: &'static str = "a list of a fixed length";

    fn from_value(value: &Value) -> Option<Self> {
        Vec::<T>::from_value(value)?.try_into().ok()
    }
}

impl<A: FromConfig, B: FromConfig> FromConfig for (A, B) {
    const EXPECTED: &'static str = "a pair";

    fn from_value(value: &Value) -> Option<Self> {
        let items = value.get("items").unwrap_or(value).as_array()?;
        match items.as_slice() {
            [a, b] => Some((A::from_value(a)?, B::from_value(b)?)),
            _ => None,
        }
    }
}

impl FromConfig for DType {
    const EXPECTED: &'static str = "the name of a data type";

    fn from_value(value: &Value) -> Option<Self> {
        value.as_str()?.parse().ok()
    }
}

impl FromConfig for DTypePolicy {
    const EXPECTED: &'static str = "a data type policy";

    /// Keras 3 writes an object (`DTypePolicy`, `FloatDTypePolicy`), Keras 2 a name or an object of class `Policy`.
    fn from_value(value: &Value) -> Option<Self> {
        if class_of(value) == Some("DTypePolicyMap") {
            return DTypePolicyMap::from_value(value).map(Self::from);
        }
        policy(value).map(Option::unwrap_or_default)
    }
}

impl FromConfig for DTypePolicyMap {
    const EXPECTED: &'static str = "a map of data type policies that are not quantized";

    fn from_value(value: &Value) -> Option<Self> {
        let config = value.get("config").filter(|_| class_of(value) == Some("DTypePolicyMap"))?;
        let default = config.get("default_policy").filter(|policy| !policy.is_null());
        let mut map = Self::new();
        if let Some(default) = default {
            map = map.with_default(DTypePolicy::from_value(default)?).ok()?;
            if default.is_string() {
                map = map.with_default_by_name();
            }
        }
        let none = serde_json::Map::new();
        let policies = config.get("policy_map").filter(|policies| !policies.is_null());
        for (key, named) in policies.map_or(Some(&none), Value::as_object)? {
            map.add(key.clone(), policy(named)?).ok()?;
        }
        Some(map)
    }
}

fn class_of(value: &Value) -> Option<&str> {
    value.get("class_name")?.as_str()
}

/// A policy by its name or as an object, of which the name may be null: the policy of layers that name none.
fn policy(value: &Value) -> Option<Option<DTypePolicy>> {
    let name = if value.is_string() { value } else { value.get("config")?.get("name")? };
    match name {
        Value::Null => Some(None),
        name => name.as_str()?.parse().ok().map(Some),
    }
}
