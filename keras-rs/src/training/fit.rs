//! Training.

use super::class_weight::ClassWeight;
use super::epoch::Work;
use super::epochs::Epochs;
use super::evaluate::{level, sized};
use super::step::TrainStep;
use super::validation_freq::ValidationFreq;
use crate::callbacks::{Callback, CallbackList, History, Logs, Params, Training, Verbose};
use crate::config::KerasConfig;
use crate::data::{Batch, Batches, Columns};
use crate::error::{Error, Result};
use crate::models::Model;

/// The arguments of Keras' `fit` besides the data, with its defaults.
///
/// ```
/// use keras_rs::training::Fit;
///
/// let arguments = Fit::new().epochs(5).batch_size(128).validation_split(0.1).verbose(0);
/// # assert!(format!("{arguments:?}").contains("epochs: 5"));
/// ```
#[derive(Debug, KerasConfig)]
#[keras(no_config)]
pub struct Fit<'a> {
    /// Number of samples in a batch, for arrays (default 32).
    batch_size: Option<usize>,
    /// Number of epochs; with `initial_epoch`, the epoch to stop before (default 1).
    #[keras(default = 1)]
    epochs: usize,
    /// How much is printed: 0, 1, 2, `"auto"` or a [`Verbose`] (default: a bar on a terminal).
    #[keras(default = Ok(Verbose::Auto))]
    verbose: Result<Verbose>,
    #[keras(skip)]
    callbacks: Vec<Box<dyn Callback + 'a>>,
    /// Fraction of the samples, at the end of arrays, that is used for validation (default 0), in [0, 1).
    #[keras(default = 0.0)]
    validation_split: f64,
    #[keras(skip)]
    validation_data: Option<Result<Batches>>,
    /// Whether samples are shuffled in every epoch (default `true`).
    #[keras(default = true)]
    shuffle: bool,
    /// Seed of the shuffling (default: the next of the process' seeds).
    seed: Option<u64>,
    /// Weights of classes in the loss (default: 1 each); for one output with labels.
    class_weight: Option<ClassWeight>,
    /// Weights of the samples, for arrays (default: 1 each).
    #[keras(default = Ok(Columns::None))]
    sample_weight: Result<Columns>,
    /// Number of the epoch to start with (default 0).
    #[keras(default = 0)]
    initial_epoch: usize,
    /// Number of batches in an epoch (default: all there are).
    steps_per_epoch: Option<usize>,
    /// Number of batches in a validation (default: all there are).
    validation_steps: Option<usize>,
    /// Number of samples in a batch of validation (default: as in training).
    validation_batch_size: Option<usize>,
    /// After how many epochs, or after which, validation runs (default: each).
    #[keras(default = ValidationFreq::Every(1))]
    validation_freq: ValidationFreq,
    #[keras(skip)]
    train_step: Option<Box<dyn TrainStep + 'a>>,
}

impl<'a> Fit<'a> {
    /// Adds a callback: an object, or a `&mut` reference to one that can be read afterwards.
    #[must_use]
    pub fn callback(mut self, callback: impl Callback + 'a) -> Self {
        self.callbacks.push(Box::new(callback));
        self
    }

    /// Sets the validation data: arrays.
    #[must_use]
    pub fn validation_data(
        mut self,
        x: impl TryInto<Columns, Error: Into<Error>>,
        y: impl TryInto<Columns, Error: Into<Error>>,
    ) -> Self {
        self.validation_data = Some(Batches::from_arrays(x, y, ()));
        self
    }

    /// Sets the validation data: arrays with sample weights, or batches of any source.
    #[must_use]
    pub fn validation_dataset(mut self, batches: Batches) -> Self {
        self.validation_data = Some(Ok(batches));
        self
    }

    /// Sets a custom step instead of Keras' `train_step`.
    #[must_use]
    pub fn train_step(mut self, step: impl TrainStep + 'a) -> Self {
        self.train_step = Some(Box::new(step));
        self
    }
}

impl Model {
    /// Trains on arrays. Keras' `fit`.
    ///
    /// `x` and `y` are tensors or `ndarray` arrays, lists of them in the order of inputs and outputs,
    /// or maps by name; the first axis is that of the samples.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let model = Sequential::new().add(Input::new([1])).add(Dense::new(1)).build()?;
    /// model.compile(SGD::new(0.1), "mse", ["mae"])?;
    /// let x = Tensor::from_vec((0..32).map(|i| i as f32 / 32.0).collect(), [32, 1])?;
    /// let y = x.mul_scalar(2.0)?.add_scalar(1.0)?;
    /// let history = model.fit(&x, &y, Fit::new().epochs(20).batch_size(8).verbose(0))?;
    /// assert!(history["loss"][19] < history["loss"][0]);
    /// assert_eq!(history["mae"].len(), 20);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotCompiled`]; errors that name the argument for data that the model does not accept,
    /// before any weight changes; errors of callbacks.
    pub fn fit(
        &self,
        x: impl TryInto<Columns, Error: Into<Error>>,
        y: impl TryInto<Columns, Error: Into<Error>>,
        mut options: Fit<'_>,
    ) -> Result<History> {
        let all = Batch {
            x: x.try_into().map_err(Into::into)?,
            y: y.try_into().map_err(Into::into)?,
            sample_weight: std::mem::replace(&mut options.sample_weight, Ok(Columns::None))?,
        };
        if options.validation_split == 0.0 || options.validation_data.is_some() {
            return self.fit_dataset(Batches::from_batch(all)?, options);
        }
        let (all, validation) = all.split(options.validation_split)?;
        options.validation_split = 0.0;
        options.validation_data = Some(Batches::from_batch(validation));
        self.fit_dataset(Batches::from_batch(all)?, options)
    }

