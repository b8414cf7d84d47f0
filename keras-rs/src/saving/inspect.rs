//! What is in a file, found without making a model of it.

mod variables;

use super::archive::KerasArchive;
use super::hdf5::{Hdf5File, on_deep_stack};
use super::load::{Kind, read_json, sniff};
use super::training_config::to_compile_config;
use crate::compile::Compiled;
use crate::config::json::parse_json;
use crate::config::{CustomObjects, Loading};
use crate::dtype::{DType, DTypePolicy};
use crate::error::{Error, Result};
use crate::models::{PLAIN_CLASSES, check_classes};
use indexmap::IndexMap;
use serde_json::Value;
use std::fmt;
use std::path::Path;

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileFormat {
    /// A whole model of Keras 3: `.keras`.
    Keras,
    /// A whole model in the form of Keras 2: `.h5`.
    LegacyH5,
    /// Weights of Keras 3: `.weights.h5`.
    WeightsH5,
    /// Weights in the form of Keras 2: `.h5`.
    LegacyWeights,
    /// Tensors by name: `.safetensors`.
    Safetensors,
    /// An architecture: `.json`.
    Architecture,
}

impl fmt::Display for FileFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keras => "Keras 3 model (.keras)",
            Self::LegacyH5 => "Keras 2 model (.h5)",
            Self::WeightsH5 => "Keras 3 weights (.weights.h5)",
            Self::LegacyWeights => "Keras 2 weights (.h5)",
            Self::Safetensors => "tensors (.safetensors)",
            Self::Architecture => "architecture (.json)",
        })
    }
}

/// A variable in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileVariable {
    /// Where it is in the file: `layers/dense/vars/0`, `dense/kernel:0`.
    pub path: String,
    /// The name of its layer, where the file says it.
    pub layer: Option<String>,
    /// Its shape.
    pub shape: Vec<usize>,
    /// The type that its elements have in a tensor.
    pub dtype: DType,
    /// Whether it is part of the optimizer's state, and no weight.
    pub of_optimizer: bool,
}

impl FileVariable {
    /// How many numbers it holds.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it holds no numbers.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What [`inspect`] finds in a file.
#[derive(Debug)]
#[non_exhaustive]
pub struct FileContents {
    /// What kind of file it is.
    pub format: FileFormat,
    /// What the file says about itself: `keras_version`, `date_saved`, `backend`, or the free entries of `.safetensors`.
    pub metadata: IndexMap<String, String>,
    /// The architecture, as its class names and arguments.
    pub config: Option<Value>,
    /// Optimizer, loss and metrics, in the form of Keras 3.
    pub compile_config: Option<Value>,
    /// Every variable: groups in the file's order, numbered ones by their numbers.
    pub variables: Vec<FileVariable>,
    /// Files that layers keep beside their weights, such as vocabularies.
    pub assets: Vec<String>,
    /// What keeps the model from being loaded: classes that are not known, Python code.
    pub problems: Vec<Error>,
    /// What keeps the model from being trained as it was: losses, metrics or optimizers that are not known.
    pub training_problems: Vec<Error>,
}

impl FileContents {
    fn new(format: FileFormat) -> Self {
        Self {
            format,
            metadata: IndexMap::new(),
            config: None,
            compile_config: None,
            variables: Vec::new(),
            assets: Vec::new(),
            problems: Vec::new(),
            training_problems: Vec::new(),
        }
    }

    /// How many numbers the weights are, without the optimizer's state.
    pub fn count_params(&self) -> usize {
        self.variables.iter().filter(|v| !v.of_optimizer).fold(0, |n, v| n.saturating_add(v.len()))
    }

    /// The name of the model, where the file has an architecture.
    pub fn model_name(&self) -> Option<&str> {
        self.config.as_ref()?.pointer("/config/name")?.as_str()
    }

    /// The class of the model, where the file has an architecture.
    pub fn model_class(&self) -> Option<&str> {
        self.config.as_ref()?.get("class_name")?.as_str()
    }

    /// How often each class of layers occurs, those of nested models and wrapped layers included, in the file's order.
    pub fn layer_classes(&self) -> IndexMap<&str, usize> {
        let mut classes = IndexMap::new();
        let mut pending: Vec<&Value> = self.config.iter().filter_map(|model| model.get("config")).collect();
        while let Some(value) = pending.pop() {
            match value {
                Value::Array(items) => pending.extend(items.iter().rev()),
                Value::Object(entries) => {
                    // Other objects of a configuration have no names.
                    let named = value.pointer("/config/name").is_some_and(Value::is_string);
                    let class = value.get("class_name").and_then(Value::as_str);
                    if let Some(class) = class.filter(|class| named && !PLAIN_CLASSES.contains(class)) {
                        *classes.entry(class).or_default() += 1;
                    }
                    pending.extend(entries.iter().rev().map(|(_, entry)| entry));
                }
                _ => {}
            }
        }
        classes
    }

