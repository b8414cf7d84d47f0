//! Core layers.

mod dense;
mod input_layer;
mod operation;

pub use dense::Dense;
pub use input_layer::{Input, InputLayer};
pub use operation::Operation;

use crate::layers::Layer;
use crate::serialization::{OPERATIONS, Registry};

/// Adds the layers of this family.
pub(crate) fn register(registry: &mut Registry) {
    let table = &mut registry.layers;
    table.add(&["InputLayer"], |c| Ok(Box::new(InputLayer::from_config(c)?) as Box<dyn Layer>));
    table.add(&["Dense"], |c| Ok(Box::new(Dense::from_config(c)?) as Box<dyn Layer>));
    for class in Operation::class_names() {
        let key = format!("{OPERATIONS}{class}");
        table.add(&[&key], move |c| Ok(Box::new(Operation::from_config(class, c)?) as Box<dyn Layer>));
    }
}
