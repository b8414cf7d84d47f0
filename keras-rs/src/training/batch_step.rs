//! What a model offers to its own steps.

use super::input::inputs;
use super::step::samples;
use crate::compile::Outputs as Compared;
use crate::data::Batch;
use crate::error::Result;
use crate::layer::{ForwardPass, LayerRef, Logs, Outputs, Step};
use crate::models::Model;
use crate::tensor::Tensor;
use crate::variable::Variable;

/// A step of a model on a batch.
pub(super) struct BatchStep<'a> {
    model: &'a Model,
    layer: LayerRef,
    batch: &'a Batch,
}

impl<'a> BatchStep<'a> {
    /// Makes the weights where there are none yet, from a call on the batch's shapes.
    pub(super) fn new(model: &'a Model, batch: &'a Batch) -> Result<Self> {
        if !model.is_built() {
            // A model of built layers may have a `call` for other tensors than those of the data.
            match inputs(model, &batch.x) {
                Err(error) if model.weights().is_empty() => return Err(error),
                _ => {}
            }
        }
        let layer = model.as_layer();
        Ok(Self { model, layer, batch })
    }

    /// Outputs beside their targets and weights.
    fn compare(&self, y_pred: &Outputs) -> Result<Compared> {
        let shapes: Vec<Vec<usize>> = y_pred.tensors().map(|tensor| tensor.shape().to_vec()).collect();
        let compiled = self.model.compiled()?;
        let (y_true, sample_weight) = self.model.targets(&compiled, self.batch, &shapes)?;
        let mut compared = Compared { y_true, sample_weight, ..Compared::default() };
        compared.predict(y_pred.0.clone())?;
        Ok(compared)
    }
}

impl Step for BatchStep<'_> {
    fn batch(&self) -> &Batch {
        self.batch
    }

    fn model(&self) -> &LayerRef {
        &self.layer
    }

    fn inputs(&self) -> Result<Vec<Tensor>> {
        inputs(self.model, &self.batch.x)
    }

    fn compute_loss(&self, y_pred: &Outputs, pass: &mut ForwardPass) -> Result<Tensor> {
        let outputs = self.compare(y_pred)?;
        let loss = self.model.loss_of(&*self.model.compiled()?, &outputs, pass)?;
        loss.map_or_else(|| Tensor::scalar(0.0_f32), Ok)
    }

    fn apply_gradients(&self, gradients: &[Option<Tensor>], variables: &[Variable]) -> Result<()> {
        self.model.optimizer()?.apply_gradients(gradients, variables)
    }

    fn scale_loss(&self, loss: &Tensor) -> Result<Tensor> {
        let optimizer = self.model.optimizer()?;
        // The scale of the loss may be a slot variable.
        optimizer.build(&self.trainable_variables())?;
        optimizer.scale_loss(loss)
    }

    fn compute_metrics(&self, loss: &Tensor, y_pred: &Outputs) -> Result<Logs> {
        let outputs = self.compare(y_pred)?.detached();
        let x: Vec<Tensor> = self.batch.x.tensors().cloned().collect();
        self.model.compiled()?.update(&loss.detach(), samples(&x)?, &outputs)?;
        self.logs()
    }

    fn logs(&self) -> Result<Logs> {
        self.model.get_metrics_result()
    }

    fn train(&self) -> Result<Logs> {
        self.model.plain_train_step(self.batch)
    }

    fn test(&self) -> Result<Logs> {
        self.model.plain_test_step(self.batch)
    }
}
