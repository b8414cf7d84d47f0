#![allow(clippy::unwrap_used, clippy::panic)]
use super::{TensorBoard, UpdateFreq};
use crate::callbacks::tensorboard::tests::{fixture, records};
use crate::optimizers::SGD;
use crate::prelude::*;
use crate::training::{Evaluate, Fit};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The fields of a message: number, and value or bytes.
fn fields(mut bytes: &[u8]) -> Vec<(u64, u64, &[u8])> {
    fn varint(bytes: &mut &[u8]) -> u64 {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let byte = bytes[0];
            *bytes = &bytes[1..];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        value
    }
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let length = match key & 7 {
            0 => {
                found.push((key >> 3, varint(&mut bytes), &bytes[..0]));
                continue;
            }
            1 => 8,
            2 => varint(&mut bytes) as usize,
            other => panic!("wire type {other}"),
        };
        found.push((key >> 3, 0, &bytes[..length]));
        bytes = &bytes[length..];
    }
    found
}

fn inside<'b>(bytes: &'b [u8], path: &[u64]) -> &'b [u8] {
    path.iter().fold(bytes, |bytes, number| fields(bytes).iter().find(|f| f.0 == *number).unwrap().2)
}

/// Tags with their plugin and steps, of all files in a folder.
fn tags(folder: &Path) -> Value {
    let mut tags: BTreeMap<String, (String, Vec<u64>)> = BTreeMap::new();
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    for event in files.iter().flat_map(|file| records(file).split_off(1)) {
        let step = fields(&event).iter().find(|field| field.0 == 2).map_or(0, |field| field.1);
        let value = inside(&event, &[5, 1]);
        let text = |path: &[u64]| String::from_utf8(inside(value, path).to_vec()).unwrap();
        tags.entry(text(&[1])).or_insert((text(&[9, 1, 1]), Vec::new())).1.push(step);
    }
    json!(tags)
}

fn board(folder: &Path, config: &Value) -> TensorBoard {
    let flag = |key: &str, default| config[key].as_bool().unwrap_or(default);
    let board = TensorBoard::new(folder)
        .write_graph(flag("write_graph", true))
        .write_steps_per_second(flag("write_steps_per_second", false))
        .histogram_freq(config["histogram_freq"].as_u64().unwrap_or(0) as usize);
    match &config["update_freq"] {
        Value::String(name) => board.update_freq(name.as_str()),
        Value::Number(n) => board.update_freq(UpdateFreq::Batches(n.as_u64().unwrap() as usize)),
        _ => board,
    }
}

#[test]
fn what_is_written_by_fits_is_what_keras_writes() {
    let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(fixture("fits.json")).unwrap()).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    // `tests/python/check_events.py` reads what is left where this variable says.
    let kept = std::env::var_os("KERAS_RS_WRITE_FORMATS");
    let root = kept.map_or(scratch.path().to_path_buf(), PathBuf::from).join("board");
    for case in &cases {
        let folder = root.join(case["name"].as_str().unwrap());
        let model = Sequential::new()
            .name("small")
            .add(Input::new([3]))
            .add(Dense::new(2).name("first"))
            .add(Dense::new(1).name("second"))
            .build()
            .unwrap();
        // Small, so that no random weights let the loss grow without bounds.
        model.compile(SGD::new(0.01), "mse", ["mae"]).unwrap();
        let ones = |width| Tensor::ones([10, width], DType::F32).unwrap();
        let number = |key: &str| case["fit"][key].as_u64().map(|n| n as usize);
        let mut fit = Fit::new().batch_size(4).epochs(number("epochs").unwrap()).verbose(0);
        if case["fit"]["validation"] == true {
            fit =
                fit.validation_data(ones(3), ones(1)).validation_freq(number("validation_freq").unwrap_or(1));
        }
        let mut board = board(&folder, &case["config"]);
        let fit = fit.initial_epoch(number("initial_epoch").unwrap_or(0)).callback(&mut board);
        model.fit(ones(3), ones(1), fit).unwrap();
        if case["evaluate"] == true {
            let again = Evaluate::new().batch_size(4).verbose(0).callback(&mut board);
            model.evaluate(ones(3), ones(1), again).unwrap();
        }
        let mut expected = case["runs"].clone();
        if case["name"] == "every_second" {
            // Keras drops what epochs show wherever their last batch is not one of those written.
            for run in ["train", "validation"] {
                for tag in ["epoch_loss", "epoch_mae", "epoch_learning_rate"] {
                    if expected[run][tag].is_array() {
                        expected[run][tag][1] = json!([0, 1, 2]);
                    }
                }
            }
            for tag in ["evaluation_loss_vs_iterations", "evaluation_mae_vs_iterations"] {
                expected["validation"][tag][1] = json!([3, 6, 9]);
            }
        }
        let runs: BTreeMap<String, Value> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|run| run.unwrap())
            .map(|run| (run.file_name().into_string().unwrap(), tags(&run.path())))
            .collect();
        assert_eq!(json!(runs), expected, "{}", case["name"]);
    }
}
