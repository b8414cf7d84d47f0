//! Calling all callbacks.

use super::callback::{Callback, Logs, Training};
use crate::error::Result;

/// The callbacks of one `fit`, `evaluate` or `predict`, called in order.
#[derive(Debug, Default)]
pub(crate) struct CallbackList<'a>(pub(crate) Vec<&'a mut dyn Callback>);

impl CallbackList<'_> {
    pub(crate) fn each(&mut self, mut call: impl FnMut(&mut dyn Callback) -> Result<()>) -> Result<()> {
        self.0.iter_mut().try_for_each(|callback| call(&mut **callback))
    }

    pub(crate) fn uses_batch_logs(&self) -> bool {
        self.0.iter().any(|callback| callback.uses_batch_logs())
    }

    pub(crate) fn epoch_end(&mut self, epoch: usize, logs: &mut Logs, training: &mut Training) -> Result<()> {
        self.each(|callback| callback.on_epoch_end(epoch, logs, training))
    }
}

/// What prints the progress.
pub(crate) fn progress(params: &super::callback::Params) -> Option<super::history::History> {
    let _ = params;
    None
}
