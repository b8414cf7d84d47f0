//! Reading an object's configuration, entry by entry.

use super::value::{shorten, unexpected};
use super::{Config, CustomObjects, FromConfig};
use crate::error::{Error, Result};
use indexmap::IndexMap;
use serde_json::Value;

/// What a file is read with: the known classes and those that the user adds.
#[derive(Debug)]
pub struct Loading<'a> {
    /// The user's classes.
    pub custom: &'a CustomObjects,
}

impl<'a> Loading<'a> {
    /// With classes of a user beside Keras' own.
    pub fn new(custom: &'a CustomObjects) -> Self {
        Self { custom }
    }
}

/// The configuration of one object while it is read; knows which entries were used.
///
/// Entries are borrowed: a copy for each level of nested models would multiply a large file.
#[derive(Debug)]
pub struct ConfigReader<'a> {
    object: String,
    entries: IndexMap<&'a str, &'a Value>,
    /// Entries that were read without being taken.
    optional: Vec<&'static str>,
    loading: &'a Loading<'a>,
}

impl<'a> ConfigReader<'a> {
    /// Reads `entries` of an object; `object` is what errors call it.
    pub fn new(object: impl Into<String>, entries: &'a Config, loading: &'a Loading<'a>) -> Self {
        Self::of(object.into(), entries.iter().map(|(key, value)| (key.as_str(), value)), loading)
    }

    pub(super) fn of(
        object: String,
        entries: impl Iterator<Item = (&'a str, &'a Value)>,
        loading: &'a Loading<'a>,
    ) -> Self {
        Self { object, entries: entries.collect(), optional: Vec::new(), loading }
    }

    /// What errors call the object.
    pub fn object(&self) -> &str {
        &self.object
    }

    /// What the file is read with.
    pub fn loading(&self) -> &'a Loading<'a> {
        self.loading
    }

    /// Whether an entry is there and not yet taken.
    pub fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Takes an entry that must be there.
    ///
    /// # Errors
    /// [`Error::Config`] where it is missing or does not have the form.
    pub fn take<T: FromConfig>(&mut self, key: &str) -> Result<T> {
        match self.entries.shift_remove(key) {
            Some(value) => T::from_config(value, &self.object, key, self.loading),
            None => Err(self.nothing::<T>(key)),
        }
    }

    /// Takes an entry that must be there as it is.
    ///
    /// # Errors
    /// [`Error::Config`] where it is missing.
    pub fn take_value(&mut self, key: &str) -> Result<&'a Value> {
        self.entries.shift_remove(key).ok_or_else(|| self.nothing::<Value>(key))
    }

    fn nothing<T: FromConfig>(&self, key: &str) -> Error {
        unexpected::<T>(&Value::String("nothing".into()), &self.object, key)
    }

    /// Takes an entry, or the default where it is missing.
    ///
    /// # Errors
    /// [`Error::Config`] where it does not have the form.
    pub fn take_or<T: FromConfig>(&mut self, key: &str, default: T) -> Result<T> {
        if self.has(key) { self.take(key) } else { Ok(default) }
    }

    /// Takes all entries that are left, for an object that hands them on.
    pub fn take_rest(&mut self) -> Config {
        self.entries.drain(..).map(|(key, value)| (key.to_string(), value.clone())).collect()
    }

    /// Reads an entry that may be there, and that a later reader may take all the same.
    ///
    /// # Errors
    /// [`Error::Config`] where it does not have the form.
    pub(crate) fn peek<T: FromConfig>(&mut self, key: &'static str) -> Result<Option<T>> {
        self.optional.push(key);
        match self.entries.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => T::from_config(value, &self.object, key, self.loading).map(Some),
        }
    }

    /// Drops entries that other versions of Keras wrote and that mean nothing here.
    pub fn ignore(&mut self, keys: &[&str]) {
        for key in keys {
            self.entries.shift_remove(*key);
        }
    }

    /// The error for an entry whose value is well-formed but not accepted.
    pub fn reject(&self, key: &str, expected: impl Into<String>, got: &Value) -> Error {
        Error::Config {
            object: self.object.clone(),
            key: key.into(),
            expected: expected.into(),
            got: shorten(got),
        }
    }

    /// Ends reading: entries that nothing took are an error.
    ///
    /// # Errors
    /// [`Error::Config`] names the first entry that the class does not have.
    pub fn finish(self) -> Result<()> {
        match self.entries.iter().find(|(key, _)| !self.optional.contains(*key)) {
            None => Ok(()),
            Some((key, value)) => Err(Error::Config {
                object: self.object,
                key: (*key).into(),
                expected: "only arguments that the class has".into(),
                got: shorten(value),
            }),
        }
    }
}
