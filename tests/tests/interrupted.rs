//! Trainings that are killed, and taken up again, against those that were not.

use keras_rs::callbacks::{BackupAndRestore, History, LambdaCallback, SaveFreq};
use keras_rs::layers::{BatchNormalization, Dense, Dropout, Input};
use keras_rs::optimizers::Adam;
use keras_rs::training::Fit;
use keras_rs::{Model, Sequential, Tensor, random};
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Names the folder in which the child trains, and tells after how many batches it saves.
const FOLDER: &str = "KERAS_RS_INTERRUPTED";
const EPOCHS: usize = 6;
/// Batches in an epoch.
const BATCHES: usize = 5;

/// Dropout with a seed and without, and statistics that are no trained weights.
fn model() -> Model {
    random::set_seed(11);
    let model = Sequential::new()
        .add(Input::new([3]))
        .add(Dense::new(8).activation("tanh"))
        .add(Dropout::new(0.3).seed(5))
        .add(BatchNormalization::new())
        .add(Dropout::new(0.2))
        .add(Dense::new(1))
        .build()
        .unwrap();
    model.compile(Adam::new(0.01), "mse", ["mae", "cosine_similarity"]).unwrap();
    model
}

fn data() -> (Tensor, Tensor) {
    let values = |count: usize, step: f32| (0..count).map(|i| (i as f32 * step).sin()).collect::<Vec<_>>();
    let x = Tensor::from_vec(values(44 * 3, 0.7), [44, 3]).unwrap();
    (x, Tensor::from_vec(values(44, 1.3), [44, 1]).unwrap())
}

fn note(path: &Path, line: &Value) {
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// Trains in a folder until it is done; every batch and epoch leaves a line.
fn train(folder: &Path, freq: SaveFreq) {
    let log = folder.join("log");
    let (batches, epochs) = (log.clone(), log.clone());
    let watch = LambdaCallback::new()
        .on_train_batch_begin(move |batch, _, _| {
            // The time of a real step, so that kills come within it.
            std::thread::sleep(Duration::from_millis(4));
            note(&batches, &json!({ "batch": batch }));
            Ok(())
        })
        .on_epoch_begin({
            let log = log.clone();
            move |epoch, _, _| {
                note(&log, &json!({ "begin": epoch }));
                Ok(())
            }
        })
        .on_epoch_end(move |epoch, logs, _| {
            note(&epochs, &json!({ "end": epoch, "logs": logs }));
            Ok(())
        });
    let model = model();
    let (x, y) = data();
    // The backup stays, as a kill may come between the end of training and the saving of the model.
    let backup = BackupAndRestore::new(folder.join("backup")).save_freq(freq).delete_checkpoint(false);
    // A seed that is drawn must come back as well.
    let fit = Fit::new().epochs(EPOCHS).batch_size(8).validation_split(0.1).verbose(0);
    let history = model.fit(&x, &y, fit.callback(watch).callback(backup)).unwrap();
    model.save(folder.join("model.keras")).unwrap();
    note(&log, &json!({ "done": history.epoch.len() }));
}

/// Runs as a process of its own, as what is drawn at random belongs to the process.
#[test]
#[ignore = "started by the tests below"]
fn child_trains() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let (folder, freq) = folder.rsplit_once(':').unwrap();
    let freq = freq.parse().map_or(SaveFreq::Epoch, SaveFreq::Batches);
    train(Path::new(folder), freq);
}

fn start(folder: &Path, freq: &str) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "interrupted::child_trains", "--ignored"])
        .env(FOLDER, format!("{}:{freq}", folder.display()))
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

