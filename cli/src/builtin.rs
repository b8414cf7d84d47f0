//! The network and the image that are part of the program; `assets/README.md` names their sources.

use std::io::Write;

use anyhow::{Context, Result};
use keras_rs::Model;

const MODEL: &[u8] = include_bytes!("../assets/digits.keras");

/// An image of a digit that is not in the training data.
pub(crate) const IMAGE: (&str, &[u8]) = ("digit.png", include_bytes!("../assets/digit.png"));

/// The network that classifies digits.
pub(crate) fn model() -> Result<Model> {
    let write = || {
        let mut file = tempfile::Builder::new().suffix(".keras").tempfile()?;
        file.write_all(MODEL)?;
        std::io::Result::Ok(file)
    };
    let file = write().context("cannot write the built-in model to a temporary file")?;
    Ok(keras_rs::load_model(file.path())?)
}
