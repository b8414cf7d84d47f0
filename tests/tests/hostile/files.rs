//! Files of the corpus, and damaged copies of files that Keras saved, opened as models.

use super::{Checks, use_model};
use crate::support::fixture;
use keras_rs::{LoadWeights, Model, load_model, prelude::*};
use keras_rs_tests::hostile::{committed, damaged};
use std::path::Path;

/// Damaged copies of each file.
const COPIES: usize = 40;

const HONEST: [&str; 12] = [
    "format_keras/model.keras",
    "functional_branches/model.keras",
    "nested_two_levels/model.keras",
    "separable_net/model.keras",
    "compiled/model.keras",
    "format_legacy_h5_compiled/model.h5",
    "keras2_functional/model.h5",
    "keras2_nested_functional/model.h5",
    "keras2_sequential/model.h5",
    "keras2_shared/model.h5",
    "legacy_many_names/weights.h5",
    "keras2_json/model.json",
];

pub(super) fn check() {
    let mut checks = Checks::start();
    let directory = tempfile::tempdir().unwrap();
    let target = Sequential::new().add(Input::new([4])).add(Dense::new(3)).build().unwrap();
    for case in committed() {
        let path = directory.path().join(&case.name);
        std::fs::write(&path, &case.bytes).unwrap();
        checks.case(&case.name, || open(&path, &target));
    }
    for name in HONEST {
        let honest = std::fs::read(fixture(&format!("models/{name}"))).unwrap();
        let file = name.split('/').next_back().unwrap();
        let path = directory.path().join(file);
        std::fs::write(&path, &honest).unwrap();
        // A file of weights alone is loaded into another model's layers, as far as names agree.
        let target = load_model(&path).unwrap_or_else(|_| target.clone());
        for case in damaged(name, &honest, COPIES * super::child::scale(), 7) {
            std::fs::write(&path, &case.bytes).unwrap();
            checks.case(&case.name, || open(&path, &target));
        }
    }
    checks.finish();
}

/// Opens a file as a model and as weights of another model.
fn open(path: &Path, target: &Model) {
    if let Ok(model) = load_model(path) {
        use_model(&model);
    }
    let _ = target.load_weights(path);
    let options = LoadWeights::new().by_name(true).skip_mismatch(true);
    let _ = target.load_weights_with(path, &options);
}
