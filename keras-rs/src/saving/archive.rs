//! `.keras` archives: a ZIP of `metadata.json`, `config.json` and `model.weights.h5`.

use super::hdf5::{Hdf5File, Hdf5Writer};
use crate::config::json::{parse_json, to_json};
use crate::error::{Error, Result};
use crate::files::members::Members;
use crate::files::until_failure::UntilFailure;
use crate::layer::Asset;
use serde_json::Value;
use std::fs::File;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;

const FORMAT: &str = "Keras";
const METADATA: &str = "metadata.json";
const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.weights.h5";
const ASSETS: &str = "assets";
/// Largest JSON member, unpacked. The configuration of ResNet152 takes half a megabyte.
const MAX_JSON: u64 = 64 << 20;

/// A `.keras` archive opened for reading.
pub(crate) struct KerasArchive {
    members: Members<File>,
    /// The file again, whose sections are read in location.
    path: PathBuf,
}

impl KerasArchive {
    /// Opens a file.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be opened; [`Error::Format`] where it is no ZIP archive or
    /// one that no program of good will writes: a name twice or one that leads out of the
    /// archive, encryption, sizes that cannot be.
    pub(crate) fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|e| Error::io(path, "open", e))?;
        let members = Members::open(file, path, FORMAT)?;
        if let Some(name) = members.names().find(|name| leads_out(name)) {
            return Err(Error::format(
                path,
                FORMAT,
                "members inside the archive",
                format!("\"{}\"", name.escape_debug()),
            ));
        }
        Ok(Self { members, path: path.to_path_buf() })
    }

    /// `config.json`: the model's configuration.
    ///
    /// # Errors
    /// [`Error::Format`] where it is missing or not JSON, [`Error::TooLarge`] beyond 64 MiB.
    pub(crate) fn config(&mut self) -> Result<Value> {
        let bytes = self.members.read(CONFIG, MAX_JSON)?.ok_or_else(|| self.missing(CONFIG))?;
        parse_json(&bytes, self.members.location(CONFIG))
    }

    /// `metadata.json`: the version of Keras and the date; an empty object where there is none.
    ///
    /// # Errors
    /// [`Error::Format`] where it is not JSON, [`Error::TooLarge`] beyond 64 MiB.
    pub(crate) fn metadata(&mut self) -> Result<Value> {
        match self.members.read(METADATA, MAX_JSON)? {
            Some(bytes) => parse_json(&bytes, self.members.location(METADATA)),
            None => Ok(Value::Object(serde_json::Map::new())),
        }
    }

    /// Names of the files that layers keep beside their weights, below `assets/`.
    pub(crate) fn asset_names(&self) -> Vec<String> {
        let prefix = asset_prefix("");
        let assets = self.members.names().filter_map(|name| name.strip_prefix(&prefix));
        assets.filter(|name| !name.is_empty() && !name.ends_with('/')).map(str::to_string).collect()
    }

    /// `model.weights.h5`. Where it is stored as it is, its data is read from the file on demand.
    ///
    /// # Errors
    /// [`Error::Format`] where it is missing, damaged or not HDF5; [`Error::TooLarge`] where it
    /// unpacks to more than the archive's size explains.
    pub(crate) fn weights(&mut self) -> Result<Hdf5File> {
        let location = self.members.location(WEIGHTS);
        if let Some((start, len)) = self.members.section(WEIGHTS)? {
            let file = File::open(&self.path).map_err(|e| Error::io(&self.path, "open", e))?;
            return Hdf5File::from_section(file, start, len, location);
        }
        let bytes = self.members.read(WEIGHTS, u64::MAX)?.ok_or_else(|| self.missing(WEIGHTS))?;
        Hdf5File::from_bytes(bytes, location)
    }

    /// The files that a layer keeps beside its weights, by the layer's path in the archive.
    ///
    /// # Errors
    /// [`Error::Format`] for a damaged member; [`Error::TooLarge`] where one unpacks to more than the archive's
    /// size explains.
    pub(crate) fn assets(&mut self, layer: &str) -> Result<Vec<Asset>> {
        let prefix = asset_prefix(layer);
        let named = |name: &str| Some((name.to_string(), name.strip_prefix(&prefix)?.to_string()));
        let files: Vec<(String, String)> = self
            .members
            .names()
            .filter_map(named)
            .filter(|(_, name)| !name.is_empty() && !name.contains('/'))
            .collect();
        let mut assets = Vec::with_capacity(files.len());
        for (member, name) in files {
            if let Some(bytes) = self.members.read(&member, u64::MAX)? {
                assets.push(Asset { name, bytes });
            }
        }
        Ok(assets)
    }

    fn missing(&self, name: &str) -> Error {
        Error::format(self.members.location(name), FORMAT, "this member", "none")
    }
}

/// What stands before the names of a layer's files.
fn asset_prefix(layer: &str) -> String {
    if layer.is_empty() { format!("{ASSETS}/") } else { format!("{ASSETS}/{layer}/") }
}

/// Writes an archive; errors name `path`. `assets` are the files of layers by the layer's path.
///
/// # Errors
/// [`Error::Io`] where writing fails, [`Error::Format`] where the weights cannot be expressed.
pub(crate) fn write_archive(
    out: impl Write + Seek,
    metadata: &Value,
    config: &Value,
    weights: Hdf5Writer,
    assets: &[(String, Asset)],
    path: impl AsRef<Path>,
) -> Result<()> {
    let path = path.as_ref();
    let failed = |e: zip::result::ZipError| Error::io(path, "write", e.into());
    // Without a time of day, equal models make equal files.
    let stored = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o600);
    let mut zip = zip::ZipWriter::new(UntilFailure::new(out));
    for (name, value) in [(METADATA, metadata), (CONFIG, config)] {
        zip.start_file(name, stored).map_err(failed)?;
        zip.write_all(to_json(value).as_bytes()).map_err(|e| Error::io(path, "write", e))?;
    }
    // Sizes are known only afterwards; room for those beyond 4 GiB costs 20 bytes.
    zip.start_file(WEIGHTS, stored.large_file(true)).map_err(failed)?;
    weights.write_to(&mut zip, path)?;
    for (layer, asset) in assets {
        zip.start_file(asset_prefix(layer) + &asset.name, stored).map_err(failed)?;
        zip.write_all(&asset.bytes).map_err(|e| Error::io(path, "write", e))?;
    }
    zip.finish().map_err(failed)?.flush().map_err(|e| Error::io(path, "write", e))
}

/// Whether unpacking a member of this name could touch a file outside.
fn leads_out(name: &str) -> bool {
    name.starts_with('/')
        || name.contains(['\\', '\0'])
        || name.split('/').any(|part| part == "..")
        || name.as_bytes().get(1) == Some(&b':')
}

#[cfg(test)]
mod tests;
