//! Taking up a training that was interrupted.

use super::backup::{Backup, Place};
use super::callback::{Callback, Logs, Training};
use super::save_freq::{Counter, SaveFreq, check};
use crate::config::KerasConfig;
use crate::error::{Error, Result};
use std::path::PathBuf;

/// Saves where a training is, and goes on from there when it is started again. Keras'
/// `BackupAndRestore`.
///
/// Weights, the optimizer's state, the number of the epoch, what was drawn at random and the seed of the
/// order of samples are kept, within an epoch also the batches done and what the metrics saw of them: a
/// training that is taken up follows the uninterrupted one. (Keras begins the interrupted epoch anew, with
/// the weights of its middle.) A process that is killed at any moment leaves a whole backup; at most the
/// current epoch, or `save_freq` batches, are lost. The history holds the epochs since.
///
/// As in Keras, other callbacks begin anew: the patience of [`EarlyStopping`](super::EarlyStopping) does
/// not span an interruption. What they do to the model at an epoch's end is in the backup if this callback
/// comes after them. The directory must be this training's own, and the model, the compile settings and
/// the arguments of `fit` the same.
///
/// ```
/// use keras_rs::callbacks::{BackupAndRestore, LambdaCallback};
/// use keras_rs::prelude::*;
/// use keras_rs::training::Fit;
/// use keras_rs::Error;
///
/// # let folder = tempfile::tempdir().map_err(|e| Error::io("folder", "create", e))?;
/// # let folder = folder.path().join("backup");
/// let model = Sequential::new().add(Input::new([1])).add(Dense::new(1)).build()?;
/// model.compile("adam", "mse", ())?;
/// let x = Tensor::ones([8, 1], DType::F32)?;
/// let fit = || Fit::new().epochs(5).verbose(0).callback(BackupAndRestore::new(&folder));
/// let fail = LambdaCallback::new().on_epoch_begin(|epoch, _, _| match epoch {
///     3 => Err(Error::argument("power", "supply", "some", "none")),
///     _ => Ok(()),
/// });
/// assert!(model.fit(&x, &x, fit().callback(fail)).is_err());
/// assert_eq!(model.fit(&x, &x, fit())?.epoch, [3, 4]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(no_config)]
pub struct BackupAndRestore {
    /// Directory of the backups.
    #[keras(new)]
    backup_dir: PathBuf,
    /// When to save: `"epoch"`, or a number of batches (default `"epoch"`).
    #[keras(default = Ok(SaveFreq::Epoch))]
    save_freq: Result<SaveFreq>,
    /// Whether the backup before the last is kept, for the case that the last is damaged (default
    /// `false`).
    #[keras(default = false)]
    double_checkpoint: bool,
    /// Whether the backup goes when training is done (default `true`). One that stays makes the next
    /// `fit` go on from it.
    #[keras(default = true)]
    delete_checkpoint: bool,
    #[keras(skip)]
    counter: Counter,
    #[keras(skip)]
    epoch: usize,
    #[keras(skip)]
    resumed: Option<Place>,
}

impl BackupAndRestore {
    fn backup(&self) -> Backup {
        Backup::new(&self.backup_dir, self.double_checkpoint)
    }
}

impl Callback for BackupAndRestore {
    fn on_train_begin(&mut self, training: &mut Training) -> Result<()> {
        check("BackupAndRestore", &self.save_freq)?;
        if self.backup_dir.as_os_str().is_empty() {
            return Err(Error::argument("BackupAndRestore", "backup_dir", "a directory", "an empty path"));
        }
        if !training.model().is_built() {
            let hint = "BackupAndRestore restores weights, so build it or call it on data before";
            return Err(Error::NotBuilt { layer: training.model().name(), hint });
        }
        self.counter = Counter::default();
        self.resumed = self.backup().restore(training)?;
        Ok(())
    }

    fn on_epoch_begin(&mut self, epoch: usize, training: &mut Training) -> Result<()> {
        self.epoch = epoch;
        match self.resumed.take() {
            Some(place) if place.batch > 0 => training.model().compiled()?.recall(place.memories),
            _ => {}
        }
        Ok(())
    }

    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, training: &mut Training) -> Result<()> {
        match self.counter.is_due(&self.save_freq) {
            true => self.backup().save(training, self.epoch, batch + 1, logs),
            false => Ok(()),
        }
    }

    fn on_epoch_end(&mut self, epoch: usize, _logs: &mut Logs, training: &mut Training) -> Result<()> {
        match self.save_freq {
            Ok(SaveFreq::Epoch) => self.backup().save(training, epoch + 1, 0, &Logs::new()),
            _ => Ok(()),
        }
    }

    fn on_train_end(&mut self, _logs: &mut Logs, _training: &mut Training) -> Result<()> {
        if self.delete_checkpoint { self.backup().delete() } else { Ok(()) }
    }

    fn initial_epoch(&self) -> Option<usize> {
        self.resumed.as_ref().filter(|place| place.epoch + place.batch > 0).map(|place| place.epoch)
    }

    fn initial_step(&self) -> usize {
        self.resumed.as_ref().map_or(0, |place| place.batch)
    }

    fn uses_batch_logs(&self) -> bool {
        matches!(self.save_freq, Ok(SaveFreq::Batches(_)))
    }
}
