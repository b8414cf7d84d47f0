//! Layers that act in training only, and a penalty.

mod activity_regularization;
mod alpha_dropout;
mod base_spatial_dropout;
mod dropout;
mod gaussian_dropout;
mod gaussian_noise;
pub(super) mod noise;
pub(super) mod seeds;
mod spatial_dropout1d;
mod spatial_dropout2d;
mod spatial_dropout3d;

pub use activity_regularization::ActivityRegularization;
pub use alpha_dropout::AlphaDropout;
pub use base_spatial_dropout::BaseSpatialDropout;
pub use dropout::Dropout;
pub use gaussian_dropout::GaussianDropout;
pub use gaussian_noise::GaussianNoise;
pub use spatial_dropout1d::SpatialDropout1D;
pub use spatial_dropout2d::SpatialDropout2D;
pub use spatial_dropout3d::SpatialDropout3D;

use crate::config::ClassTable;
use crate::layer::Layer;

/// Adds the layers of this family.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.class::<ActivityRegularization>(&["ActivityRegularization"]);
    table.class::<AlphaDropout>(&["AlphaDropout"]);
    table.class::<Dropout>(&["Dropout"]);
    table.class::<GaussianDropout>(&["GaussianDropout"]);
    table.class::<GaussianNoise>(&["GaussianNoise"]);
    table.class::<SpatialDropout1D>(&["SpatialDropout1D"]);
    table.class::<SpatialDropout2D>(&["SpatialDropout2D"]);
    table.class::<SpatialDropout3D>(&["SpatialDropout3D"]);
}
