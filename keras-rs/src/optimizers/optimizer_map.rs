//! Which optimizer trains which variable.

use super::Optimizer;
use crate::config::{Config, ConfigExt, Envelope, FromConfig, IntoConfig, Loading, unexpected};
use crate::error::{Error, Result};
use indexmap::IndexMap;
use regex_lite::Regex;
use serde_json::Value;
use std::sync::Arc;

/// Optimizers for variables by their paths. Keras' `OptimizerMap`.
///
/// A key is a path such as `"encoder/kernel"`, or a regular expression that the whole path has to match: `"encoder/.*"`.
/// Variables that no key stands for belong to the default optimizer. The paths are those of
/// [`Variable::path`](crate::Variable::path).
///
/// ```
/// use keras_rs::optimizers::{Adam, OptimizerMap, SGD};
///
/// let map = OptimizerMap::new(SGD::new(0.1)).with("encoder/.*", Adam::new(1e-3))?;
/// assert_eq!(map.get("encoder/kernel")?.class_name(), "Adam");
/// assert_eq!(map.get("encoder")?.class_name(), "SGD");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct OptimizerMap {
    default_optimizer: Optimizer,
    optimizer_map: IndexMap<String, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    optimizer: Optimizer,
    /// The key as a regular expression.
    pattern: Arc<Regex>,
}

impl OptimizerMap {
    /// A map that has no keys yet.
    pub fn new(default_optimizer: impl Into<Optimizer>) -> Self {
        Self { default_optimizer: default_optimizer.into(), optimizer_map: IndexMap::new() }
    }

    /// With an optimizer for a key.
    ///
    /// # Errors
    /// As [`OptimizerMap::insert`].
    pub fn with(mut self, key: impl Into<String>, optimizer: impl Into<Optimizer>) -> Result<Self> {
        self.insert(key, optimizer)?;
        Ok(self)
    }

    /// Adds an optimizer for a key.
    ///
    /// # Errors
    /// [`Error::Argument`] for a key that is there already or is no regular expression, and for an optimizer that passes
    /// gradients on to others.
    pub fn insert(&mut self, key: impl Into<String>, optimizer: impl Into<Optimizer>) -> Result<()> {
        let (key, optimizer) = (key.into(), optimizer.into());
        let refused = |expected: &str| Err(Error::argument("OptimizerMap", "key", expected, &key));
        if self.optimizer_map.contains_key(&key) {
            return refused("a key that is not in the map yet");
        }
        let Ok(pattern) = Regex::new(&format!(r"\A(?:{key})\z")) else {
            return refused("a regular expression (without look-around and back-references)");
        };
        plain(&optimizer)?;
        self.optimizer_map.insert(key, Entry { optimizer, pattern: Arc::new(pattern) });
        Ok(())
    }

    /// The optimizer of a variable with this path.
    ///
    /// # Errors
    /// [`Error::Argument`] where the path is no key and several of them match it.
    pub fn get(&self, path: &str) -> Result<&Optimizer> {
        if let Some(entry) = self.optimizer_map.get(path) {
            return Ok(&entry.optimizer);
        }
        let mut matching = self.optimizer_map.iter().filter(|(_, entry)| entry.pattern.is_match(path));
        match (matching.next(), matching.next()) {
            (Some((first, _)), Some((second, _))) => {
                let expected = format!("one key that matches {path}");
                Err(Error::argument("OptimizerMap", "key", expected, format!("{first} and {second}")))
            }
            (Some((_, entry)), None) => Ok(&entry.optimizer),
            (None, _) => Ok(&self.default_optimizer),
        }
    }

    /// The optimizer of variables that no key stands for.
    pub fn default_optimizer(&self) -> &Optimizer {
        &self.default_optimizer
    }

    /// The optimizers, each once: those of the keys, then the default one.
    pub fn optimizers(&self) -> Vec<Optimizer> {
        let mut all: Vec<Optimizer> = Vec::new();
        let entries = self.optimizer_map.values().map(|entry| &entry.optimizer);
        for optimizer in entries.chain([&self.default_optimizer]) {
            if !all.iter().any(|other| other.same(optimizer)) {
                all.push(optimizer.clone());
            }
        }
        all
    }
}

/// Refuses optimizers that cannot be one of several.
pub(super) fn plain(optimizer: &Optimizer) -> Result<()> {
    if optimizer.inner_optimizers().is_empty() {
        return Ok(());
    }
    let expected = "one that passes gradients on to no other";
    Err(Error::argument("OptimizerMap", "optimizer", expected, optimizer.class_name()))
}

impl IntoConfig for OptimizerMap {
    fn to_config(&self) -> Value {
        let entries =
            self.optimizer_map.iter().map(|(key, entry)| (key.clone(), entry.optimizer.to_config()));
        let config = Config::new()
            .with("default_optimizer", &self.default_optimizer)
            .with("optimizer_map", Value::Object(entries.collect()));
        Envelope::keras("keras.optimizers", "OptimizerMap", config).to_json()
    }
}

impl FromConfig for OptimizerMap {
    const EXPECTED: &'static str = "an OptimizerMap";

    fn from_value(_: &Value) -> Option<Self> {
        None
    }

    fn from_config(value: &Value, object: &str, key: &str, loading: &Loading<'_>) -> Result<Self> {
        if value.get("class_name").and_then(Value::as_str) != Some("OptimizerMap") {
            return Err(unexpected::<Self>(value, object, key));
        }
        let part = |name: &str| value.get("config").and_then(|config| config.get(name));
        let Some(default) = part("default_optimizer") else {
            return Err(unexpected::<Self>(value, object, key));
        };
        let mut map = Self::new(loading.object::<Optimizer>(default, "OptimizerMap", "default_optimizer")?);
        match part("optimizer_map") {
            None | Some(Value::Null) => {}
            Some(Value::Object(entries)) => {
                for (pattern, optimizer) in entries {
                    map.insert(pattern, loading.object::<Optimizer>(optimizer, "OptimizerMap", pattern)?)?;
                }
            }
            Some(other) => return Err(unexpected::<Self>(other, "OptimizerMap", "optimizer_map")),
        }
        Ok(map)
    }
}
