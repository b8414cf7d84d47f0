//! Data type policies by the paths of layers.

use super::{DType, DTypePolicy};
use crate::error::{Error, Result};
use indexmap::IndexMap;
use regex_lite::Regex;
use std::sync::{Arc, OnceLock};

/// Data type policies for layers by their paths. Keras' `DTypePolicyMap`.
///
/// A key is a path such as `"encoder/dense"`, or a regular expression that the whole path has to match:
/// `"encoder/.*"`. Layers that no key stands for have the default policy, which is also that of layers to which Keras
/// gives no path: those without variables that are complete from the start, such as `Dropout` and `Activation`.
///
/// A map is the `dtype` of a layer, which hands it on to the layers that it makes, such as the projections of
/// `MultiHeadAttention`. A layer's path has the names of the layers around it (and of a
/// [`Sequential`](crate::Sequential) that was not read from a file), as it stands before its variables'.
///
/// ```
/// use keras_rs::{DType, DTypePolicyMap};
/// use keras_rs::prelude::*;
///
/// let map = DTypePolicyMap::new().with("attention/.*", "mixed_bfloat16")?;
/// assert_eq!(map.get("attention/query")?.name(), "mixed_bfloat16");
/// assert_eq!(map.get("attention")?.name(), "float32");
///
/// let layer = Dense::new(2).name("dense").dtype(map.with("dense", "float64")?).shared();
/// layer.build(&[Shape::from([None, Some(3)])])?;
/// assert_eq!(layer.compute_dtype(), DType::F64);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DTypePolicyMap {
    default_policy: Option<DTypePolicy>,
    /// Whether the file had no more than the name of the default policy.
    by_name: bool,
    policy_map: IndexMap<String, Option<DTypePolicy>>,
}

impl DTypePolicyMap {
    /// A map without keys, whose default policy is that of layers that name none.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the default policy.
    ///
    /// # Errors
    /// [`Error::UnknownName`] where there is no such policy; [`Error::Argument`] for a map.
    pub fn with_default<D>(mut self, policy: D) -> Result<Self>
    where
        D: TryInto<DTypePolicy>,
        Error: From<D::Error>,
    {
        self.default_policy = Some(single("default_policy", policy.try_into()?)?);
        Ok(self)
    }

    /// With a policy for a key.
    ///
    /// # Errors
    /// As [`DTypePolicyMap::insert`].
    pub fn with<D>(mut self, key: impl Into<String>, policy: D) -> Result<Self>
    where
        D: TryInto<DTypePolicy>,
        Error: From<D::Error>,
    {
        self.insert(key, policy)?;
        Ok(self)
    }

    /// Adds a policy for a key.
    ///
    /// # Errors
    /// [`Error::Argument`] for a key that is there already, and for a map; [`Error::UnknownName`] where there is no such
    /// policy.
    pub fn insert<D>(&mut self, key: impl Into<String>, policy: D) -> Result<()>
    where
        D: TryInto<DTypePolicy>,
        Error: From<D::Error>,
    {
        let policy = single("policy", policy.try_into()?)?;
        self.add(key.into(), Some(policy))
    }

    /// Adds what a file holds for a key: none stands for the policy of layers that name none.
    pub(crate) fn add(&mut self, key: String, policy: Option<DTypePolicy>) -> Result<()> {
        if self.policy_map.contains_key(&key) {
            return Err(Error::argument("DTypePolicyMap", "key", "a key that is not in the map yet", key));
        }
        self.policy_map.insert(key, policy);
        Ok(())
    }

    /// Takes a key out, and gives its policy.
    pub fn remove(&mut self, key: &str) -> Option<DTypePolicy> {
        self.policy_map.shift_remove(key).map(Option::unwrap_or_default)
    }

    /// The policy of a layer with this path: that of the key that is the path, or of the one key that matches it, or the
    /// default one.
    ///
    /// # Errors
    /// [`Error::Argument`] where the path is no key, and several keys match it or one is no regular expression.
    pub fn get(&self, path: &str) -> Result<DTypePolicy> {
        let found = match self.policy_map.get(path) {
            Some(policy) => Some(policy),
            None => self.matching(path)?,
        };
        Ok(found.map_or_else(|| self.default_policy(), |policy| policy.clone().unwrap_or_default()))
    }

