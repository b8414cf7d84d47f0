//! Finding and loading the model that the command line names.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use keras_rs::config::CustomObjects;
use keras_rs::{LoadWeights, Model};
use keras_rs_applications::{Application, Variant};

use crate::apps::did_you_mean;
use crate::usage::Usage;

/// Where weights come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Weights {
    /// Those that belong to the model: the file's own, an application's published ones.
    Own,
    /// Any values, because only shapes and counts are needed.
    Any,
    /// Newly initialised.
    None,
    /// Published, trained on ImageNet.
    Imagenet,
    /// From a file.
    File(PathBuf),
}

/// The options on weights.
#[derive(Args)]
pub(crate) struct WeightsArgs {
    /// A weights file (.weights.h5, .h5, .safetensors), `imagenet` or `none` [default: the file's
    /// own, or imagenet for an application]
    #[arg(long, value_name = "FILE|imagenet|none", value_parser = parse_weights)]
    weights: Option<Weights>,

    /// Never download; use published weights only if they are in the cache
    #[arg(long)]
    pub(crate) offline: bool,
}

impl WeightsArgs {
    /// The weights of the option.
    pub(crate) fn weights(&self) -> &Weights {
        self.or(&Weights::Own)
    }

    /// The weights of the option, or else others.
    pub(crate) fn or<'a>(&'a self, others: &'a Weights) -> &'a Weights {
        self.weights.as_ref().unwrap_or(others)
    }

    /// Whether weights were named.
    pub(crate) fn is_given(&self) -> bool {
        self.weights.is_some()
    }
}

fn parse_weights(value: &str) -> Result<Weights, std::convert::Infallible> {
    Ok(match value {
        "none" => Weights::None,
        "imagenet" => Weights::Imagenet,
        file => Weights::File(file.into()),
    })
}

/// The source of a model.
pub(crate) enum Source {
    /// One of keras.applications.
    Application(&'static Variant),
    /// A file.
    File(PathBuf),
}

impl Source {
    /// The application of this name, else the file.
    pub(crate) fn of(model: &str) -> Self {
        match Variant::find(model) {
            Ok(variant) => Self::Application(variant),
            Err(_) => Self::File(model.into()),
        }
    }

    /// The application, where it is one.
    pub(crate) fn variant(&self) -> Option<&'static Variant> {
        match self {
            Self::Application(variant) => Some(variant),
            Self::File(_) => None,
        }
    }

    /// The model with weights; `offline` forbids downloads, as the environment may do too.
    pub(crate) fn load(&self, weights: &Weights, offline: bool) -> Result<Model> {
        // An unusable default device is reported here, not as the error of a layer.
        keras_rs::backend::default_device()?;
        match self {
            Self::Application(variant) => application(variant, weights, offline),
            Self::File(path) => file(path, weights),
        }
    }
}

fn application(variant: &'static Variant, weights: &Weights, offline: bool) -> Result<Model> {
    let weights = match weights {
        Weights::None | Weights::Any => keras_rs_applications::Weights::None,
        Weights::Own | Weights::Imagenet => keras_rs_applications::Weights::Imagenet,
        Weights::File(path) => path.clone().into(),
    };
    Ok(Application::new(variant).weights(weights).offline(offline).on_demand(true).build()?)
}

fn file(path: &Path, weights: &Weights) -> Result<Model> {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    if extension.is_empty() && !path.exists() {
        bail!(
            "there is no file {}, and no such application; {}",
            path.display(),
            did_you_mean(&path.to_string_lossy())
        );
    }
    if path.to_string_lossy().to_ascii_lowercase().ends_with(".weights.h5") || extension == "safetensors" {
        bail!("{} holds weights only; name the model and give this file to --weights", path.display());
    }
    let is_architecture = extension == "json";
    match weights {
        Weights::Imagenet => return Err(Usage::error("--weights imagenet is for applications only")),
        Weights::None if !is_architecture => {
            return Err(Usage::error("--weights none is for applications and .json files, which hold none"));
        }
        Weights::Own if is_architecture => {
            let problem = "a .json file holds no weights; name them with --weights, or give --weights none";
            return Err(Usage::error(problem));
        }
        _ => {}
    }
    let model = keras_rs::load_model_on_demand(path, &CustomObjects::new())
        .map_err(|error| naming(path, error.into()))?;
    if let Weights::File(weights) = weights {
        let options = LoadWeights::new().on_demand(true);
        model.load_weights_with(weights, &options).map_err(|error| naming(weights, error.into()))?;
    }
    Ok(model)
}

/// Adds the file's name to errors that do not contain it.
fn naming(path: &Path, error: anyhow::Error) -> anyhow::Error {
    let name = path.display().to_string();
    if format!("{error:#}").contains(&name) { error } else { error.context(format!("cannot load {name}")) }
}
