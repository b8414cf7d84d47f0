//! Callbacks from closures.

use super::callback::{Callback, Logs, Training};
use crate::error::Result;
use crate::tensor::Tensor;
use std::fmt;

type OnEpoch = Box<dyn FnMut(usize, &mut Logs, &mut Training) -> Result<()> + Send>;
type OnBatch = Box<dyn FnMut(usize, &Logs, &mut Training) -> Result<()> + Send>;
type OnOutputs = Box<dyn FnMut(usize, &[Tensor], &mut Training) -> Result<()> + Send>;
type OnTrain = Box<dyn FnMut(&mut Training) -> Result<()> + Send>;

/// A callback made of closures, one for each event. Keras' `LambdaCallback`.
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
    test_begin: Option<OnTrain>,
    test_end: Option<OnTrain>,
    test_batch_begin: Option<OnBatch>,
    test_batch_end: Option<OnBatch>,
    predict_begin: Option<OnTrain>,
    predict_end: Option<OnTrain>,
    predict_batch_begin: Option<OnBatch>,
    predict_batch_end: Option<OnOutputs>,
}

macro_rules! hooks {
    ($($(#[$doc:meta])* $name:ident, $field:ident: FnMut($($argument:ty),*);)*) => {
        $(
            $(#[$doc])*
            #[must_use]
            pub fn $name(mut self, call: impl FnMut($($argument),*) -> Result<()> + Send + 'static) -> Self {
                self.$field = Some(Box::new(call));
                self
            }
        )*
    };
}

impl LambdaCallback {
    /// Without closures.
    pub fn new() -> Self {
        Self::default()
    }

    hooks! {
        /// Before the first epoch.
        on_train_begin, train_begin: FnMut(&mut Training);
        /// After the last epoch.
        on_train_end, train_end: FnMut(&mut Training);
        /// Before each epoch; there are no values yet.
        on_epoch_begin, epoch_begin: FnMut(usize, &mut Logs, &mut Training);
        /// After each epoch.
        on_epoch_end, epoch_end: FnMut(usize, &mut Logs, &mut Training);
        /// Before each batch; there are no values yet.
        on_train_batch_begin, batch_begin: FnMut(usize, &Logs, &mut Training);
        /// After each batch.
        on_train_batch_end, batch_end: FnMut(usize, &Logs, &mut Training);
        /// Before an evaluation.
        on_test_begin, test_begin: FnMut(&mut Training);
        /// After an evaluation.
        on_test_end, test_end: FnMut(&mut Training);
        /// Before each batch of an evaluation; there are no values yet.
        on_test_batch_begin, test_batch_begin: FnMut(usize, &Logs, &mut Training);
        /// After each batch of an evaluation.
        on_test_batch_end, test_batch_end: FnMut(usize, &Logs, &mut Training);
        /// Before a prediction.
        on_predict_begin, predict_begin: FnMut(&mut Training);
        /// After a prediction.
        on_predict_end, predict_end: FnMut(&mut Training);
        /// Before each batch of a prediction; there are no values.
        on_predict_batch_begin, predict_batch_begin: FnMut(usize, &Logs, &mut Training);
        /// After each batch of a prediction, with its outputs.
        on_predict_batch_end, predict_batch_end: FnMut(usize, &[Tensor], &mut Training);
    }
}

impl fmt::Debug for LambdaCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LambdaCallback")
    }
}

macro_rules! forward {
    ($($name:ident($($argument:ident: $ty:ty),*), $field:ident($($given:expr),*);)*) => {
        $(fn $name(&mut self, $($argument: $ty),*) -> Result<()> {
            self.$field.as_mut().map_or(Ok(()), |call| call($($given),*))
        })*
    };
}

impl Callback for LambdaCallback {
    forward! {
        on_train_begin(training: &mut Training), train_begin(training);
        on_train_end(_logs: &mut Logs, training: &mut Training), train_end(training);
        on_epoch_begin(epoch: usize, training: &mut Training), epoch_begin(epoch, &mut Logs::new(), training);
        on_epoch_end(epoch: usize, logs: &mut Logs, training: &mut Training), epoch_end(epoch, logs, training);
        on_train_batch_begin(batch: usize, training: &mut Training), batch_begin(batch, &Logs::new(), training);
        on_train_batch_end(batch: usize, logs: &Logs, training: &mut Training), batch_end(batch, logs, training);
        on_test_begin(training: &mut Training), test_begin(training);
        on_test_end(_logs: &mut Logs, training: &mut Training), test_end(training);
        on_test_batch_begin(batch: usize, training: &mut Training),
            test_batch_begin(batch, &Logs::new(), training);
        on_test_batch_end(batch: usize, logs: &Logs, training: &mut Training),
            test_batch_end(batch, logs, training);
        on_predict_begin(training: &mut Training), predict_begin(training);
        on_predict_end(training: &mut Training), predict_end(training);
        on_predict_batch_begin(batch: usize, training: &mut Training),
            predict_batch_begin(batch, &Logs::new(), training);
        on_predict_batch_end(batch: usize, outputs: &[Tensor], training: &mut Training),
            predict_batch_end(batch, outputs, training);
    }

    fn uses_batch_logs(&self) -> bool {
        self.batch_end.is_some() || self.test_batch_end.is_some()
    }
}
