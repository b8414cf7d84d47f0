//! The classes that files may name.

use super::{ConfigReader, FromConfig, KerasConfig};
use crate::activations::Activation;
use crate::constraints::Constraint;
use crate::error::{Error, Result};
use crate::initializers::Initializer;
use crate::layer::Layer;
use crate::losses::Loss;
use crate::metrics::Metric;
use crate::optimizers::{LearningRateSchedule, Optimizer};
use crate::regularizers::Regularizer;
use serde_json::Value;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Makes an object from its configuration.
pub type Maker<T> = Arc<dyn Fn(&mut ConfigReader<'_>) -> Result<T> + Send + Sync>;

/// Makes a layer from its configuration.
pub type LayerMaker = Maker<Box<dyn Layer>>;

/// Makers of one kind of object, by class name or alias.
pub struct ClassTable<T> {
    makers: HashMap<String, Maker<T>>,
}

impl<T> ClassTable<T> {
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

/// Every class of one source: Keras' own, or a user's.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// Layers and models.
    pub layers: ClassTable<Box<dyn Layer>>,
    /// Activations.
    pub activations: ClassTable<Activation>,
    /// Initializers.
    pub initializers: ClassTable<Initializer>,
    /// Regularizers.
    pub regularizers: ClassTable<Regularizer>,
    /// Constraints.
    pub constraints: ClassTable<Constraint>,
    /// Losses.
    pub losses: ClassTable<Loss>,
    /// Metrics.
    pub metrics: ClassTable<Metric>,
    /// Optimizers.
    pub optimizers: ClassTable<Optimizer>,
    /// Learning rate schedules.
    pub schedules: ClassTable<LearningRateSchedule>,
}

impl Registry {
    /// Keras' own classes, filled by one `register` function a module.
    pub fn keras() -> &'static Self {
        static KERAS: OnceLock<Registry> = OnceLock::new();
        KERAS.get_or_init(|| {
            let mut registry = Self::default();
            crate::activations::register(&mut registry);
            crate::initializers::register(&mut registry);
            crate::regularizers::register(&mut registry);
            crate::constraints::register(&mut registry);
            crate::losses::register(&mut registry);
            crate::metrics::register(&mut registry);
            crate::optimizers::register(&mut registry);
            crate::layers::register(&mut registry);
            crate::models::register(&mut registry);
            registry
        })
    }
}

/// Classes of a user, handed to [`crate::load_model_with`]; they come before Keras' own.
///
/// Keys are class names, or `package>name` as in a file's `registered_name`.
#[derive(Clone, Debug, Default)]
pub struct CustomObjects {
    registry: Registry,
}

