//! `keras-rs predict`: a model's outputs for images or arrays.

use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use keras_rs::data::image::LoadedImage;
use keras_rs::training;
use keras_rs::{Model, Tensor};

use crate::builtin;
use crate::images::{Changes, Form, Pixels, size};
use crate::inputs::{self, Arrays};
use crate::model::{Source, WeightsArgs};
use crate::outputs::Format;
use crate::pictures::{self, Picture};
use crate::report::{Labels, Report};
use crate::terminal;
use crate::usage::Usage;

/// Run a model on images or arrays
///
/// Without MODEL and INPUT, the built-in network tells which digit the built-in image shows.
///
/// Pixels reach a model as 0 to 255, as they are in the file, and an application as it was trained; --scale and --preprocess
/// choose otherwise. What was resized or got other colours is said on stderr. An image that cannot be read is reported
/// there, too, the rest is done, and the exit code is 1.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keras-rs predict
  keras-rs predict densenet121 photo.jpg --top 3
  keras-rs predict model.keras 'photos/*.jpg' --scale 0..1 --json-lines
  keras-rs predict model.keras x.npz -o y.npz")]
pub(crate) struct Predict {
    /// A model file (.keras, .h5, .json) or an application's name (see `keras-rs apps`)
    model: Option<String>,

    /// Images, folders of images or patterns such as 'photos/*.jpg', or one .npy or .npz file with arrays `x`, `x_<input>`
    /// or named after the model's inputs; - for an image or arrays from stdin
    #[arg(value_name = "INPUT")]
    inputs: Vec<PathBuf>,

    #[command(flatten)]
    weights: WeightsArgs,

    /// How many of the best classes to print for each sample [default: 5]
    #[arg(long, value_name = "K", value_parser = at_least_one)]
    top: Option<usize>,

    /// A text file with the names of the classes, one a line
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,

    /// Print JSON
    #[arg(long, conflicts_with = "json_lines")]
    json: bool,

    /// Print a line of JSON for each sample as soon as it is computed
    #[arg(long)]
    json_lines: bool,

    /// Write the outputs here, named after the model's outputs, instead of printing them: .npz, .npy, .csv, .json or
    /// .safetensors
    #[arg(short, long, value_name = "OUT.npz")]
    output: Option<PathBuf>,

    #[command(flatten)]
    pixels: Pixels,

    /// Samples that are computed at once
    #[arg(long, value_name = "N", default_value = "32", value_parser = at_least_one)]
    batch_size: usize,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("expected a whole number, at least 1".into()),
        Ok(number) => Ok(number),
    }
}

/// A model's outputs and the names of the samples.
#[derive(Default)]
struct Outputs {
    tensors: Vec<Tensor>,
    samples: Vec<String>,
    /// Images that could not be read.
    failed: usize,
}

impl Predict {
    /// Predicts; the text is empty if the outputs went to a file.
    pub(crate) fn run(&self) -> Result<String> {
        let format = self.output.as_deref().map(Format::of).transpose()?;
        let labels = self.labels.as_deref().map(Labels::read).transpose()?;
        let (model, outputs, labels) = match &self.model {
            None => self.run_builtin(labels)?,
            Some(name) => self.run_model(name, labels)?,
        };
        let all = outputs.samples.len() + outputs.failed;
        let text = if outputs.samples.is_empty() {
            String::new()
        } else {
            self.report(&model, &outputs, labels.as_ref(), format)?
        };
        if outputs.failed > 0 {
            terminal::print(&text)?;
            bail!("{} of {all} images could not be read", outputs.failed);
        }
        Ok(text)
    }

    /// Writes the outputs to the file, and gives the text to be printed.
    fn report(
        &self,
        model: &Model,
        outputs: &Outputs,
        labels: Option<&Labels>,
        format: Option<Format>,
    ) -> Result<String> {
        let named: Vec<(String, Tensor)> =
            model.output_names()?.into_iter().zip(outputs.tensors.iter().cloned()).collect();
        if let (Some(path), Some(format)) = (&self.output, format) {
            format.write(path, &named, &outputs.samples)?;
            // Asked for both, both are given.
            if !self.json && self.top.is_none() {
                return Ok(String::new());
            }
        }
        let report = Report { outputs: &named, samples: &outputs.samples, labels, top: self.top };
        match (self.json, self.json_lines) {
            (true, _) => report.json(),
            // They were printed when they were computed.
            (false, true) => Ok(String::new()),
            (false, false) => report.text(),
        }
    }

