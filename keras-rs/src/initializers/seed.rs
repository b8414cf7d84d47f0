//! Seeds of initializers.

use crate::config::{FromConfig, IntoConfig};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// An initializer's seed: none, a number, or one of Keras' seed generators.
///
/// With a number, every call gives the same values; with a generator, every call gives others.
#[derive(Clone, Debug, Default)]
pub enum Seed {
    /// No seed: the caller of the initializer gives one.
    #[default]
    Unset,
    /// The same seed in every call.
    Fixed(i64),
    /// A `SeedGenerator` as files hold it, and how many seeds were drawn from it.
    Generator(Value, Arc<AtomicU64>),
}

impl Seed {
    /// The seed of the next call; `default` where there is no seed.
    pub(super) fn next(&self, default: u64) -> u64 {
        match self {
            Self::Unset => default,
            Self::Fixed(seed) => *seed as u64,
            Self::Generator(envelope, drawn) => {
                let start = envelope["config"]["seed"].as_i64().unwrap_or(0) as u64;
                // An odd constant, so that consecutive draws of neighbouring seeds differ.
                start.wrapping_add(drawn.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15))
            }
        }
    }
}

impl PartialEq for Seed {
    fn eq(&self, other: &Self) -> bool {
        self.to_config() == other.to_config()
    }
}

impl From<i32> for Seed {
    fn from(seed: i32) -> Self {
        Self::Fixed(seed.into())
    }
}

impl From<i64> for Seed {
    fn from(seed: i64) -> Self {
        Self::Fixed(seed)
    }
}

impl From<u64> for Seed {
    fn from(seed: u64) -> Self {
        Self::Fixed(seed as i64)
    }
}

impl IntoConfig for Seed {
    fn to_config(&self) -> Value {
        match self {
            Self::Unset => Value::Null,
            Self::Fixed(seed) => (*seed).into(),
            Self::Generator(envelope, _) => envelope.clone(),
        }
    }
}

impl FromConfig for Seed {
    const EXPECTED: &'static str = "nothing, a whole number or a SeedGenerator";

    fn from_value(value: &Value) -> Option<Self> {
        if value.is_null() {
            return Some(Self::Unset);
        }
        if value.get("class_name").and_then(Value::as_str) == Some("SeedGenerator") {
            return Some(Self::Generator(value.clone(), Arc::default()));
        }
        i64::from_value(value).map(Self::Fixed)
    }
}
