//! The data and compile settings of `fit` and `evaluate`.

use std::path::Path;

use anyhow::{Context, Result};
use clap::Args;
use keras_rs::data::{Batch, Batches, npz_columns};
use keras_rs::{Error, Model, npz};
use serde_json::Value;

use crate::usage::Usage;

/// Compile settings that replace those in the model's file.
#[derive(Args)]
pub(crate) struct Settings {
    /// Optimizer: Keras' name, or JSON as `{"class_name": "Adam", "config": {"learning_rate": 0.01}}`
    #[arg(long, value_name = "NAME|JSON")]
    optimizer: Option<String>,

    /// Loss: Keras' name or JSON; for several outputs a list or an object of them
    #[arg(long, value_name = "NAME|JSON")]
    loss: Option<String>,

    /// Metrics: Keras' names, separated by commas, or JSON
    #[arg(long, value_name = "NAMES|JSON")]
    metrics: Option<String>,
}

impl Settings {
    /// Compiles the model with the given settings; those that are missing are taken from the model's file.
    pub(crate) fn apply(&self, model: &Model) -> Result<()> {
        let given = [
            ("optimizer", self.optimizer.as_deref().map(one).transpose()?),
            ("loss", self.loss.as_deref().map(one).transpose()?),
            ("metrics", self.metrics.as_deref().map(list).transpose()?),
        ];
        let given: Vec<(&str, Value)> =
            given.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        if given.is_empty() {
            // Reports unknown classes in the file before any data is read.
            return match model.compiled() {
                Ok(_) => Ok(()),
                Err(Error::NotCompiled { .. }) => Err(Usage::error(
                    "the model's file has no compile settings: \
                     give --loss, and --optimizer where it is not to be rmsprop",
                )),
                Err(error) => Err(error.into()),
            };
        }
        let mut settings = match model.compile_config() {
            Some(Value::Object(settings)) => settings,
            _ => serde_json::Map::new(),
        };
        settings.extend(given.into_iter().map(|(key, value)| (key.to_string(), value)));
        model.compile_from_config(&Value::Object(settings))?;
        Ok(())
    }
}

/// Parses JSON if the text looks like it, else a name.
fn one(text: &str) -> Result<Value> {
    if text.trim_start().starts_with(['{', '[', '"']) {
        return serde_json::from_str(text).map_err(|e| Usage::error(format!("{text} is not JSON: {e}")));
    }
    Ok(text.into())
}

/// Parses JSON if the text looks like it, else names separated by commas.
fn list(text: &str) -> Result<Value> {
    match one(text)? {
        Value::String(names) => Ok(names.split(',').map(str::trim).filter(|n| !n.is_empty()).collect()),
        other => Ok(other),
    }
}

/// The arrays of a file: inputs as `x`, `x_<input>` or under the names that they have in the model.
pub(crate) fn read(model: &Model, path: &Path) -> Result<Batch> {
    let inputs = if model.is_built() { model.input_names()? } else { Vec::new() };
    let read = || {
        let mut arrays = npz::read(path)?;
        // `x` stands for the only input already.
        let is_named = |name: &&String| *name != "x" && inputs.contains(name);
        let names: Vec<String> = arrays.keys().filter(is_named).cloned().collect();
        for name in names {
            if let Some(data) = arrays.shift_remove(&name) {
                arrays.insert(format!("x_{name}"), data);
            }
        }
        let (x, y, sample_weight) = npz_columns(arrays)?;
        let batch = Batch { x, y, sample_weight };
        batch.num_samples()?;
        Ok::<_, keras_rs::Error>(batch)
    };
    read().with_context(|| format!("cannot use the data in {}", path.display()))
}

/// The arrays of a file in batches.
pub(crate) fn batches(model: &Model, path: &Path) -> Result<Batches> {
    Ok(Batches::from_batch(read(model, path)?)?)
}

/// A whole number of at least one.
pub(crate) fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("expected a whole number, at least 1".into()),
        Ok(number) => Ok(number),
    }
}
