//! Stopping a training that no longer improves.

use super::callback::{Callback, Logs, Training};
use super::monitor::{Mode, Monitor};
use crate::config::KerasConfig;
use crate::error::Result;
use crate::tensor::Tensor;
use crate::variable::Variable;

/// Stops when a monitored value has not improved for some epochs. Keras' `EarlyStopping`.
///
/// If the monitored value is missing from the logs, the first epoch ends with an error (Keras warns, and
/// never stops). A name that begins with `val_` may be missing after epochs that were not validated.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let model = Sequential::new().add(Input::new([1])).add(Dense::new(1)).build()?;
/// model.compile(SGD::new(0.0), "mse", ())?;
/// let x = Tensor::ones([8, 1], DType::F32)?;
/// let stop = EarlyStopping::new("loss").patience(2).restore_best_weights(true);
/// let history = model.fit(&x, &x, Fit::new().epochs(10).verbose(0).callback(stop))?;
/// assert_eq!(history.epoch, [0, 1, 2]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(no_config)]
pub struct EarlyStopping {
    /// Value of the logs that is monitored, by Keras' default `val_loss`.
    #[keras(new, default = "val_loss")]
    monitor: String,
    /// The least change that counts as an improvement (default 0).
    #[keras(default = 0.0)]
    min_delta: f64,
    /// Which values are better: `"auto"`, `"min"`, `"max"` or a [`Mode`] (default `"auto"`).
    #[keras(default = Ok(Mode::Auto))]
    mode: Result<Mode>,
    /// After how many epochs without improvement the training stops (default 0, the same as 1).
    #[keras(default = 0)]
    patience: usize,
    /// Whether a line is printed when training is stopped (default `false`).
    #[keras(default = false)]
    verbose: bool,
    /// Value that must be improved on as well (default: none).
    baseline: Option<f64>,
    /// Whether the weights of the best epoch are restored at the end (default `false`).
    #[keras(default = false)]
    restore_best_weights: bool,
    /// First epoch that is monitored (default 0).
    #[keras(default = 0)]
    start_from_epoch: usize,
    #[keras(skip)]
    best: Option<f64>,
    #[keras(skip)]
    wait: usize,
    #[keras(skip)]
    stopped_epoch: usize,
    #[keras(skip)]
    best_epoch: usize,
    #[keras(skip)]
    best_weights: Option<Vec<(Variable, Tensor)>>,
}

impl EarlyStopping {
    fn monitored(&self) -> Monitor<'_> {
        Monitor {
            callback: "EarlyStopping",
            name: &self.monitor,
            mode: &self.mode,
            min_delta: self.min_delta,
        }
    }

    /// The epoch after which training was stopped; 0 if it was not.
    pub fn stopped_epoch(&self) -> usize {
        self.stopped_epoch
    }

    /// The best epoch, counted from 0.
    pub fn best_epoch(&self) -> usize {
        self.best_epoch
    }

    fn store_weights(&mut self, training: &Training) -> Result<()> {
        let weights = training.model().weights().into_iter();
        let values = weights.map(|variable| variable.value().map(|value| (variable, value)));
        self.best_weights = Some(values.collect::<Result<_>>()?);
        Ok(())
    }
}

impl Callback for EarlyStopping {
    fn on_train_begin(&mut self, _training: &mut Training) -> Result<()> {
        (self.wait, self.stopped_epoch, self.best_epoch) = (0, 0, 0);
        (self.best, self.best_weights) = (None, None);
        self.monitored().check()
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, training: &mut Training) -> Result<()> {
        let Some(current) = self.monitored().value(logs, training)? else { return Ok(()) };
        if epoch < self.start_from_epoch {
            return Ok(());
        }
        if self.restore_best_weights && self.best_weights.is_none() {
            self.store_weights(training)?;
            self.best_epoch = epoch;
        }
        self.wait += 1;
        if self.monitored().is_improvement(current, self.best, training)? {
            self.best = Some(current);
            self.best_epoch = epoch;
            if self.restore_best_weights {
                self.store_weights(training)?;
            }
            if self.monitored().is_improvement(current, self.baseline, training)? {
                self.wait = 0;
            }
        } else if self.wait >= self.patience && epoch > 0 {
            self.stopped_epoch = epoch;
            training.stop_training();
        }
        Ok(())
    }

    fn on_train_end(&mut self, _logs: &mut Logs, training: &mut Training) -> Result<()> {
        if self.stopped_epoch > 0 && self.verbose {
            training.print(&format!("Epoch {}: early stopping", self.stopped_epoch + 1));
        }
        let Some(weights) = self.best_weights.take() else { return Ok(()) };
        if self.verbose {
            let best = self.best_epoch + 1;
            training.print(&format!("Restoring model weights from the end of the best epoch: {best}."));
        }
        weights.iter().try_for_each(|(variable, value)| variable.assign(value))
    }

    fn uses_batch_logs(&self) -> bool {
        false
    }
}