    /// Trains on batches of any source.
    ///
    /// # Errors
    /// As [`Model::fit`]; [`Error::Argument`] for arguments that only arrays have.
    pub fn fit_dataset(&self, batches: Batches, options: Fit<'_>) -> Result<History> {
        self.compiled()?;
        options.check()?;
        // A custom step may use the data in any way.
        let has_steps = self.as_layer().layer().steps().is_some();
        if options.train_step.is_none() && !has_steps {
            let validation = options.validation_data.as_ref().and_then(|v| v.as_ref().ok());
            let arrays = [Some(&batches), validation].into_iter().flatten().filter_map(Batches::arrays);
            arrays.into_iter().try_for_each(|all| self.check_arrays(all))?;
        }
        let Fit { mut callbacks, mut train_step, class_weight, validation_freq, .. } = options;
        let mut batches = sized(batches, options.batch_size);
        match (options.shuffle, options.seed) {
            (false, _) => batches = batches.shuffle(false),
            (true, seed) => {
                batches.set_default_shuffle(true);
                if let Some(seed) = seed {
                    batches = batches.seed(seed);
                }
            }
        }
        let mut epochs = Epochs::new(batches, options.steps_per_epoch)?;
        let mut validation = match options.validation_data {
            Some(batches) => {
                let batches = batches?;
                let size = options.validation_batch_size.or(options.batch_size);
                let size = size.filter(|_| batches.num_samples().is_some());
                Some(Epochs::new(sized(batches, size), options.validation_steps)?)
            }
            None => None,
        };
        let params = Params {
            epochs: options.epochs,
            steps: epochs.steps(),
            verbose: level(options.verbose)?,
            validation: validation.is_some(),
        };
        let mut training = Training::new(self, params);
        // Drawn before callbacks restore the seeds of an interrupted training.
        training.shuffle_seed = epochs.fix_seed();
        if let Some(validation) = &mut validation {
            validation.fix_seed();
        }
        let mut history = History::default();
        let mut progress = crate::callbacks::progress(training.params(), &callbacks);
        let mut callbacks = CallbackList::new(&mut callbacks, &mut progress);
        callbacks.0.push(&mut history);
        callbacks.each(|c| c.on_train_begin(&mut training))?;
        let resumed = callbacks.0.iter().find_map(|c| Some((c.initial_epoch()?, c.initial_step())));
        let (first, mut skipped) = resumed.unwrap_or((options.initial_epoch, 0));
        if let Some(seed) = training.shuffle_seed {
            epochs.set_seed(seed);
        }
        epochs.resume(first.saturating_sub(options.initial_epoch), skipped)?;
        let mut last = Logs::new();
        let result = (first..options.epochs).try_for_each(|epoch| -> Result<()> {
            if training.is_stopping() {
                return Ok(());
            }
            let work = Work { model: self, class_weight: class_weight.as_ref(), skipped };
            skipped = 0;
            let mut logs =
                work.epoch(epoch, &mut epochs, &mut callbacks, &mut training, train_step.as_deref_mut())?;
            if let Some(validation) = validation.as_mut().filter(|_| validation_freq.is_due(epoch)) {
                let step = train_step.as_deref_mut();
                let seen = self.evaluate_epoch(validation, &mut callbacks, &mut training, step)?;
                logs.extend(seen.into_iter().map(|(name, value)| (format!("val_{name}"), value)));
            }
            callbacks.epoch_end(epoch, &mut logs, &mut training)?;
            last = logs;
            Ok(())
        });
        self.optimizer()?.finalize_variable_values()?;
        result?;
        callbacks.each(|c| c.on_train_end(&mut last, &mut training))?;
        drop(callbacks);
        Ok(history)
    }
}

impl Fit<'_> {
    fn check(&self) -> Result<()> {
        let refuse = |argument: &str, expected: &str, got: &dyn std::fmt::Display| {
            Err(Error::argument("fit", argument, expected, got))
        };
        if self.validation_split != 0.0 && self.validation_data.is_none() {
            return refuse("validation_split", "0, as only arrays can be split", &self.validation_split);
        }
        if !matches!(self.sample_weight, Ok(Columns::None)) {
            return refuse("sample_weight", "none, as batches bring their own", &"some");
        }
        if matches!(self.validation_freq, ValidationFreq::Every(0)) {
            return refuse("validation_freq", "at least 1", &0);
        }
        if self.validation_batch_size == Some(0) {
            return refuse("validation_batch_size", "at least 1", &0);
        }
        Ok(())
    }
}
