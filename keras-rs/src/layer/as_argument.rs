//! Layers as arguments of other layers, as wrappers hold them.

use super::{Layer, LayerRef};
use crate::config::{FromConfig, IntoConfig, Loading};
use crate::error::Result;
use serde_json::Value;

impl<L: Layer> From<L> for LayerRef {
    fn from(layer: L) -> Self {
        Self::new(layer)
    }
}

impl From<&LayerRef> for LayerRef {
    fn from(layer: &LayerRef) -> Self {
        layer.clone()
    }
}

impl IntoConfig for LayerRef {
    fn to_config(&self) -> Value {
        self.to_json()
    }
}

impl FromConfig for LayerRef {
    const EXPECTED: &'static str = "a layer: an object with class_name and config";

    fn from_value(_: &Value) -> Option<Self> {
        None
    }

    fn from_config(value: &Value, object: &str, key: &str, loading: &Loading<'_>) -> Result<Self> {
        loading.object::<Box<dyn Layer>>(value, object, key).map(Self::from_box)
    }
}