    /// Takes up an architecture, and what of it is not known.
    fn set_config(&mut self, mut config: Value, origin: &Path) -> Result<()> {
        if config.get("class_name").is_none_or(|class| !class.is_string()) {
            let got = "JSON of something else, without a class name";
            return Err(Error::format(origin, "Keras", "the configuration of a model", got));
        }
        if let Some(entries) = config.as_object_mut() {
            let settings = entries.shift_remove("compile_config");
            // Keras writes an empty object for a model that is not compiled.
            self.compile_config =
                settings.filter(|v| v.as_object().is_some_and(|entries| !entries.is_empty()));
        }
        let custom = CustomObjects::new();
        self.problems.extend(check_classes(&config, &Loading::new(&custom)).err());
        self.config = Some(config);
        Ok(())
    }

    fn check_settings(&mut self) {
        let (custom, policy) = (CustomObjects::new(), DTypePolicy::default());
        let settings = self.compile_config.iter();
        let problems =
            settings.filter_map(|settings| Compiled::from_config(settings, &custom, policy.clone()).err());
        self.training_problems.extend(problems);
    }
}

/// Finds out what is in a `.keras`, `.h5`, `.weights.h5`, `.safetensors` or `.json` file without making a model: its
/// architecture, its variables, and what of it is not known here.
///
/// # Errors
/// [`Error::Io`] where it cannot be read; [`Error::Format`] where it is damaged or no such file; [`Error::TooLarge`]
/// where it claims more than it can hold.
///
/// ```
/// use keras_rs::prelude::*;
/// use keras_rs::saving::{FileFormat, inspect};
/// # let directory = tempfile::tempdir().unwrap();
/// # let path = directory.path().join("model.keras");
///
/// let model = Sequential::new().add(Input::new([4])).add(Dense::new(2)).build()?;
/// model.save(&path)?;
/// let contents = inspect(&path)?;
/// assert_eq!(contents.format, FileFormat::Keras);
/// assert_eq!(contents.layer_classes()["Dense"], 1);
/// assert_eq!(contents.count_params(), 10);
/// assert_eq!(contents.variables[0].path, "layers/dense/vars/0");
/// assert!(contents.problems.is_empty());
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn inspect(path: impl AsRef<Path>) -> Result<FileContents> {
    let path = path.as_ref();
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("safetensors")) {
        return variables::of_safetensors(path);
    }
    let mut contents = on_deep_stack(|| match sniff(path)? {
        Kind::Zip => keras(path),
        Kind::Hdf5 => hdf5(path),
        Kind::Json => {
            let mut contents = FileContents::new(FileFormat::Architecture);
            let config = read_json(path)?;
            note_strings(&config, &["keras_version", "backend"], &mut contents.metadata);
            contents.set_config(config, path)?;
            Ok(contents)
        }
    })?;
    contents.check_settings();
    Ok(contents)
}

fn keras(path: &Path) -> Result<FileContents> {
    let mut contents = FileContents::new(FileFormat::Keras);
    let mut archive = KerasArchive::open(path)?;
    note_strings(&archive.metadata()?, &["keras_version", "date_saved"], &mut contents.metadata);
    contents.set_config(archive.config()?, path)?;
    contents.assets = archive.asset_names();
    variables::of_tree(&archive.weights()?.root(), path, &mut contents.variables)?;
    Ok(contents)
}

fn hdf5(path: &Path) -> Result<FileContents> {
    let file = Hdf5File::open(path)?;
    let root = file.root();
    let config = root.attr_str("model_config")?;
    let legacy = super::legacy::weights_group(&file)?;
    let mut contents = FileContents::new(match (&config, &legacy) {
        (Some(_), _) => FileFormat::LegacyH5,
        (None, Some(_)) => FileFormat::LegacyWeights,
        (None, None) => FileFormat::WeightsH5,
    });
    for key in ["keras_version", "backend"] {
        contents.metadata.extend(root.attr_str(key)?.map(|value| (key.to_string(), value)));
    }
    if let Some(config) = config {
        // Without its weights, the model would not be loaded.
        contents.problems.extend(root.group(super::legacy::WEIGHTS).err());
        contents.set_config(parse_json(config.as_bytes(), path)?, path)?;
        if let Some(settings) = root.attr_str("training_config")? {
            contents.compile_config = to_compile_config(&parse_json(settings.as_bytes(), path)?);
        }
    }
    variables::of_tree(&root, path, &mut contents.variables)?;
    Ok(contents)
}

/// Copies entries that are strings.
fn note_strings(value: &Value, keys: &[&str], into: &mut IndexMap<String, String>) {
    for key in keys {
        let text = value.get(*key).and_then(Value::as_str);
        into.extend(text.map(|text| ((*key).to_string(), text.to_string())));
    }
}

#[cfg(test)]
mod tests;
