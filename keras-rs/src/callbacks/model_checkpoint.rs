//! Saving the model while it is trained.

use super::callback::{Callback, Logs, Training};
use super::monitor::{Mode, Monitor};
use super::python::{Number, fill, fixed};
use super::save_freq::{Counter, SaveFreq, check};
use crate::config::KerasConfig;
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// Saves the model after epochs or batches, all or the best. Keras' `ModelCheckpoint`.
///
/// The name of the file is a template in Python's format, with the epoch, counted from 1, and the values of
/// the logs: `{epoch:02d}-{val_loss:.2f}.keras`. Files are replaced atomically, so that a crash leaves the
/// old one complete.
///
/// With `save_best_only`, it is an error if the monitored value is missing from the logs (Keras warns, and
/// saves). A name that begins with `val_` may be missing after epochs that were not validated; nothing is
/// saved then.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let model = Sequential::new().add(Input::new([1])).add(Dense::new(1)).build()?;
/// model.compile("sgd", "mse", ())?;
/// let x = Tensor::ones([8, 1], DType::F32)?;
/// # let folder = tempfile::tempdir().map_err(|e| keras_rs::Error::io("folder", "create", e))?;
/// # let folder = folder.path();
/// let saver = ModelCheckpoint::new(folder.join("best-{epoch:02d}.keras")).monitor("loss").save_best_only(true);
/// model.fit(&x, &x, Fit::new().epochs(2).verbose(0).callback(saver))?;
/// assert!(folder.join("best-01.keras").exists());
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(no_config)]
pub struct ModelCheckpoint {
    /// Template of the files' names, which ends in `.keras`, or in `.weights.h5` for weights only.
    #[keras(new)]
    filepath: PathBuf,
    /// Value of the logs that is monitored (default `val_loss`).
    #[keras(default = "val_loss")]
    monitor: String,
    /// Whether a line is printed for each file (default `false`).
    #[keras(default = false)]
    verbose: bool,
    /// Whether a model is saved only where it is better than all before (default `false`).
    #[keras(default = false)]
    save_best_only: bool,
    /// Whether only weights and the optimizer's state are saved (default `false`).
    #[keras(default = false)]
    save_weights_only: bool,
    /// Which values are better: `"auto"`, `"min"`, `"max"` or a [`Mode`] (default `"auto"`).
    #[keras(default = Ok(Mode::Auto))]
    mode: Result<Mode>,
    /// When to save: `"epoch"`, or a number of batches (default `"epoch"`).
    #[keras(default = Ok(SaveFreq::Epoch))]
    save_freq: Result<SaveFreq>,
    #[keras(skip)]
    best: Option<f64>,
    #[keras(skip)]
    counter: Counter,
    #[keras(skip)]
    epoch: usize,
}

impl ModelCheckpoint {
    fn monitored(&self) -> Monitor<'_> {
        Monitor { callback: "ModelCheckpoint", name: &self.monitor, mode: &self.mode, min_delta: 0.0 }
    }

    /// Sets the value that the first saved model must improve on (default: none).
    #[must_use]
    pub fn initial_value_threshold(mut self, threshold: f64) -> Self {
        self.best = Some(threshold);
        self
    }

    /// The best value so far.
    pub fn best(&self) -> Option<f64> {
        self.best
    }

    fn check(&self) -> Result<()> {
        let ending = if self.save_weights_only { ".weights.h5" } else { ".keras" };
        if !self.filepath.to_string_lossy().ends_with(ending) {
            let expected = format!("a name that ends in {ending}");
            return Err(Error::argument("ModelCheckpoint", "filepath", expected, self.filepath.display()));
        }
        check("ModelCheckpoint", &self.save_freq)?;
        self.monitored().check()
    }

    fn file(&self, batch: Option<usize>, logs: &Logs) -> Result<PathBuf> {
        let Some(template) = self.filepath.to_str() else {
            let got = self.filepath.display();
            return Err(Error::argument("ModelCheckpoint", "filepath", "a name in UTF-8", got));
        };
        let mut values = vec![("epoch", Number::Int(self.epoch + 1))];
        if let Some(batch) = batch.filter(|_| !logs.contains_key("batch")) {
            values.push(("batch", Number::Int(batch + 1)));
        }
        values.extend(logs.iter().map(|(name, value)| (name.as_str(), Number::Float(*value))));
        fill(template, &values).map(PathBuf::from)
    }

    /// Whether the model is to be saved, and a line that says why.
    fn decide(&mut self, path: &Path, logs: &Logs, training: &Training) -> Result<(bool, String)> {
        let path = path.display();
        if !self.save_best_only {
            return Ok((true, format!("saving model to {path}")));
        }
        let name = &self.monitor;
        let best = self.best.map_or("None".into(), |best| fixed(best, 5));
        let Some(current) = self.monitored().value(logs, training)? else {
            return Ok((false, format!("{name} is not there to compare with {best}")));
        };
        if !self.monitored().is_improvement(current, self.best, training)? {
            return Ok((false, format!("{name} did not improve from {best}")));
        }
        let now = fixed(current, 5);
        let reason = format!("{name} improved from {best} to {now}, saving model to {path}");
        self.best = Some(current);
        Ok((true, reason))
    }

    fn save(&mut self, batch: Option<usize>, logs: &Logs, training: &Training) -> Result<()> {
        let path = self.file(batch, logs)?;
        let (is_saved, reason) = self.decide(&path, logs, training)?;
        let say = |text: &str| {
            if self.verbose {
                training.print(&format!("\nEpoch {}: {text}", self.epoch + 1));
            }
        };
        say(&reason);
        if !is_saved {
            return Ok(());
        }
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|e| Error::io(folder, "create", e))?;
        }
        match self.save_weights_only {
            true => training.model().save_weights(&path)?,
            false => training.model().save(&path)?,
        }
        say(&format!("finished saving model to {}", path.display()));
        Ok(())
    }
}

impl Callback for ModelCheckpoint {
    fn on_train_begin(&mut self, _training: &mut Training) -> Result<()> {
        self.check()
    }

    fn on_epoch_begin(&mut self, epoch: usize, _training: &mut Training) -> Result<()> {
        self.epoch = epoch;
        Ok(())
    }

    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, training: &mut Training) -> Result<()> {
        if self.counter.is_due(&self.save_freq) { self.save(Some(batch), logs, training) } else { Ok(()) }
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, training: &mut Training) -> Result<()> {
        self.epoch = epoch;
        if matches!(self.save_freq, Ok(SaveFreq::Epoch)) { self.save(None, logs, training) } else { Ok(()) }
    }

    fn uses_batch_logs(&self) -> bool {
        matches!(self.save_freq, Ok(SaveFreq::Batches(_)))
    }
}
