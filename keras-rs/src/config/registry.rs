//! The classes that files may name.

use super::{ConfigReader, FromConfig, KerasConfig, Loading};
use crate::error::{Error, Result};
use serde_json::Value;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Makes an object from its configuration.
pub type Maker<T> = Arc<dyn Fn(&mut ConfigReader<'_>) -> Result<T> + Send + Sync>;

/// Makers of one kind of object, by class name or alias.
pub struct ClassTable<T> {
    makers: HashMap<String, Maker<T>>,
}

impl<T> ClassTable<T> {
    /// A table that a function fills.
    pub(crate) fn filled(fill: impl FnOnce(&mut Self)) -> Self {
        let mut table = Self::default();
        fill(&mut table);
        table
    }

    /// Adds a class under one or more names.
    pub fn add(
        &mut self,
        names: &[&str],
        maker: impl Fn(&mut ConfigReader<'_>) -> Result<T> + Send + Sync + 'static,
    ) {
        let maker: Maker<T> = Arc::new(maker);
        for name in names {
            self.makers.insert((*name).to_string(), maker.clone());
        }
    }

    /// Adds a class that says itself how it is made, under one or more names.
    pub fn class<C: KerasConfig + Into<T>>(&mut self, names: &[&str]) {
        self.add(names, |c| Ok(C::from_config(c)?.into()));
    }

    /// The maker of a class.
    pub fn get(&self, name: &str) -> Option<&Maker<T>> {
        self.makers.get(name)
    }

    /// Every name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.makers.keys().map(String::as_str)
    }
}

impl<T> Default for ClassTable<T> {
    fn default() -> Self {
        Self { makers: HashMap::new() }
    }
}

impl<T> Clone for ClassTable<T> {
    fn clone(&self) -> Self {
        Self { makers: self.makers.clone() }
    }
}

impl<T> fmt::Debug for ClassTable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<_> = self.names().collect();
        names.sort_unstable();
        f.debug_set().entries(names).finish()
    }
}

/// Classes of a user, handed to [`crate::load_model_with`].
///
/// Keys are what files hold as `registered_name` (`package>name`), or class names.
///
/// As in Keras, a class is looked up by its registered name first, then as one of Keras' own where the file
/// names a module of Keras (or none), and last by its class name.
#[derive(Clone, Default)]
pub struct CustomObjects {
    /// A [`ClassTable`] for each kind of object.
    tables: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
}

impl CustomObjects {
    /// No classes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a class of any kind.
    #[must_use]
    pub fn class<T: Registered>(
        mut self,
        name: &str,
        maker: impl Fn(&mut ConfigReader<'_>) -> Result<T> + Send + Sync + 'static,
    ) -> Self {
        let mut table = self.table::<T>().cloned().unwrap_or_default();
        table.add(&[name], maker);
        self.tables.insert(TypeId::of::<T>(), Arc::new(table));
        self
    }

    /// The classes of one kind.
    pub fn table<T: Registered>(&self) -> Option<&ClassTable<T>> {
        self.tables.get(&TypeId::of::<T>())?.downcast_ref()
    }
}

impl fmt::Debug for CustomObjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CustomObjects of {} kinds", self.tables.len())
    }
}

