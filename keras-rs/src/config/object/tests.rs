#![allow(clippy::unwrap_used)]
//! What the derive writes, for one class of each form.

use super::*;
use crate::activations::Activation;
use crate::config::{ConfigExt, CustomObjects, KerasConfig, Loading, Number};
use crate::initializers::Initializer;
use crate::layer::{LayerBase, LayerExt, LayerFields, LayerRef, Sublayers};
use crate::layers::{Flatten, LeakyReLU, PReLU, Tuple};
use crate::regularizers::Regularizer;
use serde_json::json;

fn read<T: KerasConfig>(config: &Value) -> Result<T> {
    let custom = CustomObjects::new();
    let loading = Loading::new(&custom);
    let mut reader = ConfigReader::new("test", config.as_object().unwrap(), &loading);
    let made = T::from_config(&mut reader)?;
    reader.finish()?;
    Ok(made)
}

fn only_odd(value: &[usize]) -> Value {
    value.iter().filter(|n| *n % 2 == 1).copied().collect()
}

/// A layer with every kind of field.
#[derive(Debug, KerasConfig)]
#[keras(
    module = "keras.layers",
    class_name_with = Self::class,
    ignore("lora_rank", "lora_alpha"),
    check = Self::check,
    write_also = |_, config| *config = std::mem::take(config).with("quantization_config", Value::Null)
)]
struct Everything<const N: usize> {
    base: LayerBase,
    /// Penalty on the outputs.
    #[keras(only_set)]
    activity_regularizer: Option<Regularizer>,
    #[keras(new)]
    filters: usize,
    #[keras(new)]
    kernel_size: Tuple<N>,
    #[keras(default = 1)]
    strides: Tuple<N>,
    #[keras(default = Activation::linear(), sublayer)]
    activation: Activation,
    #[keras(default = true)]
    use_bias: bool,
    #[keras(default = Initializer::zeros())]
    bias_initializer: Initializer,
    #[keras(rename = "lambda", default = 0.5, alias = "l", nullable)]
    factor: Option<f64>,
    #[keras(default = vec![1, 2], write_with = |v| only_odd(v), read_with = |c, key| Ok(vec![c.take(key)?]), no_setter)]
    odd: Vec<usize>,
    #[keras(default = "Plain", normalize = |text| text.to_lowercase())]
    mode: String,
    #[keras(default = 3, no_write)]
    unwritten: usize,
    #[keras(skip, sublayer = "cells")]
    inside: Vec<LayerRef>,
    #[keras(skip = 7)]
    calls: usize,
}

impl<const N: usize> Everything<N> {
    fn class(&self) -> &str {
        if N == 1 { "Everything1D" } else { "Everything2D" }
    }

    fn check(&self, object: &str) -> Result<()> {
        if self.filters > 0 { Ok(()) } else { Err(Error::argument(object, "filters", "at least 1", 0)) }
    }
}

#[test]
fn a_class_has_constructor_setters_and_configuration_in_the_order_of_its_fields() {
    let layer =
        Everything::<2>::new(4, 3).strides((1, 2)).use_bias(false).factor(None).mode("SAME").unwritten(5);
    assert_eq!(
        (layer.class_name(), layer.module(), layer.registered_name()),
        ("Everything2D", Some("keras.layers"), None)
    );
    assert_eq!(Everything::<1>::new(4, 3).class_name(), "Everything1D");
    let expected = json!({
        "filters": 4,
        "kernel_size": [3, 3],
        "strides": [1, 2],
        "activation": "linear",
        "use_bias": false,
        "bias_initializer": layer.config()["bias_initializer"],
        "lambda": null,
        "odd": [1],
        "mode": "same",
        "quantization_config": null,
    });
    assert_eq!(serde_json::to_string(&layer.config()).unwrap(), expected.to_string());
    assert_eq!((layer.unwritten, layer.calls), (5, 7));
    let layer = layer.activity_regularizer("l2");
    assert_eq!(layer.config().keys().next().unwrap(), "activity_regularizer");
}

#[test]
fn from_config_takes_defaults_aliases_hooks_and_ignored_keys() {
    let config = json!({
        "filters": 2, "kernel_size": 1, "l": 2.5, "odd": 9, "mode": "LOUD", "lora_rank": 4, "name": "x",
    });
    let layer: Everything<1> = read(&config).unwrap();
    assert_eq!(layer.base().name.as_deref(), Some("x"));
    assert_eq!((layer.filters, layer.factor, layer.mode.as_str()), (2, Some(2.5), "loud"));
    assert_eq!((&layer.odd[..], layer.unwritten, layer.calls, layer.use_bias), (&[9][..], 3, 7, true));
    assert_eq!(layer.activity_regularizer, None);
    let plain: Everything<1> = read(&json!({"filters": 2, "kernel_size": 1})).unwrap();
    assert_eq!((plain.factor, &plain.odd[..], plain.mode.as_str()), (Some(0.5), &[1, 2][..], "plain"));
}

