//! Training.

use super::batch_step::BatchStep;
use super::class_weight::ClassWeight;
use super::epochs::Epochs;
use super::evaluate::{level, sized};
use super::input::inputs;
use super::step::TrainStep;
use crate::callbacks::{Callback, CallbackList, History, Logs, Params, Training, Verbose};
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
#[derive(Debug)]
pub struct Fit<'a> {
    batch_size: Option<usize>,
    epochs: usize,
    verbose: Result<Verbose>,
    callbacks: Vec<Box<dyn Callback + 'a>>,
    validation_split: f64,
    validation_data: Option<Result<Batches>>,
    shuffle: bool,
    seed: Option<u64>,
    class_weight: Option<ClassWeight>,
    sample_weight: Columns,
    initial_epoch: usize,
    steps_per_epoch: Option<usize>,
    validation_steps: Option<usize>,
    validation_batch_size: Option<usize>,
    validation_freq: ValidationFreq,
    train_step: Option<Box<dyn TrainStep + 'a>>,
}

/// After which epochs validation runs.
#[derive(Clone, Debug)]
pub enum ValidationFreq {
    /// After every this many epochs.
    Every(usize),
    /// After these epochs, counted from 1.
    Epochs(Vec<usize>),
}

impl From<usize> for ValidationFreq {
    fn from(every: usize) -> Self {
        Self::Every(every)
    }
}

impl From<Vec<usize>> for ValidationFreq {
    fn from(epochs: Vec<usize>) -> Self {
        Self::Epochs(epochs)
    }
}

impl<const N: usize> From<[usize; N]> for ValidationFreq {
    fn from(epochs: [usize; N]) -> Self {
        Self::Epochs(epochs.into())
    }
}

impl ValidationFreq {
    fn is_due(&self, epoch: usize) -> bool {
        match self {
            Self::Every(every) => (epoch + 1).is_multiple_of(*every),
            Self::Epochs(epochs) => epochs.contains(&(epoch + 1)),
        }
    }
}

impl Default for Fit<'_> {
    fn default() -> Self {
        Self {
            batch_size: None,
            epochs: 1,
            verbose: Ok(Verbose::Auto),
            callbacks: Vec::new(),
            validation_split: 0.0,
            validation_data: None,
            shuffle: true,
            seed: None,
            class_weight: None,
            sample_weight: Columns::None,
            initial_epoch: 0,
            steps_per_epoch: None,
            validation_steps: None,
            validation_batch_size: None,
            validation_freq: ValidationFreq::Every(1),
            train_step: None,
        }
    }
}

impl<'a> Fit<'a> {
    /// With Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the number of samples in a batch, for arrays (default 32).
    #[must_use]
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = Some(batch_size);
        self
    }

    /// Sets the number of epochs; with `initial_epoch`, the epoch to stop before (default 1).
    #[must_use]
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }

    /// Sets how much is printed: 0, 1, 2, `"auto"` or a [`Verbose`] (default: a bar on a terminal).
    #[must_use]
    pub fn verbose(mut self, verbose: impl TryInto<Verbose, Error: Into<Error>>) -> Self {
        self.verbose = verbose.try_into().map_err(Into::into);
        self
    }

    /// Adds a callback: an object, or a `&mut` reference to one that can be read afterwards.
    #[must_use]
    pub fn callback(mut self, callback: impl Callback + 'a) -> Self {
        self.callbacks.push(Box::new(callback));
        self
    }

    /// Sets the fraction of the samples, at the end of arrays, that is used for validation (default 0), in [0, 1).
    #[must_use]
    pub fn validation_split(mut self, validation_split: f64) -> Self {
        self.validation_split = validation_split;
        self
    }

    /// Sets the validation data: arrays.
    #[must_use]
    pub fn validation_data(mut self, x: impl Into<Columns>, y: impl Into<Columns>) -> Self {
        self.validation_data = Some(Batches::from_batch(Batch::new(x, y)));
        self
    }

    /// Sets the validation data: arrays with sample weights, or batches of any source.
    #[must_use]
    pub fn validation_dataset(mut self, batches: Batches) -> Self {
        self.validation_data = Some(Ok(batches));
        self
    }

    /// Sets whether samples are shuffled in every epoch (default `true`).
    #[must_use]
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = shuffle;
        self
    }

    /// Sets the seed of the shuffling (default: the next of the process' seeds).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets weights of classes in the loss (default: 1 each); for one output with labels.
    #[must_use]
    pub fn class_weight(mut self, class_weight: impl Into<ClassWeight>) -> Self {
        self.class_weight = Some(class_weight.into());
        self
    }

    /// Sets the weights of the samples, for arrays.
    #[must_use]
    pub fn sample_weight(mut self, sample_weight: impl Into<Columns>) -> Self {
        self.sample_weight = sample_weight.into();
        self
    }

    /// Sets the number of the epoch to start with (default 0).
    #[must_use]
    pub fn initial_epoch(mut self, initial_epoch: usize) -> Self {
        self.initial_epoch = initial_epoch;
        self
    }

    /// Sets the number of batches in an epoch (default: all there are).
    #[must_use]
    pub fn steps_per_epoch(mut self, steps_per_epoch: usize) -> Self {
        self.steps_per_epoch = Some(steps_per_epoch);
        self
    }

    /// Sets the number of batches in a validation (default: all there are).
    #[must_use]
    pub fn validation_steps(mut self, validation_steps: usize) -> Self {
        self.validation_steps = Some(validation_steps);
        self
    }

    /// Sets the number of samples in a batch of validation (default: as in training).
    #[must_use]
    pub fn validation_batch_size(mut self, batch_size: usize) -> Self {
        self.validation_batch_size = Some(batch_size);
        self
    }

    /// Sets after how many epochs, or after which, validation runs (default: each).
    #[must_use]
    pub fn validation_freq(mut self, freq: impl Into<ValidationFreq>) -> Self {
        self.validation_freq = freq.into();
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
    /// use keras_rs::optimizers::SGD;
    /// use keras_rs::prelude::*;
    /// use keras_rs::training::Fit;
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
            sample_weight: std::mem::take(&mut options.sample_weight),
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
        let mut list: Vec<&mut dyn Callback> =
            callbacks.iter_mut().map(|c| &mut **c as &mut dyn Callback).collect();
        list.extend(progress.iter_mut().map(|c| c as &mut dyn Callback));
        list.push(&mut history);
        let mut callbacks = CallbackList(list);
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
        if !self.sample_weight.is_none() {
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

/// One epoch of training.
struct Work<'w> {
    model: &'w Model,
    class_weight: Option<&'w ClassWeight>,
    skipped: usize,
}

impl Work<'_> {
    fn epoch(
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
