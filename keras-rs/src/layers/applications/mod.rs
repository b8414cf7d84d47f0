//! Layers that Keras keeps private to a network of `keras.applications`; files of these networks name them.

mod custom_scale_layer;
mod layer_scale;
mod stochastic_depth;

pub use custom_scale_layer::CustomScaleLayer;
pub use layer_scale::LayerScale;
pub use stochastic_depth::StochasticDepth;

use crate::config::ClassTable;
use crate::layer::Layer;

/// Adds the layers of this family.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.class::<CustomScaleLayer>(&["CustomScaleLayer"]);
    table.class::<LayerScale>(&["LayerScale"]);
    table.class::<StochasticDepth>(&["StochasticDepth"]);
}
