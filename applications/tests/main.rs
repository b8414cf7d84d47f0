//! Tests of the applications crate, held against values from real Keras.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod download;
mod image;
mod imagenet;
mod preprocess;
mod server;
mod variants;

/// A JSON fixture written by `fixtures/generate.py`.
fn fixture(name: &str) -> serde_json::Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    serde_json::from_slice(&std::fs::read(path.join(name)).unwrap()).unwrap()
}
