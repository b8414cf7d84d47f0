//! Models: layers wired together, run, nested and shared.

mod core;
mod functional;
mod model;
mod naming;
mod predict;
mod sequential;

pub use self::core::{ModelCore, Wiring};
pub use model::Model;
pub use predict::{AsTensors, DEFAULT_BATCH_SIZE};
pub use sequential::{IntoLayer, Sequential};

use crate::serialization::Registry;

/// Adds the model classes.
pub(crate) fn register(_registry: &mut Registry) {}
