//! Reducing the learning rate when training no longer improves.

use super::callback::{Callback, Logs, Training};
use super::monitor::{Mode, Monitor};
use super::python::repr;
use crate::error::{Error, Result};

/// Reduces the learning rate when a monitored value has not improved for some epochs. Keras'
/// `ReduceLROnPlateau`.
///
/// The logs of every epoch get a `learning_rate`. If the monitored value is missing from the
/// logs, the first epoch ends with an error (Keras warns, and never reduces). A name that begins with
/// `val_` may be missing after epochs that were not validated.
///
/// ```
/// use keras_rs::callbacks::ReduceLROnPlateau;
/// use keras_rs::optimizers::SGD;
/// use keras_rs::prelude::*;
/// use keras_rs::training::Fit;
///
/// let model = Sequential::new().add(Input::new([1])).add(Dense::new(1)).build()?;
/// model.compile(SGD::new(0.5), "mse", ())?;
/// let x = Tensor::zeros([8, 1], DType::F32)?;
/// let reduce = ReduceLROnPlateau::new("loss").factor(0.5).patience(1);
/// let history = model.fit(&x, &x, Fit::new().epochs(4).verbose(0).callback(reduce))?;
/// assert_eq!(history["learning_rate"], [0.5, 0.5, 0.25, 0.125]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug)]
pub struct ReduceLROnPlateau {
    monitor: Monitor,
    factor: f64,
    patience: usize,
    verbose: bool,
    cooldown: usize,
    min_lr: f64,
    cooldown_counter: usize,
    wait: usize,
}

impl Default for ReduceLROnPlateau {
    fn default() -> Self {
        Self::new("val_loss")
    }
}

impl ReduceLROnPlateau {
    /// Monitors a value of the logs, by Keras' default `val_loss`.
    pub fn new(monitor: impl Into<String>) -> Self {
        let mut monitor = Monitor::new("ReduceLROnPlateau", monitor);
        monitor.min_delta = 1e-4;
        Self {
            monitor,
            factor: 0.1,
            patience: 10,
            verbose: false,
            cooldown: 0,
            min_lr: 0.0,
            cooldown_counter: 0,
            wait: 0,
        }
    }

    /// Sets the factor of a reduction, below 1 (default 0.1).
    #[must_use]
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }

    /// Sets after how many epochs without improvement the rate is reduced (default 10).
    #[must_use]
    pub fn patience(mut self, patience: usize) -> Self {
        self.patience = patience;
        self
    }

    /// Sets whether a line is printed for each reduction (default `false`).
    #[must_use]
    pub fn verbose(mut self, verbose: bool) -> Self {
        self.verbose = verbose;
        self
    }

    /// Sets which values are better: `"auto"`, `"min"`, `"max"` or a [`Mode`] (default `"auto"`).
    #[must_use]
    pub fn mode(mut self, mode: impl TryInto<Mode, Error: Into<Error>>) -> Self {
        self.monitor.set_mode(mode.try_into().map_err(Into::into));
        self
    }

    /// Sets the least change that counts as an improvement (default 0.0001).
    #[must_use]
    pub fn min_delta(mut self, min_delta: f64) -> Self {
        self.monitor.min_delta = min_delta;
        self
    }

    /// Sets how many epochs after a reduction are not monitored (default 0).
    #[must_use]
    pub fn cooldown(mut self, cooldown: usize) -> Self {
        self.cooldown = cooldown;
        self
    }

    /// Sets the least rate (default 0).
    #[must_use]
    pub fn min_lr(mut self, min_lr: f64) -> Self {
        self.min_lr = min_lr;
        self
    }

    fn reduce(&mut self, epoch: usize, training: &mut Training) -> Result<()> {
        let old = training.learning_rate()?;
        if old as f32 <= self.min_lr as f32 {
            return Ok(());
        }
        let new = (old * self.factor).max(self.min_lr);
        training.set_learning_rate(new)?;
        if self.verbose {
            let (epoch, new) = (epoch + 1, repr(new));
            training.print(&format!("\nEpoch {epoch}: ReduceLROnPlateau reducing learning rate to {new}."));
        }
        (self.cooldown_counter, self.wait) = (self.cooldown, 0);
        Ok(())
    }
}

impl Callback for ReduceLROnPlateau {
    fn on_train_begin(&mut self, _training: &mut Training) -> Result<()> {
        if self.factor.is_nan() || self.factor >= 1.0 {
            return Err(Error::argument("ReduceLROnPlateau", "factor", "a number below 1", self.factor));
        }
        (self.monitor.best, self.cooldown_counter, self.wait) = (None, 0, 0);
        self.monitor.check()
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, training: &mut Training) -> Result<()> {
        logs.insert("learning_rate".into(), training.learning_rate()?);
        let Some(current) = self.monitor.value(logs, training)? else { return Ok(()) };
        if self.cooldown_counter > 0 {
            self.cooldown_counter -= 1;
            self.wait = 0;
        }
        if self.monitor.is_improvement(current, self.monitor.best, training)? {
            self.monitor.best = Some(current);
            self.wait = 0;
        } else if self.cooldown_counter == 0 {
            self.wait += 1;
            if self.wait >= self.patience {
                self.reduce(epoch, training)?;
            }
        }
        Ok(())
    }

    fn uses_batch_logs(&self) -> bool {
        false
    }
}
