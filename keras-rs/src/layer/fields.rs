//! What a layer's fields say: the arguments of every layer, and the layers inside.

use super::{LayerBase, LayerRef};
use crate::config::{BaseConfig, Config, ConfigReader};
use crate::error::{Error, Result};
use crate::tensor::{Tensor, TensorData};
use indexmap::IndexMap;
use std::collections::BTreeMap;

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

    /// Metrics of the layer's own, which a model follows over an epoch.
    fn trackers(&self) -> Vec<&dyn Tracked> {
        Vec::new()
    }
}

/// Values of fields that hold layers: a layer, a model, an optional one, lists and dictionaries of them, or an
/// activation that may be a layer. The derive finds the fields of these types by itself.
pub trait Sublayers {
    /// Whether it is a list or a dictionary, which Keras keeps as `container` where it is inside another one.
    const CONTAINER: bool = false;

    /// The layers, by the name of the attribute that Keras keeps them under; the name of a list ends in `/`.
    fn sublayers(&self, name: &str) -> Vec<(String, LayerRef)>;
}

impl Sublayers for LayerRef {
    fn sublayers(&self, name: &str) -> Vec<(String, LayerRef)> {
        vec![(name.into(), self.clone())]
    }
}

impl<S: Sublayers> Sublayers for Option<S> {
    const CONTAINER: bool = S::CONTAINER;

    fn sublayers(&self, name: &str) -> Vec<(String, LayerRef)> {
        self.iter().flat_map(|value| Sublayers::sublayers(value, name)).collect()
    }
}

/// Files hold members of a list under the list's name, lists inside it as `container`, `container_1`, ...
fn members<'a, S: Sublayers + 'a>(
    name: &str,
    values: impl IntoIterator<Item = &'a S>,
) -> Vec<(String, LayerRef)> {
    let name = name.strip_suffix('/').unwrap_or(name);
    let inside = |(index, value)| match (S::CONTAINER, index) {
        (false, _) => S::sublayers(value, &format!("{name}/")),
        (true, 0) => S::sublayers(value, &format!("{name}/container/")),
        (true, _) => S::sublayers(value, &format!("{name}/container_{index}/")),
    };
    values.into_iter().enumerate().flat_map(inside).collect()
}

impl<S: Sublayers> Sublayers for Vec<S> {
    const CONTAINER: bool = true;

    fn sublayers(&self, name: &str) -> Vec<(String, LayerRef)> {
        members(name, self)
    }
}

impl<S: Sublayers, const N: usize> Sublayers for [S; N] {
    const CONTAINER: bool = true;

    fn sublayers(&self, name: &str) -> Vec<(String, LayerRef)> {
        members(name, self)
    }
}

impl<K, S: Sublayers> Sublayers for IndexMap<K, S> {
    const CONTAINER: bool = true;

    fn sublayers(&self, name: &str) -> Vec<(String, LayerRef)> {
        members(name, self.values())
    }
}

impl<K, S: Sublayers> Sublayers for BTreeMap<K, S> {
    const CONTAINER: bool = true;

    fn sublayers(&self, name: &str) -> Vec<(String, LayerRef)> {
        members(name, self.values())
    }
}

/// A value that a model follows over an epoch: a metric among the fields of a layer or of a model that a user
/// wrote. It appears in logs under its name, and every epoch and evaluation resets it.
pub trait Tracked {
    /// The key in logs and histories.
    fn name(&self) -> &str;

    /// The value over all batches so far.
    ///
    /// # Errors
    /// What computing it reports.
    fn result(&self) -> Result<Tensor>;

    /// Resets the state.
    fn reset_state(&self);

    /// The state, which a backup within an epoch saves.
    ///
    /// # Errors
    /// What reading it reports.
    fn snapshot(&self) -> Result<Vec<Option<TensorData>>>;

    /// Takes the state back: as many parts as [`Tracked::snapshot`] gave.
    ///
    /// # Errors
    /// Where a part has another shape.
    fn restore(&self, parts: Vec<Option<TensorData>>) -> Result<()>;
}

/// Values of fields that hold metrics: one, an optional one, or a list. The derive finds the fields of these
/// types by itself.
pub trait Trackers {
    /// The metrics in order.
    fn trackers(&self) -> Vec<&dyn Tracked>;
}

impl<T: Tracked> Trackers for T {
    fn trackers(&self) -> Vec<&dyn Tracked> {
        vec![self]
    }
}

impl<T: Tracked> Trackers for Option<T> {
    fn trackers(&self) -> Vec<&dyn Tracked> {
        self.iter().map(|tracked| tracked as &dyn Tracked).collect()
    }
}

impl<T: Tracked> Trackers for Vec<T> {
    fn trackers(&self) -> Vec<&dyn Tracked> {
        self.iter().map(|tracked| tracked as &dyn Tracked).collect()
    }
}

/// How the derive asks a field of any type whether it holds layers or metrics: of two methods of one name, the
/// compiler takes the one that needs fewer references, where the type has the trait that it asks for.
pub mod probe {
    use super::{LayerRef, Sublayers, Tracked, Trackers};

    /// A field.
    #[derive(Debug)]
    pub struct Field<'a, T>(pub &'a T);

    /// Fields with layers.
    pub trait WithLayers {
        /// The layers by attribute.
        fn layers(&self, name: &str) -> Vec<(String, LayerRef)>;
    }

    impl<T: Sublayers> WithLayers for Field<'_, T> {
        fn layers(&self, name: &str) -> Vec<(String, LayerRef)> {
            self.0.sublayers(name)
        }
    }

    /// Fields with metrics.
    pub trait WithTrackers<'a> {
        /// The metrics.
        fn tracked(&self) -> Vec<&'a dyn Tracked>;
    }

    impl<'a, T: Trackers> WithTrackers<'a> for Field<'a, T> {
        fn tracked(&self) -> Vec<&'a dyn Tracked> {
            self.0.trackers()
        }
    }

    /// Fields with neither.
    pub trait Without<'a> {
        /// No layers.
        fn layers(&self, _name: &str) -> Vec<(String, LayerRef)> {
            Vec::new()
        }

        /// No metrics.
        fn tracked(&self) -> Vec<&'a dyn Tracked> {
            Vec::new()
        }
    }

    impl<'a, T> Without<'a> for &Field<'a, T> {}
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
