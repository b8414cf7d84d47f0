//! Seeds of initializers.

use crate::config::{FromConfig, IntoConfig};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// An initializer's seed: none, a number, or one of Keras' seed generators.
///
/// A number gives the same values at every call, a generator others each time.
#[derive(Clone, Debug, Default)]
pub enum Seed {
    /// Whoever calls the initializer chooses.
    #[default]
    Unset,
    /// Always this one.
    Fixed(i64),
    /// A `SeedGenerator` as files hold it, and how many seeds were drawn from it.
    Generator(Value, Arc<AtomicU64>),
}

impl Seed {
    /// The seed of the next call; `chosen` where there is none of its own.
    pub(super) fn next(&self, chosen: u64) -> u64 {
        match self {
            Self::Unset => chosen,
            Self::Fixed(seed) => *seed as u64,
            Self::Generator(envelope, drawn) => {
                let start = envelope["config"]["seed"].as_i64().unwrap_or(0) as u64;
                // An odd constant, so that neighbouring seeds do not give one another's values.
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
