//! Whole `fit` runs against real Keras: histories, evaluations and all variables afterwards.

use crate::support::{Tensors, chain, compare, fixture, json};
use crate::{Checked, on_backends};
use indexmap::IndexMap;
use keras_rs::data::{Batch, Batches, npz_columns};
use keras_rs::training::{ClassWeight, Evaluate, Fit};
use keras_rs::{Device, Model, TensorData, load_model, npz};
use libtest_mimic::Trial;
use serde_json::Value;

pub fn trials() -> Vec<Trial> {
    let cases = folders("training/fits").into_iter();
    cases
        .flat_map(|case| on_backends(&format!("fits::{case}"), &[], move |device| run(&case, device)))
        .collect()
}

/// The folders in a folder of the fixtures that hold a case.
pub fn folders(of: &str) -> Vec<String> {
    let mut cases: Vec<String> = std::fs::read_dir(fixture(of))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("case.json").exists())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

/// Whole networks are held to this, relative to the largest value of a kind.
const TOLERANCE: f64 = 1e-4;

/// Training data, and validation data where there is some.
pub fn data(folder: &str) -> (Batch, Option<Batch>) {
    let arrays = npz::read(fixture(&format!("{folder}/data.npz"))).unwrap();
    let mut validation: IndexMap<String, TensorData> = IndexMap::new();
    let mut training: IndexMap<String, TensorData> = IndexMap::new();
    for (name, array) in arrays {
        match name.strip_prefix("val_") {
            Some(rest) => drop(validation.insert(rest.to_string(), array)),
            None => drop(training.insert(name, array)),
        }
    }
    let batch = |arrays| {
        let (x, y, sample_weight) = npz_columns(arrays).unwrap();
        Batch { x, y, sample_weight }
    };
    (batch(training), (!validation.is_empty()).then(|| batch(validation)))
}

fn number(arguments: &Value, key: &str) -> Option<usize> {
    arguments.get(key).and_then(Value::as_u64).map(|n| n as usize)
}

/// The arguments of `fit` as the case has them.
pub fn arguments(fit: &Value, validation: Option<Batch>) -> Fit<'static> {
    let mut options = Fit::new().verbose(0).shuffle(false);
    for (key, value) in fit.as_object().unwrap().iter().filter(|(_, value)| !value.is_null()) {
        let n = || value.as_u64().unwrap() as usize;
        options = match key.as_str() {
            "epochs" => options.epochs(n()),
            "batch_size" => options.batch_size(n()),
            "initial_epoch" => options.initial_epoch(n()),
            "steps_per_epoch" => options.steps_per_epoch(n()),
            "validation_steps" => options.validation_steps(n()),
            "validation_batch_size" => options.validation_batch_size(n()),
            "validation_freq" => match value.as_array() {
                Some(epochs) => options
                    .validation_freq(epochs.iter().map(|e| e.as_u64().unwrap() as usize).collect::<Vec<_>>()),
                None => options.validation_freq(n()),
            },
            "class_weight" => {
                let weights = value.as_object().unwrap().iter();
                options.class_weight(ClassWeight::from(
                    weights.map(|(k, v)| (k.parse().unwrap(), v.as_f64().unwrap())),
                ))
            }
            // Splitting is done before, as the data comes in one piece.
            "validation_split" | "shuffle" | "verbose" => options,
            other => panic!("argument {other} of fit"),
        };
    }
    match validation {
        Some(batch) => options.validation_dataset(Batches::from_batch(batch).unwrap()),
        None => options,
    }
}

pub fn near(what: &str, got: f64, want: f64) -> Checked {
    let close = (got - want).abs() <= TOLERANCE * want.abs().max(1.0) || (got.is_nan() && want.is_nan());
    if close { Ok(()) } else { Err(format!("{what}: {got}, expected {want}")) }
}

fn keys(what: &str, got: Vec<&String>, want: &Value) -> Checked {
    let (mut got, mut want): (Vec<&String>, Vec<&String>) = (got, want.as_object().unwrap().keys().collect());
    got.sort();
    want.sort();
    if got == want { Ok(()) } else { Err(format!("{what} has {got:?}, expected {want:?}")) }
}

fn run(case: &str, device: &Device) -> Checked {
    let folder = format!("training/fits/{case}");
    let model = load_model(fixture(&format!("{folder}/model.keras"))).map_err(|e| chain(&e))?;
    model.to_device(device).map_err(|e| chain(&e))?;
    trained(&model, &folder, &json(&format!("{folder}/case.json")))
}

