//! Core layers.

mod dense;
mod input_layer;

pub use dense::Dense;
pub use input_layer::{Input, InputLayer};

use crate::layers::Layer;
use crate::serialization::Registry;

/// Adds the layers of this family.
pub(crate) fn register(registry: &mut Registry) {
    let table = &mut registry.layers;
    table.add(&["InputLayer"], |c| Ok(Box::new(InputLayer::from_config(c)?) as Box<dyn Layer>));
    table.add(&["Dense"], |c| Ok(Box::new(Dense::from_config(c)?) as Box<dyn Layer>));
}
