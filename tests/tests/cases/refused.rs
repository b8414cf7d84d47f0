//! What compile and fit refuse: all that Keras refuses.

use crate::support::{chain, json};
use crate::{Checked, named, trial};
use keras_rs::Result;
use keras_rs::data::Columns;
use keras_rs::prelude::*;
use keras_rs::training::{ClassWeight, Fit};
use libtest_mimic::Trial;
use serde_json::Value;

pub fn trials() -> Vec<Trial> {
    let cases = named(&json("training/fits/refused.json")["cases"]).into_iter();
    let cases = cases.filter(|(name, _)| ON_PURPOSE.iter().all(|(n, _)| n != name));
    cases.map(|(name, case)| trial(&format!("refused::{name}"), move || check(&case))).collect()
}

fn check(case: &Value) -> Checked {
    match (attempt(case), case["refused"].is_null()) {
        (Ok(()), false) => Err(format!("it is accepted; Keras raises {}", case["exception"])),
        (Err(error), true) => Err(format!("it is refused: {}", chain(&error))),
        _ => Ok(()),
    }
}

fn ones(shape: &Value) -> Tensor {
    let shape: Vec<usize> = serde_json::from_value(shape.clone()).unwrap();
    Tensor::ones(shape, DType::F32).unwrap()
}

fn columns(shapes: &Value) -> Columns {
    match shapes {
        Value::Object(named) => Columns::Named(named.iter().map(|(k, v)| (k.clone(), ones(v))).collect()),
        Value::Array(list) if list.first().is_some_and(Value::is_array) => {
            Columns::List(list.iter().map(ones).collect())
        }
        Value::Array(_) => Columns::List(vec![ones(shapes)]),
        _ => Columns::None,
    }
}

fn attempt(case: &Value) -> Result<()> {
    let input = Input::new([4]).name("i");
    let mut outputs = Vec::new();
    for output in case["outputs"].as_array().unwrap() {
        let mut layer = Dense::new(output[1].as_u64().unwrap() as usize).name(output[0].as_str().unwrap());
        if let Some(activation) = output[2].as_str() {
            layer = layer.activation(activation);
        }
        outputs.push(layer.apply(&input)?);
    }
    let model =
        if outputs.len() == 1 { Model::new(&input, &outputs[0])? } else { Model::new(&input, &outputs)? };
    model.compile_from_config(&case["compile"])?;
    let mut options = Fit::new().verbose(0);
    for (key, value) in case["fit"].as_object().unwrap() {
        let n = value.as_u64().unwrap_or(0) as usize;
        options = match key.as_str() {
            "batch_size" => options.batch_size(n),
            "epochs" => options.epochs(n),
            "steps_per_epoch" => options.steps_per_epoch(n),
            "validation_freq" => options.validation_freq(n),
            "validation_split" => options.validation_split(value.as_f64().unwrap()),
            "class_weight" => {
                let weights = value.as_object().unwrap().iter();
                let weights = weights.map(|(k, v)| (k.parse().unwrap(), v.as_f64().unwrap()));
                options.class_weight(ClassWeight::from(weights))
            }
            _ => options,
        };
    }
    if let Some(weights) = case.get("sample_weight").or(case["fit"].get("sample_weight")) {
        options = options.sample_weight(columns(weights));
    }
    model.fit(columns(&case["x"]), columns(&case["y"]), options).map(drop)
}

/// Names of cases in which this differs from Keras on purpose, and why.
const ON_PURPOSE: [(&str, &str); 5] = [
    ("metrics_string", "one name is as clear as a list of one"),
    ("weighted_metrics_string", "one name is as clear as a list of one"),
    ("no_loss", "Keras trains on nothing with JAX, and refuses with TensorFlow"),
    ("batch_size_zero", "Keras takes it for the default"),
    ("steps_zero", "Keras takes it for the default"),
];
