//! A graph with the structure of its inputs and outputs.

use super::Graph;
use crate::layer::{Argument, IoStructure, KerasTensor, LayerRef, Role};

/// A wired graph and how its inputs and outputs are grouped.
#[derive(Clone, Debug)]
pub struct Wiring {
    /// The graph.
    pub graph: Graph,
    /// How inputs are grouped.
    pub inputs: IoStructure,
    /// How outputs are grouped.
    pub outputs: IoStructure,
}

impl Wiring {
    /// Names of the placeholders, in the order of the inputs.
    pub fn input_names(&self) -> Vec<String> {
        self.placeholders().map(|l| l.name()).collect()
    }

    /// The placeholder of each input.
    pub fn placeholders(&self) -> impl Iterator<Item = &LayerRef> {
        // Inputs that are outputs of layers have theirs first in the list of layers.
        let mut made = self.graph.layers.iter();
        self.graph.inputs.iter().filter_map(move |t| input_layer(t).or_else(|| made.next()))
    }

    /// Keys of a dictionary of inputs in the order of the inputs: those of the model's own dictionary, else
    /// the placeholders' names.
    pub fn input_keys(&self) -> Vec<String> {
        self.inputs.keys().unwrap_or_else(|| self.input_names())
    }

    /// An argument with the entries of a dictionary in the order of the inputs.
    pub fn with_keys_in_order<T>(&self, argument: Argument<T>) -> Argument<T> {
        let Argument::Dict(mut entries) = argument else { return argument };
        let keys = self.input_keys();
        entries.sort_by_key(|(key, _)| keys.iter().position(|k| k == key).unwrap_or(keys.len()));
        Argument::Dict(entries)
    }

    /// The tensors of an argument in the order of the inputs; entries of a dictionary are found by key.
    pub fn in_order<T>(&self, argument: Argument<T>) -> Vec<T> {
        self.with_keys_in_order(argument).into_tensors()
    }
}

/// The placeholder that a model's input comes from, where it is one.
pub(crate) fn input_layer(tensor: &KerasTensor) -> Option<&LayerRef> {
    (tensor.layer().layer().role() == Role::Input).then(|| tensor.layer())
}
