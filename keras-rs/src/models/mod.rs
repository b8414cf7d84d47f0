//! Models: layers wired together, run, nested and shared.

mod calls;
mod clone;
mod compilation;
mod compile;
mod config;
mod from_config;
mod functional;
mod graph_model;
mod layers;
mod model;
mod naming;
mod predict;
mod sequential;
mod summary;
mod table;
mod trackers;
mod weights;

pub use clone::{CloneModel, clone_layer, clone_model};
pub use graph_model::GraphModel;
pub use layers::LayerKey;
pub use model::Model;
pub use sequential::{IntoLayer, Sequential};
pub use summary::Summary;

use crate::config::{ClassTable, ConfigReader, CustomObjects};
use crate::error::Result;
use crate::layer::Layer;

pub(crate) use from_config::{PLAIN_CLASSES, check_classes, model_from_value};

crate::config::registered!(Box<dyn Layer>, "layer");

impl CustomObjects {
    /// Adds a layer class, or a model class that a user wrote.
    #[must_use]
    pub fn layer<L: Layer>(
        self,
        name: &str,
        maker: impl Fn(&mut ConfigReader<'_>) -> Result<L> + Send + Sync + 'static,
    ) -> Self {
        self.class::<Box<dyn Layer>>(name, move |reader| Ok(maker(reader)?.into()))
    }
}

/// Adds every layer, and the model classes under the names of Keras 3 and 2.
fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    crate::layers::register(table);
    table.add(&["Functional", "Model"], |c| Ok(from_config::functional(c)?.into()));
    table.add(&["Sequential"], |c| Ok(from_config::sequential(c)?.into()));
}
