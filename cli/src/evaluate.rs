//! `keras-rs evaluate`: loss and metrics of a model on data.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use keras_rs::callbacks::logs_to_json;
use keras_rs::training::Evaluate as Arguments;

use crate::model::{Source, WeightsArgs};
use crate::training::{Settings, at_least_one, batches};

/// Compute the loss and metrics of a model on data
///
/// DATA.npz holds arrays `x` and `y`, or `x_<input>` and `y_<output>` for several, and may hold
/// `sample_weight`; inputs may go by their own names.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keras-rs evaluate model.keras test.npz
  keras-rs evaluate model.json test.npz --weights model.weights.h5 --loss mse --metrics mae")]
pub(crate) struct Evaluate {
    /// A model file (.keras, .h5, .json) or an application's name
    model: String,

    /// The data
    #[arg(value_name = "DATA.npz")]
    data: PathBuf,

    #[command(flatten)]
    weights: WeightsArgs,

    #[command(flatten)]
    settings: Settings,

    /// Print JSON
    #[arg(long)]
    json: bool,

    /// Samples that are computed at once
    #[arg(long, value_name = "N", default_value = "32", value_parser = at_least_one)]
    batch_size: usize,
}

impl Evaluate {
    /// Evaluates; gives the values as text.
    pub(crate) fn run(&self) -> Result<String> {
        let model = Source::of(&self.model).load(self.weights.weights(), self.weights.offline)?;
        self.settings.apply(&model)?;
        let arguments = Arguments::new().verbose(0).batch_size(self.batch_size);
        let logs = model.evaluate_dataset(batches(&model, &self.data)?, arguments)?;
        if self.json {
            return Ok(logs_to_json(&logs) + "\n");
        }
        let mut text = String::new();
        for (name, value) in logs {
            writeln!(text, "{name}: {value:.4}")?;
        }
        Ok(text)
    }
}
