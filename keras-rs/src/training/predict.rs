//! Prediction.

use super::epochs::Epochs;
use super::evaluate::{level, sized};
use super::input::{build_for, inputs};
use crate::callbacks::{Callback, CallbackList, Params, Training, Verbose};
use crate::config::KerasConfig;
use crate::data::{Batch, Batches, Columns};
use crate::error::{Error, GraphProblem, Result, tuple};
use crate::models::Model;
use crate::tensor::Tensor;

/// Samples in a batch where none is named, as in Keras.
const DEFAULT_BATCH_SIZE: usize = 32;

/// The arguments of Keras' `predict` besides the data, with its defaults.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let model = Sequential::new().add(Input::new([2])).add(Dense::new(1).kernel_initializer("ones")).build()?;
/// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])?;
/// let y = model.predict_with(&x, Predict::new().batch_size(2).verbose(0))?;
/// assert_eq!(y.to_vec::<f32>()?, [3.0, 7.0, 11.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(no_config)]
pub struct Predict<'a> {
    /// Number of samples in a batch, for arrays (default 32).
    batch_size: Option<usize>,
    /// How much is printed: 0, 1, 2, `"auto"` or a [`Verbose`] (default: a bar on a terminal).
    #[keras(default = Ok(Verbose::Auto))]
    verbose: Result<Verbose>,
    /// Number of batches (default: all).
    steps: Option<usize>,
    /// Whether layers are called one by one as in training, not by a plan with folded weights (default `false`). The
    /// numbers differ by rounding.
    #[keras(default = false)]
    exact: bool,
    #[keras(skip)]
    callbacks: Vec<Box<dyn Callback + 'a>>,
}

impl<'a> Predict<'a> {
    /// Adds a callback: an object, or a `&mut` reference to one that can be read afterwards.
    #[must_use]
    pub fn callback(mut self, callback: impl Callback + 'a) -> Self {
        self.callbacks.push(Box::new(callback));
        self
    }
}

impl Model {
    /// The only output for every sample, in inference mode, computed in batches of 32; nothing is printed.
    ///
    /// Inputs are `(samples, ...)`, in every form that [`Columns`] has: a tensor, tensors in the model's order or by
    /// name, `ndarray` arrays, [`TensorData`](crate::TensorData), what [`npz::read`](crate::npz::read) gives. Keras'
    /// `predict`; [`Model::predict_with`] has its arguments.
    ///
    /// # Errors
    /// What a layer reports, with its path; [`Error::Shape`] for inputs that do not fit;
    /// [`Error::Graph`] where the model has several outputs: use [`Model::predict_all`].
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let (a, b) = (Input::new([1]).name("a"), Input::new([1]).name("b"));
    /// let model = Model::new((&a, &b), &(&a - &b)?)?;
    /// let (x, y) = (Tensor::from([[5.0]])?, Tensor::from([[3.0]])?);
    /// assert_eq!(model.predict((&x, &y))?.to_vec::<f32>()?, [2.0]);
    /// assert_eq!(model.predict([("b", &y), ("a", &x)])?.to_vec::<f32>()?, [2.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn predict(&self, x: impl TryInto<Columns, Error: Into<Error>>) -> Result<Tensor> {
        only(self, self.predict_all(x)?)
    }

    /// Every output for every sample, in inference mode, computed in batches of 32; nothing is printed.
    ///
    /// # Errors
    /// As [`Model::predict`].
    pub fn predict_all(&self, x: impl TryInto<Columns, Error: Into<Error>>) -> Result<Vec<Tensor>> {
        self.predict_batches(x, DEFAULT_BATCH_SIZE)
    }

    /// As [`Model::predict_all`], with the number of samples in a batch.
    ///
    /// # Errors
    /// As [`Model::predict`]; [`Error::Argument`] for a batch size of zero.
    pub fn predict_batches(
        &self,
        x: impl TryInto<Columns, Error: Into<Error>>,
        batch_size: usize,
    ) -> Result<Vec<Tensor>> {
        predict(self, &x.try_into().map_err(Into::into)?, batch_size)
    }

    /// The only output for every sample, with Keras' arguments of `predict`.
    ///
    /// # Errors
    /// As [`Model::predict`]; what a callback reports.
    pub fn predict_with(
        &self,
        x: impl TryInto<Columns, Error: Into<Error>>,
        options: Predict<'_>,
    ) -> Result<Tensor> {
        only(self, self.predict_all_with(x, options)?)
    }

    /// Every output for every sample, with Keras' arguments of `predict`.
    ///
    /// # Errors
    /// As [`Model::predict_with`].
    pub fn predict_all_with(
        &self,
        x: impl TryInto<Columns, Error: Into<Error>>,
        options: Predict<'_>,
    ) -> Result<Vec<Tensor>> {
        self.predict_dataset(Batches::from_arrays(x, (), ())?, options)
    }

    /// Every output for batches of any source.
    ///
    /// # Errors
    /// As [`Model::predict_with`].
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let model = Sequential::new().add(Input::new([1])).add(Dense::new(1).kernel_initializer("ones")).build()?;
    /// let batches = Batches::from_generator((0..3).map(|i| Ok(Batch::new(Tensor::from([[i as f32]])?, ()))));
    /// let y = model.predict_dataset(batches, Predict::new().steps(2).verbose(0))?;
    /// assert_eq!(y[0].to_vec::<f32>()?, [0.0, 1.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn predict_dataset(&self, batches: Batches, options: Predict<'_>) -> Result<Vec<Tensor>> {
        let mut epochs = Epochs::new(sized(batches, options.batch_size), options.steps)?;
        let verbose = level(options.verbose)?;
        let params = Params { epochs: 1, steps: epochs.steps(), verbose, validation: false };
        let mut training = Training::new(self, params);
        let mut callbacks = options.callbacks;
        let mut progress = crate::callbacks::progress(training.params(), &callbacks);
        let mut callbacks = CallbackList::new(&mut callbacks, &mut progress);
        callbacks.each(|c| c.on_predict_begin(&mut training))?;
        epochs.restart()?;
        let mut outputs: Vec<Vec<Tensor>> = Vec::new();
        let mut number = 0;
        while let Some(Batch { x, .. }) = epochs.next(number)? {
            callbacks.each(|c| c.on_predict_batch_begin(number, &mut training))?;
            let y_pred = self.predict_step(&inputs(self, &x)?, options.exact)?;
            callbacks.each(|c| c.on_predict_batch_end(number, &y_pred, &mut training))?;
            outputs.resize_with(y_pred.len(), Vec::new);
            outputs.iter_mut().zip(y_pred).for_each(|(all, one)| all.push(one));
            number += 1;
            if training.take_stop_request() {
                break;
            }
        }
        callbacks.each(|c| c.on_predict_end(&mut training))?;
        // What one batch gave may have no axis of samples.
        let joined = |mut batches: Vec<Tensor>| match batches.len() {
            1 => Ok(batches.swap_remove(0)),
            _ => Tensor::concat(&batches, 0),
        };
        outputs.into_iter().map(joined).collect()
    }
}

