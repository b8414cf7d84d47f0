#![allow(clippy::unwrap_used, clippy::panic)]
use super::events::{self, Plugin, Value};
use super::histogram::buckets;
use super::records::{masked_crc, record};
use super::*;
use crate::prelude::*;
use std::path::{Path, PathBuf};

pub(super) fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/tensorboard").join(name)
}

/// The records of a file, whose checksums are held against their data.
pub(super) fn records(path: &Path) -> Vec<Vec<u8>> {
    let bytes = std::fs::read(path).unwrap();
    let mut rest = bytes.as_slice();
    let mut records = Vec::new();
    while !rest.is_empty() {
        let length = u64::from_le_bytes(rest[..8].try_into().unwrap()) as usize;
        let crc = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().unwrap());
        assert_eq!(crc(8), masked_crc(&rest[..8]));
        let data = &rest[12..12 + length];
        assert_eq!(crc(12 + length), masked_crc(data));
        records.push(data.to_vec());
        rest = &rest[16 + length..];
    }
    records
}

#[test]
fn checksums_are_those_of_the_format() {
    // CRC-32C of "123456789" is 0xe3069283 by its definition.
    assert_eq!(masked_crc(b"123456789"), 0xe306_9283_u32.rotate_right(15).wrapping_add(0xa282_ead8));
    let framed = record(b"abc");
    assert_eq!(framed.len(), 19);
    assert_eq!((&framed[..8], &framed[12..15]), (&[3, 0, 0, 0, 0, 0, 0, 0][..], &b"abc"[..]));
}

#[test]
fn bytes_are_those_that_tensorflow_writes() {
    let expected: serde_json::Value =
        serde_json::from_slice(&std::fs::read(fixture("events.json")).unwrap()).unwrap();
    let theirs = records(&fixture("events.v2"));
    let mut times = expected["times"].as_array().unwrap().iter().map(|t| t.as_f64().unwrap());
    // TensorFlow also says which program wrote the file.
    assert!(theirs[0].starts_with(&events::file_version(times.next().unwrap())));

    let text = |v: &serde_json::Value| v.as_str().unwrap().to_string();
    let graph = text(&expected["graph"]);
    let mut ours =
        vec![events::summary(times.next().unwrap(), 0, "keras", Plugin::KerasGraph, Value::Text(&graph))];
    let mut add = |plugin: Plugin, event: &serde_json::Value, value: Value<'_>| {
        let step = event[1].as_u64().unwrap();
        ours.push(events::summary(times.next().unwrap(), step, &text(&event[0]), plugin, value));
    };
    for event in expected["scalars"].as_array().unwrap() {
        add(Plugin::Scalars, event, Value::Scalar(event[2].as_f64().unwrap_or(f64::NAN) as f32));
    }
    for event in expected["histograms"].as_array().unwrap() {
        let values: Vec<f64> = event[2].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
        add(Plugin::Histograms, event, Value::Rows(&buckets(&values)));
    }
    for event in expected["texts"].as_array().unwrap() {
        add(Plugin::Text, event, Value::Text(&text(&event[2])));
    }
    assert_eq!(ours.len() + 1, theirs.len());
    for (i, (ours, theirs)) in ours.iter().zip(&theirs[1..]).enumerate() {
        assert_eq!(ours, theirs, "event {i}");
    }
}

#[test]
fn histograms_leave_out_what_is_not_finite() {
    let mixed = [f64::NAN, 1.0, f64::INFINITY, 4.0, f64::NEG_INFINITY];
    assert_eq!(buckets(&mixed), buckets(&[1.0, 4.0]));
    assert_eq!(buckets(&mixed)[29], [1.0 + 29.0 * 0.1, 4.0, 1.0]);
    assert_eq!(buckets(&[f64::NAN]), [[0.0; 3]; 30]);
    let count: f64 = buckets(&[0.0, 5e-324]).iter().map(|bucket| bucket[2]).sum();
    assert_eq!(count, 2.0);
}

#[test]
fn what_is_written_reads_back() {
    let scratch = tempfile::tempdir().unwrap();
    // `tests/python/check_events.py` reads what is left where this variable says.
    let kept = std::env::var_os("KERAS_RS_WRITE_FORMATS");
    let root = kept.map_or(scratch.path().to_path_buf(), PathBuf::from).join("events");
    let model = Sequential::new()
        .name("small")
        .add(Input::new([3]))
        .add(Dense::new(2).name("größe"))
        .add(Dense::new(1))
        .build()
        .unwrap();
    let mut train = EventWriter::create(root.join("train")).unwrap();
    train.keras_graph(&model.to_json()).unwrap();
    for step in 0..5 {
        train.scalar("epoch_loss", step, 1.0 / (step as f64 + 1.0)).unwrap();
        let values: Vec<f64> = (0..100).map(|i| f64::from(i) * (step + 1) as f64).collect();
        train.histogram("small/größe/kernel/histogram", step, &values).unwrap();
    }
    train.text("notes", 3, "# Ü\n*text*").unwrap();
    let mut validation = EventWriter::create(root.join("validation")).unwrap();
    validation.scalar("epoch_loss", 0, f64::NAN).unwrap();
    validation.scalar("epoch_loss", 1 << 40, -0.5).unwrap();
    let mut again = EventWriter::create(root.join("validation")).unwrap();
    again.scalar("evaluation_loss_vs_iterations", 7, 2.5).unwrap();
    assert_ne!(validation.path(), again.path());

    assert_eq!(records(validation.path()).len(), 1, "only what was flushed is in the file");
    validation.flush().unwrap();
    assert_eq!(records(validation.path()).len(), 3);
    let path = train.path().to_path_buf();
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("events.out.tfevents.") && name.ends_with(".v2"), "{name}");
    drop(train);
    assert_eq!(records(&path).len(), 13);
    assert!(records(&path)[0].ends_with(b"\x1a\x0dbrain.Event:2"));
}

#[test]
fn a_directory_that_cannot_be_made_is_an_error() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = EventWriter::create(file.join("logs")).unwrap_err();
    assert!(matches!(error, Error::Io { action: "create", .. }), "{error}");
}
