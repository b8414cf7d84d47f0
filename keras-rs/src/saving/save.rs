//! Writing models.

use super::archive::write_archive;
use super::hdf5::on_deep_stack;
use super::{safetensors, tree};
use crate::config::json::to_json;
use crate::error::{Error, Result};
use crate::files::atomic::write_atomically;
use crate::models::Model;
use indexmap::IndexMap;
use serde_json::json;
use std::io::Write;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// The version of Keras whose files ours are like.
const KERAS_VERSION: &str = "3.15.1";

impl Model {
    /// Writes the whole model, by the file's ending: `.keras`.
    ///
    /// The file is written beside the target and renamed; a crash leaves the old one whole.
    ///
    /// # Errors
    /// [`Error::Argument`] for another ending, [`Error::Io`] where writing fails.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        if path.extension().is_none_or(|e| e != "keras") {
            let expected = "a name that ends in .keras (see save_weights and to_json for other formats)";
            return Err(Error::argument("save", "path", expected, path.display()));
        }
        let metadata = json!({ "keras_version": KERAS_VERSION, "date_saved": now() });
        let config = self.as_layer().to_json();
        let weights = tree::write(self)?;
        on_deep_stack(|| {
            write_atomically(path, |file| write_archive(file, &metadata, &config, weights, path))
        })
    }

    /// Writes the weights, by the file's ending: `.weights.h5`, or `.safetensors` with variable
    /// paths as names.
    ///
    /// # Errors
    /// [`Error::Argument`] for another ending, [`Error::Io`] where writing fails.
    pub fn save_weights(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if name.ends_with(".safetensors") {
            let mut tensors = IndexMap::new();
            for (path, variable) in self.weights_by_path() {
                tensors.insert(path, variable.value()?.to_data()?);
            }
            return write_atomically(path, |file| safetensors::write_safetensors(file, &tensors, path));
        }
        if name.ends_with(".weights.h5") {
            let weights = tree::write(self)?;
            return on_deep_stack(|| write_atomically(path, |file| weights.write_to(file, path)));
        }
        let expected = "a name that ends in .weights.h5 or .safetensors";
        Err(Error::argument("save_weights", "path", expected, path.display()))
    }

    /// The architecture as JSON, as Keras' `to_json`.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let model = Sequential::new().add(Input::new([4])).add(Dense::new(2)).build()?;
    /// let again = keras_rs::model_from_json(&model.to_json())?;
    /// assert_eq!(again.count_params(), 10);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn to_json(&self) -> String {
        to_json(&self.as_layer().to_json())
    }

    /// Writes the architecture as JSON.
    ///
    /// # Errors
    /// [`Error::Io`] where writing fails.
    pub fn save_json(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let text = self.to_json();
        write_atomically(path, |file| {
            file.write_all(text.as_bytes()).map_err(|e| Error::io(path, "write", e))
        })
    }
}

/// The time in UTC, as Keras writes it: `2026-01-31@12:00:00`.
fn now() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}@{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60)
}

/// Year, month and day of a number of days since 1970, by the Gregorian calendar.
fn civil(days: u64) -> (u64, u64, u64) {
    // Years are counted from March, so that the leap day comes last.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests;
