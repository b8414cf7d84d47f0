//! Training cut short, saved, and taken up again: here, and from Python.

use crate::fits::{arguments, data, folders, near, variables};
use crate::support::{chain, fixture, json};
use crate::{Checked, on_backends};
use keras_rs::callbacks::History;
use keras_rs::data::Batches;
use keras_rs::{Model, load_model};
use libtest_mimic::Trial;
use serde_json::Value;

pub fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for name in folders("training/resume") {
        let case = name.clone();
        trials.extend(on_backends(&format!("resume::{name}::from_python"), &[], move |d| {
            from_python(&case, d)
        }));
        // The end of `fit` sets the weights to the averages, here as in Keras, so nothing is left to go on from.
        let averages =
            json(&format!("training/resume/{name}/case.json"))["optimizer"].to_string().contains("average");
        if !averages && fixture(&format!("training/resume/{name}/start.keras")).exists() {
            let case = name.clone();
            trials.extend(on_backends(&format!("resume::{name}::from_here"), &[], move |d| {
                from_here(&case, d)
            }));
        }
    }
    trials
}

/// Whether the losses and metrics of epochs `from..` are those of the uninterrupted training.
fn follows(history: &History, expected: &Value, from: usize) -> Checked {
    for (name, want) in expected.as_object().unwrap() {
        let want = &want.as_array().unwrap()[from..];
        let got = &history[name.as_str()];
        if got.len() != want.len() {
            return Err(format!("{name}: {} epochs, expected {}", got.len(), want.len()));
        }
        for (epoch, (got, want)) in got.iter().zip(want).enumerate() {
            near(&format!("{name} of epoch {}", from + epoch), *got, want.as_f64().unwrap())?;
        }
    }
    Ok(())
}

fn go_on(model: &Model, case: &Value, folder: &str, from: usize, to: usize) -> Result<History, String> {
    let (training, _) = data(folder);
    let options = arguments(&case["fit"], None).initial_epoch(from).epochs(to);
    model.fit_dataset(Batches::from_batch(training).unwrap(), options).map_err(|e| chain(&e))
}

/// What Keras saved after three epochs goes on here on the same curve.
fn from_python(name: &str, device: &keras_rs::Device) -> Checked {
    let folder = format!("training/resume/{name}");
    let case = json(&format!("{folder}/case.json"));
    let model = load_model(fixture(&format!("{folder}/saved.keras"))).map_err(|e| chain(&e))?;
    model.to_device(device).map_err(|e| chain(&e))?;
    let history = go_on(&model, &case, &folder, 3, 6)?;
    // Where Keras itself loses something by saving, its own resumed run is the measure.
    match case.get("resumed").filter(|resumed| resumed.is_object()) {
        Some(resumed) => {
            let length =
                resumed.as_object().unwrap().values().next().map_or(0, |v| v.as_array().unwrap().len());
            follows(&history, resumed, length - 3)
        }
        None => {
            follows(&history, &case["history"], 3)?;
            variables(&folder, &model, &case)
        }
    }
}

/// The same, cut and saved here.
fn from_here(name: &str, device: &keras_rs::Device) -> Checked {
    let folder = format!("training/resume/{name}");
    let case = json(&format!("{folder}/case.json"));
    let say = |e: keras_rs::Error| chain(&e);
    let model = load_model(fixture(&format!("{folder}/start.keras"))).map_err(say)?;
    model.to_device(device).map_err(say)?;
    go_on(&model, &case, &folder, 0, 3)?;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cut.keras");
    model.save(&path).map_err(say)?;
    let again = load_model(&path).map_err(say)?;
    again.to_device(device).map_err(say)?;
    let history = go_on(&again, &case, &folder, 3, 6)?;
    follows(&history, &case["history"], 3)?;
    variables(&folder, &again, &case)
}
