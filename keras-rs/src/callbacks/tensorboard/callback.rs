//! Writing the event files of a training.

use super::EventWriter;
use crate::callbacks::{Callback, Logs, Training};
use crate::config::KerasConfig;
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How often the values of batches are written: Keras' `update_freq`.
///
/// ```
/// use keras_rs::callbacks::tensorboard::UpdateFreq;
///
/// assert_eq!(UpdateFreq::try_from("batch")?, UpdateFreq::Batches(1));
/// assert_eq!(UpdateFreq::from(100), UpdateFreq::Batches(100));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UpdateFreq {
    /// `"epoch"`: only values of epochs are written.
    #[default]
    Epoch,
    /// After this number of batches; `"batch"` is 1.
    Batches(usize),
}

impl From<usize> for UpdateFreq {
    fn from(batches: usize) -> Self {
        Self::Batches(batches)
    }
}

impl TryFrom<&str> for UpdateFreq {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        match name {
            "epoch" => Ok(Self::Epoch),
            "batch" => Ok(Self::Batches(1)),
            other => {
                let expected = "\"epoch\", \"batch\" or a number of batches";
                Err(Error::argument("TensorBoard", "update_freq", expected, other))
            }
        }
    }
}

/// Writes event files that TensorBoard shows. Keras' `TensorBoard`.
///
/// Training is written below `train`, validation below `validation`: `epoch_loss` and the like after
/// every epoch, with `epoch_learning_rate`; `evaluation_loss_vs_iterations` after every evaluation; the
/// layers as a graph; optionally values of batches and histograms of weights. The values of an epoch are in
/// the files before the next begins. (With a number as `update_freq`, Keras only writes the values of epochs
/// whose last batch is written; here they are always written.) Keras' arguments for images of weights,
/// embeddings and profiles do not exist here.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let model = Sequential::new().add(Input::new([1])).add(Dense::new(1)).build()?;
/// model.compile("sgd", "mse", ())?;
/// let x = Tensor::ones([8, 1], DType::F32)?;
/// # let folder = tempfile::tempdir().map_err(|e| keras_rs::Error::io("folder", "create", e))?;
/// # let logs = folder.path();
/// let board = TensorBoard::new(&logs).histogram_freq(1).update_freq("batch");
/// model.fit(&x, &x, Fit::new().epochs(2).validation_data(&x, &x).verbose(0).callback(board))?;
/// assert!(logs.join("train").is_dir() && logs.join("validation").is_dir());
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(no_config)]
pub struct TensorBoard {
    /// Directory to write below, by Keras' default `logs`.
    #[keras(new, default = "logs")]
    log_dir: PathBuf,
    /// After how many epochs histograms of all weights are written (default 0: never).
    #[keras(default = 0)]
    histogram_freq: usize,
    /// Whether the layers are written as a graph (default `true`).
    #[keras(default = true)]
    write_graph: bool,
    /// Whether the speed of training is written (default `false`).
    #[keras(default = false)]
    write_steps_per_second: bool,
    /// How often values of batches are written: `"batch"`, `"epoch"` for never, or a number of
    /// batches (default `"epoch"`). Often slows training down.
    #[keras(default = Ok(UpdateFreq::Epoch))]
    update_freq: Result<UpdateFreq>,
    #[keras(skip)]
    train: Option<EventWriter>,
    #[keras(skip)]
    validation: Option<EventWriter>,
    #[keras(skip)]
    in_fit: bool,
    #[keras(skip)]
    batches: u64,
    #[keras(skip = Instant::now())]
    batch_start: Instant,
    #[keras(skip = (Instant::now(), 0))]
    epoch_start: (Instant, u64),
}

impl TensorBoard {
    fn check(&self) -> Result<()> {
        let refused = |got: &dyn std::fmt::Display| {
            let expected = "\"epoch\", \"batch\" or at least 1";
            Err(Error::argument("TensorBoard", "update_freq", expected, got))
        };
        match &self.update_freq {
            Ok(UpdateFreq::Batches(0)) => refused(&0),
            Ok(_) => Ok(()),
            Err(error) => refused(error),
        }
    }

    fn train(&mut self) -> Result<&mut EventWriter> {
        writer(&mut self.train, &self.log_dir, "train")
    }

    fn validation(&mut self) -> Result<&mut EventWriter> {
        writer(&mut self.validation, &self.log_dir, "validation")
    }

