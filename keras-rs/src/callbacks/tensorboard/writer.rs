//! Writing an event file.

use super::events::{self, Plugin, Value};
use super::histogram::buckets;
use super::records::record;
use crate::error::{Error, Result};
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Makes file names unique within a process and a second.
static FILES: AtomicU64 = AtomicU64::new(0);

/// Writes one event file, as `tf.summary.create_file_writer` does.
///
/// Events are buffered until [`flush`](Self::flush) or until the writer is dropped; flushed events remain
/// readable if the process is killed later.
///
/// ```
/// use keras_rs::callbacks::tensorboard::EventWriter;
///
/// # let logs = tempfile::tempdir().map_err(|e| keras_rs::Error::io("logs", "create", e))?;
/// let mut writer = EventWriter::create(logs.path().join("train"))?;
/// writer.scalar("epoch_loss", 0, 0.25)?;
/// writer.histogram("dense/kernel/histogram", 0, &[-1.0, 0.0, 0.5])?;
/// writer.flush()?;
/// assert!(writer.path().starts_with(logs.path().join("train")));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug)]
pub struct EventWriter {
    path: PathBuf,
    file: BufWriter<File>,
}

impl EventWriter {
    /// Makes a new file `events.out.tfevents.<seconds>.<host>.<process>.<number>.v2` in
    /// `directory`, which is made where it is missing.
    ///
    /// # Errors
    /// [`Error::Io`] where the directory or the file cannot be made.
    pub fn create(directory: impl AsRef<Path>) -> Result<Self> {
        let directory = directory.as_ref();
        std::fs::create_dir_all(directory).map_err(|e| Error::io(directory, "create", e))?;
        let seconds = now().as_secs();
        let name = format!(
            "events.out.tfevents.{seconds:010}.{}.{}.{}.v2",
            host(),
            std::process::id(),
            FILES.fetch_add(1, Ordering::Relaxed)
        );
        let path = directory.join(name);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(|e| Error::io(&path, "create", e))?;
        let mut writer = Self { path, file: BufWriter::new(file) };
        writer.write(&events::file_version(now().as_secs_f64()))?;
        writer.flush()?;
        Ok(writer)
    }

    /// The file that is written.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a number to the curve `tag`; it is stored as `float32`.
    ///
    /// # Errors
    /// [`Error::Io`] where the file cannot be written.
    pub fn scalar(&mut self, tag: &str, step: u64, value: f64) -> Result<()> {
        self.summary(tag, step, Plugin::Scalars, Value::Scalar(value as f32))
    }

    /// Adds the distribution of `values` to the histograms of `tag`, in 30 buckets of equal width.
    ///
    /// Values that are not finite are left out.
    ///
    /// # Errors
    /// [`Error::Io`] where the file cannot be written.
    pub fn histogram(&mut self, tag: &str, step: u64, values: &[f64]) -> Result<()> {
        self.summary(tag, step, Plugin::Histograms, Value::Rows(&buckets(values)))
    }

    /// Adds a text, which TensorBoard shows as Markdown.
    ///
    /// # Errors
    /// [`Error::Io`] where the file cannot be written.
    pub fn text(&mut self, tag: &str, step: u64, text: &str) -> Result<()> {
        self.summary(tag, step, Plugin::Text, Value::Text(text))
    }

    /// Adds a model's JSON, which TensorBoard draws as a graph of its layers.
    ///
    /// # Errors
    /// [`Error::Io`] where the file cannot be written.
    pub fn keras_graph(&mut self, json: &str) -> Result<()> {
        self.summary("keras", 0, Plugin::KerasGraph, Value::Text(json))
    }

    /// Writes all buffered events to the file.
    ///
    /// # Errors
    /// [`Error::Io`] where the file cannot be written.
    pub fn flush(&mut self) -> Result<()> {
        self.file.flush().map_err(|e| Error::io(&self.path, "write", e))
    }

    fn summary(&mut self, tag: &str, step: u64, plugin: Plugin, value: Value<'_>) -> Result<()> {
        self.write(&events::summary(now().as_secs_f64(), step, tag, plugin, value))
    }

    fn write(&mut self, event: &[u8]) -> Result<()> {
        self.file.write_all(&record(event)).map_err(|e| Error::io(&self.path, "write", e))
    }
}

/// Time since 1970; zero if the clock is set to an earlier time.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// The host name, with only characters that file names may contain.
fn host() -> String {
    #[cfg(any(unix, windows))]
    let name = hostname::get().ok().map(|name| name.to_string_lossy().into_owned());
    #[cfg(not(any(unix, windows)))]
    let name: Option<String> = None;
    let name = name.unwrap_or_default().replace(|c: char| !c.is_alphanumeric() && !"-._".contains(c), "_");
    if name.is_empty() { "localhost".to_string() } else { name }
}
