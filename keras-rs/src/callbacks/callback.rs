//! The callback trait.

use super::output::Output;
use super::verbose::Verbose;
use crate::error::Result;
use crate::models::Model;
use crate::optimizers::Optimizer;
use crate::tensor::Tensor;
use std::io::Write;

pub use crate::layer::Logs;

/// The arguments of `fit`, `evaluate` or `predict` that callbacks need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    /// Number of epochs.
    pub epochs: usize,
    /// Batches in an epoch, where it is known.
    pub steps: Option<usize>,
    /// How much is printed; never [`Verbose::Auto`].
    pub verbose: Verbose,
    /// Whether any epoch is validated.
    pub validation: bool,
}

/// The training, evaluation or prediction that a callback is called from.
///
/// A user's own training loop makes one to call callbacks with:
///
/// ```
/// use keras_rs::callbacks::Params;
/// use keras_rs::prelude::*;
///
/// let model = Sequential::new().add(Input::new([1])).add(Dense::new(1)).build()?;
/// model.compile("sgd", "mse", ())?;
/// let mut training = Training::new(&model, Params { epochs: 3, ..Params::default() });
/// let mut scheduler = LearningRateScheduler::new(|epoch, _rate| 0.5 / (epoch + 1) as f64);
/// scheduler.on_epoch_begin(1, &mut training)?;
/// assert_eq!(model.optimizer()?.learning_rate()?, 0.25);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug)]
pub struct Training {
    model: Model,
    params: Params,
    stop: bool,
    stop_pass: bool,
    output: Output,
    /// Seed that shuffles the samples; `None` where they are not shuffled.
    pub(crate) shuffle_seed: Option<u64>,
    /// Values of the epoch that is resumed.
    pub(crate) resumed_logs: Logs,
}

impl Training {
    /// For a model, with the arguments of the call.
    pub fn new(model: &Model, params: Params) -> Self {
        Self {
            model: model.clone(),
            params,
            stop: false,
            stop_pass: false,
            output: Output::default(),
            shuffle_seed: None,
            resumed_logs: Logs::new(),
        }
    }

    /// Sets the stream that is printed to, instead of standard output.
    #[must_use]
    pub fn output(mut self, out: impl Write + Send + 'static) -> Self {
        self.output = Output::new(out);
        self
    }

    /// Prints a line for the user, by default to standard output. Errors of the stream are ignored.
    pub fn print(&self, line: &str) {
        let mut out = self.output.clone();
        let _ = out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush());
    }

    pub(super) fn out(&self) -> Output {
        self.output.clone()
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The arguments of the call.
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// The model's optimizer.
    ///
    /// # Errors
    /// As [`Model::optimizer`].
    pub fn optimizer(&self) -> Result<Optimizer> {
        self.model.optimizer()
    }

    /// The learning rate for the next update, as a `float32`, as in Keras.
    ///
    /// # Errors
    /// As [`Optimizer::learning_rate`].
    pub fn learning_rate(&self) -> Result<f64> {
        Ok(f64::from(self.optimizer()?.learning_rate()? as f32))
    }

    /// Sets the learning rate.
    ///
    /// # Errors
    /// As [`Optimizer::set_learning_rate`].
    pub fn set_learning_rate(&mut self, rate: f64) -> Result<()> {
        self.optimizer()?.set_learning_rate(rate)
    }

    /// Ends the training after the batch or the epoch. Keras' `model.stop_training = True`.
    pub fn stop_training(&mut self) {
        self.stop = true;
    }

    /// Ends the evaluation after the batch. Keras' `model.stop_evaluating = True`.
    pub fn stop_evaluating(&mut self) {
        self.stop_pass = true;
    }

    /// Ends the prediction after the batch. Keras' `model.stop_predicting = True`.
    pub fn stop_predicting(&mut self) {
        self.stop_pass = true;
    }

    /// Whether a callback stopped the evaluation or prediction; resets the request.
    pub(crate) fn take_stop_request(&mut self) -> bool {
        std::mem::take(&mut self.stop_pass)
    }

    /// Whether a callback stopped the training.
    pub fn is_stopping(&self) -> bool {
        self.stop
    }
}

/// Methods that are called around epochs and batches; by default they do nothing.
///
/// ```
/// use keras_rs::Result;
/// use keras_rs::callbacks::{Callback, Logs, Training};
///
/// /// Stops once the loss is low enough.
/// #[derive(Debug)]
/// struct StopBelow(f64);
///
/// impl Callback for StopBelow {
///     fn on_epoch_end(&mut self, _epoch: usize, logs: &mut Logs, training: &mut Training) -> Result<()> {
///         if logs["loss"] < self.0 {
///             training.stop_training();
///         }
///         Ok(())
///     }
/// }
/// ```
#[allow(unused_variables, reason = "the names are documentation")]
pub trait Callback: std::fmt::Debug + Send {
    /// Called once before the first epoch.
    ///
    /// # Errors
    /// Any error ends the training.
    fn on_train_begin(&mut self, training: &mut Training) -> Result<()> {
        Ok(())
    }

    /// Called once after the last epoch, with its values.
    ///
    /// # Errors
    /// Any error ends the training.
    fn on_train_end(&mut self, logs: &mut Logs, training: &mut Training) -> Result<()> {
        Ok(())
    }

    /// Called before each epoch; the first has number 0.
    ///
    /// # Errors
    /// Any error ends the training.
    fn on_epoch_begin(&mut self, epoch: usize, training: &mut Training) -> Result<()> {
        Ok(())
    }

