//! Copies of models, and models from their configurations.

use super::{Model, model_from_value};
use crate::config::{Config, ConfigExt, CustomObjects, Loading};
use crate::error::{Error, Result};
use crate::layer::{Layer, LayerRef};
use serde_json::{Value, json};

/// A model of the same layers with weights of its own, drawn anew. Keras' `clone_model`.
///
/// It is not compiled, and has no weights in common with the first. Classes of layers that a user wrote are known from
/// the model itself; those that came from a file, and functions of a user, are supplied by [`clone_model_with`].
///
/// ```
/// use keras_rs::models::clone_model;
/// use keras_rs::prelude::*;
///
/// let model = Sequential::new().add(Input::new([2])).add(Dense::new(1)).build()?;
/// let again = clone_model(&model)?;
/// assert_eq!((again.name(), again.count_params()), (model.name(), 3));
/// assert!(!again.weights()[0].same(&model.weights()[0]));
/// # Ok::<(), keras_rs::Error>(())
/// ```
///
/// # Errors
/// [`Error::UnknownClasses`] for classes and functions that have to be supplied.
pub fn clone_model(model: &Model) -> Result<Model> {
    clone_model_with(model, &CustomObjects::new())
}

/// As [`clone_model`], with classes and functions of a user.
///
/// # Errors
/// As [`clone_model`].
pub fn clone_model_with(model: &Model, custom: &CustomObjects) -> Result<Model> {
    let mut custom = custom.clone();
    add_classes(&model.as_layer(), &mut custom);
    let mut envelope = model.as_layer().to_json();
    if let Some(envelope) = envelope.as_object_mut() {
        envelope.remove("compile_config");
    }
    model_from_value(&envelope, &Loading::new(&custom))
}

/// Adds the classes of a user among a layer and those inside it.
fn add_classes(layer: &LayerRef, custom: &mut CustomObjects) {
    let known = |name: &str| custom.table::<Box<dyn Layer>>().is_some_and(|table| table.get(name).is_some());
    if let (Some(name), Some(maker)) = (layer.layer().registered_name(), layer.maker())
        && !known(&name)
    {
        *custom = std::mem::take(custom).class::<Box<dyn Layer>>(&name, maker);
    }
    let inside = match Model::from_layer(layer) {
        Some(model) => model.layers(),
        None => layer.layer().sublayers().into_iter().map(|(_, layer)| layer).collect(),
    };
    for layer in inside {
        add_classes(&layer, custom);
    }
}

impl Model {
    /// The configuration that [`Model::from_config`] takes. Keras' `get_config`.
    pub fn get_config(&self) -> Config {
        self.as_layer().config()
    }

    /// A model with weights drawn anew from [`Model::get_config`]: a sequential one, or a functional one. Keras'
    /// `from_config`.
    ///
    /// ```
    /// use keras_rs::config::CustomObjects;
    /// use keras_rs::prelude::*;
    ///
    /// let model = Sequential::new().add(Input::new([2])).add(Dense::new(1)).build()?;
    /// let again = Model::from_config(&model.get_config(), &CustomObjects::new())?;
    /// assert_eq!((again.name(), again.count_params()), (model.name(), 3));
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownClasses`], [`Error::Config`] where an entry is missing or malformed.
    pub fn from_config(config: &Config, custom: &CustomObjects) -> Result<Self> {
        let class = match (config.contains_key("input_layers"), config.contains_key("layers")) {
            (true, _) => "Functional",
            (false, true) => "Sequential",
            (false, false) => {
                let expected = "the configuration of a sequential or functional model";
                let keys: Vec<&str> = config.keys().map(String::as_str).collect();
                return Err(Error::argument("Model", "config", expected, format!("the keys {keys:?}")));
            }
        };
        let envelope = Config::new()
            .with("module", "keras")
            .with("class_name", class)
            .with("config", Value::Object(config.clone()))
            .with("registered_name", json!(null));
        model_from_value(&Value::Object(envelope), &Loading::new(custom))
    }
}
