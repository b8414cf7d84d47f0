//! `keras-rs convert`: a model in another format.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::model::{Source, Weights, WeightsArgs};
use crate::usage::Usage;

/// Convert a model file; formats go by the extension
#[derive(Args)]
#[command(after_help = "\
Examples:
  keras-rs convert model.h5 model.keras
  keras-rs convert resnet50 resnet50.safetensors
  keras-rs convert model.keras model.json")]
pub(crate) struct Convert {
    /// A model file (.keras, .h5, .json) or an application's name
    #[arg(value_name = "IN")]
    input: String,

    /// The file to write: .keras, .weights.h5, .safetensors (names are variable paths) or .json
    #[arg(value_name = "OUT")]
    output: PathBuf,

    #[command(flatten)]
    weights: WeightsArgs,
}

/// The format to write.
#[derive(Clone, Copy)]
enum Format {
    Model,
    Weights,
    Architecture,
}

impl Convert {
    /// Writes the file; returns an empty text.
    pub(crate) fn run(&self) -> Result<String> {
        let format = self.format()?;
        let source = Source::of(&self.input);
        let weights = match format {
            // An architecture is written without weights, so none are needed.
            Format::Architecture => &Weights::Any,
            _ => self.weights.weights(),
        };
        let model = source.load(weights, self.weights.offline)?;
        let written = match format {
            Format::Model => model.save(&self.output),
            Format::Weights => model.save_weights(&self.output),
            Format::Architecture => model.save_json(&self.output),
        };
        written.with_context(|| format!("cannot write {}", self.output.display()))?;
        Ok(String::new())
    }

    fn format(&self) -> Result<Format> {
        let name = self.output.to_string_lossy();
        let ends = |extension: &str| name.ends_with(extension);
        match () {
            () if ends(".keras") => Ok(Format::Model),
            () if ends(".weights.h5") || ends(".safetensors") => Ok(Format::Weights),
            () if ends(".json") => Ok(Format::Architecture),
            () => Err(Usage::error(format!(
                "cannot tell what to write to {}: end it in .keras, .weights.h5, .safetensors or .json",
                self.output.display()
            ))),
        }
    }
}
