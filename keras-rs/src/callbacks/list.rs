//! Calling all callbacks.

use super::callback::{Callback, Logs, Params, Training};
use super::progbar_logger::ProgbarLogger;
use super::verbose::Verbose;
use crate::error::Result;

/// The callbacks of one `fit`, `evaluate` or `predict`, called in order.
#[derive(Debug, Default)]
pub(crate) struct CallbackList<'a>(pub(crate) Vec<&'a mut dyn Callback>);

impl<'a> CallbackList<'a> {
    /// The callbacks of a user, and the progress bar behind them.
    pub(crate) fn new(
        callbacks: &'a mut [Box<dyn Callback + '_>],
        progress: &'a mut Option<ProgbarLogger>,
    ) -> Self {
        let given = callbacks.iter_mut().map(|callback| &mut **callback as &mut dyn Callback);
        Self(given.chain(progress.iter_mut().map(|bar| bar as &mut dyn Callback)).collect())
    }
}

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

/// A progress bar, if one is wanted and no callback shows progress.
pub(crate) fn progress(params: &Params, callbacks: &[Box<dyn Callback + '_>]) -> Option<ProgbarLogger> {
    let shown = params.verbose == Verbose::Silent || callbacks.iter().any(|c| c.shows_progress());
    (!shown).then(ProgbarLogger::new)
}
