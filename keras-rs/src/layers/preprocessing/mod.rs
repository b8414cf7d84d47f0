//! Layers that prepare data.

mod rescaling;

pub use rescaling::{Factor, Rescaling};

use crate::config::ClassTable;
use crate::layer::Layer;

/// Adds the layers of this family.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.class::<Rescaling>(&["Rescaling"]);
}
