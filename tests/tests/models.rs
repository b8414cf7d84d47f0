//! Whole models saved by real Keras: numbers, names, counts, refusals, round trips.

use crate::support::{chain, compare, devices, fixture, json};
use keras_rs::{Device, LoadWeights, Model, Tensor, load_model, npz};
use serde_json::Value;
use std::path::Path;

/// Names of the folders that hold a case.
fn cases() -> Vec<String> {
    let only = std::env::var("CASE").unwrap_or_default();
    let mut names: Vec<String> = std::fs::read_dir(fixture("models"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(&only) && fixture(&format!("models/{name}/case.json")).exists())
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

fn check_all(check: impl Fn(&Path, &Value) -> Result<(), String>) {
    let mut failures = Vec::new();
    for name in cases() {
        let case = json(&format!("models/{name}/case.json"));
        if let Err(why) = check(&fixture(&format!("models/{name}")), &case) {
            failures.push(format!("{name}: {why}"));
        }
    }
    assert!(failures.is_empty(), "{} cases failed:\n{}", failures.len(), failures.join("\n"));
}

/// Whether a device has every data type that the model needs.
fn fits(model: &Model, device: &Device) -> bool {
    let inputs = model.inputs().unwrap_or_default();
    inputs.iter().all(|t| device.supports(t.dtype()))
        && model.weights().iter().all(|v| device.supports(v.dtype()))
}

fn predict(model: &Model, folder: &Path, case: &Value, device: &Device) -> Result<(), String> {
    let text = |e: keras_rs::Error| chain(&e);
    if !folder.join("x.npz").exists() || !fits(model, device) {
        return Ok(());
    }
    let inputs = npz::read(folder.join("x.npz")).map_err(text)?;
    let on_device = |data| Tensor::from_data_on(data, device).map_err(text);
    let inputs: Vec<(String, Tensor)> =
        inputs.into_iter().map(|(k, v)| Ok((k, on_device(v)?))).collect::<Result<_, String>>()?;
    let outputs = if let [(_, only)] = inputs.as_slice() {
        model.predict_all(only).map_err(text)?
    } else {
        model.predict_all(&inputs.into_iter().collect::<indexmap::IndexMap<_, _>>()).map_err(text)?
    };
    let names = model.output_names().map_err(text)?;
    let tolerance = case["tolerance"].as_f64().unwrap();
    for (name, wanted) in npz::read(folder.join("y.npz")).map_err(text)? {
        let place =
            names.iter().rposition(|n| *n == name).ok_or_else(|| format!("no {name} in {names:?}"))?;
        compare(&name, &outputs[place], &wanted, tolerance)?;
    }
    Ok(())
}

#[test]
fn numbers_are_kerass() {
    check_all(|folder, case| {
        if case.get("refuse").is_some() {
            return Ok(());
        }
        for device in devices() {
            let model = open(folder, case).map_err(|e| chain(&e))?;
            if !fits(&model, &device) {
                continue;
            }
            model.to_device(&device).map_err(|e| chain(&e))?;
            predict(&model, folder, case, &device)
                .map_err(|why| format!("on {}: {why}", device.backend()))?;
        }
        Ok(())
    });
}

#[test]
fn data_goes_to_where_the_weights_are() {
    let all = devices();
    let (first, second) = (all[0].clone(), all[all.len() - 1].clone());
    let model = load_model(fixture("models/sequential_input/model.keras")).unwrap();
    model.to_device(&second).unwrap();
    let x = npz::read(fixture("models/sequential_input/x.npz")).unwrap().swap_remove_index(0).unwrap().1;
    let x = Tensor::from_data_on(x, &first).unwrap();
    assert_eq!(*model.predict(&x).unwrap().device(), second);

    // Outside a model nothing moves: operands on two devices are an error, not a panic.
    if first != second {
        let layer = model.layers()[0].clone();
        assert!(chain(&layer.call(&[x]).unwrap_err()).contains("tensors on one device"));
    }
}

#[test]
fn names_and_counts_are_kerass() {
    check_all(|folder, case| {
        if case.get("refuse").is_some() {
            return Ok(());
        }
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
    });
}

#[test]
fn what_must_be_refused_is_refused_by_name() {
    check_all(|folder, case| {
        let Some(reason) = case["refuse"].as_str() else { return Ok(()) };
        match open(folder, case) {
            Ok(_) => Err("was accepted".into()),
            Err(error) if reason == "misshapen" || chain(&error).contains(reason) => Ok(()),
            Err(error) => Err(format!("the error does not name {reason}: {}", chain(&error))),
        }
    });
}

#[test]
fn every_format_survives_a_round_trip() {
    check_all(|folder, case| {
        if case.get("refuse").is_some() {
            return Ok(());
        }
        let text = |e: keras_rs::Error| chain(&e);
        let directory = tempfile::tempdir().unwrap();
        let model = open(folder, case).map_err(text)?;
        let keras = directory.path().join("again.keras");
        model.save(&keras).map_err(text)?;
        let again = load_model(&keras).map_err(text)?;
        let device = &devices()[0];
        predict(&again, folder, case, device).map_err(|why| format!(".keras: {why}"))?;
        if again.core().compile_config() != model.core().compile_config() {
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
    });
}
