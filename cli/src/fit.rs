//! `keras-rs fit`: trains a model on data.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use keras_rs::Model;
use keras_rs::callbacks::{BackupAndRestore, History, TensorBoard};
use keras_rs::data::Batches;
use keras_rs::training::Fit as Arguments;

use crate::curves::plot_history;
use crate::drawing;
use crate::files::write_atomically;
use crate::model::{Source, Weights, WeightsArgs};
use crate::terminal;
use crate::training::{Settings, at_least_one, batches, read};
use crate::usage::Usage;

/// Train a model on data
///
/// DATA.npz holds arrays `x` and `y`, or `x_<input>` and `y_<output>` for several, and may hold
/// `sample_weight`; inputs may go by their own names. Optimizer, loss and metrics are those in the model's file unless they
/// are given. An architecture without weights (.json) starts with new ones.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keras-rs fit model.keras data.npz -o trained.keras --epochs 10 --validation-split 0.2
  keras-rs fit model.json data.npz -o trained.keras --loss sparse_categorical_crossentropy --plot curves.svg")]
pub(crate) struct Fit {
    /// A model file (.keras, .h5, .json) or an application's name
    model: String,

    /// The data
    #[arg(value_name = "DATA.npz")]
    data: PathBuf,

    /// The file to write: the trained model, with the optimizer's state
    #[arg(short, long, value_name = "OUT.keras")]
    output: PathBuf,

    #[command(flatten)]
    weights: WeightsArgs,

    #[command(flatten)]
    settings: Settings,

    /// Data to validate on after each epoch
    #[arg(long, value_name = "DATA.npz", conflicts_with = "validation_split")]
    validation: Option<PathBuf>,

    /// Fraction at the end of the data that is kept for validation
    #[arg(long, value_name = "P")]
    validation_split: Option<f64>,

    /// How often to go through the data
    #[arg(long, value_name = "N", default_value = "1", value_parser = at_least_one)]
    epochs: usize,

    /// Samples in an update
    #[arg(long, value_name = "N", default_value = "32", value_parser = at_least_one)]
    batch_size: usize,

    /// Keep the order of the data in every epoch
    #[arg(long)]
    no_shuffle: bool,

    /// Seed of shuffling and everything else that is drawn
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Write loss and metrics of every epoch here
    #[arg(long, value_name = "H.json")]
    history: Option<PathBuf>,

    /// Write event files for TensorBoard below this folder
    #[arg(long, value_name = "DIR")]
    tensorboard: Option<PathBuf>,

    /// Draw loss and metrics of every epoch here, as .svg or .png
    #[arg(long, value_name = "CURVES.svg|png")]
    plot: Option<PathBuf>,

    /// Learning rate of the optimizer, in the place of its own
    #[arg(long, value_name = "RATE")]
    learning_rate: Option<f64>,

    /// Save the training in this folder after each epoch, and go on from there after an interruption
    #[arg(long, value_name = "DIR")]
    checkpoint: Option<PathBuf>,
}

impl Fit {
    /// Trains, prints a line for each epoch, and writes the files.
    pub(crate) fn run(&self) -> Result<String> {
        if self.output.extension().is_none_or(|extension| extension != "keras") {
            let output = self.output.display();
            return Err(Usage::error(format!(
                "the model is written to a file that ends in .keras, not to {output}"
            )));
        }
        if let Some(path) = &self.plot {
            drawing::Format::of(path)?;
        }
        self.check_outputs()?;
        // Before the model is made, because new weights are drawn at random.
        if let Some(seed) = self.seed {
            keras_rs::random::set_seed(seed);
        }
        // An architecture without weights is there to be trained from the start.
        let is_architecture = self.model.to_ascii_lowercase().ends_with(".json");
        let weights = if is_architecture { self.weights.or(&Weights::None) } else { self.weights.weights() };
        let model = Source::of(&self.model).load(weights, self.weights.offline)?;
        self.settings.apply(&model)?;
        if let Some(rate) = self.learning_rate {
            model.optimizer()?.set_learning_rate(rate)?;
        }
        let (training, validation) = self.training(&model)?;
        let history = model.fit_dataset(training, self.arguments(validation))?;
        model.save(&self.output).with_context(|| format!("cannot write {}", self.output.display()))?;
        self.write(&history)?;
        Ok(String::new())
    }

    /// Refuses output files that cannot be written or are named twice, before training starts.
    fn check_outputs(&self) -> Result<()> {
        let written = [Some(&self.output), self.history.as_ref(), self.plot.as_ref()];
        let written: Vec<&PathBuf> = written.into_iter().flatten().collect();
        for (i, path) in written.iter().enumerate() {
            let name = path.display();
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if folder.is_some_and(|folder| !folder.is_dir()) {
                return Err(Usage::error(format!("{name} cannot be written: there is no such folder")));
            }
            if path.is_dir() {
                return Err(Usage::error(format!("{name} cannot be written: it is a folder")));
            }
            let data = [Some(&self.data), self.validation.as_ref()];
            if written[..i].contains(path) || data.into_iter().flatten().any(|data| data == *path) {
                return Err(Usage::error(format!("{name} is named twice: one would replace the other")));
            }
        }
        Ok(())
    }

    /// The training data and the validation data.
    fn training(&self, model: &Model) -> Result<(Batches, Option<Batches>)> {
        match (&self.validation, self.validation_split) {
            (Some(path), _) => Ok((batches(model, &self.data)?, Some(batches(model, path)?))),
            (None, Some(split)) => {
                let (training, validation) = read(model, &self.data)?.split(split)?;
                Ok((Batches::from_batch(training)?, Some(Batches::from_batch(validation)?)))
            }
            (None, None) => Ok((batches(model, &self.data)?, None)),
        }
    }

    fn arguments(&self, validation: Option<Batches>) -> Arguments<'static> {
        let mut arguments =
            Arguments::new().epochs(self.epochs).batch_size(self.batch_size).shuffle(!self.no_shuffle);
        if terminal::is_quiet() {
            arguments = arguments.verbose(0);
        }
        if let Some(seed) = self.seed {
            arguments = arguments.seed(seed);
        }
        if let Some(validation) = validation {
            arguments = arguments.validation_dataset(validation);
        }
        if let Some(folder) = &self.tensorboard {
            arguments = arguments.callback(TensorBoard::new(folder).histogram_freq(1));
        }
        if let Some(folder) = &self.checkpoint {
            arguments = arguments.callback(BackupAndRestore::new(folder));
        }
        arguments
    }

    fn write(&self, history: &History) -> Result<()> {
        if let Some(path) = &self.history {
            write_atomically(path, (history.to_json() + "\n").as_bytes())?;
        }
        match &self.plot {
            Some(path) => plot_history(&history.history, path),
            None => Ok(()),
        }
    }
}