/// The only output.
fn only(model: &Model, mut outputs: Vec<Tensor>) -> Result<Tensor> {
    match outputs.len() {
        1 => Ok(outputs.swap_remove(0)),
        got => Err(Error::Graph {
            model: model.name(),
            problem: GraphProblem::Arity { what: "outputs (see predict_all)", expected: 1, got },
        }),
    }
}

/// Every output for every sample.
fn predict(model: &Model, columns: &Columns, batch_size: usize) -> Result<Vec<Tensor>> {
    if batch_size == 0 {
        return Err(Error::argument("predict", "batch_size", "at least 1", 0));
    }
    if !model.is_built() {
        build_for(model, columns)?;
    }
    let tensors = inputs(model, columns)?;
    let samples = samples(&tensors)?;
    if samples <= batch_size {
        return model.predict_step(&tensors, false);
    }
    let mut batches: Vec<Vec<Tensor>> = Vec::new();
    for start in (0..samples).step_by(batch_size) {
        let end = samples.min(start + batch_size);
        let batch = tensors.iter().map(|t| t.narrow(0, start..end)).collect::<Result<Vec<_>>>()?;
        batches.push(model.predict_step(&batch, false)?);
    }
    let outputs = batches.first().map_or(0, Vec::len);
    (0..outputs)
        .map(|i| Tensor::concat(&batches.iter().map(|b| b[i].clone()).collect::<Vec<_>>(), 0))
        .collect()
}

/// The number of samples that all inputs agree on.
fn samples(tensors: &[Tensor]) -> Result<usize> {
    let mut count = None;
    for tensor in tensors {
        let Some(&n) = tensor.shape().first() else {
            return Err(Error::shape("predict", "inputs", "an axis of samples", tuple(tensor.shape())));
        };
        if n == 0 {
            return Err(Error::shape("predict", "inputs", "at least one sample", tuple(tensor.shape())));
        }
        if *count.get_or_insert(n) != n {
            return Err(Error::shape(
                "predict",
                "inputs",
                format!("{} samples in each", count.unwrap_or(n)),
                tuple(tensor.shape()),
            ));
        }
    }
    count.ok_or_else(|| Error::argument("predict", "inputs", "at least one tensor", "none"))
}

#[cfg(test)]
mod tests;
