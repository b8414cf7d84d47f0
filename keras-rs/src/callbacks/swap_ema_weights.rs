//! Evaluating with averaged weights.

use super::callback::{Callback, Logs, Training};
use crate::config::KerasConfig;
use crate::error::{Error, Result};
use crate::variable::Variable;

/// Swaps weights and their moving averages for evaluations. Keras' `SwapEMAWeights`.
///
/// The model's optimizer must have `use_ema`. The weights are swapped back after predictions too; Keras
/// leaves them swapped.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let model = Sequential::new().add(Input::new([1])).add(Dense::new(1)).build()?;
/// model.compile(SGD::new(0.1).use_ema(true), "mse", ())?;
/// let x = Tensor::ones([8, 1], DType::F32)?;
/// let fit = Fit::new().validation_data(&x, &x).epochs(2).verbose(0).callback(SwapEMAWeights::new());
/// let history = model.fit(&x, &x, fit)?;
/// assert!(history["val_loss"][1] <= history["val_loss"][0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(no_config, new = "Swaps for evaluations only.")]
pub struct SwapEMAWeights {
    /// Whether weights are also swapped at the end of each epoch, for callbacks that come after this
    /// one, such as [`ModelCheckpoint`](super::ModelCheckpoint) (default `false`).
    #[keras(default = false)]
    swap_on_epoch: bool,
    #[keras(skip)]
    swapped: bool,
}

impl SwapEMAWeights {
    fn averages(training: &Training) -> Result<Vec<(Variable, Variable)>> {
        let averages = training.optimizer()?.averages();
        if averages.is_empty() {
            let expected = "one with use_ema that was trained with";
            return Err(Error::argument("SwapEMAWeights", "optimizer", expected, "no moving averages"));
        }
        Ok(averages)
    }

    /// Assigns the averages to the model, or the weights back.
    fn swap(&mut self, averaged: bool, training: &Training) -> Result<()> {
        if self.swapped == averaged {
            return Ok(());
        }
        for (variable, average) in Self::averages(training)? {
            let value = variable.value()?;
            variable.assign(&average.value()?)?;
            average.assign(&value)?;
        }
        self.swapped = averaged;
        Ok(())
    }
}

impl Callback for SwapEMAWeights {
    fn on_epoch_begin(&mut self, _epoch: usize, training: &mut Training) -> Result<()> {
        if self.swap_on_epoch { self.swap(false, training) } else { Ok(()) }
    }

    fn on_epoch_end(&mut self, epoch: usize, _logs: &mut Logs, training: &mut Training) -> Result<()> {
        if !self.swap_on_epoch || self.swapped {
            return Ok(());
        }
        self.swap(true, training)?;
        if epoch + 1 == training.params().epochs {
            // After the last epoch, the optimizer assigns the averages, so they must not be swapped here.
            for (variable, average) in Self::averages(training)? {
                average.assign(&variable.value()?)?;
            }
        }
        Ok(())
    }

    fn on_test_begin(&mut self, training: &mut Training) -> Result<()> {
        self.swap(true, training)
    }

    fn on_test_end(&mut self, _logs: &mut Logs, training: &mut Training) -> Result<()> {
        self.swap(false, training)
    }

    fn on_predict_begin(&mut self, training: &mut Training) -> Result<()> {
        self.swap(true, training)
    }

    fn on_predict_end(&mut self, training: &mut Training) -> Result<()> {
        self.swap(false, training)
    }

    fn uses_batch_logs(&self) -> bool {
        false
    }
}