/// Adds a method to [`CustomObjects`] for a kind of object.
macro_rules! custom_object {
    ($(#[$doc:meta])* $name:ident: $type:ty) => {
        impl crate::config::CustomObjects {
            $(#[$doc])*
            #[must_use]
            pub fn $name(
                self,
                name: &str,
                maker: impl Fn(&mut crate::config::ConfigReader<'_>) -> crate::error::Result<$type>
                + Send
                + Sync
                + 'static,
            ) -> Self {
                self.class(name, maker)
            }
        }
    };
}
pub(crate) use custom_object;

/// Makes a type a kind of object with the class table that `register` in the same module fills.
macro_rules! registered {
    ($type:ty, $kind:literal) => {
        impl crate::config::Registered for $type {
            const KIND: &'static str = $kind;

            fn classes() -> &'static crate::config::ClassTable<Self> {
                static CLASSES: std::sync::OnceLock<crate::config::ClassTable<$type>> =
                    std::sync::OnceLock::new();
                CLASSES.get_or_init(|| crate::config::ClassTable::filled(register))
            }
        }
    };
}
pub(crate) use registered;

/// What stands before the class names of `keras.ops` in the table of layers: some are called like layers.
pub(crate) const OPERATIONS: &str = "keras.ops.";

/// The name of a Python function, which is what files hold of it.
pub(crate) fn function_name(value: &Value) -> Option<&str> {
    let class = value.get("class_name").and_then(Value::as_str)?;
    value.get("config").and_then(Value::as_str).filter(|_| class == "function")
}

/// The name under which a class is looked up.
fn lookup_name<T: Registered>(value: &Value) -> Option<String> {
    let class = value.get("class_name").and_then(Value::as_str)?;
    if let Some(name) = function_name(value) {
        return Some(name.to_string());
    }
    let operation = match value.get("module").and_then(Value::as_str) {
        Some(module) => module.starts_with("keras.src.ops.") || module.starts_with("keras.ops"),
        // Legacy `.h5` files write no module: every layer has `trainable`, no operation has it. The
        // form of the call keeps configurations of Keras 2, which had no operations, apart.
        None => {
            value.pointer("/inbound_nodes/0").is_some_and(Value::is_object)
                && value.get("config").is_some_and(|config| config.get("trainable").is_none())
                && T::classes().get(&format!("{OPERATIONS}{class}")).is_some()
        }
    };
    Some(if operation { format!("{OPERATIONS}{class}") } else { class.to_string() })
}

/// Kinds of objects that files may hold: each has a table of classes.
pub trait Registered: Sized + 'static {
    /// What to call the kind in errors.
    const KIND: &'static str;

    /// Keras' own classes of this kind.
    fn classes() -> &'static ClassTable<Self>;

    /// The object that stands for a Python function of a file, where it is another than the class
    /// of that name would make.
    ///
    /// # Errors
    /// Where the function cannot be made.
    fn function(_name: &str, _loading: &Loading<'_>) -> Option<Result<Self>> {
        None
    }
}

/// What a file says about the class of an object.
#[derive(Clone, Debug)]
pub(crate) struct ClassIdentity<'v> {
    name: String,
    module: Option<&'v str>,
    registered_name: Option<&'v str>,
}

impl<'v> ClassIdentity<'v> {
    /// Reads an envelope; `None` where the value is none.
    pub(crate) fn of<T: Registered>(value: &'v Value) -> Option<Self> {
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        Some(Self {
            name: lookup_name::<T>(value)?,
            module: text("module"),
            registered_name: text("registered_name"),
        })
    }

    /// A plain name.
    pub(crate) fn named(name: &str) -> Self {
        Self { name: name.into(), module: None, registered_name: None }
    }

    /// Whether it may be one of Keras' own classes. Files of Keras 2 name no module.
    fn may_be_keras(&self) -> bool {
        match self.module {
            Some(module) => module == "builtins" || module == "keras" || module.starts_with("keras."),
            None => self.registered_name.is_none_or(|name| !name.contains('>')),
        }
    }

    /// Where the class comes from, for errors.
    pub(crate) fn origin(&self) -> &str {
        self.module.or(self.registered_name).unwrap_or("unknown")
    }
}

