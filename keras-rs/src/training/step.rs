//! Training and evaluation on one batch.

use super::input::{in_order, inputs};
use crate::callbacks::Logs;
use crate::compile::{Compiled, Outputs};
use crate::data::{Batch, Columns};
use crate::error::{Error, Result, tuple};
use crate::gradient::GradientTape;
use crate::layer::ForwardPass;
use crate::models::Model;
use crate::shape::Shape;
use crate::tensor::Tensor;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A custom training step, as Keras' overridden `train_step`.
///
/// ```
/// use keras_rs::callbacks::Logs;
/// use keras_rs::data::Batch;
/// use keras_rs::prelude::*;
/// use keras_rs::training::{Fit, TrainStep};
///
/// /// Minimises the sum of squares by hand.
/// #[derive(Debug)]
/// struct Squares;
///
/// impl TrainStep for Squares {
///     fn train_step(&mut self, model: &Model, batch: &Batch) -> keras_rs::Result<Logs> {
///         let x: Vec<Tensor> = batch.x.tensors().cloned().collect();
///         let variables = model.trainable_weights();
///         let (loss, gradients) = GradientTape::gradients(&variables, |pass| {
///             model.call_with(&x, pass)?[0].square()?.sum(&[], false)
///         })?;
///         model.optimizer()?.apply_gradients(&gradients, &variables)?;
///         Ok(Logs::from([("loss".to_string(), loss.to_scalar()?)]))
///     }
/// }
///
/// let model = Sequential::new().add(Input::new([2])).add(Dense::new(1)).build()?;
/// model.compile("sgd", (), ())?;
/// let x = Tensor::ones([8, 2], DType::F32)?;
/// let history = model.fit(&x, (), Fit::new().epochs(3).verbose(0).train_step(Squares))?;
/// assert!(history["loss"][2] <= history["loss"][0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub trait TrainStep: fmt::Debug + Send {
    /// Updates weights on a batch; returns the values to log, the last of which are those of the epoch.
    ///
    /// # Errors
    /// Any error ends the training.
    fn train_step(&mut self, model: &Model, batch: &Batch) -> Result<Logs>;

    /// Evaluates a batch; by default Keras' `test_step`.
    ///
    /// # Errors
    /// Any error ends the evaluation.
    fn test_step(&mut self, model: &Model, batch: &Batch) -> Result<Logs> {
        model.test_on_batch(batch)
    }

    /// Called before each epoch and each evaluation, to reset the step's own metrics.
    fn reset_metrics(&mut self) {}
}

/// The step of a model, which its handles share.
pub(super) struct OwnStep(Mutex<Box<dyn TrainStep>>);

impl OwnStep {
    /// The step, for one training at a time.
    pub(super) fn lock(&self) -> MutexGuard<'_, Box<dyn TrainStep>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Model {
    /// Gives the model a training step of its own, which `fit` and `evaluate` use unless they are given another.
    /// Keras' overridden `train_step` and `test_step`.
    ///
    /// Metrics that the step keeps in its fields are its own: it resets them in
    /// [`TrainStep::reset_metrics`], and puts their values into the logs.
    ///
    /// ```
    /// use keras_rs::callbacks::Logs;
    /// use keras_rs::losses::{ComputeLoss, MeanSquaredError};
    /// use keras_rs::metrics::{Mean, Measure};
    /// use keras_rs::prelude::*;
    /// use keras_rs::training::{Fit, TrainStep};
    ///
    /// /// Keeps the mean of the loss over an epoch.
    /// #[derive(Debug, Default)]
    /// struct Averaged {
    ///     loss: Mean,
    /// }
    ///
    /// impl TrainStep for Averaged {
    ///     fn train_step(&mut self, model: &Model, batch: &Batch) -> keras_rs::Result<Logs> {
    ///         let (x, y) = (batch.x.tensors().next().unwrap(), batch.y.tensors().next().unwrap());
    ///         let variables = model.trainable_weights();
    ///         let (loss, gradients) = GradientTape::gradients(&variables, |pass| {
    ///             let predicted = model.call_with(&[x.clone()], pass)?;
    ///             MeanSquaredError::new().compute(y, &predicted[0], None)
    ///         })?;
    ///         model.optimizer()?.apply_gradients(&gradients, &variables)?;
    ///         self.loss.update_state(&loss, None)?;
    ///         Ok(Logs::from([("loss".to_string(), self.loss.result()?.to_scalar()?)]))
    ///     }
    ///
    ///     fn reset_metrics(&mut self) {
    ///         self.loss.reset_state();
    ///     }
    /// }
    ///
    /// let model = Model::subclassed(Dense::new(1)).with_train_step(Averaged::default());
    /// model.compile("sgd", (), ())?;
    /// let (x, y) = (Tensor::ones([8, 2], DType::F32)?, Tensor::ones([8, 1], DType::F32)?);
    /// let history = model.fit(&x, &y, Fit::new().epochs(2).verbose(0))?;
    /// assert!(history["loss"][1] < history["loss"][0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    #[must_use]
    pub fn with_train_step(self, step: impl TrainStep + 'static) -> Self {
        self.compilation().set_step(OwnStep(Mutex::new(Box::new(step))));
        self
    }