    /// Called after each epoch; values that it adds to `logs` are in the history.
    ///
    /// # Errors
    /// Any error ends the training.
    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, training: &mut Training) -> Result<()> {
        Ok(())
    }

    /// Called before each batch of training; the first of an epoch has number 0.
    ///
    /// # Errors
    /// Any error ends the training.
    fn on_train_batch_begin(&mut self, batch: usize, training: &mut Training) -> Result<()> {
        self.on_batch_begin(batch, training)
    }

    /// Called after each batch of training, with the values since the epoch's start.
    ///
    /// # Errors
    /// Any error ends the training.
    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, training: &mut Training) -> Result<()> {
        self.on_batch_end(batch, logs, training)
    }

    /// Another name of [`Callback::on_train_batch_begin`], which calls it.
    ///
    /// # Errors
    /// Any error ends the training.
    fn on_batch_begin(&mut self, batch: usize, training: &mut Training) -> Result<()> {
        Ok(())
    }

    /// Another name of [`Callback::on_train_batch_end`], which calls it.
    ///
    /// # Errors
    /// Any error ends the training.
    fn on_batch_end(&mut self, batch: usize, logs: &Logs, training: &mut Training) -> Result<()> {
        Ok(())
    }

    /// Called before an evaluation, also one within `fit`.
    ///
    /// # Errors
    /// Any error ends the evaluation.
    fn on_test_begin(&mut self, training: &mut Training) -> Result<()> {
        Ok(())
    }

    /// Called after an evaluation.
    ///
    /// # Errors
    /// Any error ends the evaluation.
    fn on_test_end(&mut self, logs: &mut Logs, training: &mut Training) -> Result<()> {
        Ok(())
    }

    /// Called before each batch of an evaluation.
    ///
    /// # Errors
    /// Any error ends the evaluation.
    fn on_test_batch_begin(&mut self, batch: usize, training: &mut Training) -> Result<()> {
        Ok(())
    }

    /// Called after each batch of an evaluation.
    ///
    /// # Errors
    /// Any error ends the evaluation.
    fn on_test_batch_end(&mut self, batch: usize, logs: &Logs, training: &mut Training) -> Result<()> {
        Ok(())
    }

    /// Called before a prediction.
    ///
    /// # Errors
    /// Any error ends the prediction.
    fn on_predict_begin(&mut self, training: &mut Training) -> Result<()> {
        Ok(())
    }

    /// Called after a prediction.
    ///
    /// # Errors
    /// Any error ends the prediction.
    fn on_predict_end(&mut self, training: &mut Training) -> Result<()> {
        Ok(())
    }

    /// Called before each batch of a prediction.
    ///
    /// # Errors
    /// Any error ends the prediction.
    fn on_predict_batch_begin(&mut self, batch: usize, training: &mut Training) -> Result<()> {
        Ok(())
    }

    /// Called after each batch of a prediction, with the outputs of the batch.
    ///
    /// # Errors
    /// Any error ends the prediction.
    fn on_predict_batch_end(
        &mut self,
        batch: usize,
        outputs: &[Tensor],
        training: &mut Training,
    ) -> Result<()> {
        Ok(())
    }

    /// The epoch to start with, if the callback resumes an interrupted training.
    fn initial_epoch(&self) -> Option<usize> {
        None
    }

    /// Number of batches of that epoch that are done already.
    fn initial_step(&self) -> usize {
        0
    }

    /// Whether the callback reads the values after each batch; computing them makes devices wait.
    fn uses_batch_logs(&self) -> bool {
        true
    }

    /// Whether the callback shows progress, so that `fit` adds no progress bar.
    fn shows_progress(&self) -> bool {
        false
    }
}

macro_rules! forward {
    ($($name:ident($($argument:ident: $ty:ty),*) ;)*) => {
        impl<C: Callback + ?Sized> Callback for &mut C {
            $(fn $name(&mut self, $($argument: $ty),*) -> Result<()> {
                (**self).$name($($argument),*)
            })*

            fn initial_epoch(&self) -> Option<usize> {
                (**self).initial_epoch()
            }

            fn initial_step(&self) -> usize {
                (**self).initial_step()
            }

            fn uses_batch_logs(&self) -> bool {
                (**self).uses_batch_logs()
            }

            fn shows_progress(&self) -> bool {
                (**self).shows_progress()
            }
        }
    };
}

forward! {
    on_train_begin(training: &mut Training);
    on_train_end(logs: &mut Logs, training: &mut Training);
    on_epoch_begin(epoch: usize, training: &mut Training);
    on_epoch_end(epoch: usize, logs: &mut Logs, training: &mut Training);
    on_train_batch_begin(batch: usize, training: &mut Training);
    on_train_batch_end(batch: usize, logs: &Logs, training: &mut Training);
    on_batch_begin(batch: usize, training: &mut Training);
    on_batch_end(batch: usize, logs: &Logs, training: &mut Training);
    on_test_begin(training: &mut Training);
    on_test_end(logs: &mut Logs, training: &mut Training);
    on_test_batch_begin(batch: usize, training: &mut Training);
    on_test_batch_end(batch: usize, logs: &Logs, training: &mut Training);
    on_predict_begin(training: &mut Training);
    on_predict_end(training: &mut Training);
    on_predict_batch_begin(batch: usize, training: &mut Training);
    on_predict_batch_end(batch: usize, outputs: &[Tensor], training: &mut Training);
}
