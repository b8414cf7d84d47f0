//! The class of a layer, from an object of it.

use super::Layer;
use crate::config::ConfigReader;
use crate::error::Result;

/// What a layer knows of its class: how another one of it is made. Every [`Layer`] has it, so that copies of layers
/// and models need no registry for the classes of users.
pub trait LayerClass {
    /// Another layer of the class, from a configuration. Keras' `layer.__class__.from_config(config)`.
    ///
    /// # Errors
    /// As [`KerasConfig::from_config`](crate::config::KerasConfig::from_config).
    fn make(&self, config: &mut ConfigReader<'_>) -> Result<Box<dyn Layer>>;
}

impl<L: Layer> LayerClass for L {
    fn make(&self, config: &mut ConfigReader<'_>) -> Result<Box<dyn Layer>> {
        Ok(Box::new(L::from_config(config)?))
    }
}
