//! What a model that a user wrote does with a batch, where it is not what every model does.

use super::{ForwardPass, LayerRef, MaskedTensor, Outputs};
use crate::data::Batch;
use crate::error::Result;
use crate::tensor::Tensor;
use crate::variable::Variable;
use indexmap::IndexMap;

/// Values by name: loss and metrics of a batch or an epoch; names of validation values begin with `val_`.
pub type Logs = IndexMap<String, f64>;

/// The steps of a model that a user wrote: Keras' `train_step`, `test_step` and `predict_step`, which a subclass
/// overrides. `fit`, `evaluate` and `predict` call them where [`Layer::steps`](super::Layer::steps) gives them,
/// with their callbacks, metrics and validation; so do `train_on_batch` and its kin.
///
/// ```
/// use keras_rs::layer::{Step, Steps};
/// use keras_rs::prelude::*;
///
/// /// A dense layer whose gradients are halved.
/// #[derive(Debug, KerasConfig)]
/// #[keras(package = "forest")]
/// struct Cautious {
///     base: LayerBase,
///     #[keras(skip = Dense::new(1).kernel_initializer("zeros").shared())]
///     dense: LayerRef,
/// }
///
/// impl Layer for Cautious {
///     fn steps(&self) -> Option<&dyn Steps> {
///         Some(self)
///     }
///
///     fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> keras_rs::Result<Outputs> {
///         Ok(context.apply(&self.dense, inputs.into_single()?)?.into())
///     }
/// }
///
/// impl Steps for Cautious {
///     fn train_step(&self, step: &dyn Step) -> keras_rs::Result<Logs> {
///         let variables = step.trainable_variables();
///         let mut tape = GradientTape::new(&variables)?;
///         let y_pred = step.call(tape.pass())?;
///         let loss = step.compute_loss(&y_pred, tape.pass())?;
///         let mut gradients = tape.gradient(&loss)?;
///         for gradient in gradients.iter_mut().flatten() {
///             *gradient = gradient.mul_scalar(0.5)?;
///         }
///         step.apply_gradients(&gradients, &variables)?;
///         step.compute_metrics(&loss, &y_pred)
///     }
/// }
///
/// let model = Model::subclassed(Cautious::new());
/// model.compile("sgd", "mse", ["mae"])?;
/// let (x, y) = (Tensor::ones([4, 1], DType::F32)?, Tensor::ones([4, 1], DType::F32)?);
/// let history = model.fit(&x, &y, Fit::new().verbose(0))?;
/// assert_eq!((history["loss"][0], history["mae"][0]), (1.0, 1.0));
/// // The gradient of the loss is -2, the learning rate 0.01.
/// assert!((model.get_weights()?[1].to_scalar()? - 0.01).abs() < 1e-7);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub trait Steps {
    /// Updates weights on a batch; returns the values to log, the last of which are those of the epoch.
    ///
    /// # Errors
    /// Any error ends the training.
    fn train_step(&self, step: &dyn Step) -> Result<Logs> {
        step.train()
    }

    /// Evaluates a batch; returns the values to log, the last of which are those of the evaluation.
    ///
    /// # Errors
    /// Any error ends the evaluation.
    fn test_step(&self, step: &dyn Step) -> Result<Logs> {
        step.test()
    }

    /// The outputs for the inputs of a batch, at inference; `model` is the model as a layer.
    ///
    /// # Errors
    /// Any error ends the prediction.
    fn predict_step(&self, model: &LayerRef, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        model.call(inputs)
    }
}

/// One batch, and what the model offers to a step on it.
pub trait Step {
    /// Inputs, targets and sample weights as the data gives them.
    fn batch(&self) -> &Batch;

    /// The model as a layer.
    fn model(&self) -> &LayerRef;

    /// The inputs in the order of the model's.
    ///
    /// # Errors
    /// Where an input is missing or unknown.
    fn inputs(&self) -> Result<Vec<Tensor>>;

    /// Variables that training changes. Keras' `trainable_variables`.
    fn trainable_variables(&self) -> Vec<Variable> {
        self.model().trainable_variables()
    }

    /// The outputs for the inputs of the batch. Keras' `self(x, training=...)`.
    ///
    /// # Errors
    /// What the model reports.
    fn call(&self, pass: &mut ForwardPass) -> Result<Outputs> {
        let model = self.model();
        let inputs = self.inputs()?.into_iter().map(MaskedTensor::from).collect();
        model.run(model.arguments(inputs), pass)
    }

    /// The losses of `compile` for these outputs, with what layers added in the forward pass and the penalties
    /// of regularizers; zero where there are none. Keras' `compute_loss`.
    ///
    /// # Errors
    /// Where targets are missing or do not fit the outputs.
    fn compute_loss(&self, y_pred: &Outputs, pass: &mut ForwardPass) -> Result<Tensor>;

    /// Has the optimizer of `compile` update variables. Keras' `optimizer.apply`.
    ///
    /// # Errors
    /// Where there are not as many gradients as variables.
    fn apply_gradients(&self, gradients: &[Option<Tensor>], variables: &[Variable]) -> Result<()>;

    /// The loss as the optimizer of `compile` wants it, which scales it where the model computes in half
    /// precision. Keras' `optimizer.scale_loss`.
    ///
    /// # Errors
    /// What the scaling reports.
    fn scale_loss(&self, loss: &Tensor) -> Result<Tensor>;

    /// Adds a loss and outputs to the loss and the metrics of `compile`; gives [`Step::logs`]. Keras'
    /// `compute_metrics`, with the update of its loss tracker.
    ///
    /// # Errors
    /// Where targets are missing or do not fit the outputs.
    fn compute_metrics(&self, loss: &Tensor, y_pred: &Outputs) -> Result<Logs>;

    /// The values of all metrics since the last reset: of `compile`, and of the fields of the model and of the
    /// layers inside it. Keras' `get_metrics_result`.
    ///
    /// # Errors
    /// What a metric reports.
    fn logs(&self) -> Result<Logs>;

    /// The training step of every model. Keras' `super().train_step(data)`.
    ///
    /// # Errors
    /// As [`Model::train_on_batch`](crate::Model::train_on_batch).
    fn train(&self) -> Result<Logs>;

    /// The evaluation of every model. Keras' `super().test_step(data)`.
    ///
    /// # Errors
    /// As [`Model::test_on_batch`](crate::Model::test_on_batch).
    fn test(&self) -> Result<Logs>;
}
