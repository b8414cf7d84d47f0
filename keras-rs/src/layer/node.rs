//! One call of a layer on symbolic tensors.

use super::{Argument, Arguments, BoundArguments, CarriesMask, KerasTensor, LayerRef, Role, Spec};
use crate::error::Result;
use crate::shape::Shape;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One call of a layer on symbolic tensors. Keras' `Node`.
#[derive(Debug)]
pub struct Node {
    serial: u64,
    layer: LayerRef,
    arguments: Arguments<KerasTensor>,
    outputs: Vec<Spec>,
    /// The mask of each output, as far as they have some.
    masks: Vec<Option<KerasTensor>>,
}

static SERIAL: AtomicU64 = AtomicU64::new(0);

impl Node {
    /// Calls a layer: builds it for the inputs' shapes and makes the symbolic outputs.
    ///
    /// # Errors
    /// Where the layer does not accept its arguments or the shapes; the error names the layer.
    pub fn connect(layer: &LayerRef, arguments: Arguments<KerasTensor>) -> Result<Vec<KerasTensor>> {
        let arguments = with_mask(layer, layer.layer().signature().arranged(arguments));
        let specs = arguments.try_map(|t| Ok((t.shape().clone(), t.dtype())))?;
        if layer.layer().role() != Role::Input && !layer.is_built() {
            let shapes: Arguments<Shape> = arguments.try_map(|t| Ok(t.shape().clone()))?;
            layer.build_with(shapes, &crate::backend::default_device()?)?;
        }
        let outputs = layer.compute_output_spec(specs)?;
        if layer.has_unbuilt() {
            layer.build_by_call(arguments.try_map(|t| Ok(t.shape().clone()))?, &layer.home()?)?;
        }
        let masks = match layer.layer().role() {
            Role::Layer => {
                let signature = layer.layer().signature();
                let inputs = BoundArguments::bind(layer.shared_name(), signature, arguments.clone())?;
                layer.layer().compute_symbolic_mask(&inputs).map_err(|e| e.in_layer(&layer.name()))?
            }
            _ => Vec::new(),
        };
        let count = outputs.len();
        let node = Arc::new(Self {
            serial: SERIAL.fetch_add(1, Ordering::Relaxed),
            layer: layer.clone(),
            arguments,
            outputs,
            masks,
        });
        layer.note_call(&node);
        Ok((0..count).map(|index| KerasTensor::of(node.clone(), index)).collect())
    }

    /// Grows with every call made.
    pub(crate) fn serial(&self) -> u64 {
        self.serial
    }

    /// The layer that is called.
    pub fn layer(&self) -> &LayerRef {
        &self.layer
    }

    /// The arguments as they were handed over.
    pub fn arguments(&self) -> &Arguments<KerasTensor> {
        &self.arguments
    }

    /// Shapes and data types of the outputs.
    pub fn outputs(&self) -> &[Spec] {
        &self.outputs
    }

    /// The mask of an output.
    pub(super) fn mask(&self, output: usize) -> Option<&KerasTensor> {
        self.masks.get(output)?.as_ref()
    }

    /// Whether an output has a mask.
    pub(crate) fn has_mask(&self, output: usize) -> bool {
        self.mask(output).is_some()
    }

    /// The tensors among the arguments: positional ones first.
    pub fn parents(&self) -> Vec<&KerasTensor> {
        self.arguments.tensors()
    }

    /// The tensors among the arguments as Keras' search through the graph finds them: entries of dictionaries and
    /// arguments by keyword in the order of their names.
    pub(crate) fn parents_by_name(&self) -> Vec<&KerasTensor> {
        self.arguments.tensors_by_name()
    }
}

impl Node {
    fn take_tensors(&mut self) -> Vec<KerasTensor> {
        let mut tensors = std::mem::take(&mut self.arguments).into_tensors();
        tensors.extend(std::mem::take(&mut self.masks).into_iter().flatten());
        tensors
    }
}

/// The arguments with the mask that Keras makes one of them: that of the only tensor, of a layer whose `call` takes a
/// mask. A call that names other arguments, or for which the tensor is cast, has Keras forget to keep it.
fn with_mask(layer: &LayerRef, arguments: Arguments<KerasTensor>) -> Arguments<KerasTensor> {
    let kind = layer.layer();
    let [first] = arguments.positional.as_slice() else { return arguments };
    if !kind.signature().takes_mask() || arguments.keyword.contains_key("mask") {
        return arguments;
    }
    let graph = kind.role() == Role::Graph;
    let mask = match first {
        Argument::Tensor(tensor) => {
            let kept = arguments.keyword.is_empty() && tensor.dtype() == kind.base().dtype.compute_dtype();
            tensor.carried_mask().filter(|_| kept || graph).map(Argument::Tensor)
        }
        Argument::List(items) if graph => {
            let masks: Vec<_> =
                items.iter().map(|item| item.tensor().and_then(KerasTensor::carried_mask)).collect();
            let any = masks.iter().any(Option::is_some);
            let argument =
                |mask: Option<KerasTensor>| mask.map_or(Argument::Data(Value::Null), Argument::Tensor);
            any.then(|| Argument::List(masks.into_iter().map(argument).collect()))
        }
        _ => None,
    };
    match mask {
        Some(mask) => arguments.with("mask", mask),
        None => arguments,
    }
}

impl Drop for Node {
    /// Frees long chains without recursion, which would overflow the stack.
    fn drop(&mut self) {
        let mut pending = self.take_tensors();
        while let Some(tensor) = pending.pop() {
            if let Ok(mut node) = Arc::try_unwrap(tensor.node) {
                pending.append(&mut node.take_tensors());
            }
        }
    }
}
