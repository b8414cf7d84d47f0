//! Running a layer on tensors: what is the same for all layers is done here, once.

use super::call::constant_data;
use super::{
    Argument, Arguments, BoundArguments, CallContext, ForwardPass, Inputs, KeyValueCache, LayerRef,
    MaskedTensor, Outputs, Role, Spec,
};
use crate::backend::default_device;
use crate::dtype::DType;
use crate::error::Result;
use crate::shape::Shape;
use crate::tensor::Tensor;
use serde_json::Value;
use std::sync::Arc;

impl LayerRef {
    /// Computes the outputs for tensors, in inference mode; builds the layer where needed.
    ///
    /// # Errors
    /// What the layer reports, with its name.
    pub fn call(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        self.call_with(inputs, &mut ForwardPass::default())
    }

    /// Computes the outputs for tensors within a forward pass.
    ///
    /// # Errors
    /// What the layer reports, with its name.
    pub fn call_with(&self, inputs: &[Tensor], pass: &mut ForwardPass) -> Result<Vec<Tensor>> {
        let inputs = inputs.iter().map(MaskedTensor::from).collect();
        Ok(self.run(self.arguments(inputs), pass)?.into_tensors())
    }

    /// Computes the outputs for the next piece of a sequence, in inference mode: attention goes on from the keys
    /// and values in the cache and adds those of the piece.
    ///
    /// # Errors
    /// What the layer reports, with its name; the cache is then as it was.
    pub fn call_cached(&self, inputs: &[Tensor], cache: &mut KeyValueCache) -> Result<Vec<Tensor>> {
        cache.begin();
        let mut pass = ForwardPass::default();
        pass.cache = Some(std::mem::take(cache));
        let outputs = self.call_with(inputs, &mut pass);
        *cache = pass.cache.take().unwrap_or_default();
        let outputs = outputs?;
        cache.end();
        Ok(outputs)
    }

    /// Tensors as the arguments that this layer takes: a list, operands or arguments one by one, or one tensor.
    pub fn arguments<T>(&self, tensors: Vec<T>) -> Arguments<T> {
        let signature = self.layer().signature();
        if signature.takes_list() {
            return Arguments::one(Argument::List(tensors.into_iter().map(Argument::Tensor).collect()));
        }
        let keys = signature.keys();
        if !keys.is_empty() && keys.len() == tensors.len() {
            let tensors = tensors.into_iter().map(Argument::Tensor);
            return Arguments::one(Argument::Dict(
                keys.iter().map(|key| key.to_string()).zip(tensors).collect(),
            ));
        }
        if self.layer().role() == Role::Operation || signature.takes_apart() {
            let positional = tensors.into_iter().map(Argument::Tensor).collect();
            return Arguments { positional, ..Arguments::default() };
        }
        Arguments::of(tensors)
    }

    /// Computes outputs and their masks.
    ///
    /// # Errors
    /// What the layer reports, with its name; [`Error::TooLarge`](crate::Error::TooLarge) where an output would be too
    /// large.
    pub fn run(&self, arguments: Arguments<MaskedTensor>, pass: &mut ForwardPass) -> Result<Outputs> {
        let name = self.shared_name();
        let running = pass.profile.as_mut().map(|profile| profile.begin(&arguments));
        let outputs = self.run_named(&name, arguments, pass);
        if let (Some(profile), Some(running)) = (&mut pass.profile, running) {
            profile.end(running, self, &outputs);
        }
        outputs.map_err(|e| e.in_layer(&name))
    }