    /// The built-in network on the built-in image.
    fn run_builtin(&self, labels: Option<Labels>) -> Result<(Model, Outputs, Option<Labels>)> {
        if self.weights.is_given() {
            return Err(Usage::error("--weights needs a MODEL"));
        }
        let start = Instant::now();
        let model = builtin::model()?;
        terminal::time("load and build", start.elapsed());
        let (name, bytes) = builtin::IMAGE;
        // It is known to take pixels as they are.
        let mut form = Form::of(&model, None, self.pixels)?;
        form.note = None;
        let outputs =
            self.run_images(&model, &form, &[Picture::Bytes(name.into(), bytes.to_vec())], labels.as_ref())?;
        Ok((model, outputs, labels))
    }

    fn run_model(&self, name: &str, labels: Option<Labels>) -> Result<(Model, Outputs, Option<Labels>)> {
        if self.inputs.is_empty() {
            return Err(Usage::error("INPUT is missing: give images, or one .npy or .npz file"));
        }
        let stdin = self.inputs.iter().filter(|input| pictures::is_stdin(input)).count();
        if stdin > 1 {
            return Err(Usage::error("stdin can be read once only: give - once"));
        }
        let bytes = if stdin == 1 { Some(pictures::stdin()?) } else { None };
        let arrays = match (&bytes, self.inputs.iter().find(|path| inputs::is_array_file(path))) {
            (_, Some(path)) => Some(Arrays::File(path)),
            (Some(bytes), None) if inputs::are_arrays(bytes) => Some(Arrays::Bytes(bytes)),
            _ => None,
        };
        if arrays.is_some() && self.inputs.len() > 1 {
            return Err(Usage::error("give either images, or one .npy or .npz file"));
        }
        let source = Source::of(name);
        let imagenet = source.variant().is_some().then_some(Labels::Imagenet);
        let labels = labels.or(imagenet);
        if let Some(arrays) = arrays {
            let model = self.load(&source)?;
            let outputs = self.run_arrays(&model, &arrays, labels.as_ref())?;
            return Ok((model, outputs, labels));
        }
        let mut images = Vec::new();
        for input in &self.inputs {
            match &bytes {
                Some(bytes) if pictures::is_stdin(input) => {
                    images.push(Picture::Bytes("stdin".into(), bytes.clone()))
                }
                _ => images.extend(pictures::find(std::slice::from_ref(input))?),
            }
        }
        let model = self.load(&source)?;
        let form = Form::of(&model, source.variant(), self.pixels)?;
        let outputs = self.run_images(&model, &form, &images, labels.as_ref())?;
        Ok((model, outputs, labels))
    }

    /// The model, and on stderr how long it took to load, where that is asked for.
    fn load(&self, source: &Source) -> Result<Model> {
        let start = Instant::now();
        let model = source.load(self.weights.weights(), self.weights.offline)?;
        terminal::time("load and build", start.elapsed());
        Ok(model)
    }

    fn run_arrays(&self, model: &Model, arrays: &Arrays<'_>, labels: Option<&Labels>) -> Result<Outputs> {
        let tensors = inputs::read(model, arrays)?;
        let samples = tensors.iter().filter_map(|tensor| tensor.shape().first()).max().copied();
        let start = Instant::now();
        let tensors = self
            .outputs(model, &tensors, samples.unwrap_or(0))
            .with_context(|| format!("cannot predict {}", arrays.name()))?;
        terminal::time("run", start.elapsed());
        let count = tensors.first().and_then(|t| t.shape().first().copied()).unwrap_or(0);
        let outputs =
            Outputs { tensors, samples: (0..count).map(|i| format!("sample {i}")).collect(), failed: 0 };
        self.print_lines(model, &outputs, labels)?;
        Ok(outputs)
    }