    /// Creates new files, the first with the graph.
    fn begin(&mut self, training: &Training) -> Result<()> {
        self.check()?;
        (self.train, self.validation) = (None, None);
        let layer = training.model().as_layer();
        if self.write_graph && ["Functional", "Sequential"].contains(&layer.class_name()) {
            self.train()?.keras_graph(&training.model().to_json())?;
        }
        Ok(())
    }

    fn histograms(&mut self, epoch: usize, training: &Training) -> Result<()> {
        let writer = self.train()?;
        for layer in training.model().layers() {
            for weight in layer.weights() {
                let tag = format!("{}/histogram", weight.path().replace(':', "_"));
                writer.histogram(&tag, epoch as u64, &weight.value()?.to_f64_vec()?)?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.train.iter_mut().chain(&mut self.validation).try_for_each(EventWriter::flush)
    }
}

fn writer<'w>(writer: &'w mut Option<EventWriter>, log_dir: &Path, run: &str) -> Result<&'w mut EventWriter> {
    match writer {
        Some(writer) => Ok(writer),
        None => Ok(writer.insert(EventWriter::create(log_dir.join(run))?)),
    }
}

impl Callback for TensorBoard {
    fn on_train_begin(&mut self, training: &mut Training) -> Result<()> {
        self.begin(training)?;
        (self.in_fit, self.batches) = (true, 0);
        self.train().map(drop)
    }

    fn on_train_end(&mut self, _logs: &mut Logs, _training: &mut Training) -> Result<()> {
        self.flush()?;
        (self.train, self.validation, self.in_fit) = (None, None, false);
        Ok(())
    }

    fn on_epoch_begin(&mut self, _epoch: usize, training: &mut Training) -> Result<()> {
        self.epoch_start = (Instant::now(), training.optimizer()?.iterations());
        Ok(())
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, training: &mut Training) -> Result<()> {
        let step = epoch as u64;
        let rate = training.learning_rate()?;
        let (start, before) = self.epoch_start;
        let steps = training.optimizer()?.iterations().saturating_sub(before);
        let speed = self.write_steps_per_second.then(|| steps as f64 / start.elapsed().as_secs_f64());
        for (name, value) in logs.iter() {
            match name.strip_prefix("val_") {
                Some(name) => self.validation()?.scalar(&format!("epoch_{name}"), step, *value)?,
                None => self.train()?.scalar(&format!("epoch_{name}"), step, *value)?,
            }
        }
        if !logs.contains_key("learning_rate") {
            self.train()?.scalar("epoch_learning_rate", step, rate)?;
        }
        if let Some(speed) = speed {
            self.train()?.scalar("epoch_steps_per_second", step, speed)?;
        }
        if self.histogram_freq > 0 && epoch.is_multiple_of(self.histogram_freq) {
            self.histograms(epoch, training)?;
        }
        self.flush()
    }

    fn on_train_batch_begin(&mut self, _batch: usize, _training: &mut Training) -> Result<()> {
        self.batches += 1;
        self.batch_start = Instant::now();
        Ok(())
    }

    fn on_train_batch_end(&mut self, _batch: usize, logs: &Logs, _training: &mut Training) -> Result<()> {
        let step = self.batches;
        match self.update_freq {
            Ok(UpdateFreq::Batches(every)) if step.is_multiple_of(every as u64) => {}
            _ => return Ok(()),
        }
        let seconds = self.batch_start.elapsed().as_secs_f64();
        let speed = self.write_steps_per_second.then(|| 1.0 / seconds);
        let writer = self.train()?;
        if let Some(speed) = speed {
            writer.scalar("batch_steps_per_second", step, speed)?;
        }
        logs.iter().try_for_each(|(name, value)| writer.scalar(&format!("batch_{name}"), step, *value))
    }

    fn on_test_begin(&mut self, training: &mut Training) -> Result<()> {
        if !self.in_fit {
            self.begin(training)?;
        }
        self.validation().map(drop)
    }

    fn on_test_end(&mut self, logs: &mut Logs, training: &mut Training) -> Result<()> {
        let step = training.optimizer()?.iterations();
        let writer = self.validation()?;
        for (name, value) in logs.iter() {
            writer.scalar(&format!("evaluation_{name}_vs_iterations"), step, *value)?;
        }
        self.flush()
    }

    fn uses_batch_logs(&self) -> bool {
        matches!(self.update_freq, Ok(UpdateFreq::Batches(_)))
    }
}

#[cfg(test)]
mod tests;
