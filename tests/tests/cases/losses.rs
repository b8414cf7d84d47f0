//! Every loss against real Keras: configuration, values and gradients, on every backend.

use crate::support::losses::{FAMILIES, near, open};
use crate::support::{Tensors, chain, json, load};
use crate::{Checked, ensure, named, numbered, on_backends, trial};
use keras_rs::losses::Loss;
use keras_rs::{DType, Device, Error, GradientTape, Tensor};
use libtest_mimic::Trial;
use serde_json::Value;
use std::sync::Arc;

pub fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for family in FAMILIES {
        let (tensors, cases) = open(family);
        let tensors = Arc::new(tensors);
        for (name, case) in named(&cases) {
            let data = ["y_true", "y_pred"].map(|what| tensors.expect(&format!("{name}/{what}")).dtype());
            let own: DType = case["dtype"].as_str().unwrap().parse().unwrap();
            let needed = [data[0], data[1], own];
            let (name, tensors) = (format!("losses::{family}::{name}"), tensors.clone());
            trials.extend(on_backends(&name, &needed, move |device| check(&case, &tensors, device)));
        }
    }
    let refused = numbered(&json("training/losses/names.json")["refused"]).into_iter();
    trials.extend(refused.map(|(number, object)| {
        let name = format!("losses::refused::{}_{number}", object["class_name"].as_str().unwrap_or("object"));
        trial(&name, move || ensure(load::<Loss>(&object).is_err(), || format!("{object} is accepted")))
    }));
    trials
}

/// The class of a case with more arguments.
fn with(case: &Value, more: &[(&str, Value)]) -> Value {
    let mut object = case["object"].clone();
    for (key, value) in more {
        object["config"][*key] = value.clone();
    }
    object
}

/// Arguments that Keras' configurations leave out.
fn left_out(case: &Value) -> Vec<(&str, Value)> {
    let config = &case["object"]["config"];
    let arguments = case["arguments"].as_object().unwrap().iter();
    arguments.filter(|(k, _)| config.get(k).is_none()).map(|(k, v)| (k.as_str(), v.clone())).collect()
}

fn check(case: &Value, tensors: &Tensors, device: &Device) -> Checked {
    let text = |e: Error| chain(&e);
    let name = case["name"].as_str().unwrap();
    let wide = case["dtype"] == "float64";
    let tensor = |what: &str| {
        tensors.get(&format!("{name}/{what}")).map(|data| Tensor::from_data_on(data, device).unwrap())
    };
    let (Some(y_true), Some(y_pred)) = (tensor("y_true"), tensor("y_pred")) else {
        return Err("the fixture lacks data".into());
    };

    let mut more = left_out(case);
    let loss: Loss = load(&with(case, &more)).map_err(text)?;
    let (got, want) = (Value::Object(loss.config()), &with(case, &more)["config"]);
    // As text, which holds the order of the entries, too.
    let (got, want) = (got.to_string(), want.to_string());
    if got != want {
        return Err(format!("configuration {got}, expected {want}"));
    }
    if name != "sparse_outside" {
        loss.check(&y_true, y_pred.shape()).map_err(text)?;
    }

    more.push(("dtype", case["dtype"].clone()));
    let loss: Loss = load(&with(case, &more)).map_err(text)?;
    let dtype = loss.base().dtype;
    let (values, mask) = loss
        .call_masked(&y_true.cast(dtype).map_err(text)?, &y_pred.cast(dtype).map_err(text)?)
        .map_err(text)?;
    let tolerance = if wide { 1e-8 } else { 1e-5 };
    near("call", &values, &tensors.expect(&format!("{name}/call")), tolerance)?;
    match (mask, tensor("own_mask")) {
        (Some(got), Some(want)) if got.to_vec::<bool>().unwrap() == want.to_vec::<bool>().unwrap() => {}
        (None, None) => {}
        (got, want) => return Err(format!("mask {got:?}, expected {want:?}")),
    }

    for run in case["runs"].as_array().unwrap() {
        let (combination, reduction) =
            (run["combination"].as_str().unwrap(), run["reduction"].as_str().unwrap());
        let key = format!("{name}/{combination}/{reduction}");
        let mut more = more.clone();
        more.push(("reduction", reduction.into()));
        let loss: Loss = load(&with(case, &more)).map_err(text)?;
        let weight = tensor("sample_weight").filter(|_| combination.contains("weight"));
        let mask = tensor("mask").filter(|_| combination.contains("mask"));
        let mut tape = GradientTape::new(&[]).map_err(text)?;
        let y_pred = tape.watch(&y_pred).map_err(text)?;
        let value = loss.compute_masked(&y_true, &y_pred, weight.as_ref(), mask.as_ref()).map_err(text)?;
        near(&key, &value, &tensors.expect(&format!("{key}/value")), tolerance)?;
        let gradient = tape.gradient(&value.sum(&[], false).map_err(text)?).map_err(text)?;
        let gradient = gradient[0].as_ref().ok_or_else(|| format!("{key}: no gradient"))?;
        let want = tensors.expect(&format!("{key}/gradient"));
        near(&format!("{key}, gradient"), gradient, &want, tolerance * 10.0)?;
    }
    Ok(())
}
