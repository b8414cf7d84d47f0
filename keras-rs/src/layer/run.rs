//! Running a layer on tensors: what is the same for all layers is done here, once.

use super::{CallContext, Kwarg, Kwargs, LayerRef, Run, Spec};
use crate::backend::default_device;
use crate::error::{Error, Result};
use crate::shape::Shape;
use crate::tensor::Tensor;

/// A tensor and the mask that travels with it.
pub type Masked = (Tensor, Option<Tensor>);

impl LayerRef {
    /// Computes the outputs for tensors, in inference mode; builds the layer where needed.
    ///
    /// # Errors
    /// What the layer reports, with its name.
    pub fn call(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        self.call_with(inputs, &mut Run::default())
    }

    /// Computes the outputs for tensors within a run.
    ///
    /// # Errors
    /// What the layer reports, with its name.
    pub fn call_with(&self, inputs: &[Tensor], run: &mut Run) -> Result<Vec<Tensor>> {
        let values: Vec<Masked> = inputs.iter().map(|t| (t.clone(), None)).collect();
        Ok(self.run(&values, &Kwargs::new(), run)?.into_iter().map(|(t, _)| t).collect())
    }

    /// Computes outputs and their masks.
    ///
    /// # Errors
    /// What the layer reports, with its name; [`Error::TooLarge`] where an output would be too large.
    pub fn run(&self, inputs: &[Masked], kwargs: &Kwargs, run: &mut Run) -> Result<Vec<Masked>> {
        let name = self.name();
        self.run_named(&name, inputs, kwargs, run).map_err(|e| e.in_layer(&name))
    }

    fn run_named(
        &self,
        name: &str,
        inputs: &[Masked],
        kwargs: &Kwargs,
        run: &mut Run,
    ) -> Result<Vec<Masked>> {
        let layer = self.layer();
        let compute = layer.base().dtype.compute_dtype();
        let mut tensors = Vec::with_capacity(inputs.len());
        for (tensor, _) in inputs {
            let cast = layer.autocast() && tensor.dtype().is_float();
            tensors.push(if cast { tensor.cast(compute)? } else { tensor.clone() });
        }
        let masks = masks(inputs, kwargs);
        let shapes: Vec<Shape> = tensors.iter().map(|t| Shape::from(t.shape())).collect();
        if !self.is_built() {
            let device = tensors.first().map_or_else(default_device, |t| Ok(t.device().clone()))?;
            // Errors while building name the layer already.
            self.build_for(&shapes, &device).map_err(|e| match e {
                Error::InLayer { source, .. } => *source,
                other => other,
            })?;
        }
        if layer.as_model().is_none() {
            let specs: Vec<Spec> = shapes.into_iter().zip(tensors.iter().map(Tensor::dtype)).collect();
            self.output_specs(&specs, kwargs)?;
        }
        let mut context = CallContext {
            layer: name,
            policy: layer.base().dtype,
            trainable: self.trainable(),
            variables: self.made_variables(),
            masks: &masks,
            kwargs,
            run,
        };
        if let Some(model) = layer.as_model() {
            // A flag handed over with the call holds for everything inside the model.
            let training = context.training();
            let outer = std::mem::replace(&mut context.run_mut().training, training);
            let inputs: Vec<Masked> =
                inputs.iter().map(|(x, _)| x.clone()).zip(masks.iter().cloned()).collect();
            let outputs = model.run(&inputs, context.run_mut());
            context.run_mut().training = outer;
            return outputs;
        }
        let outputs = layer.call(&tensors, &mut context)?;
        let penalty = layer.activity_regularizer().or(layer.base().activity_regularizer.as_ref());
        if let Some(regularizer) = penalty {
            for output in &outputs {
                let loss = regularizer.call(output)?;
                // Per sample, so that the penalty does not grow with the batch.
                let batch = output.shape().first().map_or(1, |&size| size.max(1));
                run.losses.push(loss.div_scalar(batch as f64)?);
            }
        }
        let masks = layer.compute_mask(&tensors, &masks, outputs.len())?;
        Ok(outputs.into_iter().zip(masks.into_iter().chain(std::iter::repeat(None))).collect())
    }
}

/// The inputs' masks: those that the call names, else those that travel with the inputs.
fn masks(inputs: &[Masked], kwargs: &Kwargs) -> Vec<Option<Tensor>> {
    let mut masks: Vec<Option<Tensor>> = inputs.iter().map(|(_, mask)| mask.clone()).collect();
    match kwargs.get("mask") {
        Some(Kwarg::Tensor(given)) => masks.iter_mut().take(1).for_each(|mask| *mask = Some(given.clone())),
        Some(Kwarg::List(given)) => {
            masks.iter_mut().zip(given).for_each(|(mask, given)| *mask = given.tensor().cloned());
        }
        Some(Kwarg::Data(_)) | None => {}
    }
    masks
}