fn log(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
    // A kill may leave a line that is cut short.
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The values of every epoch; those of an epoch that was done twice must be the same.
fn history(log: &[Value]) -> Vec<Value> {
    let mut epochs = vec![Value::Null; EPOCHS];
    for line in log {
        let Some(epoch) = line["end"].as_u64() else { continue };
        let known = &mut epochs[epoch as usize];
        assert!(known.is_null() || *known == line["logs"], "epoch {epoch}: {known}, then {}", line["logs"]);
        *known = line["logs"].clone();
    }
    epochs
}

/// Where each start of the process began, and how far the one before had come, in batches.
fn losses(log: &[Value], starts: &[usize]) -> Vec<usize> {
    let mut lost = Vec::new();
    let mut reached = 0;
    for part in starts.iter().zip(starts.iter().skip(1).chain([&log.len()])).map(|(a, b)| &log[*a..*b]) {
        let mut epoch = 0;
        let mut first = true;
        for line in part {
            if let Some(begun) = line["begin"].as_u64() {
                epoch = begun as usize;
            }
            if let Some(batch) = line["batch"].as_u64() {
                let at = epoch * BATCHES + batch as usize;
                if first {
                    lost.push(reached - at.min(reached));
                    first = false;
                }
                // This batch is about to be done.
                reached = at;
            }
        }
    }
    lost
}

fn weights(folder: &Path) -> Vec<Vec<f64>> {
    let model = keras_rs::load_model(folder.join("model.keras")).unwrap();
    let optimizer = model.optimizer().unwrap().variables().unwrap();
    model.weights().iter().chain(&optimizer).map(|v| v.value().unwrap().to_f64_vec().unwrap()).collect()
}

/// Kills trainings until so many kills hit; each must end like the one that is left alone.
fn kill(freq: &str, kills: usize, most_lost: usize) {
    let calm = tempfile::tempdir().unwrap();
    let calm = calm.path();
    let begin = std::time::Instant::now();
    assert!(start(calm, freq).wait().unwrap().success());
    let whole = begin.elapsed();
    let (expected, wanted) = (history(&log(calm)), weights(calm));
    assert!(expected.iter().all(|epoch| epoch.is_object()));

    let (mut hits, mut round) = (0_u32, 0_u32);
    while (hits as usize) < kills {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let mut starts = vec![0];
        loop {
            let mut child = start(folder, freq);
            // Moments that no clock has in common, over the length of a training; then it may end.
            round += 1;
            let part = f64::from(round % 17) / 17.0 + f64::from(round % 23) / 230.0;
            let patient = starts.len() > 4;
            if !patient {
                std::thread::sleep(whole.mul_f64(part.min(0.98)));
                child.kill().unwrap();
            }
            let status = child.wait().unwrap();
            if status.success() {
                break;
            }
            assert!(!patient, "{status}");
            hits += 1;
            starts.push(log(folder).len());
        }
        let log = log(folder);
        assert_eq!(history(&log), expected);
        assert_eq!(weights(folder), wanted);
        let lost = losses(&log, &starts);
        assert!(lost.iter().all(|lost| *lost <= most_lost), "{lost:?} batches lost, at most {most_lost}");
    }
}

#[test]
fn killed_trainings_lose_no_more_than_an_epoch() {
    kill("epoch", 25, BATCHES);
}

#[test]
fn killed_trainings_lose_no_more_than_some_batches() {
    kill("2", 25, 2);
}

/// A model with one of every kind of metric that remembers, and data for it.
fn measured() -> (Model, Tensor, Tensor) {
    let model = Sequential::new()
        .add(Input::new([3]))
        .add(Dense::new(8).activation("tanh"))
        .add(Dropout::new(0.3).seed(5))
        .add(Dense::new(1).activation("sigmoid"))
        .build()
        .unwrap();
    let metrics = ["mae", "auc", "precision", "r2_score", "FBetaScore", "BinaryIoU", "TruePositives"];
    model.compile(Adam::new(0.01), "binary_crossentropy", metrics).unwrap();
    let (x, y) = data();
    let y = y.greater(&y.full_like([1], 0.0).unwrap()).unwrap().cast(keras_rs::DType::F32).unwrap();
    (model, x, y)
}

/// Interrupts a training before every batch, one after the other, and goes on each time.
fn interrupt_everywhere(arguments: impl Fn() -> Fit<'static>) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (first, x, y) = measured();
    first.save(folder.join("first.keras")).unwrap();
    let model = || keras_rs::load_model(folder.join("first.keras")).unwrap();
    let values = |model: &Model| -> Vec<Vec<f64>> {
        model.weights().iter().map(|v| v.value().unwrap().to_f64_vec().unwrap()).collect()
    };
    let calm = model();
    let expected = calm.fit(&x, &y, arguments()).unwrap();
    let mut epochs = 0;
    for after in 1.. {
        let mut count = 0;
        let fail = LambdaCallback::new().on_train_batch_begin(move |_, _, _| {
            count += 1;
            let failure = keras_rs::Error::argument("power", "supply", "some", "none");
            if count > after { Err(failure) } else { Ok(()) }
        });
        let backup = || BackupAndRestore::new(folder.join("backup")).save_freq(1);
        if model().fit(&x, &y, arguments().callback(fail).callback(backup())).is_ok() {
            break;
        }
        let resumed = model();
        let history = resumed.fit(&x, &y, arguments().callback(backup())).unwrap();
        assert_eq!(values(&resumed), values(&calm), "after {after} batches");
        for (name, values) in &history.history {
            assert_eq!(*values, expected[name.as_str()][history.epoch[0]..], "{name} after {after} batches");
        }
        epochs += history.epoch.len();
    }
    assert!(epochs > 10);
}

#[test]
fn every_batch_is_a_place_to_go_on_from() {
    interrupt_everywhere(|| Fit::new().epochs(3).batch_size(8).seed(3).verbose(0));
}

#[test]
fn every_batch_is_a_place_to_go_on_from_where_epochs_are_shorter_than_the_data() {
    // 6 batches of data in epochs of 4 and 2.
    interrupt_everywhere(|| Fit::new().epochs(5).batch_size(8).steps_per_epoch(4).seed(3).verbose(0));
}

#[test]
fn a_history_is_that_of_the_epochs_since() {
    let folder = tempfile::tempdir().unwrap();
    let model = model();
    let (x, y) = data();
    let fit = |epochs: usize| {
        let backup = BackupAndRestore::new(folder.path().join("backup")).delete_checkpoint(false);
        Fit::new().epochs(epochs).seed(1).verbose(0).callback(backup)
    };
    let first: History = model.fit(&x, &y, fit(2)).unwrap();
    let second = model.fit(&x, &y, fit(5)).unwrap();
    assert_eq!((first.epoch, second.epoch), (vec![0, 1], vec![2, 3, 4]));
    assert!(model.fit(&x, &y, fit(5)).unwrap().epoch.is_empty());
}

#[test]
fn a_damaged_backup_is_followed_by_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    let (x, y) = data();
    let fit = |epochs: usize, double: bool| {
        let callback = BackupAndRestore::new(&backup).double_checkpoint(double).delete_checkpoint(false);
        Fit::new().epochs(epochs).seed(1).verbose(0).callback(callback)
    };
    model().fit(&x, &y, fit(3, true)).unwrap();
    let names = || {
        let entries = std::fs::read_dir(&backup).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let both = [
        "latest-2.weights.h5",
        "latest-3.weights.h5",
        "training_metadata.json",
        "training_metadata.json.bkp",
    ];
    assert_eq!(names(), both);
    let newest = std::fs::read(backup.join(both[1])).unwrap();
    std::fs::write(backup.join(both[1]), &newest[..newest.len() / 2]).unwrap();
    assert_eq!(model().fit(&x, &y, fit(3, true)).unwrap().epoch, [2]);

    // Both: an error, and not a training from the beginning.
    std::fs::write(backup.join(both[2]), "{").unwrap();
    std::fs::write(backup.join(both[3]), "{}").unwrap();
    assert!(matches!(model().fit(&x, &y, fit(3, true)), Err(keras_rs::Error::Format { .. })));
    // A name that leads elsewhere is not followed.
    std::fs::write(backup.join(both[2]), r#"{"weights": "../latest-1.weights.h5"}"#).unwrap();
    std::fs::remove_file(backup.join(both[3])).unwrap();
    assert!(matches!(model().fit(&x, &y, fit(3, true)), Err(keras_rs::Error::Format { .. })));
}

#[test]
fn a_backup_goes_when_training_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    let (x, y) = data();
    let fit = || Fit::new().epochs(2).verbose(0).callback(BackupAndRestore::new(&backup));
    model().fit(&x, &y, fit()).unwrap();
    assert!(!backup.exists());
    std::fs::create_dir(&backup).unwrap();
    std::fs::write(backup.join("notes.txt"), "mine").unwrap();
    model().fit(&x, &y, fit()).unwrap();
    let left: Vec<_> = std::fs::read_dir(&backup).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["notes.txt"]);
}
