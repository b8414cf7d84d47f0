//! Layers that Keras keeps private to a network of `keras.applications`; files of these networks name them.

mod custom_scale_layer;

pub use custom_scale_layer::CustomScaleLayer;

use crate::config::ClassTable;
use crate::layer::Layer;

/// Adds the layers of this family.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.class::<CustomScaleLayer>(&["CustomScaleLayer"]);
}
