//! A layer as files hold it.

use super::LayerRef;
use crate::config::{Config, ConfigExt, IntoConfig};
use crate::shape::Shape;
use serde_json::Value;

impl LayerRef {
    /// The whole configuration: name, trainable, data types, then the class' own arguments.
    pub fn config(&self) -> Config {
        let layer = self.layer();
        let own = layer.config();
        if layer.is_input() {
            return own.with("name", self.name());
        }
        if layer.is_operation() {
            let mut config = Config::new().with("name", self.name());
            config.extend(own);
            return config;
        }
        let mut config = Config::new().with("name", self.name()).with("trainable", self.trainable());
        if layer.as_model().is_none() {
            config = config.with("dtype", layer.base().dtype);
        }
        let penalty = layer.base().activity_regularizer.as_ref();
        if let Some(penalty) = penalty.filter(|_| !own.contains_key("activity_regularizer")) {
            config = config.with("activity_regularizer", penalty);
        }
        config.extend(own);
        config
    }

    /// The envelope that files hold: with `build_config` where the layer has variables, and with
    /// the compile settings of a model that has some.
    pub fn to_json(&self) -> Value {
        let layer = self.layer();
        let mut envelope = Config::new()
            .with("module", layer.module().map(str::to_string))
            .with("class_name", layer.class_name())
            .with("config", Value::Object(self.config()))
            .with("registered_name", layer.registered_name());
        let shape = |s: &Shape| s.dims().to_vec().to_config();
        let shapes = self.build_shapes().unwrap_or_default();
        let built_for = match (layer.as_model(), shapes) {
            (Some(model), _) if !model.is_sequential() => Some(Value::Null),
            (_, []) => None,
            (None, _) if self.variables().is_empty() => None,
            (_, [one]) if !layer.takes_list() => Some(shape(one)),
            (_, many) => Some(many.iter().map(shape).collect()),
        };
        if let Some(shapes) = built_for {
            envelope =
                envelope.with("build_config", Value::Object(Config::new().with("input_shape", shapes)));
        }
        if let Some(settings) = layer.as_model().and_then(|m| m.compile_config()) {
            envelope = envelope.with("compile_config", settings);
        }
        Value::Object(envelope)
    }
}
