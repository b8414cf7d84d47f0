//! Normalization.

mod batch_normalization;
mod renorm;

pub use batch_normalization::BatchNormalization;
pub use renorm::RenormClipping;

use crate::config::ClassTable;
use crate::layer::Layer;

/// Adds the layers of this family.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.add(&["BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2"], |c| {
        Ok(Box::new(BatchNormalization::from_config(c)?) as Box<dyn Layer>)
    });
}
