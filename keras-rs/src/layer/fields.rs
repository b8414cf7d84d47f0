//! What a layer's fields say: the arguments of every layer, and the layers inside.

use super::{LayerBase, LayerRef};
use crate::config::{BaseConfig, Config, ConfigReader};
use crate::error::{Error, Result};
use indexmap::IndexMap;

/// The parts of a layer that follow from its fields; [`derive(KerasConfig)`](macro@crate::config::KerasConfig)
/// writes them for a struct with a `base: LayerBase`.
pub trait LayerFields {
    /// Arguments that every layer has.
    fn base(&self) -> &LayerBase;

    /// Arguments that every layer has, to be set.
    fn base_mut(&mut self) -> &mut LayerBase;

    /// Layers inside this one, by the name of the attribute that Keras keeps them under.
    fn sublayers(&self) -> Vec<(String, LayerRef)> {
        Vec::new()
    }
}

/// Values of fields that hold layers: a layer, an optional one, a list, or an activation that may be one.
pub trait Sublayers {
    /// The layers, by the name of the attribute that Keras keeps them under.
    fn sublayers(&self, name: &str) -> Vec<(String, LayerRef)>;
}

impl Sublayers for LayerRef {
    fn sublayers(&self, name: &str) -> Vec<(String, LayerRef)> {
        vec![(name.into(), self.clone())]
    }
}

impl<S: Sublayers> Sublayers for Option<S> {
    fn sublayers(&self, name: &str) -> Vec<(String, LayerRef)> {
        self.iter().flat_map(|value| Sublayers::sublayers(value, name)).collect()
    }
}

impl<S: Sublayers> Sublayers for Vec<S> {
    /// The name ends in `/`: files hold members of a list under the list's name.
    fn sublayers(&self, name: &str) -> Vec<(String, LayerRef)> {
        self.iter().flat_map(|value| Sublayers::sublayers(value, &format!("{name}/"))).collect()
    }
}

impl<S: Sublayers, const N: usize> Sublayers for [S; N] {
    /// As of a `Vec`.
    fn sublayers(&self, name: &str) -> Vec<(String, LayerRef)> {
        self.iter().flat_map(|value| Sublayers::sublayers(value, &format!("{name}/"))).collect()
    }
}

impl<K, S: Sublayers> Sublayers for IndexMap<K, S> {
    /// Keras' dictionaries: as the list of the values.
    fn sublayers(&self, name: &str) -> Vec<(String, LayerRef)> {
        self.values().flat_map(|value| Sublayers::sublayers(value, &format!("{name}/"))).collect()
    }
}

impl BaseConfig for LayerBase {
    /// Adds nothing: the layer's handle writes these entries, as a model may have given the name.
    fn write(&self, _config: &mut Config) {}

    fn read(self, c: &mut ConfigReader<'_>) -> Result<Self> {
        Self::from_config(c)
    }

    fn defer(&mut self, error: Error) {
        Self::defer(self, error);
    }
}
