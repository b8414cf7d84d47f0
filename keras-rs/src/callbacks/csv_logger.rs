//! Writing the values of epochs to a CSV file.

use super::callback::{Callback, Logs, Training};
use super::python::repr;
use crate::config::KerasConfig;
use crate::error::{Error, Result};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;

/// Writes the values of every epoch to a CSV file. Keras' `CSVLogger`.
///
/// The columns are `epoch` and the values of the first epoch, sorted; if it was not validated, also
/// the same names with `val_`. Values that a later epoch lacks are `NA`; values that the first epoch did
/// not have are ignored. Each line is written to the file before the next epoch begins.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let model = Sequential::new().add(Input::new([1])).add(Dense::new(1)).build()?;
/// model.compile("sgd", "mse", ())?;
/// let x = Tensor::zeros([8, 1], DType::F32)?;
/// # let folder = tempfile::tempdir().map_err(|e| keras_rs::Error::io("folder", "create", e))?;
/// # let path = folder.path().join("log.csv");
/// model.fit(&x, &x, Fit::new().epochs(2).verbose(0).callback(CSVLogger::new(&path)))?;
/// # let text = std::fs::read_to_string(&path).map_err(|e| keras_rs::Error::io(&path, "read", e))?;
/// assert_eq!(text, "epoch,loss,val_loss\r\n0,0.0,NA\r\n1,0.0,NA\r\n");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(no_config)]
pub struct CSVLogger {
    /// File that is written.
    #[keras(new)]
    filename: PathBuf,
    /// Separator of values (default `,`).
    #[keras(default = ',')]
    separator: char,
    /// Whether lines are appended to an existing file, which is replaced otherwise (default `false`).
    #[keras(default = false)]
    append: bool,
    #[keras(skip = true)]
    with_header: bool,
    #[keras(skip)]
    keys: Option<Vec<String>>,
    #[keras(skip)]
    file: Option<File>,
}

impl CSVLogger {
    fn io(&self, action: &'static str, error: std::io::Error) -> Error {
        Error::io(&self.filename, action, error)
    }

    /// Whether the file exists and is not empty.
    fn has_header(&self) -> Result<bool> {
        let Ok(file) = File::open(&self.filename) else { return Ok(false) };
        let mut file = BufReader::new(file);
        file.fill_buf().map(|bytes| !bytes.is_empty()).map_err(|e| self.io("read", e))
    }

    fn write(&mut self, fields: Vec<String>) -> Result<()> {
        let quoted: Vec<String> = fields.iter().map(|field| self.quoted(field)).collect();
        let line = quoted.join(&self.separator.to_string()) + "\r\n";
        match &mut self.file {
            Some(file) => file.write_all(line.as_bytes()).map_err(|e| Error::io(&self.filename, "write", e)),
            None => Ok(()),
        }
    }

    fn quoted(&self, field: &str) -> String {
        if field.contains([self.separator, '"', '\r', '\n']) {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            field.to_string()
        }
    }

    /// Determines the columns, in the first epoch.
    fn begin(&mut self, logs: &Logs) -> Result<Vec<String>> {
        let mut keys: Vec<String> = logs.keys().cloned().collect();
        keys.sort();
        if !keys.iter().any(|key| key.starts_with("val_")) {
            let validated: Vec<String> = keys.iter().map(|key| format!("val_{key}")).collect();
            keys.extend(validated);
        }
        if self.with_header {
            let header = std::iter::once("epoch".to_string()).chain(keys.clone());
            self.write(header.collect())?;
        }
        self.keys = Some(keys.clone());
        Ok(keys)
    }
}

impl Callback for CSVLogger {
    fn on_train_begin(&mut self, _training: &mut Training) -> Result<()> {
        let mut options = OpenOptions::new();
        if self.append {
            self.with_header = !self.has_header()?;
            options.append(true).create(true);
        } else {
            options.write(true).create(true).truncate(true);
        }
        self.file = Some(options.open(&self.filename).map_err(|e| self.io("open", e))?);
        self.keys = None;
        Ok(())
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, _training: &mut Training) -> Result<()> {
        let keys = match self.keys.clone() {
            Some(keys) => keys,
            None => self.begin(logs)?,
        };
        let value = |key: &String| logs.get(key).map_or("NA".into(), |value| repr(*value));
        self.write(std::iter::once(epoch.to_string()).chain(keys.iter().map(value)).collect())
    }

    fn on_train_end(&mut self, _logs: &mut Logs, _training: &mut Training) -> Result<()> {
        self.file = None;
        Ok(())
    }

    fn uses_batch_logs(&self) -> bool {
        false
    }
}