impl CustomObjects {
    /// No classes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a layer class.
    #[must_use]
    pub fn layer<L: Layer>(
        mut self,
        name: &str,
        maker: impl Fn(&mut ConfigReader<'_>) -> Result<L> + Send + Sync + 'static,
    ) -> Self {
        self.registry.layers.add(&[name], move |reader| Ok(Box::new(maker(reader)?) as Box<dyn Layer>));
        self
    }

    /// Adds an activation: a function under its registered name, or a class.
    #[must_use]
    pub fn activation(
        mut self,
        name: &str,
        maker: impl Fn(&mut ConfigReader<'_>) -> Result<Activation> + Send + Sync + 'static,
    ) -> Self {
        self.registry.activations.add(&[name], maker);
        self
    }

    /// Adds an initializer class.
    #[must_use]
    pub fn initializer(
        mut self,
        name: &str,
        maker: impl Fn(&mut ConfigReader<'_>) -> Result<Initializer> + Send + Sync + 'static,
    ) -> Self {
        self.registry.initializers.add(&[name], maker);
        self
    }

    /// Adds a regularizer class.
    #[must_use]
    pub fn regularizer(
        mut self,
        name: &str,
        maker: impl Fn(&mut ConfigReader<'_>) -> Result<Regularizer> + Send + Sync + 'static,
    ) -> Self {
        self.registry.regularizers.add(&[name], maker);
        self
    }

    /// Adds a constraint class.
    #[must_use]
    pub fn constraint(
        mut self,
        name: &str,
        maker: impl Fn(&mut ConfigReader<'_>) -> Result<Constraint> + Send + Sync + 'static,
    ) -> Self {
        self.registry.constraints.add(&[name], maker);
        self
    }

    /// Adds a loss class.
    #[must_use]
    pub fn loss(
        mut self,
        name: &str,
        maker: impl Fn(&mut ConfigReader<'_>) -> Result<Loss> + Send + Sync + 'static,
    ) -> Self {
        self.registry.losses.add(&[name], maker);
        self
    }

    /// Adds a metric class.
    #[must_use]
    pub fn metric(
        mut self,
        name: &str,
        maker: impl Fn(&mut ConfigReader<'_>) -> Result<Metric> + Send + Sync + 'static,
    ) -> Self {
        self.registry.metrics.add(&[name], maker);
        self
    }

    /// Adds an optimizer class.
    #[must_use]
    pub fn optimizer(
        mut self,
        name: &str,
        maker: impl Fn(&mut ConfigReader<'_>) -> Result<Optimizer> + Send + Sync + 'static,
    ) -> Self {
        self.registry.optimizers.add(&[name], maker);
        self
    }

    /// Adds a learning rate schedule class.
    #[must_use]
    pub fn schedule(
        mut self,
        name: &str,
        maker: impl Fn(&mut ConfigReader<'_>) -> Result<LearningRateSchedule> + Send + Sync + 'static,
    ) -> Self {
        self.registry.schedules.add(&[name], maker);
        self
    }

    /// The classes by kind.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }
}

/// What stands before the class names of `keras.ops` in the table of layers: some are called like layers.
pub(crate) const OPERATIONS: &str = "keras.ops.";

/// The name of a Python function, which is what files hold of it.
pub(crate) fn function_name(value: &Value) -> Option<&str> {
    let class = value.get("class_name").and_then(Value::as_str)?;
    value.get("config").and_then(Value::as_str).filter(|_| class == "function")
}

/// The name under which a class is looked up.
pub(crate) fn lookup_name(value: &Value) -> Option<String> {
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
                && Registry::keras().layers.get(&format!("{OPERATIONS}{class}")).is_some()
        }
    };
    Some(if operation { format!("{OPERATIONS}{class}") } else { class.to_string() })
}

/// Kinds of objects that a registry has a table for.
pub trait Registered: Sized + 'static {
    /// What to call the kind in errors.
    const KIND: &'static str;

    /// The kind's table.
    fn table(registry: &Registry) -> &ClassTable<Self>;

    /// The object that stands for a Python function of a file, where it is another than the class
    /// of that name would make.
    ///
    /// # Errors
    /// Where the function cannot be made.
    fn function(_name: &str, _loading: &super::Loading<'_>) -> Option<Result<Self>> {
        None
    }
}

impl Registered for Box<dyn Layer> {
    const KIND: &'static str = "layer";

    fn table(registry: &Registry) -> &ClassTable<Self> {
        &registry.layers
    }
}

impl Registered for Activation {
    const KIND: &'static str = "activation";

    fn table(registry: &Registry) -> &ClassTable<Self> {
        &registry.activations
    }
}

impl Registered for Initializer {
    const KIND: &'static str = "initializer";

    fn table(registry: &Registry) -> &ClassTable<Self> {
        &registry.initializers
    }
}

impl Registered for Regularizer {
    const KIND: &'static str = "regularizer";

    fn table(registry: &Registry) -> &ClassTable<Self> {
        &registry.regularizers
    }
}

impl Registered for Constraint {
    const KIND: &'static str = "constraint";

    fn table(registry: &Registry) -> &ClassTable<Self> {
        &registry.constraints
    }
}

impl Registered for Loss {
    const KIND: &'static str = "loss";

    fn table(registry: &Registry) -> &ClassTable<Self> {
        &registry.losses
    }
}

impl Registered for Metric {
    const KIND: &'static str = "metric";

    fn table(registry: &Registry) -> &ClassTable<Self> {
        &registry.metrics
    }

    fn function(name: &str, loading: &super::Loading<'_>) -> Option<Result<Self>> {
        crate::metrics::MetricFunction::find(name, loading).map(|found| found.map(Into::into))
    }
}

impl Registered for Optimizer {
    const KIND: &'static str = "optimizer";

    fn table(registry: &Registry) -> &ClassTable<Self> {
        &registry.optimizers
    }
}

impl Registered for LearningRateSchedule {
    const KIND: &'static str = "learning rate schedule";

    fn table(registry: &Registry) -> &ClassTable<Self> {
        &registry.schedules
    }
}

impl super::Loading<'_> {
    /// The maker of a class: the user's, by registered or plain name, else Keras'.
    pub fn maker<T: Registered>(&self, class_name: &str, registered_name: Option<&str>) -> Option<&Maker<T>> {
        let custom = T::table(self.custom.registry());
        registered_name
            .and_then(|name| custom.get(name))
            .or_else(|| custom.get(class_name))
            .or_else(|| T::table(self.registry).get(class_name))
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
        let (class, registered, config) = match value {
            Value::String(name) => (name.clone(), None, &empty),
            _ => {
                let class = lookup_name(value);
                let class = class.ok_or_else(|| super::value::unexpected::<Named>(value, object, key))?;
                let registered = value.get("registered_name").and_then(Value::as_str);
                (class, registered, value.get("config").unwrap_or(&empty))
            }
        };
        let maker = self.maker::<T>(&class, registered).ok_or_else(|| {
            let known = T::table(self.registry).names().chain(T::table(self.custom.registry()).names());
            Error::unknown_name(T::KIND, class.clone(), known.map(str::to_string).collect::<Vec<_>>())
        })?;
        // The first files of Keras 2 hold the layers of a `Sequential` in place of its arguments.
        let list = config.is_array().then_some(("layers", config));
        let entries = config.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value));
        let object = format!("{object}.{key} ({class})");
        let mut reader = ConfigReader::of(object, entries.chain(list), self);
        let made = maker(&mut reader)?;
        reader.finish()?;
        Ok(made)
    }
}

/// Names the form of an object in errors.
struct Named;

impl FromConfig for Named {
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
                let loading = crate::config::Loading {
                    registry: crate::config::Registry::keras(),
                    custom: &custom,
                };
                loading.object(&name.into(), stringify!($handle), "name")
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