    /// The outputs for a batch or more of so many samples in all. A few are computed layer by layer: to bring the weights
    /// into the order of the kernels would take longer than it saves, and more memory.
    fn outputs(&self, model: &Model, tensors: &[Tensor], samples: usize) -> keras_rs::Result<Vec<Tensor>> {
        const FEW: usize = 4;
        if samples > FEW {
            return model.predict_batches(tensors, self.batch_size);
        }
        let options = training::Predict::new().exact(true).batch_size(self.batch_size).verbose(0);
        model.predict_all_with(tensors, options)
    }

    /// Predicts batch by batch, so that all images together may exceed the memory, while a thread reads the next batch.
    fn run_images(
        &self,
        model: &Model,
        form: &Form,
        images: &[Picture],
        labels: Option<&Labels>,
    ) -> Result<Outputs> {
        let start = Instant::now();
        let (mut done, mut changes) = (Outputs::default(), Changes::default());
        let mut batches: Vec<Vec<Tensor>> = Vec::new();
        let mut runs: Vec<Duration> = Vec::new();
        std::thread::scope(|threads| {
            let (sender, receiver) = sync_channel(1);
            threads.spawn(move || {
                for chunk in images.chunks(self.batch_size) {
                    let read: Vec<(String, Result<LoadedImage>)> =
                        chunk.iter().map(|picture| (picture.name(), form.read(picture))).collect();
                    if sender.send(read).is_err() {
                        // The computation has failed.
                        return;
                    }
                }
            });
            for read in receiver {
                let mut loaded = Vec::new();
                for (name, image) in read {
                    match image {
                        Ok(image) => {
                            changes.note(&name, &image);
                            loaded.push((name, image));
                        }
                        Err(error) if images.len() == 1 => return Err(error),
                        Err(error) => {
                            done.failed += 1;
                            terminal::warn(format!("{error:#}"));
                        }
                    }
                }
                // A model may take images of any size, but those of one batch must agree.
                for group in loaded.chunk_by(|(_, a), (_, b)| size(a) == size(b)) {
                    let (names, group): (Vec<String>, Vec<LoadedImage>) = group.iter().cloned().unzip();
                    let batch = form.batch(&group)?;
                    let run = Instant::now();
                    let tensors = self.outputs(model, &[batch], images.len())?;
                    runs.push(run.elapsed());
                    let part = Outputs { tensors, samples: names, failed: 0 };
                    self.print_lines(model, &part, labels)?;
                    done.samples.extend(part.samples);
                    if !self.json_lines || self.output.is_some() {
                        batches.push(part.tensors);
                    }
                }
            }
            Ok(())
        })?;
        if let [first, later @ ..] = runs.as_slice() {
            terminal::time("first run", *first);
            if !later.is_empty() {
                let mean = later.iter().sum::<Duration>() / later.len() as u32;
                terminal::time(format!("later runs, mean of {}", later.len()), mean);
            }
        }
        if !done.samples.is_empty() {
            form.note.iter().for_each(terminal::note);
        }
        changes.lines().iter().for_each(terminal::note);
        if done.samples.len() > 1 {
            let (count, seconds) = (done.samples.len(), start.elapsed().as_secs_f64());
            terminal::note(format!(
                "{count} images in {seconds:.2} s, {:.1} images/s",
                count as f64 / seconds
            ));
        }
        let outputs = batches.first().map_or(0, Vec::len);
        let join = |output: usize| {
            let parts: Vec<Tensor> = batches.iter().filter_map(|batch| batch.get(output).cloned()).collect();
            let several = "images of several sizes give outputs of several shapes; predict them one by one, or with --json-lines";
            Tensor::concat(&parts, 0).context(several)
        };
        done.tensors = (0..outputs).map(join).collect::<Result<Vec<_>>>()?;
        Ok(done)
    }

    /// Prints a line of JSON for each sample, where that is asked for.
    fn print_lines(&self, model: &Model, outputs: &Outputs, labels: Option<&Labels>) -> Result<()> {
        if !self.json_lines {
            return Ok(());
        }
        let named: Vec<(String, Tensor)> =
            model.output_names()?.into_iter().zip(outputs.tensors.iter().cloned()).collect();
        let report = Report { outputs: &named, samples: &outputs.samples, labels, top: self.top };
        terminal::print(&report.json_lines()?)
    }
}
