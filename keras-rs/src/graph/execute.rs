//! Running a graph on tensors and on shapes.

use super::Graph;
use crate::error::{Error, GraphProblem, Result, tuple};
use crate::layer::{ForwardPass, KerasTensor, LayerRef, MaskedTensor, Spec};
use crate::shape::Shape;

impl Graph {
    /// Computes the outputs for inputs in the graph's order. A tensor is handed over at its last use.
    ///
    /// # Errors
    /// What a layer reports, with its path; [`Error::Shape`] for inputs that do not fit; [`Error::Argument`] for one
    /// on another device than the weights whose gradients are wanted.
    pub fn run(&self, inputs: Vec<MaskedTensor>, pass: &mut ForwardPass) -> Result<Vec<MaskedTensor>> {
        if inputs.len() != self.inputs.len() {
            let problem =
                GraphProblem::Arity { what: "inputs", expected: self.inputs.len(), got: inputs.len() };
            return Err(Error::Graph { model: "call".into(), problem });
        }
        let mut slots: Vec<Option<MaskedTensor>> = Vec::new();
        slots.resize_with(self.slots, || None);
        for (slot, input) in slots.iter_mut().zip(self.matched(inputs)?) {
            *slot = Some(input);
        }
        let mut held = 0_u64;
        for step in &self.steps {
            let layer = step.node.layer();
            let arguments = step.arguments.try_map(|used| {
                let value = match slots.get_mut(used.slot) {
                    Some(slot) if used.last => slot.take(),
                    Some(slot) => slot.clone(),
                    None => None,
                };
                let value = value.ok_or_else(|| disconnected(layer))?;
                if used.last {
                    held = held.saturating_sub(value.tensor.bytes());
                }
                Ok(value)
            })?;
            let outputs = layer.run(arguments, pass)?;
            for (output, slot) in outputs.0.into_iter().zip(&step.outputs) {
                if let Some(slot) = slot.and_then(|slot| slots.get_mut(slot)) {
                    held = held.saturating_add(output.tensor.bytes());
                    *slot = Some(output);
                }
            }
            crate::limits::check_together("intermediate results", held)?;
        }
        let output = |(slot, tensor): (&usize, &KerasTensor)| {
            slots.get(*slot).cloned().flatten().ok_or_else(|| disconnected(tensor.layer()))
        };
        self.output_slots.iter().zip(&self.outputs).map(output).collect()
    }

    /// Inputs in the graph's order on the device of its weights, of the types and ranks that it takes.
    ///
    /// # Errors
    /// [`Error::Shape`] for inputs that do not fit; [`Error::Argument`] for one on another device whose
    /// gradients are wanted.
    pub(crate) fn matched(&self, inputs: Vec<MaskedTensor>) -> Result<Vec<MaskedTensor>> {
        let device = self.layers.iter().find_map(LayerRef::device);
        let inputs = self.inputs.iter().zip(inputs).map(|(placeholder, input)| {
            // Data goes to where the weights are.
            let input = match &device {
                Some(device) if input.tensor.device() != device => {
                    let context = format!("input {}", placeholder.layer().name());
                    let mask = input.mask().map(|mask| mask.to_device(device)).transpose()?;
                    MaskedTensor::new(input.tensor.moved_to(device, &context, "tensor")?, mask)
                }
                _ => input,
            };
            matched(placeholder, input)
        });
        inputs.collect()
    }

    /// Shapes and data types of the outputs for inputs of these shapes.
    ///
    /// # Errors
    /// What a layer reports, with its path.
    pub fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        // The shapes that the model was wired for need no second look, however deep models nest.
        if self.inputs.iter().map(KerasTensor::shape).eq(inputs) {
            return Ok(self.outputs.iter().map(|t| t.shape().clone()).collect());
        }
        let mut slots: Vec<Option<Spec>> = vec![None; self.slots];
        for ((slot, placeholder), shape) in slots.iter_mut().zip(&self.inputs).zip(inputs) {
            *slot = Some((shape.clone(), placeholder.dtype()));
        }
        for step in &self.steps {
            let layer = step.node.layer();
            let arguments = step
                .arguments
                .try_map(|used| slots.get(used.slot).cloned().flatten().ok_or_else(|| disconnected(layer)))?;
            let outputs = layer.compute_output_spec(arguments)?;
            for (spec, slot) in outputs.into_iter().zip(&step.outputs) {
                if let Some(slot) = slot.and_then(|slot| slots.get_mut(slot)) {
                    *slot = Some(spec);
                }
            }
        }
        let output = |(slot, tensor): (&usize, &KerasTensor)| {
            slots.get(*slot).cloned().flatten().map_or_else(|| tensor.shape().clone(), |(shape, _)| shape)
        };
        Ok(self.output_slots.iter().zip(&self.outputs).map(output).collect())
    }
}

pub(crate) fn disconnected(layer: &LayerRef) -> Error {
    Error::Graph { model: "call".into(), problem: GraphProblem::Disconnected { layer: layer.name() } }
}

/// Brings an input to its placeholder's data type, and its rank where an axis of size one is
/// missing or left over, as Keras does.
fn matched(placeholder: &KerasTensor, input: MaskedTensor) -> Result<MaskedTensor> {
    let (tensor, expected) = (&input.tensor, placeholder.shape());
    let last_is_one = |dims: &[Option<usize>]| dims.last().is_some_and(|d| *d == Some(1));
    let adjusted = if tensor.rank() + 1 == expected.rank() && last_is_one(expected.dims()) {
        MaskedTensor::new(tensor.expand_dims(-1)?, input.mask())
    } else if tensor.rank() == expected.rank() + 1 && tensor.shape().last() == Some(&1) {
        MaskedTensor::new(tensor.squeeze(&[-1])?, input.mask())
    } else {
        input
    };
    let tensor = &adjusted.tensor;
    // Keras lets the batch differ from the one that the placeholder names.
    let fits = tensor.rank() == expected.rank()
        && expected.dims().iter().zip(tensor.shape()).skip(1).all(|(d, s)| d.is_none_or(|d| d == *s));
    if !fits {
        let input = format!("input {}", placeholder.layer().name());
        return Err(Error::shape(input, "tensor", expected, tuple(tensor.shape())));
    }
    let dtype = placeholder.layer().layer().compute_output_dtype(&[], 1).first().copied();
    let dtype = dtype.unwrap_or(placeholder.dtype());
    if tensor.dtype() == dtype {
        return Ok(adjusted);
    }
    Ok(MaskedTensor::new(tensor.cast(dtype)?, adjusted.mask()))
}
