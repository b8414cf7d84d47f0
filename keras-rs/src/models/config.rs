//! Models as configurations: what files hold of a model besides its weights.

use super::GraphModel;
use super::graph_model::Kind;
use crate::config::{Config, ConfigExt, IntoConfig};
use crate::graph::Wiring;
use crate::layer::{Argument, IoStructure, KerasTensor, LayerBase, LayerRef, Node, Role};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// The configuration of a model.
pub(super) fn write(base: &LayerBase, kind: &Kind) -> Config {
    match kind {
        Kind::Functional(wiring) => functional(wiring),
        Kind::Sequential { layers, wiring } => sequential(base, layers, wiring.get()),
    }
}

fn sequential(base: &LayerBase, layers: &[LayerRef], wiring: Option<&Wiring>) -> Config {
    // Masks that layers are given are operations of the wiring only.
    let listed = wiring.map_or(layers, |w| w.graph.layers.as_slice()).iter();
    let listed = listed.filter(|layer| layer.layer().role() != Role::Operation);
    let config = Config::new()
        .with("dtype", &base.dtype)
        .with("layers", listed.map(LayerRef::to_json).collect::<Vec<_>>());
    match wiring.and_then(|w| w.graph.inputs.first()) {
        Some(input) => config.with("build_input_shape", input.shape().dims().to_vec()),
        None => config,
    }
}

fn functional(wiring: &Wiring) -> Config {
    let names = Names::new(wiring);
    let layers: Vec<Value> = wiring.graph.layers.iter().map(|layer| names.layer(layer)).collect();
    Config::new()
        .with("layers", layers)
        .with(
            "input_layers",
            group(&wiring.inputs, &|i| {
                names.placeholders.get(i).map_or(Value::Null, |name| json!([name, 0, 0]))
            }),
        )
        .with(
            "output_layers",
            group(&wiring.outputs, &|i| {
                let tensor = &wiring.graph.outputs[i];
                let mut history = names.history(tensor);
                // Keras counts calls of functional models from one here, and only here.
                let functional = GraphModel::of(tensor.layer()).is_some_and(|m| !m.is_sequential());
                if functional && let Some(index) = history.get_mut(1) {
                    *index = json!(index.as_u64().unwrap_or(0) + 1);
                }
                history
            }),
        )
}

fn group(structure: &IoStructure, leaf: &impl Fn(usize) -> Value) -> Value {
    match structure {
        IoStructure::One(index) => leaf(*index),
        IoStructure::List(items) => items.iter().map(|item| group(item, leaf)).collect(),
        IoStructure::Dict(entries) => {
            Value::Object(entries.iter().map(|(key, entry)| (key.clone(), group(entry, leaf))).collect())
        }
    }
}

/// How the tensors of one model are referred to: by layer, call and output.
struct Names {
    /// The calls of each layer, by its serial.
    nodes: HashMap<u64, Vec<Arc<Node>>>,
    /// The number of each call among those of its layer, by its serial.
    numbers: HashMap<u64, usize>,
    /// The index of each of the model's inputs.
    inputs: HashMap<(u64, usize), usize>,
    /// The name of each input's placeholder.
    placeholders: Vec<String>,
}

impl Names {
    fn new(wiring: &Wiring) -> Self {
        let nodes = wiring.graph.nodes_by_layer();
        let numbers = nodes.values().flat_map(|list| list.iter().enumerate().map(|(i, n)| (n.serial(), i)));
        let numbers = numbers.collect();
        // Of equal inputs the first one counts.
        let inputs = wiring.graph.inputs.iter().enumerate().rev().map(|(i, t)| (t.key(), i)).collect();
        Self { nodes, numbers, inputs, placeholders: wiring.input_names() }
    }

    fn layer(&self, layer: &LayerRef) -> Value {
        let nodes = self.nodes.get(&layer.serial()).map_or(&[][..], Vec::as_slice);
        let calls: Vec<Value> =
            nodes.iter().filter(|n| !n.parents().is_empty()).map(|n| self.call(n)).collect();
        let mut json = layer.to_json();
        if let Value::Object(entries) = &mut json {
            entries.insert("name".into(), layer.name().into());
            entries.insert("inbound_nodes".into(), calls.into());
        }
        json
    }

    fn call(&self, node: &Node) -> Value {
        let arguments = node.arguments();
        let args: Vec<Value> = arguments.positional.iter().map(|argument| self.argument(argument)).collect();
        let named = arguments.keyword.iter().map(|(name, argument)| (name.clone(), self.argument(argument)));
        let kwargs: Config = named.collect();
        json!({ "args": args, "kwargs": kwargs })
    }

    fn argument(&self, argument: &Argument<KerasTensor>) -> Value {
        match argument {
            Argument::Tensor(tensor) => self.tensor(tensor),
            Argument::List(items) => items.iter().map(|item| self.argument(item)).collect(),
            Argument::Dict(entries) => Value::Object(
                entries.iter().map(|(key, entry)| (key.clone(), self.argument(entry))).collect(),
            ),
            Argument::Data(data) => data.clone(),
        }
    }

    fn tensor(&self, tensor: &KerasTensor) -> Value {
        let shape: Vec<Value> = tensor.shape().dims().iter().map(IntoConfig::to_config).collect();
        json!({
            "class_name": "__keras_tensor__",
            "config": { "shape": shape, "dtype": tensor.dtype().name(), "keras_history": self.history(tensor) },
        })
    }

    fn history(&self, tensor: &KerasTensor) -> Value {
        if let Some(name) = self.inputs.get(&tensor.key()).and_then(|i| self.placeholders.get(*i)) {
            return json!([name, 0, 0]);
        }
        let call = self.numbers.get(&tensor.node().serial()).copied().unwrap_or(0);
        json!([tensor.layer().name(), call, tensor.index()])
    }
}