    /// The model's own training step.
    pub(super) fn own_step(&self) -> Option<Arc<OwnStep>> {
        self.compilation().step()
    }
}

/// Refuses tensors with NaN.
fn refuse_nan(part: &str, columns: &Columns) -> Result<()> {
    for (index, tensor) in columns.tensors().enumerate() {
        if tensor.dtype().is_float()
            && tensor.is_nan()?.cast(crate::DType::I32)?.max(&[], false)?.to_scalar()? > 0.0
        {
            let argument = if columns.len() > 1 { format!("{part}[{index}]") } else { part.to_string() };
            return Err(Error::argument("fit", argument, "numbers", "NaN"));
        }
    }
    Ok(())
}

impl Model {
    /// The tensors of a batch in the order of inputs and outputs, checked.
    fn prepare_batch(&self, compiled: &Compiled, batch: &Batch) -> Result<(Vec<Tensor>, Outputs)> {
        let x = inputs(self, &batch.x)?;
        batch.num_samples()?;
        let shapes: Vec<Shape> = x.iter().map(|t| Shape::from(t.shape())).collect();
        let samples = x.first().and_then(|t| t.shape().first().copied()).unwrap_or(0);
        let y_pred: Vec<Vec<usize>> = self
            .output_shapes_for(&shapes)?
            .iter()
            .map(|shape| shape.dims().iter().map(|d| d.unwrap_or(samples)).collect())
            .collect();
        let names = self.output_names_of(y_pred.len())?;
        let y = in_order(&batch.y, "y", "output", &names)?;
        let weights = in_order(&batch.sample_weight, "sample_weight", "output", &names)?;
        let (y_true, sample_weight) = compiled.targets(
            &names,
            y,
            weights,
            &y_pred,
            self.wiring().is_some_and(|w| w.outputs.keys().is_some()),
        )?;
        Ok((x, Outputs { y_pred: Vec::new(), masks: Vec::new(), y_true, sample_weight }))
    }

    /// Checks arrays as a whole, before training on the first batch.
    pub(super) fn check_arrays(&self, all: &Batch) -> Result<()> {
        let compiled = self.compiled()?;
        compiled.require_state()?;
        let samples = all.num_samples()?;
        refuse_nan("x", &all.x)?;
        refuse_nan("y", &all.y)?;
        refuse_nan("sample_weight", &all.sample_weight)?;
        // One sample suffices for the shapes; outputs for all samples might exceed the size limit.
        let x = inputs(self, &all.x.narrow(0..1)?)?;
        let shapes: Vec<Shape> = x.iter().map(|t| Shape::from(t.shape())).collect();
        let for_all_samples = |shape: &Shape| {
            let mut dims: Vec<usize> = shape.dims().iter().map(|d| d.unwrap_or(1)).collect();
            if let Some(first) = dims.first_mut() {
                *first = samples;
            }
            dims
        };
        let y_pred: Vec<Vec<usize>> = self.output_shapes_for(&shapes)?.iter().map(for_all_samples).collect();
        let names = self.output_names_of(y_pred.len())?;
        let y = in_order(&all.y, "y", "output", &names)?;
        let weights = in_order(&all.sample_weight, "sample_weight", "output", &names)?;
        compiled.targets(
            &names,
            y,
            weights,
            &y_pred,
            self.wiring().is_some_and(|w| w.outputs.keys().is_some()),
        )?;
        Ok(())
    }

