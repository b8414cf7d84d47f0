#![allow(clippy::unwrap_used)]
use super::*;
use crate::load_model as open_model;
use crate::prelude::{Dense, Input, Sequential};
use std::path::PathBuf;

fn hostile(kind: &str) -> PathBuf {
    let name = format!("../tests/fixtures/hostile/model_weights_{kind}.h5");
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[test]
fn a_whole_model_without_its_weights_is_an_error() {
    for (kind, got) in [
        ("missing", "none, or a link, which is not followed"),
        ("dataset", "a dataset"),
        ("external", "none, or a link, which is not followed"),
        ("soft", "none, or a link, which is not followed"),
    ] {
        let error = open_model(hostile(kind)).map(|_| ()).unwrap_err();
        assert!(matches!(error, Error::Format { .. }), "{kind}: {error}");
        let text = error.to_string();
        assert!(text.contains(&format!("model_weights_{kind}.h5")), "{text}");
        assert!(text.ends_with(&format!("expected a group \"model_weights\", got {got}")), "{text}");
    }
}

#[test]
fn weights_of_a_file_without_any_are_an_error() {
    let model = Sequential::new().add(Input::new([4])).add(Dense::new(3)).build().unwrap();
    for kind in ["missing", "dataset", "external", "soft"] {
        let error = model.load_weights(hostile(kind)).unwrap_err();
        assert!(matches!(error, Error::Format { .. } | Error::Weights { .. }), "{kind}: {error}");
    }
    let error = model.load_weights(hostile("dataset")).unwrap_err();
    assert!(error.to_string().contains("got a dataset"), "{error}");
}
