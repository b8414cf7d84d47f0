//! The class of a layer, from an object of it.

use super::Layer;
use crate::config::ConfigReader;
use crate::error::Result;

/// Makes a layer from a configuration.
pub type LayerMaker = fn(&mut ConfigReader<'_>) -> Result<Box<dyn Layer>>;

/// The class of a layer, which every [`Layer`] knows: copies of layers and models need no registry for the classes of
/// users.
pub trait LayerClass {
    /// What makes other layers of the class. Keras' `layer.__class__.from_config`.
    fn maker(&self) -> LayerMaker;
}

impl<L: Layer> LayerClass for L {
    fn maker(&self) -> LayerMaker {
        |config| Ok(Box::new(L::from_config(config)?))
    }
}
