//! Evaluation.

use super::batch_step::BatchStep;
use super::epochs::Epochs;
use super::step::TrainStep;
use crate::callbacks::{Callback, CallbackList, Logs, Params, Training, Verbose};
use crate::config::KerasConfig;
use crate::data::{Batches, Columns};
use crate::error::{Error, Result};
use crate::models::Model;
use std::io::IsTerminal;

/// The arguments of Keras' `evaluate` besides the data, with its defaults.
#[derive(Debug, KerasConfig)]
#[keras(no_config)]
pub struct Evaluate<'a> {
    /// Number of samples in a batch, for arrays (default 32).
    batch_size: Option<usize>,
    /// How much is printed: 0, 1, 2, `"auto"` or a [`Verbose`] (default: a bar on a terminal).
    #[keras(default = Ok(Verbose::Auto))]
    verbose: Result<Verbose>,
    /// Weights of the samples, for arrays (default: 1 each).
    #[keras(default = Ok(Columns::None))]
    sample_weight: Result<Columns>,
    /// Number of batches (default: all).
    steps: Option<usize>,
    #[keras(skip)]
    callbacks: Vec<Box<dyn Callback + 'a>>,
    #[keras(skip)]
    train_step: Option<Box<dyn TrainStep + 'a>>,
}

impl<'a> Evaluate<'a> {
    /// Adds a callback: an object, or a `&mut` reference to one that can be read afterwards.
    #[must_use]
    pub fn callback(mut self, callback: impl Callback + 'a) -> Self {
        self.callbacks.push(Box::new(callback));
        self
    }

    /// Sets a custom step instead of Keras' `test_step`.
    #[must_use]
    pub fn train_step(mut self, step: impl TrainStep + 'a) -> Self {
        self.train_step = Some(Box::new(step));
        self
    }
}

impl Model {
    /// Loss and metrics over arrays. Keras' `evaluate`.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let model = Sequential::new().add(Input::new([2])).add(Dense::new(1).kernel_initializer("zeros")).build()?;
    /// model.compile("sgd", "mse", ())?;
    /// let (x, y) = (Tensor::ones([3, 2], DType::F32)?, Tensor::full([3, 1], 2.0, DType::F32)?);
    /// assert_eq!(model.evaluate(&x, &y, Evaluate::new().verbose(0))?["loss"], 4.0);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotCompiled`]; errors that name the argument for data that the model does not accept.
    pub fn evaluate(
        &self,
        x: impl TryInto<Columns, Error: Into<Error>>,
        y: impl TryInto<Columns, Error: Into<Error>>,
        mut options: Evaluate<'_>,
    ) -> Result<Logs> {
        let weights = std::mem::replace(&mut options.sample_weight, Ok(Columns::None))?;
        self.evaluate_dataset(Batches::from_arrays(x, y, weights)?, options)
    }

    /// Loss and metrics over batches of any source.
    ///
    /// # Errors
    /// As [`Model::evaluate`].
    pub fn evaluate_dataset(&self, batches: Batches, options: Evaluate<'_>) -> Result<Logs> {
        self.compiled()?;
        let mut epochs = Epochs::new(sized(batches, options.batch_size), options.steps)?;
        let verbose = level(options.verbose)?;
        let params = Params { epochs: 1, steps: epochs.steps(), verbose, validation: false };
        let mut training = Training::new(self, params);
        let mut callbacks = options.callbacks;
        let mut progress = crate::callbacks::progress(training.params(), &callbacks);
        let mut callbacks = CallbackList::new(&mut callbacks, &mut progress);
        let mut step = options.train_step;
        self.evaluate_epoch(&mut epochs, &mut callbacks, &mut training, step.as_deref_mut())
    }

    /// An evaluation, which `fit` also runs after epochs.
    pub(super) fn evaluate_epoch(
        &self,
        epochs: &mut Epochs,
        callbacks: &mut CallbackList<'_>,
        training: &mut Training,
        mut step: Option<&mut (dyn TrainStep + '_)>,
    ) -> Result<Logs> {
        callbacks.each(|c| c.on_test_begin(training))?;
        self.reset_metrics()?;
        if let Some(step) = &mut step {
            step.reset_metrics();
        }
        epochs.restart()?;
        let layer = self.as_layer();
        let own = layer.layer().steps();
        let with_logs = callbacks.uses_batch_logs();
        let (mut logs, mut number) = (Logs::new(), 0);
        while let Some(batch) = epochs.next(number)? {
            callbacks.each(|c| c.on_test_batch_begin(number, training))?;
            match (&mut step, own) {
                (Some(step), _) => logs = step.test_step(self, &batch)?,
                (None, Some(own)) => logs = own.test_step(&BatchStep::new(self, &batch)?)?,
                (None, None) => {
                    self.evaluate_batch(&batch)?;
                    if with_logs {
                        logs = self.get_metrics_result()?;
                    }
                }
            }
            callbacks.each(|c| c.on_test_batch_end(number, &logs, training))?;
            number += 1;
            if training.take_stop_request() {
                break;
            }
        }
        if number == 0 {
            return Err(Error::argument("evaluate", "x", "at least one batch", "none"));
        }
        if step.is_none() && own.is_none() {
            logs = self.get_metrics_result()?;
        }
        callbacks.each(|c| c.on_test_end(&mut logs, training))?;
        Ok(logs)
    }
}

/// How much to print; `Auto` depends on whether standard output is a terminal.
pub(super) fn level(verbose: Result<Verbose>) -> Result<Verbose> {
    Ok(verbose?.resolve(std::io::stdout().is_terminal()))
}

/// Sets the batch size, if one is given.
pub(super) fn sized(batches: Batches, batch_size: Option<usize>) -> Batches {
    match batch_size {
        Some(batch_size) => batches.batch_size(batch_size),
        None => batches,
    }
}
