//! Models: layers wired together, run, nested and shared.

mod calls;
mod config;
mod core;
mod from_config;
mod functional;
mod model;
mod naming;
mod predict;
mod sequential;
mod summary;
mod table;

pub use self::core::{ModelCore, Wiring};
pub use model::Model;
pub use predict::{AsTensors, DEFAULT_BATCH_SIZE};
pub use sequential::{IntoLayer, Sequential};
pub use summary::Summary;

use crate::config::Registry;

pub(crate) use from_config::model_from_value;

/// Adds the model classes, under the names of Keras 3 and 2.
pub(crate) fn register(registry: &mut Registry) {
    registry.layers.add(&["Functional", "Model"], from_config::functional);
    registry.layers.add(&["Sequential"], from_config::sequential);
}
