//! `keras-rs bench`: how long a model takes, on made-up data.

mod made_up;
mod profile;
mod times;

use anyhow::{Context, Result};
use clap::Args;
use keras_rs::training::Predict;
use keras_rs::{Batch, Error, Model, backend, limits};
use serde_json::json;

use crate::model::{Source, Weights, WeightsArgs};
use crate::training::at_least_one;
use made_up::Inputs;
use profile::Profile;
use times::{Times, timed};

/// Time a model's predictions, or its training steps, on made-up data
///
/// One call is timed as the first, then come calls that are not timed, then those whose median and
/// minimum are reported. What stands for sizes that the model leaves open is said in the report.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keras-rs bench resnet50 --weights none
  keras-rs bench model.keras --batch-size 32 --profile")]
pub(crate) struct Bench {
    /// A model file (.keras, .h5, .json) or an application's name (see `keras-rs apps`)
    model: String,

    #[command(flatten)]
    weights: WeightsArgs,

    /// Samples in each call [default: 1, or as many as the model is made for]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    batch_size: Option<usize>,

    /// Timed calls
    #[arg(long, value_name = "N", default_value = "20", value_parser = at_least_one)]
    runs: usize,

    /// Calls before those, besides the first
    #[arg(long, value_name = "N", default_value = "3")]
    warmup: usize,

    /// Time training steps; a model without compile settings gets SGD and the mean squared error
    #[arg(long)]
    train: bool,

    /// Threads that compute [default: $RAYON_NUM_THREADS, else one for each processor]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    threads: Option<usize>,

    /// Run the graph layer by layer, as it stands in the file; training always does
    #[arg(long)]
    exact: bool,

    /// Report what each step of a prediction takes, or each layer with --exact, and how many operations a second it does where they are known; with --train each layer of the forward pass, then loss, gradients, optimizer and metrics
    #[arg(long)]
    profile: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Everything that is reported.
struct Report {
    load_ms: f64,
    build_ms: f64,
    times: Times,
    batch_size: usize,
    backend: &'static str,
    profile: Option<Profile>,
    /// Shapes of the inputs and what else was made up.
    notes: Vec<String>,
}

impl Bench {
    /// Runs the model; gives the times as text.
    pub(crate) fn run(&self) -> Result<String> {
        if let Some(threads) = self.threads {
            backend::set_threads(threads)?;
        }
        let source = Source::of(&self.model);
        let (model, load_ms) = timed(|| source.load(self.weights.weights(), self.weights.offline))?;
        let mut inputs = made_up::inputs(&model, self.batch_size)?;
        let mut notes = std::mem::take(&mut inputs.notes);
        let mut build = || {
            // What no file gives is drawn now, not in the first call; a prediction takes the rest from the file.
            if self.train || *self.weights.weights() == Weights::None {
                model.weights().iter().try_for_each(|weight| weight.value().map(drop))?;
            }
            if self.train && compile(&model)? {
                notes.push("no compile settings: SGD and the mean squared error".into());
            }
            Ok(())
        };
        let ((), build_ms) = timed(&mut build)?;
        let (times, profile) = if self.train {
            let batch = Batch::new(&inputs.tensors, made_up::targets(&model, &inputs.tensors)?);
            let step = || Ok(model.train_on_batch(&batch).map(drop)?);
            let times = Times::of(self.runs, self.warmup, step).with_context(|| self.cannot_run())?;
            (times, self.profile.then(|| Profile::of_training(&model, &batch, self.runs)).transpose()?)
        } else {
            let prediction = || predict(&model, &inputs, self.exact);
            let times = Times::of(self.runs, self.warmup, prediction).with_context(|| self.cannot_run())?;
            let profile = || Profile::of(&model, &inputs.tensors, self.runs, self.exact);
            (times, self.profile.then(profile).transpose()?)
        };
        let backend = backend::default_device()?.backend().name();
        let report =
            Report { load_ms, build_ms, times, batch_size: inputs.batch_size, backend, profile, notes };
        if self.json {
            Ok(report.json())
        } else {
            report.text(&self.model, if self.train { "train" } else { "predict" })
        }
    }

    fn cannot_run(&self) -> String {
        format!("cannot run {}", self.model)
    }
}

/// One prediction. The outputs are read, so that a device that computes later has done so.
fn predict(model: &Model, inputs: &Inputs, exact: bool) -> Result<()> {
    let outputs = if exact {
        let arguments = Predict::new().exact(true).batch_size(inputs.batch_size).verbose(0);
        model.predict_all_with(&inputs.tensors, arguments)?
    } else {
        model.predict_batches(&inputs.tensors, inputs.batch_size)?
    };
    for output in outputs {
        output.to_data()?;
    }
    Ok(())
}

/// Compiles a model that has no settings of its own; gives whether it had none.
fn compile(model: &Model) -> Result<bool> {
    match model.compiled() {
        Ok(_) => Ok(false),
        Err(Error::NotCompiled { .. }) => {
            model.compile("sgd", "mse", ())?;
            Ok(true)
        }
        Err(error) => Err(error.into()),
    }
}

/// A number of bytes in millions.
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

impl Report {
    fn json(&self) -> String {
        let mut value = json!({
            "load_ms": self.load_ms,
            "build_ms": self.build_ms,
            "first_ms": self.times.first_ms,
            "median_ms": self.times.median_ms(),
            "min_ms": self.times.min_ms(),
            "batch_size": self.batch_size,
            "threads": backend::threads(),
            "backend": self.backend,
            "peak_rss_mb": limits::peak_memory().map(megabytes),
        });
        if let (Some(profile), Some(object)) = (&self.profile, value.as_object_mut()) {
            object.insert("profile".into(), profile.json());
        }
        format!("{value}\n")
    }

    fn text(&self, model: &str, what: &str) -> Result<String> {
        let (threads, runs) = (backend::threads(), self.times.runs());
        let mut text =
            format!("{model}: {what}, batch of {}, {}, {threads} threads\n", self.batch_size, self.backend);
        for note in &self.notes {
            text += &format!("  {note}\n");
        }
        let rows = [
            ("load", self.load_ms, String::new()),
            ("build", self.build_ms, String::new()),
            ("first", self.times.first_ms, String::new()),
            ("median", self.times.median_ms(), format!(" of {runs}")),
            ("min", self.times.min_ms(), String::new()),
        ];
        for (name, milliseconds, more) in rows {
            text += &format!("{name:<8}{milliseconds:>12.3} ms{more}\n");
        }
        if let Some(bytes) = limits::peak_memory() {
            text += &format!("{:<8}{:>12.1} MB\n", "peak", megabytes(bytes));
        }
        if let Some(profile) = &self.profile {
            text += &format!("\n{}", profile.text());
        }
        Ok(text)
    }
}
