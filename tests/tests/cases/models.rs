//! Whole models saved by real Keras: numbers, names, counts, refusals, round trips.

use crate::support::{chain, compare, devices, fixture, fuzz, json};
use crate::{Checked, trial};
use keras_rs::prelude::Predict;
use keras_rs::{DType, Device, LoadWeights, Model, Tensor, load_model, npz};
use libtest_mimic::Trial;
use serde_json::Value;
use std::path::Path;

/// A check of a folder's model against its case.
type Check = fn(&Path, &Value) -> Checked;

const CHECKS: [(&str, Check); 2] =
    [("names_and_counts", names_and_counts), ("round_trip", every_format_survives_a_round_trip)];

pub fn trials() -> Vec<Trial> {
    let mut trials = of_folder("models", "models");
    trials
        .extend(fuzz().into_iter().flat_map(|folder| of_folder("models::fuzz", &format!("{folder}/models"))));
    trials
}

/// The cases of the folders in a folder.
fn of_folder(suite: &str, root: &str) -> Vec<Trial> {
    let mut trials = Vec::new();
    for name in folders(root) {
        let full = |check: &str| format!("{suite}::{name}::{check}");
        let path = format!("{root}/{name}");
        let run = |check: Check| {
            let path = path.clone();
            move || check(&fixture(&path), &json(&format!("{path}/case.json")))
        };
        if json(&format!("{path}/case.json")).get("refuse").is_some() {
            trials.push(trial(&full("refused"), run(refused_by_name)));
            continue;
        }
        let has_numbers = fixture(&format!("{path}/x.npz")).exists();
        for device in devices().into_iter().filter(|_| has_numbers) {
            for (how, exact) in [("", false), ("::exact", true)] {
                let (path, device) = (path.clone(), device.clone());
                trials.push(trial(&full(&format!("numbers::{}{how}", device.backend())), move || {
                    numbers(&fixture(&path), &json(&format!("{path}/case.json")), &device, exact)
                }));
            }
        }
        trials.extend(CHECKS.map(|(what, check)| trial(&full(what), run(check))));
    }
    trials
}

/// Names of the folders in a folder that hold a case.
fn folders(root: &str) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(fixture(root))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| fixture(&format!("{root}/{name}/case.json")).exists())
        .collect();
    names.sort();
    assert!(!names.is_empty());
    names
}

fn open(folder: &Path, case: &Value) -> keras_rs::Result<Model> {
    let model = load_model(folder.join(case["model"].as_str().unwrap()))?;
    if let Some(weights) = case["weights"].as_str() {
        let options =
            LoadWeights::new().by_name(case["by_name"] == true).skip_mismatch(case["skip_mismatch"] == true);
        model.load_weights_with(folder.join(weights), &options)?;
    }
    Ok(model)
}

/// Whether a device has every data type that the model needs.
fn fits(model: &Model, device: &Device) -> bool {
    let inputs = model.inputs().unwrap_or_default();
    // Operations name the small integers that they compute in.
    let bytes = model.to_json().contains("\"uint8\"");
    inputs.iter().all(|t| device.supports(t.dtype()))
        && model.weights().iter().all(|v| device.supports(v.dtype()))
        && (!bytes || device.supports(DType::U8))
        && model.layers().iter().all(|layer| device.supports(layer.compute_dtype()))
}

fn predict(model: &Model, folder: &Path, case: &Value, device: &Device) -> Checked {
    predicts(model, folder, "y.npz", case, device, false)
}

