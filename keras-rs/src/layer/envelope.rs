//! A layer as files hold it.

use super::{Argument, LayerRef, Role};
use crate::config::{Config, ConfigExt, IntoConfig};
use crate::shape::Shape;
use serde_json::Value;

impl LayerRef {
    /// The whole configuration: name, trainable, data types, then the class' own arguments.
    pub fn config(&self) -> Config {
        let layer = self.layer();
        let own = layer.config();
        if layer.role() == Role::Input {
            return own.with("name", self.name());
        }
        if layer.role() == Role::Operation {
            let mut config = Config::new().with("name", self.name());
            config.extend(own);
            return config;
        }
        let mut config = Config::new().with("name", self.name());
        let held = layer.base_arguments();
        if held.contains(&"trainable") {
            config = config.with("trainable", self.trainable());
        }
        if layer.role() != Role::Graph && held.contains(&"dtype") {
            config = config.with("dtype", &layer.base().dtype);
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
        if let Some(built_for) = self.build_config() {
            envelope = envelope.with("build_config", Value::Object(built_for));
        }
        envelope.extend(self.companion_envelope());
        Value::Object(envelope)
    }

    /// What Keras builds the layer from again: `input_shape`, or `shapes_dict` with the shapes of several
    /// arguments by name.
    fn build_config(&self) -> Option<Config> {
        let layer = self.layer();
        if let Some(config) = layer.build_config() {
            return Some(config);
        }
        let shapes = self.build_shapes()?;
        if self.variables().is_empty() {
            return None;
        }
        let named: Vec<(&str, Value)> = layer
            .signature()
            .build_parameters()
            .iter()
            .filter_map(|name| Some((*name, written(shapes.get(name)?))))
            .collect();
        match named.as_slice() {
            [] => None,
            [(_, one)] => Some(Config::new().with("input_shape", one)),
            many => {
                let shapes =
                    many.iter().map(|(name, shape)| (format!("{name}_shape"), shape.clone())).collect();
                Some(Config::new().with("shapes_dict", Value::Object(shapes)))
            }
        }
    }
}

/// The shapes of an argument as files hold them.
fn written(argument: &Argument<Shape>) -> Value {
    match argument {
        Argument::Tensor(shape) => shape.dims().to_vec().to_config(),
        Argument::List(items) => items.iter().map(written).collect(),
        Argument::Dict(entries) => {
            Value::Object(entries.iter().map(|(key, entry)| (key.clone(), written(entry))).collect())
        }
        Argument::Data(_) => Value::Null,
    }
}
