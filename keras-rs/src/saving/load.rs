//! Opening whole models.

use super::archive::KerasArchive;
use super::hdf5::{Hdf5File, on_deep_stack};
use super::weights::LoadWeights;
use super::{legacy, tree};
use crate::config::json::parse_json;
use crate::config::{CustomObjects, Loading};
use crate::error::{Error, Result};
use crate::models::{Model, model_from_value};
use serde_json::Value;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Opens a model that Keras or this library saved.
///
/// The format is found from the contents: `.keras`, a whole-model legacy `.h5` of Keras 2 or 3, or
/// architecture JSON, whose model has fresh weights. Compile settings are kept.
///
/// # Errors
/// [`Error::Io`] where the file cannot be read, [`Error::Format`] where it is damaged,
/// [`Error::UnknownClasses`] for classes that are not registered, [`Error::CodeRefused`] for a
/// `Lambda`, [`Error::Weights`] where weights are missing or misshapen.
///
/// ```
/// use keras_rs::prelude::*;
/// # let directory = tempfile::tempdir().unwrap();
/// # let path = directory.path().join("model.keras");
///
/// let model = Sequential::new().add(Input::new([4])).add(Dense::new(2)).build()?;
/// model.save(&path)?;
/// let again = keras_rs::load_model(&path)?;
/// let x = Tensor::ones([1, 4], DType::F32)?;
/// assert_eq!(again.predict(&x)?.to_vec::<f32>()?, model.predict(&x)?.to_vec::<f32>()?);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn load_model(path: impl AsRef<Path>) -> Result<Model> {
    load_model_with(path, &CustomObjects::new())
}

/// As [`load_model`], with classes of your own.
///
/// # Errors
/// As [`load_model`].
pub fn load_model_with(path: impl AsRef<Path>, custom: &CustomObjects) -> Result<Model> {
    open(path.as_ref(), custom, &LoadWeights::new())
}

/// As [`load_model_with`], with large weights that stay in the file until something needs them, as
/// [`LoadWeights::on_demand`] explains: for programs that load a model to predict with it.
///
/// # Errors
/// As [`load_model`].
///
/// ```
/// use keras_rs::{load_model_on_demand, prelude::*};
/// # let directory = tempfile::tempdir().unwrap();
/// # let path = directory.path().join("model.keras");
///
/// let model = Sequential::new().add(Input::new([256])).add(Dense::new(256)).build()?;
/// model.save(&path)?;
/// let again = load_model_on_demand(&path, &CustomObjects::new())?;
/// let x = Tensor::ones([1, 256], DType::F32)?;
/// assert_eq!(again.predict(&x)?.to_vec::<f32>()?, model.predict(&x)?.to_vec::<f32>()?);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn load_model_on_demand(path: impl AsRef<Path>, custom: &CustomObjects) -> Result<Model> {
    open(path.as_ref(), custom, &LoadWeights::new().on_demand(true))
}

fn open(path: &Path, custom: &CustomObjects, options: &LoadWeights) -> Result<Model> {
    let loading = Loading::new(custom);
    on_deep_stack(|| match sniff(path)? {
        Kind::Zip => {
            let mut archive = KerasArchive::open(path)?;
            let config = archive.config()?;
            let model = model_from_value(&config, &loading)?;
            tree::read(&model, &archive.weights()?.root(), options)?;
            tree::load_assets(&model, &mut archive)?;
            Ok(model)
        }
        Kind::Hdf5 => legacy::load_model(&Hdf5File::open(path)?, path, &loading, options),
        Kind::Json => {
            let config = read_json(path)?;
            model_from_value(&config, &loading)
        }
    })
}

/// A model with fresh weights from the JSON that [`Model::to_json`] or Keras' `to_json` gave.
///
/// # Errors
/// As [`load_model`].
pub fn model_from_json(json: &str) -> Result<Model> {
    model_from_json_with(json, &CustomObjects::new())
}

/// As [`model_from_json`], with classes of your own.
///
/// # Errors
/// As [`load_model`].
pub fn model_from_json_with(json: &str, custom: &CustomObjects) -> Result<Model> {
    let config: Value = parse_json(json.as_bytes(), "JSON")?;
    model_from_value(&config, &Loading::new(custom))
}

pub(super) enum Kind {
    Zip,
    Hdf5,
    Json,
}

/// Tells a file's format by its first bytes.
pub(super) fn sniff(path: &Path) -> Result<Kind> {
    let mut start = [0; 8];
    let mut file = File::open(path).map_err(|e| Error::io(path, "open", e))?;
    let mut filled = 0;
    while filled < start.len() {
        match file.read(&mut start[filled..]).map_err(|e| Error::io(path, "read", e))? {
            0 => break,
            n => filled += n,
        }
    }
    match &start[..filled] {
        [b'P', b'K', ..] => Ok(Kind::Zip),
        [0x89, b'H', b'D', b'F', ..] => Ok(Kind::Hdf5),
        text if text.trim_ascii_start().first() == Some(&b'{') || text.starts_with(b"\xef\xbb\xbf") => {
            Ok(Kind::Json)
        }
        _ => Err(Error::format(path, "Keras", "a .keras archive, an HDF5 file or JSON", "something else")),
    }
}

/// Largest architecture file that is read.
const MAX_JSON: u64 = 64 << 20;

/// A file of JSON.
pub(super) fn read_json(path: &Path) -> Result<Value> {
    let file = File::open(path).map_err(|e| Error::io(path, "open", e))?;
    let mut bytes = Vec::new();
    file.take(MAX_JSON + 1).read_to_end(&mut bytes).map_err(|e| Error::io(path, "read", e))?;
    if bytes.len() as u64 > MAX_JSON {
        return Err(Error::TooLarge {
            context: path.display().to_string(),
            bytes: bytes.len() as u64,
            limit: MAX_JSON,
        });
    }
    parse_json(&bytes, path)
}
