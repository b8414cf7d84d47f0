//! What every class with constructor arguments says about itself.

use super::{Config, ConfigReader};
use crate::error::{Error, Result};
use serde_json::Value;

/// A class of Keras' kind: its name, and its constructor arguments as files hold them.
///
/// [`derive(KerasConfig)`](macro@crate::config::KerasConfig) writes it from a struct's fields, with the
/// constructor and a setter an argument. Traits of one kind of object, such as
/// [`Initialize`](crate::initializers::Initialize), stand on it.
///
/// ```
/// use keras_rs::config::KerasConfig;
/// use keras_rs::constraints::MaxNorm;
///
/// let constraint = MaxNorm::new(3);
/// assert_eq!(constraint.class_name(), "MaxNorm");
/// assert_eq!(constraint.module(), Some("keras.constraints"));
/// assert_eq!(constraint.config()["max_value"], 3);
/// assert_eq!(MaxNorm::arguments()[1].name, "axis");
/// ```
pub trait KerasConfig {
    /// The class' name in files.
    fn class_name(&self) -> &str;

    /// Python module that the class is written under in files; `None` for classes of users.
    fn module(&self) -> Option<&str>;

    /// The name that a class of a user is registered under: `package>Name`, or its plain name where it
    /// has no package. `None` for Keras' own classes, except those that Keras itself writes with one.
    fn registered_name(&self) -> Option<String>;

    /// The constructor arguments in Keras' order, those of the base first. A layer's base is left out: its handle
    /// writes name, trainable and data type.
    fn config(&self) -> Config;

    /// Makes an object from its constructor arguments; what is missing has its default.
    ///
    /// # Errors
    /// [`Error::Config`] where an argument is missing that has no default, or is malformed.
    fn from_config(c: &mut ConfigReader<'_>) -> Result<Self>
    where
        Self: Sized;

    /// Names and defaults of the constructor arguments, in the order of [`KerasConfig::config`].
    fn arguments() -> Vec<ConstructorArgument>
    where
        Self: Sized;
}

/// A constructor argument of a class.
#[derive(Clone, Debug, PartialEq)]
pub struct ConstructorArgument {
    /// Name, which is the key in files.
    pub name: String,
    /// Default as files hold it; `None` where the argument is required.
    pub default: Option<Value>,
}

/// The arguments that every class of a kind has, which classes hold in a field named `base`.
pub trait BaseConfig: Sized {
    /// Adds the entries to a configuration.
    fn write(&self, config: &mut Config);

    /// Takes the entries from a configuration; what is not there stays as it is.
    ///
    /// # Errors
    /// [`Error::Config`] where one is malformed.
    fn read(self, c: &mut ConfigReader<'_>) -> Result<Self>;

    /// Notes an error of a setter; it is reported when the object is first used.
    fn defer(&mut self, error: Error);

    /// Puts what a setter was given where it belongs, or notes that it does not convert.
    fn set<V, T>(&mut self, value: V, put: impl FnOnce(&mut Self, T))
    where
        V: TryInto<T>,
        Error: From<V::Error>,
    {
        match value.try_into() {
            Ok(value) => put(self, value),
            Err(error) => self.defer(error.into()),
        }
    }
}

/// A class with the arguments of its kind in a field named `base`.
pub trait HasBase {
    /// The arguments of the kind.
    type Base: BaseConfig;

    /// The arguments that every class of the kind has.
    fn base(&self) -> &Self::Base;

    /// The arguments that every class of the kind has, to be set.
    fn base_mut(&mut self) -> &mut Self::Base;
}

#[cfg(test)]
mod tests;
