//! Layers that prepare data.

mod rescaling;

pub use rescaling::{Factor, Rescaling};

use crate::config::Registry;
use crate::layer::Layer;

/// Adds the layers of this family.
pub(crate) fn register(registry: &mut Registry) {
    let table = &mut registry.layers;
    table.add(&["Rescaling"], |c| Ok(Box::new(Rescaling::from_config(c)?) as Box<dyn Layer>));
}
