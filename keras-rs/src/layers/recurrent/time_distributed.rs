//! A layer at every time step.

use super::recurrence::step;
use super::walk::by_step;
use crate::config::KerasConfig;
use crate::error::{Error, Result, tuple};
use crate::layer::{
    Argument, Arguments, BuildScope, CallContext, Form, InputShapes, Inputs, Layer, LayerBase, LayerRef,
    MaskedTensor, Outputs, Signature,
};
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Calls a layer on every time step of its inputs. Keras' `TimeDistributed`.
///
/// Shapes: `(batch, steps, ...)`, at least three axes, to `(batch, steps, ...)` with what the layer makes of
/// `(batch, ...)`. A mask `(batch, steps, ...)` is handed on step by step.
///
/// At inference one call of a layer of Keras' does for all steps, as each sample counts for itself there; in
/// training, and for layers of users, the layer is called step by step.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let y = TimeDistributed::new(Conv2D::new(8, 3)).apply(&Input::new([10, 28, 28, 1]))?;
/// assert_eq!(y.shape().to_string(), "(None, 10, 26, 26, 8)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct TimeDistributed {
    base: LayerBase,
    /// The layer.
    #[keras(new, sublayer)]
    layer: LayerRef,
}

/// Whether each sample of a batch counts for itself at inference.
fn by_sample(layer: &LayerRef) -> bool {
    let stateful = layer.layer().config().get("stateful").and_then(serde_json::Value::as_bool) == Some(true);
    let keras = layer.layer().module().is_some_and(|module| module.starts_with("keras"));
    keras && !stateful && layer.layer().sublayers().iter().all(|(_, child)| by_sample(child))
}

impl TimeDistributed {
    /// Calls the layer on one step, or on all as one batch.
    fn call_once(&self, x: Tensor, mask: Option<Tensor>, context: &mut CallContext<'_>) -> Result<Tensor> {
        let mut arguments = Arguments::one(Argument::Tensor(MaskedTensor::from(x)));
        let layer = self.layer.layer();
        if let Some(mask) = mask.filter(|_| layer.signature().position("mask").is_some()) {
            arguments = arguments.with("mask", Argument::Tensor(mask.into()));
        }
        let mut outputs = context.call_child_with(&self.layer, arguments)?.into_tensors();
        // Keras runs the layer's `call` alone, which adds no penalty on the outputs.
        if layer.activity_regularizer().or(layer.base().activity_regularizer.as_ref()).is_some() {
            let losses = &mut context.pass().losses;
            losses.truncate(losses.len().saturating_sub(outputs.len()));
        }
        match outputs.len() {
            1 => Ok(outputs.remove(0)),
            got => Err(Error::argument(
                context.layer(),
                "layer",
                "a layer with one output",
                format!("{got} outputs"),
            )),
        }
    }
}

impl Layer for TimeDistributed {
    fn signature(&self) -> Signature {
        Signature::MASKED
    }

    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let step = step(scope.name(), inputs.single()?)?;
        scope.build_child(&self.layer, &[step])
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let (x, mask) = inputs.into_single_masked()?.into_parts();
        let (batch, steps) = (x.shape()[0], x.shape()[1]);
        if let Some(mask) =
            mask.as_ref().filter(|mask| mask.rank() < 2 || mask.shape()[..2] != [batch, steps])
        {
            let expected = format!("({batch}, {steps}, ...)");
            return Err(Error::shape(context.layer(), "mask", expected, tuple(mask.shape())));
        }
        let x = by_step(&x)?;
        let mask = mask.as_ref().map(by_step).transpose()?;
        let y = if !context.training() && by_sample(&self.layer) {
            self.call_once(x, mask, context)?
        } else {
            let rows = |t: &Tensor, at: usize| t.narrow(0, at * batch..(at + 1) * batch);
            let each = (0..steps).map(|at| {
                let mask = mask.as_ref().map(|mask| rows(mask, at)).transpose()?;
                self.call_once(rows(&x, at)?, mask, context)
            });
            Tensor::concat(&each.collect::<Result<Vec<_>>>()?, 0)?
        };
        let y = y.reshape([&[steps, batch], &y.shape()[1..]].concat())?;
        let axes: Vec<usize> = [1, 0].into_iter().chain(2..y.rank()).collect();
        Ok(y.permute(&axes)?.into())
    }

    fn form(&self) -> Option<Form> {
        by_sample(&self.layer).then(|| Form::TimeDistributed(self.layer.clone()))
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let input = inputs.single()?;
        let outputs = self.layer.compute_output_shape(&[step(inputs.layer(), input)?])?;
        let [output] = outputs.as_slice() else {
            let got = format!("{} outputs", outputs.len());
            return Err(Error::argument(inputs.layer(), "layer", "a layer with one output", got));
        };
        let mut dims = output.dims().to_vec();
        dims.insert(1, input.dims()[1]);
        Ok(vec![dims.into()])
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
