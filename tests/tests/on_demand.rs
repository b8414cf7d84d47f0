//! Weights that stay in their file until something needs them.

use keras_rs::prelude::*;
use keras_rs::{LoadWeights, load_model_on_demand};
use std::path::Path;

/// A model with weights of 64 KiB and more, and smaller ones.
fn model() -> Model {
    let layers =
        Sequential::new().add(Input::new([128])).add(Dense::new(256).activation("relu")).add(Dense::new(3));
    layers.build().unwrap()
}

fn numbers(model: &Model) -> Vec<Vec<f32>> {
    model.get_weights().unwrap().iter().map(|weight| weight.to_vec::<f32>().unwrap()).collect()
}

fn predicted(model: &Model) -> Vec<f32> {
    let x = Tensor::from_vec((0..2 * 128).map(|i| (i as f32).sin()).collect(), [2, 128]).unwrap();
    model.predict(&x).unwrap().to_vec::<f32>().unwrap()
}

fn weights_on_demand(path: &Path) -> Model {
    let other = model();
    other.load_weights_with(path, &LoadWeights::new().on_demand(true)).unwrap();
    other
}

#[test]
fn every_kind_of_file_gives_its_weights() {
    let directory = tempfile::tempdir().unwrap();
    let saved = model();
    for name in ["a.keras", "a.weights.h5"] {
        let path = directory.path().join(name);
        if name == "a.weights.h5" { saved.save_weights(&path) } else { saved.save(&path) }.unwrap();
        let other = weights_on_demand(&path);
        assert_eq!(predicted(&other), predicted(&saved), "{name}");
        assert_eq!(numbers(&other), numbers(&saved), "{name}");
        if name != "a.weights.h5" {
            let again = load_model_on_demand(&path, &CustomObjects::new()).unwrap();
            assert_eq!(numbers(&again), numbers(&saved), "{name}");
        }
    }
}

#[test]
fn a_file_that_is_removed_or_replaced_is_still_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.keras");
    let (saved, other) = (model(), model());
    saved.save(&path).unwrap();
    let first = load_model_on_demand(&path, &CustomObjects::new()).unwrap();
    other.save(&path).unwrap();
    let second = load_model_on_demand(&path, &CustomObjects::new()).unwrap();
    // Onto its own file.
    second.save(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(numbers(&first), numbers(&saved));
    assert_eq!(numbers(&second), numbers(&other));
}

#[test]
fn a_file_that_is_written_to_is_an_error_and_what_was_read_stays() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.weights.h5");
    let saved = model();
    saved.save_weights(&path).unwrap();
    let (read, unread) = (weights_on_demand(&path), weights_on_demand(&path));
    assert_eq!(numbers(&read), numbers(&saved));
    // In place, as `std::fs::write` does it; the time of the change has moved on.
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    assert_eq!(numbers(&read), numbers(&saved));
    let error = unread.get_weights().unwrap_err();
    assert!(matches!(error, Error::Format { .. }), "{error}");
    assert!(error.to_string().contains("changed since"), "{error}");
    let x = Tensor::ones([1, 128], DType::F32).unwrap();
    let error = unread.predict(&x).unwrap_err();
    assert!(format!("{error:?}").contains("changed since"), "{error:?}");
    // The model is of use again once it has weights.
    unread.set_weights(saved.get_weights().unwrap()).unwrap();
    assert_eq!(predicted(&unread), predicted(&saved));
}

#[test]
fn a_file_that_ends_early_is_refused_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.weights.h5");
    let saved = model();
    saved.save_weights(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    for length in [bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..length]).unwrap();
        let other = model();
        let before = numbers(&other);
        let plain = other.load_weights(&path).is_err();
        let late = other.load_weights_with(&path, &LoadWeights::new().on_demand(true)).is_err();
        assert_eq!(plain, late, "{length} of {} bytes", bytes.len());
        if plain {
            assert_eq!(numbers(&other), before);
        }
    }
}
