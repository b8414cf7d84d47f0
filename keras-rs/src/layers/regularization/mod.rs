//! Layers that act in training only.

mod dropout;

pub use dropout::Dropout;

use crate::config::ClassTable;
use crate::layer::Layer;

/// Adds the layers of this family.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.add(&["Dropout"], |c| Ok(Box::new(Dropout::from_config(c)?) as Box<dyn Layer>));
}