/// Trains and evaluates a folder's model as its case says, and compares everything that came of it.
pub fn trained(model: &Model, folder: &str, expected: &Value) -> Checked {
    let say = |e: keras_rs::Error| chain(&e);
    let (mut training, mut validation) = data(folder);
    let all = training.clone();
    if let Some(split) = expected["fit"].get("validation_split").and_then(Value::as_f64)
        && validation.is_none()
    {
        let (first, last) = training.split(split).map_err(say)?;
        (training, validation) = (first, Some(last));
    }
    let options = crate::fit_callbacks::add(arguments(&expected["fit"], validation), &expected["callbacks"]);
    let history = model.fit_dataset(Batches::from_batch(training).map_err(say)?, options).map_err(say)?;
    keys("the history", history.history.keys().collect(), &expected["history"])?;
    for (name, want) in expected["history"].as_object().unwrap() {
        let (got, want) = (&history[name.as_str()], want.as_array().unwrap());
        if got.len() != want.len() {
            return Err(format!("{name} has {} values, expected {}", got.len(), want.len()));
        }
        for (epoch, (got, want)) in got.iter().zip(want).enumerate() {
            near(&format!("{name} of epoch {epoch}"), *got, want.as_f64().unwrap_or(f64::NAN))?;
        }
    }
    let epochs: Vec<u64> = history.epoch.iter().map(|e| *e as u64).collect();
    if Value::from(epochs.clone()) != expected["epoch"] {
        return Err(format!("epochs {epochs:?}, expected {}", expected["epoch"]));
    }
    evaluated(model, all, expected)?;
    variables(folder, model, expected)
}

fn evaluated(model: &Model, data: Batch, expected: &Value) -> Checked {
    let mut options = Evaluate::new().verbose(0);
    if let Some(size) = number(&expected["evaluate"], "batch_size") {
        options = options.batch_size(size);
    }
    if let Some(steps) = number(&expected["evaluate"], "steps") {
        options = options.steps(steps);
    }
    let logs = model.evaluate_dataset(Batches::from_batch(data).unwrap(), options).map_err(|e| chain(&e))?;
    keys("evaluate", logs.keys().collect(), &expected["evaluated"])?;
    for (name, want) in expected["evaluated"].as_object().unwrap() {
        near(&format!("evaluated {name}"), logs[name], want.as_f64().unwrap_or(f64::NAN))?;
    }
    let names = Value::from(model.metrics_names().map_err(|e| chain(&e))?);
    if names == expected["metrics_names"] {
        return Ok(());
    }
    Err(format!("metrics_names {names}, expected {}", expected["metrics_names"]))
}

pub fn variables(folder: &str, model: &Model, expected: &Value) -> Checked {
    let tensors = Tensors::open(&format!("{folder}/final.safetensors"));
    let weights = model.weights();
    for variable in expected["variables"].as_array().unwrap() {
        let path = variable["path"].as_str().unwrap();
        let Some(want) = tensors.get(path) else { continue };
        let Some(found) = weights.iter().find(|v| v.path() == path) else {
            // The state of seed generators is no weight here.
            if path.contains("seed_generator") {
                continue;
            }
            return Err(format!("no variable {path}"));
        };
        compare(path, &found.value().unwrap(), &want, TOLERANCE)?;
    }
    let state = model.optimizer().and_then(|o| o.variables()).map_err(|e| chain(&e))?;
    let listed = expected["optimizer"].as_array().unwrap();
    if state.len() != listed.len() {
        let got: Vec<String> = state.iter().map(|v| v.path()).collect();
        return Err(format!("optimizer variables {got:?}, expected {} of them", listed.len()));
    }
    for (i, (variable, listed)) in state.iter().zip(listed).enumerate() {
        let want = tensors.expect(&format!("optimizer/{i}"));
        let got = variable.value().unwrap().cast(want.dtype()).unwrap();
        compare(&format!("optimizer variable {}", listed["path"]), &got, &want, TOLERANCE)?;
        // Where Keras forgets the optimizer's name, ours stands before it.
        if !variable.path().ends_with(listed["path"].as_str().unwrap()) {
            return Err(format!("optimizer variable {}, expected {}", variable.path(), listed["path"]));
        }
    }
    Ok(())
}