    fn run_named(
        &self,
        name: &Arc<str>,
        mut arguments: Arguments<MaskedTensor>,
        pass: &mut ForwardPass,
    ) -> Result<Outputs> {
        let layer = self.layer();
        let base = layer.base();
        if !self.is_built() {
            self.settle_policy()?;
        }
        if layer.autocast() && base.autocast {
            let compute = base.dtype.compute_dtype();
            arguments.try_for_each_mut(|input| {
                if input.tensor.dtype().is_float() && input.tensor.dtype() != compute {
                    // Another tensor than the one that was handed over, with the same mask.
                    *input = MaskedTensor::new(input.tensor.cast(compute)?, input.mask());
                }
                Ok(())
            })?;
        }
        // Operations read arrays themselves: the type that one gets depends on the other operands.
        if layer.role() != Role::Operation && arguments.holds_structures() {
            let device = arguments.tensors().first().map(|input| input.tensor.device().clone());
            arguments.resolve(|value| {
                let tensor = |data| match &device {
                    Some(device) => Tensor::from_data_on(data, device),
                    None => Tensor::from_data(data),
                };
                constant_data(value).map(|data| Ok(MaskedTensor::from(tensor(data?)?)))
            })?;
        }
        let inputs: Inputs = BoundArguments::bind(name.clone(), layer.signature(), arguments)?;
        if !self.is_built() {
            let first = inputs.arguments().tensors().first().map(|input| input.tensor.device().clone());
            let device = first.map_or_else(default_device, Ok)?;
            let shapes = inputs.try_map(|input| Ok(Shape::from(input.tensor.shape())))?;
            self.build_bound(&shapes, &device)?;
        }
        // A model checks each of its calls.
        if layer.role() != Role::Graph {
            let outputs = self.check_outputs(&inputs)?;
            if layer.role() == Role::Layer
                && let Some(outputs) = outputs
                && let Some(empty) = empty_outputs(&inputs, &outputs)?
            {
                return Ok(empty);
            }
        }
        let outer = pass.training;
        // What a call says about training holds for everything inside it.
        if let Some(Value::Bool(training)) = inputs.data("training").or_else(|| keyword_flag(&inputs)) {
            pass.training = *training;
        }
        let outputs = self.compute(name, inputs, pass);
        pass.training = outer;
        outputs
    }

    pub(super) fn compute(&self, name: &str, inputs: Inputs, pass: &mut ForwardPass) -> Result<Outputs> {
        let layer = self.layer();
        let masks = layer.compute_mask(&inputs)?;
        let built = self.built();
        let variables = built.as_ref().map_or(&[][..], |built| built.variables.as_slice());
        let mut context = CallContext { layer: self, name, dtype: self.compute_dtype(), variables, pass };
        let outputs = layer.call(inputs, &mut context)?;
        let penalty = layer.activity_regularizer().or(layer.base().activity_regularizer.as_ref());
        if let Some(regularizer) = penalty {
            for output in &outputs.0 {
                let loss = regularizer.call(&output.tensor)?;
                // Per sample, so that the penalty does not grow with the batch.
                let batch = output.tensor.shape().first().map_or(1, |&size| size.max(1));
                pass.losses.push(loss.div_scalar(batch as f64)?);
            }
        }
        Ok(outputs.with_masks(masks))
    }
}

/// The outputs for an empty batch, where all of them are empty too: nothing has to be computed, and backends
/// panic on some computations without values.
fn empty_outputs(inputs: &Inputs, outputs: &[Spec]) -> Result<Option<Outputs>> {
    let tensors = inputs.arguments().tensors();
    let Some(first) = tensors.first().filter(|_| tensors.iter().any(|input| input.tensor.is_empty())) else {
        return Ok(None);
    };
    let known: Option<Vec<(Vec<usize>, DType)>> =
        outputs.iter().map(|(shape, dtype)| Some((shape.to_known()?, *dtype))).collect();
    let Some(known) = known.filter(|k| !k.is_empty() && k.iter().all(|(shape, _)| shape.contains(&0))) else {
        return Ok(None);
    };
    let device = first.tensor.device();
    let empty = known.into_iter().map(|(shape, dtype)| Tensor::full_on(&shape, 0.0, dtype, device));
    Ok(Some(empty.collect::<Result<Vec<_>>>()?.into()))
}

/// The flag `training` of a layer that does not list it among its parameters.
fn keyword_flag(inputs: &Inputs) -> Option<&Value> {
    match inputs.arguments().keyword.get("training") {
        Some(Argument::Data(flag)) => Some(flag),
        _ => None,
    }
}
