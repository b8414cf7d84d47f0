//! Training and evaluation on one batch.

use super::batch_step::BatchStep;
use super::input::{in_order, inputs};
use super::profile::{Stages, TrainingProfile};
use crate::callbacks::Logs;
use crate::compile::{Compiled, Outputs, Targets};
use crate::data::{Batch, Columns};
use crate::error::{Error, Result, tuple};
use crate::gradient::GradientTape;
use crate::layer::ForwardPass;
use crate::models::Model;
use crate::shape::Shape;
use crate::tensor::Tensor;
use std::fmt;

/// A custom training step, as Keras' overridden `train_step`.
///
/// ```
/// use keras_rs::prelude::*;
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

/// Refuses tensors with NaN.
fn refuse_nan(part: &str, columns: &Columns) -> Result<()> {
    for (index, tensor) in columns.tensors().enumerate() {
        // One pass tells most often: a sum is no number where one of its numbers is none, or where infinities cancel.
        // Shaders may compute as if there were no NaN.
        if tensor.dtype().is_float()
            && !tensor.is_empty()
            && (!tensor.device().backend().is_cpu()
                || tensor.reshape([tensor.len()])?.sum(&[], false)?.to_scalar()?.is_nan())
            && tensor.is_nan()?.cast(crate::DType::I32)?.max(&[], false)?.to_scalar()? > 0.0
        {
            let argument = if columns.len() > 1 { format!("{part}[{index}]") } else { part.to_string() };
            return Err(Error::argument("fit", argument, "numbers", "NaN"));
        }
    }
    Ok(())
}

impl Model {
    /// The outputs for the inputs of a batch, with their targets and weights, checked.
    fn outputs_of(
        &self,
        compiled: &Compiled,
        batch: &Batch,
        x: &[Tensor],
        pass: &mut ForwardPass,
    ) -> Result<Outputs> {
        batch.num_samples()?;
        let mut outputs = Outputs::default();
        if self.wiring().is_none() {
            // The shapes of a `call` that a user wrote would take a call to find.
            let y_pred = self.forward(x.to_vec(), pass)?;
            let shapes: Vec<Vec<usize>> = y_pred.iter().map(|y| y.tensor.shape().to_vec()).collect();
            (outputs.y_true, outputs.sample_weight) = self.targets(compiled, batch, &shapes)?;
            outputs.predict(y_pred)?;
            return Ok(outputs);
        }
        let shapes: Vec<Shape> = x.iter().map(|t| Shape::from(t.shape())).collect();
        let samples = x.first().and_then(|t| t.shape().first().copied()).unwrap_or(0);
        let y_pred: Vec<Vec<usize>> = self
            .output_shapes_for(&shapes)?
            .iter()
            .map(|shape| shape.dims().iter().map(|d| d.unwrap_or(samples)).collect())
            .collect();
        (outputs.y_true, outputs.sample_weight) = self.targets(compiled, batch, &y_pred)?;
        outputs.predict(self.forward(x.to_vec(), pass)?)?;
        Ok(outputs)
    }

    /// Targets and weights of a batch for outputs of these shapes.
    pub(super) fn targets(
        &self,
        compiled: &Compiled,
        batch: &Batch,
        y_pred: &[Vec<usize>],
    ) -> Result<Targets> {
        let names = self.output_names_of(y_pred.len())?;
        let y = in_order(&batch.y, "y", "output", &names.names)?;
        let weights = in_order(&batch.sample_weight, "sample_weight", "output", &names.names)?;
        compiled.targets(&names, y, weights, y_pred)
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
        self.targets(&compiled, all, &y_pred).map(drop)
    }

    /// The loss of outputs with the losses of layers and regularizers.
    pub(super) fn loss_of(
        &self,
        compiled: &Compiled,
        outputs: &Outputs,
        pass: &mut ForwardPass,
    ) -> Result<Option<Tensor>> {
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
        self.update(batch, None)
    }

