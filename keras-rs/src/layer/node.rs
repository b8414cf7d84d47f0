//! One call of a layer on symbolic tensors.

use super::{Arguments, KerasTensor, LayerRef, Role, Spec};
use crate::error::Result;
use crate::shape::Shape;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One call of a layer on symbolic tensors. Keras' `Node`.
#[derive(Debug)]
pub struct Node {
    serial: u64,
    layer: LayerRef,
    arguments: Arguments<KerasTensor>,
    outputs: Vec<Spec>,
}

static SERIAL: AtomicU64 = AtomicU64::new(0);

impl Node {
    /// Calls a layer: builds it for the inputs' shapes and makes the symbolic outputs.
    ///
    /// # Errors
    /// Where the layer does not accept its arguments or the shapes; the error names the layer.
    pub fn connect(layer: &LayerRef, arguments: Arguments<KerasTensor>) -> Result<Vec<KerasTensor>> {
        let arguments = layer.layer().signature().arranged(arguments);
        let specs = arguments.try_map(|t| Ok((t.shape().clone(), t.dtype())))?;
        if layer.layer().role() != Role::Input && !layer.is_built() {
            let shapes: Arguments<Shape> = arguments.try_map(|t| Ok(t.shape().clone()))?;
            layer.build_with(shapes, &crate::backend::default_device()?)?;
        }
        let outputs = layer.compute_output_spec(specs)?;
        if layer.has_unbuilt() {
            layer.build_by_call(arguments.try_map(|t| Ok(t.shape().clone()))?, &layer.home()?)?;
        }
        let count = outputs.len();
        let node = Arc::new(Self {
            serial: SERIAL.fetch_add(1, Ordering::Relaxed),
            layer: layer.clone(),
            arguments,
            outputs,
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

    /// The tensors among the arguments: positional ones first.
    pub fn parents(&self) -> Vec<&KerasTensor> {
        self.arguments.tensors()
    }
}

impl Drop for Node {
    /// Frees long chains without recursion, which would overflow the stack.
    fn drop(&mut self) {
        let mut pending: Vec<KerasTensor> = std::mem::take(&mut self.arguments).into_tensors();
        while let Some(tensor) = pending.pop() {
            if let Ok(mut node) = Arc::try_unwrap(tensor.node) {
                pending.append(&mut std::mem::take(&mut node.arguments).into_tensors());
            }
        }
    }
}
