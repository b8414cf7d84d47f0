//! The layers of a model, by name and by index.

use super::{GraphModel, Model};
use crate::error::{Error, Result};
use crate::layer::LayerRef;
use std::collections::HashSet;

impl Model {
    /// Layers in Keras' order; of a model that a user wrote, the layers inside it in the order of its fields.
    pub fn layers(&self) -> Vec<LayerRef> {
        match GraphModel::of(&self.as_layer()) {
            Some(graph) => graph.layers(),
            None => {
                let mut seen = HashSet::new();
                let all = self.as_layer().layer().sublayers().into_iter().map(|(_, layer)| layer);
                all.filter(|layer| seen.insert(layer.serial())).collect()
            }
        }
    }

    /// A layer by name: what [`Model::get_layer`], Keras' method, gives for one.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the nearest names.
    pub fn layer(&self, name: &str) -> Result<LayerRef> {
        let layers = self.layers();
        layers
            .iter()
            .find(|l| l.name() == name)
            .cloned()
            .ok_or_else(|| Error::unknown_name("layer", name, layers.iter().map(LayerRef::name)))
    }

    /// A layer by name or by index. Keras' `get_layer`.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let model = Sequential::new().add(Dense::new(3).name("first")).add(Dense::new(2)).build()?;
    /// assert_eq!(model.get_layer("first")?.name(), model.get_layer(0)?.name());
    /// assert_eq!(model.get_layer(-1)?.name(), model.get_layer(1)?.name());
    /// assert!(model.get_layer(2).is_err() && model.get_layer(-3).is_err());
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Model::layer`]; [`Error::Argument`] for an index that is too large.
    pub fn get_layer(&self, key: impl LayerKey) -> Result<LayerRef> {
        key.find(self)
    }
}

/// How [`Model::get_layer`] finds a layer: by name, or by its index in [`Model::layers`], a negative one from the end.
pub trait LayerKey {
    /// The layer.
    ///
    /// # Errors
    /// Where the model has none.
    fn find(self, model: &Model) -> Result<LayerRef>;
}

impl LayerKey for &str {
    fn find(self, model: &Model) -> Result<LayerRef> {
        model.layer(self)
    }
}

impl LayerKey for &String {
    fn find(self, model: &Model) -> Result<LayerRef> {
        model.layer(self)
    }
}

impl LayerKey for usize {
    fn find(self, model: &Model) -> Result<LayerRef> {
        let layers = model.layers();
        let expected = format!("less than {}", layers.len());
        layers.get(self).cloned().ok_or_else(|| Error::argument(model.name(), "index", expected, self))
    }
}

/// A negative index counts from the last layer, as in Python.
impl LayerKey for i32 {
    fn find(self, model: &Model) -> Result<LayerRef> {
        let layers = model.layers();
        let index = usize::try_from(self.unsigned_abs()).ok();
        let index = if self < 0 { index.and_then(|back| layers.len().checked_sub(back)) } else { index };
        let expected = format!("from -{0} to {0}, without the last", layers.len());
        let found = index.and_then(|index| layers.get(index)).cloned();
        found.ok_or_else(|| Error::argument(model.name(), "index", expected, self))
    }
}
