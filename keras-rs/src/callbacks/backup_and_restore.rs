//! Resuming a training that was interrupted.

use super::backup::{Backup, Progress};
use super::callback::{Callback, Logs, Training};
use super::save_freq::{Counter, SaveFreq, check};
use crate::config::KerasConfig;
use crate::error::{Error, Result};
use std::path::PathBuf;

/// Saves the state of a training, and resumes it when it is started again. Keras' `BackupAndRestore`.
///
/// A backup holds the weights, the optimizer's state, the epoch, the state of the random streams and the
/// seed that shuffles the samples; within an epoch also the number of batches done and the metrics' state.
/// A resumed training gives the same weights as one without interruption. (Keras repeats the interrupted
/// epoch from its start, with the weights from its middle.) If the process is killed, the backup is
/// complete, and at most the current epoch, or `save_freq` batches, are lost. The history of the resumed
/// training holds its own epochs only.
///
/// As in Keras, the state of other callbacks is not saved: [`EarlyStopping`](super::EarlyStopping) counts
/// its patience from the resumption. If other callbacks change the model at the end of an epoch, list this
/// callback after them. The directory must be for this training alone; model, compile settings and
/// arguments of `fit` must be the same when it is resumed.
///
/// ```
/// use keras_rs::prelude::*;
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
    /// Whether the backup before the last is kept, in case the last is damaged (default `false`).
    #[keras(default = false)]
    double_checkpoint: bool,
    /// Whether the backup is deleted at the end of training (default `true`). If it is not, the next
    /// `fit` resumes from it.
    #[keras(default = true)]
    delete_checkpoint: bool,
    #[keras(skip)]
    counter: Counter,
    #[keras(skip)]
    epoch: usize,
    #[keras(skip)]
    resumed: Option<Progress>,
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
            let hint = "BackupAndRestore restores weights, so build the model or call it on data first";
            return Err(Error::NotBuilt { layer: training.model().name(), hint });
        }
        self.counter = Counter::default();
        self.resumed = self.backup().restore(training)?;
        Ok(())
    }

    fn on_epoch_begin(&mut self, epoch: usize, training: &mut Training) -> Result<()> {
        self.epoch = epoch;
        match self.resumed.take() {
            Some(progress) if progress.batch > 0 => {
                training.model().restore_metric_states(progress.metric_states)?;
            }
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
        self.resumed.as_ref().filter(|p| p.epoch + p.batch > 0).map(|p| p.epoch)
    }

    fn initial_step(&self) -> usize {
        self.resumed.as_ref().map_or(0, |p| p.batch)
    }

    fn uses_batch_logs(&self) -> bool {
        matches!(self.save_freq, Ok(SaveFreq::Batches(_)))
    }
}
