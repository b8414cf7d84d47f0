#![allow(clippy::unwrap_used)]

use super::*;
use crate::models::Model;
use std::path::PathBuf;

fn fixture(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures").join(file)
}

fn totals(file: &str) -> (FileFormat, usize, usize) {
    let contents = inspect(fixture(file)).unwrap();
    (contents.format, contents.variables.iter().filter(|v| v.of_optimizer).count(), contents.count_params())
}

/// The number of parameters that Keras counted.
fn expected(case: &str) -> usize {
    let text = std::fs::read_to_string(fixture(&format!("models/{case}/expected.json"))).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    value["total"].as_u64().unwrap() as usize
}

#[test]
fn parameters_are_those_of_keras_in_every_format() {
    let params = expected("format_keras");
    assert_eq!(totals("models/format_keras/model.keras"), (FileFormat::Keras, 0, params));
    let params = expected("format_legacy_h5");
    assert_eq!(totals("models/format_legacy_h5/model.h5"), (FileFormat::LegacyH5, 0, params));
    let params = expected("format_weights_h5");
    assert_eq!(totals("models/format_weights_h5/model.weights.h5"), (FileFormat::WeightsH5, 0, params));
    assert_eq!(totals("models/format_weights_h5/model.json"), (FileFormat::Architecture, 0, 0));
}

#[test]
fn layers_are_named() {
    for file in ["models/format_keras/model.keras", "models/format_legacy_h5/model.h5"] {
        let contents = inspect(fixture(file)).unwrap();
        let model = crate::load_model(fixture(file)).unwrap();
        let mut layers = model.layers();
        let inside: Vec<_> = layers.iter().filter_map(Model::from_layer).flat_map(|m| m.layers()).collect();
        layers.extend(inside);
        let layers: Vec<String> = layers.iter().map(|layer| layer.name()).collect();
        for variable in &contents.variables {
            assert!(layers.contains(variable.layer.as_ref().unwrap()), "{variable:?}");
        }
        assert_eq!(contents.model_name(), Some(model.name().as_str()));
        assert!(contents.metadata["keras_version"].starts_with("3."));
    }
}

#[test]
fn compile_settings_and_state() {
    let contents = inspect(fixture("models/format_legacy_h5_compiled/model.h5")).unwrap();
    assert!(contents.compile_config.as_ref().unwrap().get("loss").is_some());
    assert!(contents.training_problems.is_empty(), "{:?}", contents.training_problems);
    assert!(contents.variables.iter().any(|v| v.of_optimizer));
}

#[test]
fn what_is_not_known_is_a_problem_and_no_error() {
    for case in ["custom_class_refused", "custom_function_refused", "lambda_refused"] {
        let contents = inspect(fixture(&format!("models/{case}/model.keras"))).unwrap();
        assert_eq!(contents.problems.len(), 1, "{case}");
        assert!(!contents.layer_classes().is_empty());
    }
}

/// Whatever a hostile file does, it ends soon, in an error or in a table of contents.
#[test]
fn hostile_files_end() {
    let mut errors = 0;
    for entry in std::fs::read_dir(fixture("hostile")).unwrap() {
        errors += usize::from(inspect(entry.unwrap().path()).is_err());
    }
    assert!(errors > 10, "{errors}");
    let contents = inspect(fixture("hostile/model_weights_missing.h5")).unwrap();
    assert!(contents.problems[0].to_string().contains("model_weights"), "{:?}", contents.problems);
}

#[test]
fn every_byte_that_is_cut_off_is_missed() {
    let directory = tempfile::tempdir().unwrap();
    for (file, name) in [
        ("models/format_keras/model.keras", "cut.keras"),
        ("models/format_legacy_h5/model.h5", "cut.h5"),
        ("formats/types.safetensors", "cut.safetensors"),
    ] {
        let whole = std::fs::read(fixture(file)).unwrap();
        for part in [1, 3, 5, 7] {
            let path = directory.path().join(name);
            std::fs::write(&path, &whole[..whole.len() * part / 8]).unwrap();
            let error = inspect(&path).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
