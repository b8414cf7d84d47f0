//! One epoch of training.

use super::batch_step::BatchStep;
use super::class_weight::ClassWeight;
use super::epochs::Epochs;
use super::input::inputs;
use super::step::TrainStep;
use crate::callbacks::{CallbackList, Logs, Training};
use crate::error::{Error, Result};
use crate::models::Model;

/// What all batches of an epoch have in common.
pub(super) struct Work<'w> {
    pub(super) model: &'w Model,
    pub(super) class_weight: Option<&'w ClassWeight>,
    /// Batches that were done before an interruption.
    pub(super) skipped: usize,
}

impl Work<'_> {
    pub(super) fn epoch(
        &self,
        epoch: usize,
        epochs: &mut Epochs,
        callbacks: &mut CallbackList<'_>,
        training: &mut Training,
        mut step: Option<&mut (dyn TrainStep + '_)>,
    ) -> Result<Logs> {
        self.model.reset_metrics()?;
        let layer = self.model.as_layer();
        let own = layer.layer().steps();
        if let Some(step) = &mut step {
            step.reset_metrics();
        }
        callbacks.each(|c| c.on_epoch_begin(epoch, training))?;
        epochs.begin(epoch)?;
        epochs.skip(self.skipped)?;
        let with_logs = callbacks.uses_batch_logs();
        let mut logs = std::mem::take(&mut training.resumed_logs);
        let mut number = self.skipped;
        while let Some(mut batch) = epochs.next(number)? {
            if let Some(class_weight) = self.class_weight {
                batch = class_weight.apply(batch)?;
            }
            callbacks.each(|c| c.on_train_batch_begin(number, training))?;
            match (&mut step, own) {
                (Some(step), _) => {
                    if number == 0 && !self.model.is_built() {
                        // The step is to find variables, as in Keras. A model that cannot be called on the batch
                        // is built by the step itself.
                        inputs(self.model, &batch.x).ok();
                    }
                    logs = step.train_step(self.model, &batch)?;
                }
                (None, Some(own)) => logs = own.train_step(&BatchStep::new(self.model, &batch)?)?,
                (None, None) => {
                    self.model.update_on_batch(&batch)?;
                    if with_logs {
                        logs = self.model.get_metrics_result()?;
                    }
                }
            }
            callbacks.each(|c| c.on_train_batch_end(number, &logs, training))?;
            number += 1;
            if training.is_stopping() {
                break;
            }
        }
        if number == 0 {
            return Err(Error::argument("fit", "x", "at least one batch", "none"));
        }
        // The batches before the interruption have their values already.
        let resumed = number == self.skipped;
        let is_plain = step.is_none() && own.is_none();
        if is_plain && !resumed { self.model.get_metrics_result() } else { Ok(logs) }
    }
}