    fn matching(&self, path: &str) -> Result<Option<&Option<DTypePolicy>>> {
        let mut found: Option<(&String, &Option<DTypePolicy>)> = None;
        for (key, policy) in &self.policy_map {
            // Keys that are plain paths need not be regular expressions before one is looked for.
            let whole = Regex::new(key).and_then(|_| Regex::new(&format!(r"\A(?:{key})\z")));
            let Ok(pattern) = whole else {
                let expected = "a path or a regular expression (without look-around and back-references)";
                return Err(Error::argument("DTypePolicyMap", "key", expected, key));
            };
            if !pattern.is_match(path) {
                continue;
            }
            if let Some((first, _)) = found.replace((key, policy)) {
                let expected = format!("one key that matches {path}");
                return Err(Error::argument("DTypePolicyMap", "key", expected, format!("{first} and {key}")));
            }
        }
        Ok(found.map(|(_, policy)| policy))
    }

    /// Whether this is a key; patterns are not looked at.
    pub fn contains_key(&self, key: &str) -> bool {
        self.policy_map.contains_key(key)
    }

    /// The keys and their policies, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&str, DTypePolicy)> {
        self.policy_map.iter().map(|(key, policy)| (key.as_str(), policy.clone().unwrap_or_default()))
    }

    /// As [`DTypePolicyMap::iter`], with what files hold.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&String, Option<&DTypePolicy>)> {
        self.policy_map.iter().map(|(key, policy)| (key, policy.as_ref()))
    }

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.policy_map.len()
    }

    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.policy_map.is_empty()
    }

    /// The policy of layers that no key stands for.
    pub fn default_policy(&self) -> DTypePolicy {
        self.default_policy.clone().unwrap_or_default()
    }

    /// The default policy, where one was given, and whether files hold its name only.
    pub(crate) fn given_default(&self) -> Option<(&DTypePolicy, bool)> {
        self.default_policy.as_ref().map(|policy| (policy, self.by_name))
    }

    /// Has files hold the name of the default policy only.
    pub(crate) fn with_default_by_name(self) -> Self {
        Self { by_name: true, ..self }
    }
}

/// Refuses a map where one policy is wanted.
fn single(argument: &str, policy: DTypePolicy) -> Result<DTypePolicy> {
    match policy {
        DTypePolicy::Map(_) => {
            Err(Error::argument("DTypePolicyMap", argument, "a policy that is no map", policy.name()))
        }
        single => Ok(single),
    }
}

/// A map as the policy of one layer, and what it says of that layer's path once the path is known.
#[derive(Debug)]
pub struct MappedPolicy {
    map: Arc<DTypePolicyMap>,
    /// What the layer computes in and keeps its variables in.
    found: OnceLock<[DType; 2]>,
}

impl MappedPolicy {
    /// The map.
    pub fn map(&self) -> &DTypePolicyMap {
        &self.map
    }

    /// Looks the path of the layer up; later calls change nothing.
    pub(crate) fn settle(&self, path: &str) -> Result<()> {
        if self.found.get().is_none() {
            let policy = self.map.get(path)?;
            self.found.get_or_init(|| [policy.compute_dtype(), policy.variable_dtype()]);
        }
        Ok(())
    }

    /// What the layer computes in and keeps its variables in.
    pub(super) fn dtypes(&self) -> [DType; 2] {
        let default = || {
            let policy = self.map.default_policy();
            [policy.compute_dtype(), policy.variable_dtype()]
        };
        self.found.get().copied().unwrap_or_else(default)
    }
}

impl Clone for MappedPolicy {
    /// The copy is for another layer, whose path is not known.
    fn clone(&self) -> Self {
        Self { map: self.map.clone(), found: OnceLock::new() }
    }
}

impl PartialEq for MappedPolicy {
    fn eq(&self, other: &Self) -> bool {
        self.map == other.map
    }
}

impl Eq for MappedPolicy {}

impl From<DTypePolicyMap> for DTypePolicy {
    fn from(map: DTypePolicyMap) -> Self {
        Self::Map(MappedPolicy { map: Arc::new(map), found: OnceLock::new() })
    }
}
