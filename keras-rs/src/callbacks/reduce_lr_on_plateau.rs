//! Reducing the learning rate when training no longer improves.

use super::callback::{Callback, Logs, Training};
use super::monitor::{Mode, Monitor};
use super::python::repr;
use crate::config::KerasConfig;
use crate::error::{Error, Result};

/// Reduces the learning rate when a monitored value has not improved for some epochs. Keras'
/// `ReduceLROnPlateau`.
///
/// The logs of every epoch get a `learning_rate`. If the monitored value is missing from the
/// logs, the first epoch ends with an error (Keras warns, and never reduces). A name that begins with
/// `val_` may be missing after epochs that were not validated.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let model = Sequential::new().add(Input::new([1])).add(Dense::new(1)).build()?;
/// model.compile(SGD::new(0.5), "mse", ())?;
/// let x = Tensor::zeros([8, 1], DType::F32)?;
/// let reduce = ReduceLROnPlateau::new("loss").factor(0.5).patience(1);
/// let history = model.fit(&x, &x, Fit::new().epochs(4).verbose(0).callback(reduce))?;
/// assert_eq!(history["learning_rate"], [0.5, 0.5, 0.25, 0.125]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(no_config)]
pub struct ReduceLROnPlateau {
    /// Value of the logs that is monitored, by Keras' default `val_loss`.
    #[keras(new, default = "val_loss")]
    monitor: String,
    /// Factor of a reduction, below 1 (default 0.1).
    #[keras(default = 0.1)]
    factor: f64,
    /// After how many epochs without improvement the rate is reduced (default 10).
    #[keras(default = 10)]
    patience: usize,
    /// Whether a line is printed for each reduction (default `false`).
    #[keras(default = false)]
    verbose: bool,
    /// Which values are better: `"auto"`, `"min"`, `"max"` or a [`Mode`] (default `"auto"`).
    #[keras(default = Ok(Mode::Auto))]
    mode: Result<Mode>,
    /// The least change that counts as an improvement (default 0.0001).
    #[keras(default = 1e-4)]
    min_delta: f64,
    /// How many epochs after a reduction are not monitored (default 0).
    #[keras(default = 0)]
    cooldown: usize,
    /// Least rate (default 0).
    #[keras(default = 0.0)]
    min_lr: f64,
    #[keras(skip)]
    best: Option<f64>,
    #[keras(skip)]
    cooldown_counter: usize,
    #[keras(skip)]
    wait: usize,
}

impl ReduceLROnPlateau {
    fn monitored(&self) -> Monitor<'_> {
        Monitor {
            callback: "ReduceLROnPlateau",
            name: &self.monitor,
            mode: &self.mode,
            min_delta: self.min_delta,
        }
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
        (self.best, self.cooldown_counter, self.wait) = (None, 0, 0);
        self.monitored().check()
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, training: &mut Training) -> Result<()> {
        logs.insert("learning_rate".into(), training.learning_rate()?);
        let Some(current) = self.monitored().value(logs, training)? else { return Ok(()) };
        if self.cooldown_counter > 0 {
            self.cooldown_counter -= 1;
            self.wait = 0;
        }
        if self.monitored().is_improvement(current, self.best, training)? {
            self.best = Some(current);
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
