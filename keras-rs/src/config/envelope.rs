//! Configurations, the envelopes around them, and values that have a form in them.

use crate::dtype::{DType, DTypePolicy, DTypePolicyMap};
use serde_json::{Map, Value, json};

/// An object's constructor arguments by name, in Keras' order.
pub type Config = Map<String, Value>;

/// What Keras writes around every object:
/// `{"module", "class_name", "config", "registered_name"}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// Python module, such as `keras.layers`; `None` for classes of users.
    pub module: Option<String>,
    /// Class name.
    pub class_name: String,
    /// Constructor arguments.
    pub config: Config,
    /// `package>name` of classes that users register; `None` for Keras' own.
    pub registered_name: Option<String>,
}

impl Envelope {
    /// The envelope of one of Keras' own classes.
    pub fn keras(module: &str, class_name: &str, config: Config) -> Self {
        Self { module: Some(module.into()), class_name: class_name.into(), config, registered_name: None }
    }

    /// As JSON, with the keys in Keras' order.
    pub fn to_json(&self) -> Value {
        json!({
            "module": self.module,
            "class_name": self.class_name,
            "config": self.config,
            "registered_name": self.registered_name,
        })
    }
}

/// Values that have a form in configurations.
pub trait IntoConfig {
    /// The value as Keras writes it.
    fn to_config(&self) -> Value;
}

macro_rules! plain {
    ($($ty:ty),*) => {$(
        impl IntoConfig for $ty {
            fn to_config(&self) -> Value {
                json!(self)
            }
        }
    )*};
}

plain!(bool, usize, isize, u64, i64, String, str);

impl IntoConfig for f64 {
    fn to_config(&self) -> Value {
        super::json::float(*self)
    }
}

impl<T: IntoConfig> IntoConfig for Option<T> {
    fn to_config(&self) -> Value {
        self.as_ref().map_or(Value::Null, IntoConfig::to_config)
    }
}

impl<T: IntoConfig> IntoConfig for Vec<T> {
    fn to_config(&self) -> Value {
        self.iter().map(IntoConfig::to_config).collect()
    }
}

impl<T: IntoConfig, const N: usize> IntoConfig for [T; N] {
    fn to_config(&self) -> Value {
        self.iter().map(IntoConfig::to_config).collect()
    }
}

impl<A: IntoConfig, B: IntoConfig> IntoConfig for (A, B) {
    fn to_config(&self) -> Value {
        Value::Array(vec![self.0.to_config(), self.1.to_config()])
    }
}

impl IntoConfig for Config {
    fn to_config(&self) -> Value {
        Value::Object(self.clone())
    }
}

impl IntoConfig for Value {
    fn to_config(&self) -> Value {
        self.clone()
    }
}

impl IntoConfig for Envelope {
    fn to_config(&self) -> Value {
        self.to_json()
    }
}

impl IntoConfig for DType {
    fn to_config(&self) -> Value {
        self.name().into()
    }
}

impl IntoConfig for DTypePolicy {
    fn to_config(&self) -> Value {
        if let Self::Map(policy) = self {
            return policy.map().to_config();
        }
        let config = Config::new().with("name", &*self.name());
        Envelope::keras("keras", "DTypePolicy", config).to_json()
    }
}

impl IntoConfig for DTypePolicyMap {
    /// Keras writes no names of policies where the map has no default, so that they are lost; they are written here,
    /// and Keras reads them.
    fn to_config(&self) -> Value {
        let unnamed =
            || Envelope::keras("keras", "DTypePolicy", Config::new().with("name", Value::Null)).to_json();
        let policy = |policy: Option<&DTypePolicy>| policy.map_or_else(unnamed, IntoConfig::to_config);
        let policies = self.entries().map(|(key, named)| (key.clone(), policy(named))).collect();
        let default = self.given_default().map(|(policy, by_name)| match by_name {
            true => Value::from(&*policy.name()),
            false => policy.to_config(),
        });
        let config =
            Config::new().with("default_policy", default).with("policy_map", Value::Object(policies));
        Envelope::keras("keras.dtype_policies", "DTypePolicyMap", config).to_json()
    }
}

/// Building a [`Config`] entry by entry.
pub trait ConfigExt: Sized {
    /// Adds an entry.
    #[must_use]
    fn with(self, key: &str, value: impl IntoConfig) -> Self;
}

impl ConfigExt for Config {
    fn with(mut self, key: &str, value: impl IntoConfig) -> Self {
        self.insert(key.into(), value.to_config());
        self
    }
}

impl<T: IntoConfig + ?Sized> IntoConfig for &T
where
    T: IntoConfig,
{
    fn to_config(&self) -> Value {
        (**self).to_config()
    }
}