#[test]
fn errors_name_object_and_argument() {
    for (config, message) in [
        (json!({"kernel_size": 1}), "filters"),
        (json!({"filters": -1, "kernel_size": 1}), "a whole number from 0 to 2147483647"),
        (json!({"filters": 1, "kernel_size": 1, "use_bias": "yes"}), "true or false"),
        (json!({"filters": 1, "kernel_size": 1, "wings": 2}), "wings"),
        (json!({"filters": 0, "kernel_size": 1}), "at least 1"),
    ] {
        let error = read::<Everything<1>>(&config).unwrap_err().to_string();
        assert!(error.contains("test") && error.contains(message), "{error}");
    }
    let layer = Everything::<1>::new(1, 1).bias_initializer("wings");
    assert!(layer.base().deferred().unwrap_err().to_string().contains("wings"));
}

#[test]
fn sublayers_are_listed_by_the_attribute_that_holds_them() {
    let mut layer = Everything::<1>::new(1, 1).activation(PReLU::new());
    layer.inside = vec![Flatten::new().shared(), LeakyReLU::new().shared()];
    let names: Vec<_> = layer.sublayers().into_iter().map(|(name, layer)| (name, layer.name())).collect();
    let expected = [("activation", "p_re_lu"), ("cells/", "flatten"), ("cells/", "leaky_re_lu")];
    assert_eq!(names, expected.map(|(name, layer)| (name.to_string(), layer.to_string())));
    assert!(Everything::<1>::new(1, 1).sublayers().is_empty());
    assert!(Sublayers::sublayers(&None::<LayerRef>, "merge").is_empty());
}

#[test]
fn arguments_have_names_and_defaults() {
    let arguments = Everything::<1>::arguments();
    let default = |name: &str| arguments.iter().find(|a| a.name == name).unwrap().default.clone();
    assert_eq!(arguments[0].name, "activity_regularizer");
    assert_eq!(
        (default("filters"), default("lambda"), default("strides")),
        (None, Some(json!(0.5)), Some(json!([1])))
    );
    assert!(arguments.iter().all(|a| a.name != "calls" && a.name != "inside"));
}

/// A class of a user without package, base and required arguments.
#[derive(Debug, PartialEq, KerasConfig)]
struct Plain {
    #[keras(default = 2)]
    size: usize,
    #[keras(default = 1.5)]
    scale: Number,
    limit: Option<Number>,
}

/// A class without arguments.
#[derive(Debug, PartialEq, KerasConfig)]
#[keras(package = "forest", ignore("dtype"))]
struct Nothing;

#[test]
fn classes_without_base_are_made_by_default_and_take_what_converts() {
    assert_eq!(Plain::new(), Plain::default());
    let plain = Plain::new().size(3).scale(2).limit(1.0);
    assert_eq!(serde_json::to_string(&plain.config()).unwrap(), r#"{"size":3,"scale":2,"limit":1.0}"#);
    assert_eq!(read::<Plain>(&json!({"size": 3, "scale": 2, "limit": 1.0})).unwrap(), plain);
    assert_eq!((plain.module(), plain.registered_name().as_deref()), (None, Some("Plain")));
}

#[test]
fn classes_without_fields_have_an_empty_configuration() {
    assert_eq!(read::<Nothing>(&json!({"dtype": "float32"})).unwrap(), Nothing);
    assert_eq!(Nothing.registered_name().as_deref(), Some("forest>Nothing"));
    assert!(Nothing.config().is_empty() && Nothing::arguments().is_empty());
}

/// A class with state that it makes from its arguments.
#[derive(Debug, PartialEq, KerasConfig)]
struct Counted {
    #[keras(default = 2)]
    count: usize,
    #[keras(default = 1)]
    other: usize,
    #[keras(skip = (0..count).collect())]
    items: Vec<usize>,
    #[keras(skip = items.len() + 1)]
    length: usize,
    #[keras(skip = vec![7])]
    own: Vec<usize>,
}

#[test]
fn setters_make_anew_what_depends_on_their_field() {
    let mut counted = Counted::new();
    assert_eq!((counted.items.len(), counted.length), (2, 3));
    counted.own.push(8);
    counted.items.push(9);
    let counted = counted.other(5);
    assert_eq!(counted.items, [0, 1, 9]);
    let counted = counted.count(4);
    assert_eq!((counted.items.len(), counted.length, counted.other), (4, 5, 5));
    assert_eq!(counted.own, [7, 8]);
    assert_eq!(read::<Counted>(&json!({"count": 4, "other": 5})).unwrap().items, counted.items);
}
