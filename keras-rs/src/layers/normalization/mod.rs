//! Normalization.

mod batch_normalization;
mod group_normalization;
mod renorm;
mod spectral_normalization;
mod unit_normalization;

pub use batch_normalization::BatchNormalization;
pub use group_normalization::GroupNormalization;
pub use renorm::RenormClipping;
pub use spectral_normalization::SpectralNormalization;
pub use unit_normalization::UnitNormalization;

use crate::config::ClassTable;
use crate::layer::Layer;

/// Adds the layers of this family.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.class::<BatchNormalization>(&[
        "BatchNormalization",
        "BatchNormalizationV1",
        "BatchNormalizationV2",
    ]);
    table.class::<GroupNormalization>(&["GroupNormalization"]);
    table.class::<SpectralNormalization>(&["SpectralNormalization"]);
    table.class::<UnitNormalization>(&["UnitNormalization"]);
}
