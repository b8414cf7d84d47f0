//! One call of a layer on symbolic tensors.

use super::KerasTensor;
use crate::error::Result;
use crate::layer::{Kwarg, Kwargs, LayerRef, Spec};
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
    /// A list with symbolic tensors in it, such as the masks of several inputs.
    List(Vec<Argument>),
    /// Plain data, such as `training: false`.
    Data(Value),
}

impl Argument {
    /// The symbolic tensors in it, in order.
    pub fn tensors(&self) -> Vec<&KerasTensor> {
        match self {
            Self::Tensor(tensor) => vec![tensor],
            Self::List(items) => items.iter().flat_map(Self::tensors).collect(),
            Self::Data(_) => Vec::new(),
        }
    }

    fn into_tensors(self, into: &mut Vec<KerasTensor>) {
        match self {
            Self::Tensor(tensor) => into.push(tensor),
            Self::List(items) => items.into_iter().for_each(|item| item.into_tensors(into)),
            Self::Data(_) => {}
        }
    }
}

/// One positional argument of a symbolic call.
#[derive(Clone, Debug, PartialEq)]
pub enum Slot {
    /// The next input.
    One,
    /// The next inputs, as one list.
    Many(usize),
    /// The next inputs, as a dictionary with these keys.
    Named(Vec<String>),
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
    outputs: Vec<Spec>,
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
        let specs: Vec<Spec> = inputs.iter().map(|t| (t.shape().clone(), t.dtype())).collect();
        if !layer.layer().is_input() {
            let shapes: Vec<Shape> = specs.iter().map(|(shape, _)| shape.clone()).collect();
            layer.build(&shapes)?;
        }
        let outputs = layer.compute_output_spec(&specs, &plain(&layout, &kwargs))?;
        let count = outputs.len();
        let node = Arc::new(Self {
            serial: SERIAL.fetch_add(1, Ordering::Relaxed),
            layer: layer.clone(),
            inputs,
            layout,
            kwargs,
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
    pub fn outputs(&self) -> &[Spec] {
        &self.outputs
    }

    /// Positional inputs and those among the keyword arguments.
    pub fn parents(&self) -> impl Iterator<Item = &KerasTensor> {
        self.inputs.iter().chain(self.kwargs.values().flat_map(Argument::tensors))
    }

    /// The arguments that are plain data: positional ones under the names that
    /// [`Kwarg::positional`] gives, then those by keyword.
    pub fn plain(&self) -> Kwargs {
        plain(&self.layout, &self.kwargs)
    }
}

fn plain(layout: &[Slot], kwargs: &IndexMap<String, Argument>) -> Kwargs {
    let positional = layout.iter().enumerate().filter_map(|(place, slot)| match slot {
        Slot::Data(data) => Some((Kwarg::positional(place), Kwarg::Data(data.clone()))),
        _ => None,
    });
    let named = kwargs.iter().filter_map(|(name, argument)| match argument {
        Argument::Data(data) => Some((name.clone(), Kwarg::Data(data.clone()))),
        _ => None,
    });
    positional.chain(named).collect()
}

impl Drop for Node {
    /// Frees long chains without recursion, which would overflow the stack.
    fn drop(&mut self) {
        let mut pending: Vec<KerasTensor> = std::mem::take(&mut self.inputs);
        let take = |kwargs: &mut IndexMap<String, Argument>, pending: &mut Vec<KerasTensor>| {
            std::mem::take(kwargs).into_values().for_each(|argument| argument.into_tensors(pending));
        };
        take(&mut self.kwargs, &mut pending);
        while let Some(tensor) = pending.pop() {
            if let Ok(mut node) = Arc::try_unwrap(tensor.node) {
                pending.append(&mut node.inputs);
                take(&mut node.kwargs, &mut pending);
            }
        }
    }
}
