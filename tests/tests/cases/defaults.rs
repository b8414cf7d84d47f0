//! Every constructor argument of every class, and its default, against the list of Keras' names.

use crate::support::{chain, json, load};
use crate::{Checked, ensure, trial};
use keras_rs::Result;
use keras_rs::config::{Config, Registry};
use keras_rs::constraints::Constraint;
use keras_rs::initializers::Initializer;
use keras_rs::layers::{Layer, LayerRef};
use keras_rs::losses::Loss;
use keras_rs::metrics::Metric;
use keras_rs::optimizers::{LearningRateSchedule, Optimizer};
use keras_rs::regularizers::Regularizer;
use libtest_mimic::Trial;
use serde_json::{Map, Value};

/// Arguments in which a class differs from Keras' on purpose, and why.
const EXCEPTIONS: [(&str, &str, &str); 0] = [];

/// Kinds of the fixture whose classes files name.
const KINDS: [&str; 8] = [
    "layers",
    "optimizers",
    "optimizers.schedules",
    "losses",
    "metrics",
    "initializers",
    "regularizers",
    "constraints",
];

pub fn trials() -> Vec<Trial> {
    let fixture = json("objects/defaults.json");
    let mut trials = Vec::new();
    for kind in KINDS {
        let there = names(kind);
        for (class, entry) in fixture[kind].as_object().unwrap() {
            if !there.contains(&class.as_str()) {
                continue;
            }
            let (class, entry) = (class.clone(), entry.clone());
            trials.push(trial(&format!("defaults::{kind}::{class}"), move || check(kind, &class, &entry)));
        }
    }
    assert!(trials.len() > 150, "{} classes", trials.len());
    trials
}

/// The names of a kind's classes.
fn names(kind: &str) -> Vec<&'static str> {
    let keras = Registry::keras();
    match kind {
        "layers" => keras.layers.names().collect(),
        "optimizers" => keras.optimizers.names().collect(),
        "optimizers.schedules" => keras.schedules.names().collect(),
        "losses" => keras.losses.names().collect(),
        "metrics" => keras.metrics.names().collect(),
        "initializers" => keras.initializers.names().collect(),
        "regularizers" => keras.regularizers.names().collect(),
        _ => keras.constraints.names().collect(),
    }
}

/// The configuration of an object that is made with these arguments.
fn made(kind: &str, class: &str, arguments: &Map<String, Value>) -> Result<Config> {
    let object =
        serde_json::json!({"module": format!("keras.{kind}"), "class_name": class, "config": arguments});
    match kind {
        "layers" => load::<Box<dyn Layer>>(&object).map(|layer| LayerRef::from_box(layer).config()),
        "optimizers" => load::<Optimizer>(&object).map(|optimizer| optimizer.config()),
        "optimizers.schedules" => load::<LearningRateSchedule>(&object).map(|schedule| schedule.config()),
        "losses" => load::<Loss>(&object).map(|loss| loss.config()),
        "metrics" => load::<Metric>(&object).map(|metric| metric.config()),
        "initializers" => load::<Initializer>(&object).map(|initializer| initializer.config()),
        "regularizers" => load::<Regularizer>(&object).map(|regularizer| regularizer.config()),
        _ => load::<Constraint>(&object).map(|constraint| constraint.config()),
    }
}

fn check(kind: &str, class: &str, entry: &Value) -> Checked {
    let required = entry["required"].as_object().unwrap();
    let plain = made(kind, class, required).map_err(|e| chain(&e))?;
    let wanted = &entry["config"];
    let mut wrong = Vec::new();
    // As text, which holds the order of the keys, too.
    if wanted.is_object() && Value::Object(plain.clone()).to_string() != wanted.to_string() {
        wrong.push(format!("configuration {}, Keras' is {wanted}", Value::Object(plain.clone())));
    }
    for (argument, default) in entry["arguments"].as_object().unwrap() {
        let excepted = EXCEPTIONS.iter().any(|(c, a, _)| *c == class && a == argument);
        if default == "<required>" || excepted {
            continue;
        }
        // What Keras takes for the default changes nothing; an argument that is not there is an error.
        let mut given = required.clone();
        given.insert(argument.clone(), default.clone());
        match made(kind, class, &given) {
            Ok(config) if config == plain => {}
            Ok(config) => {
                let differing = config.iter().filter(|(key, value)| plain.get(*key) != Some(value));
                let differing: Vec<String> = differing.map(|(key, value)| format!("{key} {value}")).collect();
                wrong.push(format!("{argument}: Keras' default {default} gives {}", differing.join(", ")));
            }
            Err(error) => wrong.push(format!("{argument} = {default}: {}", chain(&error))),
        }
    }
    ensure(wrong.is_empty(), || wrong.join("\n"))
}
