//! A learning rate for every epoch.

use super::callback::{Callback, Logs, Training};
use super::python::repr;
use crate::config::KerasConfig;
use crate::error::Result;
use std::fmt;

/// Sets the learning rate at the beginning of every epoch. Keras' `LearningRateScheduler`.
///
/// The logs of every epoch get a `learning_rate`.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let model = Sequential::new().add(Input::new([1])).add(Dense::new(1)).build()?;
/// model.compile("sgd", "mse", ())?;
/// let x = Tensor::ones([8, 1], DType::F32)?;
/// let halve = LearningRateScheduler::new(|epoch, rate| if epoch == 0 { 0.5 } else { rate / 2.0 });
/// let history = model.fit(&x, &x, Fit::new().epochs(3).verbose(0).callback(halve))?;
/// assert_eq!(history["learning_rate"], [0.5, 0.25, 0.125]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(KerasConfig)]
#[keras(no_config, constructor = boxed)]
pub struct LearningRateScheduler {
    #[keras(new)]
    schedule: Box<dyn FnMut(usize, f64) -> f64 + Send>,
    /// Whether a line is printed for each rate (default `false`).
    #[keras(default = false)]
    verbose: bool,
}

impl LearningRateScheduler {
    /// Computes the rate by a function of the epoch, counted from 0, and the current rate.
    pub fn new(schedule: impl FnMut(usize, f64) -> f64 + Send + 'static) -> Self {
        Self::boxed(Box::new(schedule) as Box<_>)
    }
}

impl fmt::Debug for LearningRateScheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LearningRateScheduler").field("verbose", &self.verbose).finish_non_exhaustive()
    }
}

impl Callback for LearningRateScheduler {
    fn on_epoch_begin(&mut self, epoch: usize, training: &mut Training) -> Result<()> {
        let rate = (self.schedule)(epoch, training.learning_rate()?);
        training.set_learning_rate(rate)?;
        if self.verbose {
            let (epoch, rate) = (epoch + 1, repr(rate));
            training
                .print(&format!("\nEpoch {epoch}: LearningRateScheduler setting learning rate to {rate}."));
        }
        Ok(())
    }

    fn on_epoch_end(&mut self, _epoch: usize, logs: &mut Logs, training: &mut Training) -> Result<()> {
        logs.insert("learning_rate".into(), training.learning_rate()?);
        Ok(())
    }

    fn uses_batch_logs(&self) -> bool {
        false
    }
}
