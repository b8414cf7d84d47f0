//! Every constructor argument of every class, and its default, against the list of Keras' names.

use crate::support::{chain, json as fixture_of, load};
use crate::{Checked, ensure, trial};
use keras_rs::Result;
use keras_rs::config::{Config, Registered};
use keras_rs::constraints::Constraint;
use keras_rs::initializers::Initializer;
use keras_rs::layers::{Layer, LayerRef};
use keras_rs::losses::Loss;
use keras_rs::metrics::Metric;
use keras_rs::optimizers::{LearningRateSchedule, Optimizer};
use keras_rs::regularizers::Regularizer;
use libtest_mimic::Trial;
use serde_json::{Map, Value, json};

/// Arguments of a class (`*`: of all) that differ from Keras' on purpose, and why.
const EXCEPTIONS: [(&str, &str, &str); 11] = [
    ("Dense", "lora_rank", "LoRA is still to come"),
    ("Dense", "lora_alpha", "LoRA is still to come"),
    ("EinsumDense", "lora_rank", "LoRA is still to come"),
    ("EinsumDense", "lora_alpha", "LoRA is still to come"),
    ("Embedding", "lora_rank", "LoRA is still to come"),
    ("Embedding", "lora_alpha", "LoRA is still to come"),
    ("Embedding", "weights", "no file holds initial values; variables are assigned"),
    ("InputLayer", "batch_shape", "Keras' `None` stands for one made of the other arguments"),
    ("InputLayer", "shape", "files hold `batch_shape`; the shape is the argument of `Input::new`"),
    ("InputLayer", "batch_size", "files hold `batch_shape`; `Input` has a setter"),
    ("*", "name", "Keras' `None` stands for a name made from the class, which its configuration has"),
];

/// Names in the registry that are no classes of the list: other names of classes, models, a wrapper of functions, layers that
/// Keras keeps private.
const OTHER_NAMES: [&str; 41] = [
    "IdentityInitializer",
    "OrthogonalInitializer",
    "STFTInitializer",
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
    "BatchNormalizationV1",
    "BatchNormalizationV2",
    "Convolution1D",
    "Convolution1DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Convolution3D",
    "Convolution3DTranspose",
    "Deconvolution2D",
    "Deconvolution3D",
    "Functional",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalAvgPool3D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPool3D",
    "GroupedQueryAttention",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "Model",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
    "Sequential",
    "BCE",
    "KLD",
    "CustomScaleLayer",
    "LayerScale",
    "LossFunctionWrapper",
    "MAE",
    "MAPE",
    "MSE",
    "MSLE",
    "StochasticDepth",
];

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
    let fixture = fixture_of("objects/defaults.json");
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
    trials.push(trial("defaults::all_classes_are_listed", move || all_listed(&fixture)));
    trials
}

/// The names of a kind's classes.
fn names(kind: &str) -> Vec<&'static str> {
    match kind {
        "layers" => <Box<dyn Layer>>::classes().names().collect(),
        "optimizers" => <Optimizer>::classes().names().collect(),
        "optimizers.schedules" => <LearningRateSchedule>::classes().names().collect(),
        "losses" => <Loss>::classes().names().collect(),
        "metrics" => <Metric>::classes().names().collect(),
        "initializers" => <Initializer>::classes().names().collect(),
        "regularizers" => <Regularizer>::classes().names().collect(),
        _ => <Constraint>::classes().names().collect(),
    }
}

/// The configuration of an object that is made with these arguments.
fn made(kind: &str, class: &str, arguments: &Map<String, Value>) -> Result<Config> {
    let object = json!({"module": format!("keras.{kind}"), "class_name": class, "config": arguments});
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

/// Whether every class that can be made is in the list, and each exception stands for something in it.
fn all_listed(fixture: &Value) -> Checked {
    let mut unknown = Vec::new();
    for kind in KINDS {
        // Names of functions and of operations are in lower case, or have it before the point.
        let classes = names(kind).into_iter().filter(|name| name.starts_with(char::is_uppercase));
        let classes = classes.filter(|name| fixture[kind].get(name).is_none() && !OTHER_NAMES.contains(name));
        unknown.extend(classes.map(|name| format!("{kind}.{name}")));
    }
    unknown.sort();
    ensure(unknown.is_empty(), || format!("not in the list: {}", unknown.join(", ")))
}

/// The keys of a class' own arguments in order; Keras puts those of the base class before, behind or between.
fn own(config: &Config) -> Vec<&String> {
    config.keys().filter(|key| !["name", "trainable", "dtype"].contains(&key.as_str())).collect()
}

fn check(kind: &str, class: &str, entry: &Value) -> Checked {
    let required = entry["required"].as_object().unwrap();
    let plain = made(kind, class, required).map_err(|e| chain(&e))?;
    let mut wrong = Vec::new();
    if let Some(wanted) = entry["config"].as_object()
        && (plain != *wanted || own(&plain) != own(wanted))
    {
        wrong.push(format!("configuration {}, Keras' is {}", json!(plain), json!(wanted)));
    }
    for (argument, default) in entry["arguments"].as_object().unwrap() {
        let excepted = EXCEPTIONS
            .iter()
            .any(|(c, a, _)| a == argument && (*c == class || (*c == "*" && default.is_null())));
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