    /// As [`Model::update_on_batch`], with a profile where one is wanted.
    pub(super) fn update(&self, batch: &Batch, mut profile: Option<&mut TrainingProfile>) -> Result<()> {
        // Each step frees and allocates the same large buffers.
        keras_rs_kernels::keep_memory();
        let mut stages = Stages::start();
        let compiled = self.compiled()?;
        compiled.require_state()?;
        refuse_nan("x", &batch.x)?;
        refuse_nan("y", &batch.y)?;
        refuse_nan("sample_weight", &batch.sample_weight)?;
        let x = inputs(self, &batch.x)?;
        let variables = self.trainable_weights();
        let mut tape = GradientTape::new(&variables)?;
        stages.end("data");
        if profile.is_some() {
            tape.pass().note_profile();
        }
        let outputs = self.outputs_of(&compiled, batch, &x, tape.pass())?;
        if let Some(profile) = &mut profile {
            profile.layers = tape.pass().take_profile();
        }
        stages.end("forward");
        let loss = self.loss_of(&compiled, &outputs, tape.pass())?;
        let loss = loss.ok_or_else(|| {
            Error::argument("compile", "loss", "a loss, or layers and regularizers that add one", "none")
        })?;
        stages.end("loss");
        let optimizer = compiled.optimizer();
        if !variables.is_empty() {
            // The scale of the loss may be a slot variable.
            optimizer.build(&variables)?;
            let gradients = tape.gradient(&optimizer.scale_loss(&loss)?)?;
            stages.end("gradients");
            optimizer.apply_gradients(&gradients, &variables)?;
        }
        stages.end("optimizer");
        compiled.update(&loss.detach(), samples(&x)?, &outputs.detached())?;
        stages.end("metrics");
        if let Some(profile) = profile {
            // The layers stand for the forward pass.
            profile.stages = stages.ended.into_iter().filter(|(stage, _)| *stage != "forward").collect();
        }
        Ok(())
    }

    /// Updates the metrics with a batch.
    pub(super) fn evaluate_batch(&self, batch: &Batch) -> Result<()> {
        let compiled = self.compiled()?;
        let x = inputs(self, &batch.x)?;
        let mut pass = ForwardPass::default();
        let outputs = self.outputs_of(&compiled, batch, &x, &mut pass)?;
        let loss = self.loss_of(&compiled, &outputs, &mut pass)?;
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
        let layer = self.as_layer();
        match layer.layer().steps() {
            Some(steps) => steps.train_step(&BatchStep::new(self, batch)?),
            None => self.plain_train_step(batch),
        }
    }

    /// Evaluates a batch without an update; returns loss and metrics since the last reset.
    /// Keras' `test_on_batch`.
    ///
    /// # Errors
    /// As [`Model::train_on_batch`].
    pub fn test_on_batch(&self, batch: &Batch) -> Result<Logs> {
        let layer = self.as_layer();
        match layer.layer().steps() {
            Some(steps) => steps.test_step(&BatchStep::new(self, batch)?),
            None => self.plain_test_step(batch),
        }
    }

    /// Outputs for one batch. Keras' `predict_on_batch`.
    ///
    /// # Errors
    /// As [`Model::predict`].
    pub fn predict_on_batch(&self, x: impl TryInto<Columns, Error: Into<Error>>) -> Result<Vec<Tensor>> {
        let x = inputs(self, &x.try_into().map_err(Into::into)?)?;
        samples(&x)?;
        self.predict_step(&x, false)
    }

    /// The training step of a model without one of its own.
    pub(super) fn plain_train_step(&self, batch: &Batch) -> Result<Logs> {
        self.update_on_batch(batch)?;
        self.get_metrics_result()
    }

    /// The evaluation of a model without one of its own.
    pub(super) fn plain_test_step(&self, batch: &Batch) -> Result<Logs> {
        self.evaluate_batch(batch)?;
        self.get_metrics_result()
    }
}

pub(super) fn samples(x: &[Tensor]) -> Result<usize> {
    match x.first().map(Tensor::shape) {
        Some([samples, ..]) if *samples > 0 => Ok(*samples),
        other => {
            let got = other.map_or("nothing".into(), tuple);
            Err(Error::shape("batch", "x", "an axis of samples that is not empty", got))
        }
    }
}
