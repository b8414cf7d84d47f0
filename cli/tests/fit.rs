//! `keras-rs fit`.

use super::run;
use indexmap::IndexMap;
use keras_rs::layers::{Dense, Input};
use keras_rs::{Sequential, TensorData, npz};
use std::path::Path;

/// A compiled model, and data for it.
fn prepare(folder: &Path) -> [String; 3] {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_string();
    let model = Sequential::new().add(Input::new([2])).add(Dense::new(1)).build().unwrap();
    model.compile("sgd", "mse", ["mae"]).unwrap();
    model.save(path("model.keras")).unwrap();
    let values = |count: usize| (0..count).map(|i| i as f32 / 20.0).collect::<Vec<_>>();
    let arrays = IndexMap::from([
        ("x".to_string(), TensorData::from_values(&values(40), vec![20, 2]).unwrap()),
        ("y".to_string(), TensorData::from_values(&values(20), vec![20, 1]).unwrap()),
    ]);
    npz::write(path("data.npz"), &arrays).unwrap();
    [path("model.keras"), path("data.npz"), path("out.keras")]
}

#[test]
fn progress_is_a_line_an_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let [model, data, out] = prepare(folder.path());
    let text = run(["fit", &model, &data, "-o", &out, "--epochs", "2", "--seed", "1"]).ok();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[0], lines[2]), (4, "Epoch 1/2", "Epoch 2/2"), "{text}");
    assert!(lines[1].starts_with("1/1 - ") && lines[1].contains(" - mae: "), "{text}");
    assert_eq!(run(["fit", &model, &data, "-o", &out, "--quiet"]).ok(), "");
}

#[test]
fn tensorboard_gets_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let [model, data, out] = prepare(folder.path());
    let logs = folder.path().join("logs");
    let logs = logs.to_str().unwrap();
    let split = ["--validation-split", "0.2", "--tensorboard", logs, "--quiet"];
    run(["fit", &model, &data, "-o", &out].into_iter().chain(split)).ok();
    for (run, tags) in [
        ("train", &["epoch_loss", "epoch_learning_rate", "sequential/dense/kernel/histogram", "keras"][..]),
        ("validation", &["epoch_loss", "epoch_mae", "evaluation_loss_vs_iterations"]),
    ] {
        let mut files = std::fs::read_dir(Path::new(logs).join(run)).unwrap();
        let bytes = std::fs::read(files.next().unwrap().unwrap().path()).unwrap();
        assert!(files.next().is_none());
        for tag in tags {
            let found = bytes.windows(tag.len()).any(|window| window == tag.as_bytes());
            assert!(found, "{tag} is not in the file of {run}");
        }
    }
}

#[test]
fn a_closed_pipe_does_not_end_training() {
    let folder = tempfile::tempdir().unwrap();
    let [model, data, out] = prepare(folder.path());
    let mut command = super::command();
    command.args(["fit", &model, &data, "-o", &out, "--epochs", "3"]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
    assert!(Path::new(&out).exists());
}

/// The fixture of the digits.
fn digits(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/training/digits");
    folder.join(file).to_str().unwrap().to_string()
}

#[test]
fn digits_are_learnt_well() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let (out, history, curves) = (path("out.keras"), path("history.json"), path("curves.svg"));
    let (model, training, test) = (digits("model.keras"), digits("train.npz"), digits("test.npz"));
    run([
        "fit",
        &model,
        &training,
        "--validation",
        &test,
        "--epochs",
        "10",
        "--seed",
        "1",
        "--quiet",
        "--history",
        &history,
        "--plot",
        &curves,
        "-o",
        &out,
    ])
    .ok();
    let logs = run(["evaluate", &out, &test, "--json"]).ok();
    let logs: IndexMap<String, f64> = serde_json::from_str(&logs).unwrap();
    assert!(logs["accuracy"] >= 0.97, "{logs:?}");
    let history: IndexMap<String, Vec<f64>> =
        serde_json::from_str(&std::fs::read_to_string(history).unwrap()).unwrap();
    assert_eq!(history["val_accuracy"].len(), 10);
    assert!(std::fs::read_to_string(curves).unwrap().contains("accuracy"));
    let text = run(["evaluate", &out, &test]).ok();
    assert!(text.starts_with("loss: ") && text.contains("\naccuracy: 0.9"), "{text}");
}

#[test]
fn what_cannot_be_trained_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let [model, data, out] = prepare(folder.path());
    assert!(run(["fit", &model, &data, "-o", "out.h5"]).fails(2).contains(".keras"));
    assert!(run(["fit", &model, &data, "-o", &out, "--epochs", "0"]).fails(2).contains("at least 1"));
    assert!(
        run(["fit", &model, &data, "-o", &out, "--loss", "msee"]).fails(1).contains("unknown loss \"msee\"")
    );
    assert!(run(["fit", &model, &data, "-o", &out, "--optimizer", "{"]).fails(2).contains("JSON"));
    assert!(
        run(["fit", &model, &data, "-o", &out, "--validation-split", "1.5"])
            .fails(1)
            .contains("validation_split")
    );
    assert!(run(["fit", &model, &digits("test.npz"), "-o", &out]).fails(1).contains("input"));
    assert!(run(["fit", &model, &data, "-o", &out, "--plot", "curves.gif"]).fails(2).contains(".svg"));
    let missing = folder.path().join("no/out.keras");
    assert!(run(["fit", &model, &data, "-o", missing.to_str().unwrap()]).fails(2).contains("no such folder"));
    assert!(run(["fit", &model, &data, "-o", &out, "--history", &data]).fails(2).contains("named twice"));
    assert!(!Path::new(&out).exists());
    let json = r#"{"class_name": "Adam", "config": {"learning_rate": 0.5}}"#;
    run([
        "fit",
        &model,
        &data,
        "-o",
        &out,
        "--quiet",
        "--optimizer",
        json,
        "--loss",
        "mae",
        "--metrics",
        "mse,mape",
    ])
    .ok();
    let logs = run(["evaluate", &out, &data, "--json"]).ok();
    assert!(["loss", "mse", "mape"].iter().all(|name| logs.contains(&format!("\"{name}\""))), "{logs}");
}
