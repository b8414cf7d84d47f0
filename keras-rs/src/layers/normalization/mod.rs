//! Normalization.

mod batch_normalization;
mod group_normalization;
mod layer_normalization;
mod renorm;
mod rms_normalization;
mod spectral_normalization;
mod unit_normalization;

pub use batch_normalization::BatchNormalization;
pub use group_normalization::GroupNormalization;
pub use layer_normalization::LayerNormalization;
pub use renorm::RenormClipping;
pub use rms_normalization::RMSNormalization;
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
    table.class::<LayerNormalization>(&["LayerNormalization"]);
    table.class::<RMSNormalization>(&["RMSNormalization"]);
    table.class::<GroupNormalization>(&["GroupNormalization"]);
    table.class::<SpectralNormalization>(&["SpectralNormalization"]);
    table.class::<UnitNormalization>(&["UnitNormalization"]);
}
