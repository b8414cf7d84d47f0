//! Training cut short, saved, and taken up again: here, and from Python.

use crate::fits::{arguments, data, near, variables};
use crate::support::{chain, devices, fixture, json};
use keras_rs::callbacks::History;
use keras_rs::data::Batches;
use keras_rs::{Model, load_model};
use serde_json::Value;

/// Whether the losses and metrics of epochs `from..` are those of the uninterrupted training.
fn follows(history: &History, expected: &Value, from: usize) -> Result<(), String> {
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
fn from_python(name: &str, device: &keras_rs::Device) -> Result<(), String> {
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
fn from_here(name: &str, device: &keras_rs::Device) -> Result<(), String> {
    let folder = format!("training/resume/{name}");
    let start = fixture(&format!("{folder}/start.keras"));
    if !start.exists() {
        return Ok(());
    }
    let case = json(&format!("{folder}/case.json"));
    let say = |e: keras_rs::Error| chain(&e);
    let uses_averages = case["optimizer"].to_string().contains("average");
    if uses_averages {
        // The end of `fit` sets the weights to the averages, here as in Keras.
        return Ok(());
    }
    let model = load_model(&start).map_err(say)?;
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

#[test]
fn training_goes_on_where_it_was_cut() {
    let mut failures = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(fixture("training/resume")).unwrap() {
        let entry = entry.unwrap();
        if !entry.path().join("case.json").exists() {
            continue;
        }
        let name = entry.file_name().into_string().unwrap();
        for device in devices() {
            count += 1;
            for (what, result) in
                [("from Python", from_python(&name, &device)), ("from here", from_here(&name, &device))]
            {
                if let Err(why) = result {
                    failures.push(format!("{name} {what} on {}: {why}", device.backend()));
                }
            }
        }
    }
    assert!(count >= 10);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