impl Loading<'_> {
    /// The maker of a class: a user's by registered name, one of Keras' own, or a user's by class name.
    pub(crate) fn maker<T: Registered>(&self, class: &ClassIdentity<'_>) -> Option<&Maker<T>> {
        if let Some(made) = self.custom_maker(class) {
            return Some(made);
        }
        if class.may_be_keras() { T::classes().get(&class.name) } else { None }
    }

    fn custom_maker<T: Registered>(&self, class: &ClassIdentity<'_>) -> Option<&Maker<T>> {
        let custom = self.custom.table::<T>()?;
        if let Some(found) = class.registered_name.and_then(|name| custom.get(name)) {
            return Some(found);
        }
        // A class that the file says is Keras' own stays so, whatever the user's are called.
        let keras = class.module.is_some() && class.may_be_keras();
        if keras && T::classes().get(&class.name).is_some() { None } else { custom.get(&class.name) }
    }

    /// Whether an envelope's class is one of the user's.
    pub(crate) fn is_custom<T: Registered>(&self, value: &Value) -> bool {
        ClassIdentity::of::<T>(value).is_some_and(|class| self.custom_maker::<T>(&class).is_some())
    }

    /// Makes an object from a configuration entry: a name, or an envelope.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for an unknown class, [`Error::Config`] for a malformed entry.
    pub fn object<T: Registered>(&self, value: &Value, object: &str, key: &str) -> Result<T> {
        let empty = Value::Object(super::Config::new());
        if let Some(name) = function_name(value)
            && let Some(made) = T::function(name, self)
        {
            return made;
        }
        let (class, config) = match value {
            Value::String(name) => (ClassIdentity::named(name), &empty),
            _ => {
                let class = ClassIdentity::of::<T>(value);
                let class =
                    class.ok_or_else(|| super::value::unexpected::<ObjectForm>(value, object, key))?;
                (class, value.get("config").unwrap_or(&empty))
            }
        };
        let maker = self.maker::<T>(&class).ok_or_else(|| {
            let custom = self.custom.table::<T>().into_iter().flat_map(ClassTable::names);
            let known = T::classes().names().chain(custom).map(str::to_string);
            let name = if class.may_be_keras() {
                class.name.clone()
            } else {
                format!("{} of {}", class.name, class.origin())
            };
            Error::unknown_name(T::KIND, name, known.collect::<Vec<_>>())
        })?;
        // The first files of Keras 2 hold the layers of a `Sequential` in place of its arguments.
        let list = config.is_array().then_some(("layers", config));
        let entries = config.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value));
        let object = format!("{object}.{key} ({})", class.name);
        let mut reader = ConfigReader::of(object, entries.chain(list), self);
        let made = maker(&mut reader)?;
        reader.finish()?;
        Ok(made)
    }
}

/// Names the form of an object in errors.
struct ObjectForm;

impl FromConfig for ObjectForm {
    const EXPECTED: &'static str = "a class name or an object with class_name and config";

    fn from_value(_: &Value) -> Option<Self> {
        None
    }
}

/// A shared handle to an object of an open class: a trait object that has a form in
/// configurations, can be made from a name, and compares by that form.
macro_rules! object_handle {
    ($(#[$doc:meta])* $handle:ident, $trait:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $handle(std::sync::Arc<dyn $trait>);

        impl<T: $trait + 'static> From<T> for $handle {
            fn from(object: T) -> Self {
                Self(std::sync::Arc::new(object))
            }
        }

        impl TryFrom<&str> for $handle {
            type Error = crate::error::Error;

            fn try_from(name: &str) -> crate::error::Result<Self> {
                let custom = crate::config::CustomObjects::new();
                crate::config::Loading::new(&custom).object(&name.into(), stringify!($handle), "name")
            }
        }

        impl std::ops::Deref for $handle {
            type Target = dyn $trait;

            fn deref(&self) -> &Self::Target {
                &*self.0
            }
        }

        impl PartialEq for $handle {
            fn eq(&self, other: &Self) -> bool {
                self.class_name() == other.class_name() && self.config() == other.config()
            }
        }

        impl crate::config::IntoConfig for $handle {
            fn to_config(&self) -> serde_json::Value {
                crate::config::Envelope {
                    module: self.module().map(Into::into),
                    class_name: self.class_name().into(),
                    config: self.config(),
                    registered_name: self.registered_name(),
                }
                .to_json()
            }
        }

        impl crate::config::FromConfig for $handle {
            const EXPECTED: &'static str = "a name or an object with class_name and config";

            fn from_value(_: &serde_json::Value) -> Option<Self> {
                None
            }

            fn from_config(
                value: &serde_json::Value,
                object: &str,
                key: &str,
                loading: &crate::config::Loading<'_>,
            ) -> crate::error::Result<Self> {
                loading.object(value, object, key)
            }
        }
    };
}
pub(crate) use object_handle;
