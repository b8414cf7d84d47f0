//! One call of a layer on symbolic tensors.

use super::KerasTensor;
use crate::dtype::DType;
use crate::error::Result;
use crate::layers::LayerRef;
use crate::shape::Shape;
use indexmap::IndexMap;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A keyword argument of a symbolic call.
#[derive(Clone, Debug)]
pub enum Argument {
    /// A symbolic tensor.
    Tensor(KerasTensor),
    /// Plain data, such as `training: false`.
    Data(Value),
}

/// One positional argument of a symbolic call.
#[derive(Clone, Debug, PartialEq)]
pub enum Slot {
    /// The next input.
    One,
    /// The next inputs, as one list.
    Many(usize),
    /// Plain data.
    Data(Value),
}

/// One call of a layer on symbolic tensors. Keras' `Node`.
#[derive(Debug)]
pub struct Node {
    serial: u64,
    layer: LayerRef,
    inputs: Vec<KerasTensor>,
    layout: Vec<Slot>,
    kwargs: IndexMap<String, Argument>,
    outputs: Vec<(Shape, DType)>,
}

static SERIAL: AtomicU64 = AtomicU64::new(0);

impl Node {
    /// Calls a layer: builds it for the inputs' shapes and makes the symbolic outputs.
    ///
    /// `layout` says how the inputs were handed over: one by one, as a list, between plain data.
    ///
    /// # Errors
    /// Where the layer does not accept its arguments or the shapes; the error names the layer.
    pub fn connect(
        layer: &LayerRef,
        inputs: Vec<KerasTensor>,
        layout: Vec<Slot>,
        kwargs: IndexMap<String, Argument>,
    ) -> Result<Vec<KerasTensor>> {
        let shapes: Vec<Shape> = inputs.iter().map(|t| t.shape().clone()).collect();
        let dtypes: Vec<DType> = inputs.iter().map(KerasTensor::dtype).collect();
        let output_shapes = {
            if !layer.layer().is_input() {
                layer.build(&shapes)?;
            }
            layer.compute_output_shape(&shapes)?
        };
        let output_dtypes = layer.layer().compute_output_dtype(&dtypes, output_shapes.len());
        let count = output_shapes.len();
        let node = Arc::new(Self {
            serial: SERIAL.fetch_add(1, Ordering::Relaxed),
            layer: layer.clone(),
            inputs,
            layout,
            kwargs,
            outputs: output_shapes.into_iter().zip(output_dtypes).collect(),
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

    /// Positional inputs.
    pub fn inputs(&self) -> &[KerasTensor] {
        &self.inputs
    }

    /// How the inputs were handed over.
    pub fn layout(&self) -> &[Slot] {
        &self.layout
    }

    /// Keyword arguments.
    pub fn kwargs(&self) -> &IndexMap<String, Argument> {
        &self.kwargs
    }

    /// Shapes and data types of the outputs.
    pub fn outputs(&self) -> &[(Shape, DType)] {
        &self.outputs
    }

    /// Positional inputs and those among the keyword arguments.
    pub fn parents(&self) -> impl Iterator<Item = &KerasTensor> {
        self.inputs.iter().chain(self.kwargs.values().filter_map(|a| match a {
            Argument::Tensor(tensor) => Some(tensor),
            Argument::Data(_) => None,
        }))
    }
}

impl Drop for Node {
    /// Frees long chains without recursion, which would overflow the stack.
    fn drop(&mut self) {
        let mut pending: Vec<KerasTensor> = std::mem::take(&mut self.inputs);
        pending.extend(std::mem::take(&mut self.kwargs).into_values().filter_map(|a| match a {
            Argument::Tensor(tensor) => Some(tensor),
            Argument::Data(_) => None,
        }));
        while let Some(tensor) = pending.pop() {
            if let Ok(mut node) = Arc::try_unwrap(tensor.node) {
                pending.append(&mut node.inputs);
                let kwargs = std::mem::take(&mut node.kwargs);
                pending.extend(kwargs.into_values().filter_map(|a| match a {
                    Argument::Tensor(tensor) => Some(tensor),
                    Argument::Data(_) => None,
                }));
            }
        }
    }
}
