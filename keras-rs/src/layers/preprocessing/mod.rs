//! Layers that prepare data.

mod factor;
mod moments;
mod normalization;
mod rescaling;

pub use factor::Factor;
pub use normalization::Normalization;
pub use rescaling::Rescaling;

use crate::config::ClassTable;
use crate::layer::Layer;

/// Adds the layers of this family.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.class::<Normalization>(&["Normalization"]);
    table.class::<Rescaling>(&["Rescaling"]);
}
