//! Normalization.

mod batch_normalization;
mod renorm;
mod unit_normalization;

pub use batch_normalization::BatchNormalization;
pub use renorm::RenormClipping;
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
    table.class::<UnitNormalization>(&["UnitNormalization"]);
}
