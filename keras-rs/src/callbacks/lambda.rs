//! Callbacks from closures.

use super::callback::{Callback, Logs, Training};
use crate::error::Result;
use std::fmt;

type OnEpoch = Box<dyn FnMut(usize, &mut Logs, &mut Training) -> Result<()> + Send>;
type OnBatch = Box<dyn FnMut(usize, &Logs, &mut Training) -> Result<()> + Send>;
type OnTrain = Box<dyn FnMut(&mut Training) -> Result<()> + Send>;

/// Closures for single events. Keras' `LambdaCallback`.
///
/// ```
/// use keras_rs::callbacks::LambdaCallback;
///
/// let callback = LambdaCallback::new().on_epoch_end(|epoch, logs, training| {
///     if logs["loss"] < 0.1 {
///         println!("good enough after epoch {epoch}");
///         training.stop_training();
///     }
///     Ok(())
/// });
/// # assert!(format!("{callback:?}").contains("LambdaCallback"));
/// ```
#[derive(Default)]
pub struct LambdaCallback {
    train_begin: Option<OnTrain>,
    train_end: Option<OnTrain>,
    epoch_begin: Option<OnEpoch>,
    epoch_end: Option<OnEpoch>,
    batch_begin: Option<OnBatch>,
    batch_end: Option<OnBatch>,
}

impl LambdaCallback {
    /// Without closures.
    pub fn new() -> Self {
        Self::default()
    }

    /// Before the first epoch.
    #[must_use]
    pub fn on_train_begin(mut self, call: impl FnMut(&mut Training) -> Result<()> + Send + 'static) -> Self {
        self.train_begin = Some(Box::new(call));
        self
    }

    /// After the last epoch.
    #[must_use]
    pub fn on_train_end(mut self, call: impl FnMut(&mut Training) -> Result<()> + Send + 'static) -> Self {
        self.train_end = Some(Box::new(call));
        self
    }

    /// Before each epoch; there are no values yet.
    #[must_use]
    pub fn on_epoch_begin(
        mut self,
        call: impl FnMut(usize, &mut Logs, &mut Training) -> Result<()> + Send + 'static,
    ) -> Self {
        self.epoch_begin = Some(Box::new(call));
        self
    }

    /// After each epoch.
    #[must_use]
    pub fn on_epoch_end(
        mut self,
        call: impl FnMut(usize, &mut Logs, &mut Training) -> Result<()> + Send + 'static,
    ) -> Self {
        self.epoch_end = Some(Box::new(call));
        self
    }

    /// Before each batch; there are no values yet.
    #[must_use]
    pub fn on_train_batch_begin(
        mut self,
        call: impl FnMut(usize, &Logs, &mut Training) -> Result<()> + Send + 'static,
    ) -> Self {
        self.batch_begin = Some(Box::new(call));
        self
    }

    /// After each batch.
    #[must_use]
    pub fn on_train_batch_end(
        mut self,
        call: impl FnMut(usize, &Logs, &mut Training) -> Result<()> + Send + 'static,
    ) -> Self {
        self.batch_end = Some(Box::new(call));
        self
    }
}

impl fmt::Debug for LambdaCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LambdaCallback")
    }
}

impl Callback for LambdaCallback {
    fn on_train_begin(&mut self, training: &mut Training) -> Result<()> {
        self.train_begin.as_mut().map_or(Ok(()), |call| call(training))
    }

    fn on_train_end(&mut self, _logs: &mut Logs, training: &mut Training) -> Result<()> {
        self.train_end.as_mut().map_or(Ok(()), |call| call(training))
    }

    fn on_epoch_begin(&mut self, epoch: usize, training: &mut Training) -> Result<()> {
        self.epoch_begin.as_mut().map_or(Ok(()), |call| call(epoch, &mut Logs::new(), training))
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, training: &mut Training) -> Result<()> {
        self.epoch_end.as_mut().map_or(Ok(()), |call| call(epoch, logs, training))
    }

    fn on_train_batch_begin(&mut self, batch: usize, training: &mut Training) -> Result<()> {
        self.batch_begin.as_mut().map_or(Ok(()), |call| call(batch, &Logs::new(), training))
    }

    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, training: &mut Training) -> Result<()> {
        self.batch_end.as_mut().map_or(Ok(()), |call| call(batch, logs, training))
    }

    fn uses_batch_logs(&self) -> bool {
        self.batch_end.is_some()
    }
}
