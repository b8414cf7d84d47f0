//! Reshaping.

mod base_cropping;
mod base_zero_padding;
mod cropping1d;
mod cropping2d;
mod cropping3d;
mod flatten;
mod margins;
mod permute;
mod repeat_vector;
mod reshape;
mod spatial;
mod up_sampling1d;
mod up_sampling2d;
mod up_sampling3d;
mod zero_padding1d;
mod zero_padding2d;
mod zero_padding3d;

pub use base_cropping::BaseCropping;
pub use base_zero_padding::BaseZeroPadding;
pub use cropping1d::Cropping1D;
pub use cropping2d::Cropping2D;
pub use cropping3d::Cropping3D;
pub use flatten::Flatten;
pub use margins::Margins;
pub use permute::Permute;
pub use repeat_vector::RepeatVector;
pub use reshape::Reshape;
pub use up_sampling1d::UpSampling1D;
pub use up_sampling2d::UpSampling2D;
pub use up_sampling3d::UpSampling3D;
pub use zero_padding1d::ZeroPadding1D;
pub use zero_padding2d::ZeroPadding2D;
pub use zero_padding3d::ZeroPadding3D;

use crate::config::ClassTable;
use crate::layer::Layer;

/// Adds the layers of this family.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.class::<Cropping1D>(&["Cropping1D"]);
    table.class::<Cropping2D>(&["Cropping2D"]);
    table.class::<Cropping3D>(&["Cropping3D"]);
    table.class::<Flatten>(&["Flatten"]);
    table.class::<Permute>(&["Permute"]);
    table.class::<RepeatVector>(&["RepeatVector"]);
    table.class::<Reshape>(&["Reshape"]);
    table.class::<UpSampling1D>(&["UpSampling1D"]);
    table.class::<UpSampling2D>(&["UpSampling2D"]);
    table.class::<UpSampling3D>(&["UpSampling3D"]);
    table.class::<ZeroPadding1D>(&["ZeroPadding1D"]);
    table.class::<ZeroPadding2D>(&["ZeroPadding2D"]);
    table.class::<ZeroPadding3D>(&["ZeroPadding3D"]);
}