    /// The loss with the losses of layers and regularizers; stores the predictions in `outputs`.
    fn forward_with_loss(
        &self,
        compiled: &Compiled,
        x: &[Tensor],
        outputs: &mut Outputs,
        pass: &mut ForwardPass,
    ) -> Result<Option<Tensor>> {
        let (y_pred, masks): (Vec<Tensor>, Vec<_>) =
            self.forward(x.to_vec(), pass)?.into_iter().map(|output| (output.tensor, output.mask)).unzip();
        let device = y_pred.first().map(|t| t.device().clone());
        if let Some(device) = &device {
            for tensor in outputs.y_true.iter_mut().chain(&mut outputs.sample_weight).flatten() {
                *tensor = tensor.to_device(device)?;
            }
        }
        (outputs.y_pred, outputs.masks) = (y_pred, masks);
        let mut added = std::mem::take(&mut pass.losses);
        for variable in self.trainable_weights() {
            if let Some(regularizer) = variable.regularizer() {
                added.push(regularizer.call(&pass.value(&variable)?)?);
            }
        }
        compiled.compute_loss(outputs, &added)
    }

    /// Updates the weights on a batch, and the metrics.
    pub(super) fn update_on_batch(&self, batch: &Batch) -> Result<()> {
        let compiled = self.compiled()?;
        compiled.require_state()?;
        let (x, mut outputs) = self.prepare_batch(&compiled, batch)?;
        refuse_nan("x", &batch.x)?;
        refuse_nan("y", &batch.y)?;
        refuse_nan("sample_weight", &batch.sample_weight)?;
        let variables = self.trainable_weights();
        let mut tape = GradientTape::new(&variables)?;
        let loss = self.forward_with_loss(&compiled, &x, &mut outputs, tape.pass())?;
        let loss = loss.ok_or_else(|| {
            Error::argument("compile", "loss", "a loss, or layers and regularizers that add one", "none")
        })?;
        let optimizer = compiled.optimizer();
        if !variables.is_empty() {
            // The scale of the loss may be a slot variable.
            optimizer.build(&variables)?;
            let gradients = tape.gradient(&optimizer.scale_loss(&loss)?)?;
            optimizer.apply_gradients(&gradients, &variables)?;
        }
        compiled.update(&loss.detach(), samples(&x)?, &outputs.detached())
    }

    /// Updates the metrics with a batch.
    pub(super) fn evaluate_batch(&self, batch: &Batch) -> Result<()> {
        let compiled = self.compiled()?;
        let (x, mut outputs) = self.prepare_batch(&compiled, batch)?;
        let loss = self.forward_with_loss(&compiled, &x, &mut outputs, &mut ForwardPass::default())?;
        let loss = match loss {
            Some(loss) => loss,
            None => Tensor::scalar(0.0_f32)?,
        };
        compiled.update(&loss, samples(&x)?, &outputs)
    }

    /// One update on a batch; returns loss and metrics since the last reset. Keras'
    /// `train_on_batch`.
    ///
    /// ```
    /// use keras_rs::data::Batch;
    /// use keras_rs::prelude::*;
    ///
    /// let model = Sequential::new().add(Input::new([2])).add(Dense::new(1)).build()?;
    /// model.compile("sgd", "mse", ())?;
    /// let batch = Batch::new(&Tensor::ones([4, 2], DType::F32)?, &Tensor::ones([4, 1], DType::F32)?);
    /// let first = model.train_on_batch(&batch)?["loss"];
    /// model.reset_metrics()?;
    /// assert!(model.train_on_batch(&batch)?["loss"] <= first);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotCompiled`]; errors that name the argument for batches that the model does not
    /// accept, before any weight changes.
    pub fn train_on_batch(&self, batch: &Batch) -> Result<Logs> {
        self.update_on_batch(batch)?;
        self.compiled()?.results()
    }

    /// Evaluates a batch without an update; returns loss and metrics since the last reset.
    /// Keras' `test_on_batch`.
    ///
    /// # Errors
    /// As [`Model::train_on_batch`].
    pub fn test_on_batch(&self, batch: &Batch) -> Result<Logs> {
        self.evaluate_batch(batch)?;
        self.compiled()?.results()
    }

    /// Outputs for one batch. Keras' `predict_on_batch`.
    ///
    /// # Errors
    /// As [`Model::predict`].
    pub fn predict_on_batch(&self, x: impl Into<Columns>) -> Result<Vec<Tensor>> {
        let x = inputs(self, &x.into())?;
        samples(&x)?;
        self.call(&x)
    }
}

fn samples(x: &[Tensor]) -> Result<usize> {
    match x.first().map(Tensor::shape) {
        Some([samples, ..]) if *samples > 0 => Ok(*samples),
        other => {
            let got = other.map_or("nothing".into(), tuple);
            Err(Error::shape("batch", "x", "an axis of samples that is not empty", got))
        }
    }
}
