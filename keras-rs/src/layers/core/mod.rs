//! Core layers.

mod dense;
mod embedding;
mod identity;
mod input_layer;
mod masking;

pub use dense::Dense;
pub use embedding::Embedding;
pub use identity::Identity;
pub use input_layer::{Input, InputLayer};
pub use masking::Masking;

use crate::config::ClassTable;
use crate::layer::Layer;

/// Adds the layers of this family.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.add(&["InputLayer"], |c| Ok(Box::new(InputLayer::from_config(c)?) as Box<dyn Layer>));
    table.add(&["Dense"], |c| Ok(Box::new(Dense::from_config(c)?) as Box<dyn Layer>));
    table.add(&["Embedding"], |c| Ok(Box::new(Embedding::from_config(c)?) as Box<dyn Layer>));
    table.add(&["Identity"], |c| Ok(Box::new(Identity::from_config(c)?) as Box<dyn Layer>));
    table.add(&["Masking"], |c| Ok(Box::new(Masking::from_config(c)?) as Box<dyn Layer>));
}
