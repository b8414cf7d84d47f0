//! Layers that act in training only.

mod dropout;
mod gaussian_noise;
pub(super) mod seeds;

pub use dropout::Dropout;
pub(super) use dropout::dropped;
pub use gaussian_noise::GaussianNoise;

use crate::config::ClassTable;
use crate::layer::Layer;

/// Adds the layers of this family.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.class::<Dropout>(&["Dropout"]);
    table.class::<GaussianNoise>(&["GaussianNoise"]);
}
