//! `keras-rs predict`: a model's outputs for images or arrays.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use indexmap::IndexMap;
use keras_rs::training;
use keras_rs::{Model, Tensor, npz};
use keras_rs_applications::{ImageArray, LoadImg, Variant, load_img, load_img_bytes};

use crate::images::Form;
use crate::model::{Source, WeightsArgs};
use crate::report::{Labels, Report};
use crate::usage::Usage;
use crate::{builtin, inputs};

/// Run a model on images or arrays
///
/// Without MODEL and INPUT, the built-in network tells which digit the built-in image shows.
#[derive(Args)]
pub(crate) struct Predict {
    /// A model file (.keras, .h5, .json) or an application's name (see `keras-rs apps`)
    model: Option<String>,

    /// Images, or one .npy or .npz file with arrays named after the model's inputs
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
    #[arg(long)]
    json: bool,

    /// Write the outputs here, named after the model's outputs, instead of printing them
    #[arg(short, long, value_name = "OUT.npz")]
    output: Option<PathBuf>,

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
struct Outputs {
    tensors: Vec<Tensor>,
    samples: Vec<String>,
}

impl Predict {
    /// Predicts; the text is empty if the outputs went to a file.
    pub(crate) fn run(&self) -> Result<String> {
        let labels = self.labels.as_deref().map(Labels::read).transpose()?;
        let (model, outputs, labels) = match &self.model {
            None => self.run_builtin(labels)?,
            Some(name) => self.run_model(name, labels)?,
        };
        let named: Vec<(String, Tensor)> = model.output_names()?.into_iter().zip(outputs.tensors).collect();
        if let Some(path) = &self.output {
            write(path, &named)?;
            // Asked for both, both are given.
            if !self.json && self.top.is_none() {
                return Ok(String::new());
            }
        }
        let report =
            Report { outputs: &named, samples: &outputs.samples, labels: labels.as_ref(), top: self.top };
        if self.json { report.json() } else { report.text() }
    }

    /// The built-in network on the built-in image.
    fn run_builtin(&self, labels: Option<Labels>) -> Result<(Model, Outputs, Option<Labels>)> {
        if self.weights.is_given() {
            return Err(Usage::error("--weights needs a MODEL"));
        }
        let model = builtin::model()?;
        let load = |(_, bytes): &(&str, &[u8]), options| load_img_bytes(bytes, options);
        let outputs =
            self.run_images(&model, None, &[builtin::IMAGE], load, |(name, _)| (*name).to_string())?;
        Ok((model, outputs, labels))
    }

    fn run_model(&self, name: &str, labels: Option<Labels>) -> Result<(Model, Outputs, Option<Labels>)> {
        if self.inputs.is_empty() {
            return Err(Usage::error("INPUT is missing: give images, or one .npy or .npz file"));
        }
        let arrays = self.inputs.iter().find(|path| inputs::is_array_file(path));
        if arrays.is_some() && self.inputs.len() > 1 {
            return Err(Usage::error("give either images, or one .npy or .npz file"));
        }
        let source = Source::of(name);
        let model = source.load(self.weights.weights(), self.weights.offline)?;
        let outputs = match arrays {
            Some(path) => {
                let tensors = inputs::read(&model, path)?;
                let samples = tensors.iter().filter_map(|tensor| tensor.shape().first()).max().copied();
                let tensors = self
                    .outputs(&model, &tensors, samples.unwrap_or(0))
                    .with_context(|| format!("cannot predict {}", path.display()))?;
                let count = tensors.first().and_then(|t| t.shape().first().copied()).unwrap_or(0);
                Outputs { tensors, samples: (0..count).map(|i| format!("sample {i}")).collect() }
            }
            None => {
                let load = |path: &PathBuf, options| load_img(path, options);
                self.run_images(&model, source.variant(), &self.inputs, load, |path| {
                    path.display().to_string()
                })?
            }
        };
        let imagenet = source.variant().is_some().then_some(Labels::Imagenet);
        Ok((model, outputs, labels.or(imagenet)))
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

    /// Reads and predicts batch by batch, so that all images together may exceed the memory.
    fn run_images<S>(
        &self,
        model: &Model,
        variant: Option<&Variant>,
        images: &[S],
        load: impl Fn(&S, LoadImg) -> keras_rs::Result<ImageArray>,
        name: impl Fn(&S) -> String,
    ) -> Result<Outputs> {
        let form = Form::of(model, variant)?;
        let mut batches: Vec<Vec<Tensor>> = Vec::new();
        for chunk in images.chunks(self.batch_size) {
            let batch = form.batch(chunk, &load)?;
            batches.push(self.outputs(model, std::slice::from_ref(&batch), images.len())?);
        }
        let outputs = batches.first().map_or(0, Vec::len);
        let join = |output: usize| {
            let parts: Vec<Tensor> = batches.iter().filter_map(|batch| batch.get(output).cloned()).collect();
            Ok(Tensor::concat(&parts, 0)?)
        };
        let tensors = (0..outputs).map(join).collect::<Result<Vec<_>>>()?;
        Ok(Outputs { tensors, samples: images.iter().map(name).collect() })
    }
}

/// Writes outputs under their names; if two have the same name, the last is kept, as in a Python dict.
fn write(path: &Path, outputs: &[(String, Tensor)]) -> Result<()> {
    let mut arrays = IndexMap::new();
    for (name, tensor) in outputs {
        arrays.insert(name.clone(), tensor.to_data()?);
    }
    npz::write(path, &arrays).with_context(|| format!("cannot write the outputs to {}", path.display()))
}