/// Whether a model makes of a folder's `x.npz` what a file there holds, with the inference plan or with the plain graph.
pub fn predicts(
    model: &Model,
    folder: &Path,
    wanted: &str,
    case: &Value,
    device: &Device,
    exact: bool,
) -> Checked {
    let options = Predict::new().exact(exact).verbose(0);
    let text = |e: keras_rs::Error| chain(&e);
    if !folder.join("x.npz").exists() || !fits(model, device) {
        return Ok(());
    }
    // Layers that keep states would go on from those of a call before.
    model.layers().iter().try_for_each(|layer| layer.reset_state()).map_err(text)?;
    let inputs = npz::read(folder.join("x.npz")).map_err(text)?;
    let on_device = |data| Tensor::from_data_on(data, device).map_err(text);
    let inputs: Vec<(String, Tensor)> =
        inputs.into_iter().map(|(k, v)| Ok((k, on_device(v)?))).collect::<Result<_, String>>()?;
    let outputs = if let [(_, only)] = inputs.as_slice() {
        model.predict_all_with(only, options).map_err(text)?
    } else {
        let inputs: indexmap::IndexMap<_, _> = inputs.into_iter().collect();
        model.predict_all_with(inputs, options).map_err(text)?
    };
    let names = model.output_names().map_err(text)?;
    let tolerance = case["tolerance"].as_f64().unwrap();
    for (name, wanted) in npz::read(folder.join(wanted)).map_err(text)? {
        let position =
            names.iter().rposition(|n| *n == name).ok_or_else(|| format!("no {name} in {names:?}"))?;
        compare(&name, &outputs[position], &wanted, tolerance)?;
    }
    Ok(())
}

fn numbers(folder: &Path, case: &Value, device: &Device, exact: bool) -> Checked {
    let model = open(folder, case).map_err(|e| chain(&e))?;
    if !fits(&model, device) {
        return Ok(());
    }
    model.to_device(device).map_err(|e| chain(&e))?;
    predicts(&model, folder, "y.npz", case, device, exact)
}

fn names_and_counts(folder: &Path, case: &Value) -> Checked {
    let model = open(folder, case).map_err(|e| chain(&e))?;
    let layers: Vec<String> = model.layers().iter().map(|l| l.name()).collect();
    if case["layer_names"].is_array() && serde_json::json!(layers) != case["layer_names"] {
        return Err(format!("layers {layers:?}, expected {}", case["layer_names"]));
    }
    let paths: Vec<Value> =
        model.weights().iter().map(|v| serde_json::json!([v.path(), v.shape()])).collect();
    if case["weight_paths"].is_array() && Value::Array(paths.clone()) != case["weight_paths"] {
        return Err(format!("weights {}, expected {}", Value::Array(paths), case["weight_paths"]));
    }
    let trained: Vec<String> = model.trainable_weights().iter().map(|v| v.path()).collect();
    if case["trainable_paths"].is_array() && serde_json::json!(trained) != case["trainable_paths"] {
        return Err(format!("trained {trained:?}, expected {}", case["trainable_paths"]));
    }
    let count = |variables: Vec<keras_rs::Variable>| -> usize {
        variables.iter().map(|v| v.shape().iter().product::<usize>()).sum()
    };
    let counts = serde_json::json!({
        "total": model.count_params(),
        "trainable": count(model.trainable_weights()),
        "non_trainable": count(model.non_trainable_weights()),
    });
    if case["params"].is_object() && counts != case["params"] {
        return Err(format!("{counts}, expected {}", case["params"]));
    }
    Ok(())
}

fn refused_by_name(folder: &Path, case: &Value) -> Checked {
    let reason = case["refuse"].as_str().unwrap();
    match open(folder, case) {
        Ok(_) => Err("was accepted".into()),
        Err(error) if reason == "misshapen" || chain(&error).contains(reason) => Ok(()),
        Err(error) => Err(format!("the error does not name {reason}: {}", chain(&error))),
    }
}

fn every_format_survives_a_round_trip(folder: &Path, case: &Value) -> Checked {
    let text = |e: keras_rs::Error| chain(&e);
    let directory = tempfile::tempdir().unwrap();
    let model = open(folder, case).map_err(text)?;
    let keras = directory.path().join("again.keras");
    model.save(&keras).map_err(text)?;
    let again = load_model(&keras).map_err(text)?;
    let device = &devices()[0];
    predict(&again, folder, case, device).map_err(|why| format!(".keras: {why}"))?;
    if again.compile_config() != model.compile_config() {
        return Err("the compile settings changed".into());
    }
    let fresh = keras_rs::model_from_json(&model.to_json()).map_err(text)?;
    for name in ["again.weights.h5", "again.safetensors"] {
        let path = directory.path().join(name);
        model.save_weights(&path).map_err(text)?;
        fresh.load_weights(&path).map_err(|e| format!("{name}: {}", chain(&e)))?;
        predict(&fresh, folder, case, device).map_err(|why| format!("{name}: {why}"))?;
    }
    Ok(())
}
