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
