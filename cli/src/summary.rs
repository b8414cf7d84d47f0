//! `keras-rs summary`: a model's layers and parameters.

use anyhow::Result;
use clap::Args;

use crate::model::{Source, Weights};

/// Show a model's layers, shapes and parameter counts
#[derive(Args)]
pub(crate) struct Summary {
    /// A model file (.keras, .h5, .json) or an application's name
    model: String,
}

impl Summary {
    /// Keras' table.
    pub(crate) fn run(&self) -> Result<String> {
        // No weights are downloaded, because only their number is needed.
        let model = Source::of(&self.model).load(&Weights::Any, false)?;
        let mut text = model.summary();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        Ok(text)
    }
}
