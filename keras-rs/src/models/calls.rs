//! Wiring a functional model from the calls that its configuration lists, in whatever order.

use super::GraphModel;
use crate::config::{Config, ConfigReader, FromConfig, shorten};
use crate::error::{Error, GraphProblem, Result};
use crate::layer::{Argument, Arguments, IoStructure, KerasTensor, LayerRef, Node, Role};
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::{HashMap, VecDeque};

/// A layer of the model and the outputs of its calls so far.
struct CalledLayer {
    layer: LayerRef,
    nodes: Vec<Vec<KerasTensor>>,
}

/// The layers of a functional model while it is wired.
pub(super) struct Calls {
    model: String,
    layers: IndexMap<String, CalledLayer>,
}

/// A layer whose calls are still to be made.
pub(super) struct PendingLayer<'v> {
    name: String,
    calls: &'v [Value],
    /// How many of the calls were read.
    read: usize,
    /// The call read last, until it is made.
    next: Option<Arguments<Reference>>,
    /// How many inputs of that call are still to be made.
    missing_inputs: usize,
}

/// A call of a layer: index of the layer, number of the call.
type CallKey = (usize, usize);

/// Output `output` of a call that may not have been made yet.
#[derive(Clone, Copy)]
struct Reference {
    call: CallKey,
    output: usize,
}

impl Calls {
    pub(super) fn new(model: String) -> Self {
        Self { model, layers: IndexMap::new() }
    }

    /// The model's name, for errors.
    pub(super) fn model(&self) -> &str {
        &self.model
    }

    /// Adds a layer; placeholders are called at once, the other calls are added to `pending`.
    pub(super) fn add<'v>(
        &mut self,
        name: String,
        layer: LayerRef,
        calls: &'v [Value],
        pending: &mut Vec<PendingLayer<'v>>,
    ) -> Result<()> {
        let is_input = layer.layer().role() == Role::Input;
        let mut nodes = Vec::new();
        if is_input {
            nodes.push(Node::connect(&layer, Arguments::default())?);
        }
        if self.layers.insert(name.clone(), CalledLayer { layer, nodes }).is_some() {
            return Err(self.problem(GraphProblem::DuplicateName { name }));
        }
        if !is_input && !calls.is_empty() {
            pending.push(PendingLayer { name, calls, read: 0, next: None, missing_inputs: 0 });
        }
        Ok(())
    }

    fn problem(&self, problem: GraphProblem) -> Error {
        Error::Graph { model: self.model.clone(), problem }
    }

    fn missing(&self, reference: impl Into<String>) -> Error {
        self.problem(GraphProblem::MissingReference { reference: reference.into() })
    }

    /// Makes every call as soon as its inputs are made; looks at each call once, so that no order
    /// of layers in a file makes this slow.
    pub(super) fn make_all(
        &mut self,
        c: &ConfigReader<'_>,
        mut pending: Vec<PendingLayer<'_>>,
    ) -> Result<()> {
        let mut waiting_for: HashMap<CallKey, Vec<usize>> = HashMap::new();
        let mut ready: VecDeque<usize> = VecDeque::new();
        for (index, layer) in pending.iter_mut().enumerate() {
            if self.read_next(c, layer, index, &mut waiting_for)? {
                ready.push_back(index);
            }
        }
        while let Some(index) = ready.pop_front() {
            let layer = &mut pending[index];
            let Some(call) = layer.next.take() else { continue };
            let key = self.make(&layer.name, &call)?;
            if self.read_next(c, layer, index, &mut waiting_for)? {
                ready.push_front(index);
            }
            for dependent in waiting_for.remove(&key).unwrap_or_default() {
                pending[dependent].missing_inputs -= 1;
                if pending[dependent].missing_inputs == 0 {
                    ready.push_back(dependent);
                }
            }
        }
        let unmade: Vec<String> = pending.into_iter().filter(|p| p.next.is_some()).map(|p| p.name).collect();
        if unmade.is_empty() {
            Ok(())
        } else {
            Err(self.problem(GraphProblem::Unresolvable { layers: unmade }))
        }
    }

    /// Reads a layer's next call; whether it can be made now. Where not, notes what it waits for.
    fn read_next(
        &self,
        c: &ConfigReader<'_>,
        layer: &mut PendingLayer<'_>,
        index: usize,
        waiting_for: &mut HashMap<CallKey, Vec<usize>>,
    ) -> Result<bool> {
        let Some(call) = layer.calls.get(layer.read) else { return Ok(false) };
        let call = match call {
            Value::Array(inputs) => self.legacy_call(&layer.name, inputs)?,
            Value::Object(call) => self.keras3_call(&layer.name, call)?,
            other => return Err(c.reject("inbound_nodes", "a list or an object with args", other)),
        };
        layer.read += 1;
        layer.missing_inputs = 0;
        let needed = call.tensors().into_iter().map(|reference| reference.call);
        for key in needed.filter(|(of, number)| self.layers[*of].nodes.len() <= *number) {
            waiting_for.entry(key).or_default().push(index);
            layer.missing_inputs += 1;
        }
        layer.next = Some(call);
        Ok(layer.missing_inputs == 0)
    }

    /// Makes one call of a layer, whose inputs are made.
    fn make(&mut self, name: &str, call: &Arguments<Reference>) -> Result<CallKey> {
        let arguments = call.try_map(|reference| self.tensor(reference))?;
        let missing = self.missing(name);
        let Some((index, _, called)) = self.layers.get_full_mut(name) else { return Err(missing) };
        called.nodes.push(Node::connect(&called.layer, arguments)?);
        Ok((index, called.nodes.len() - 1))
    }

    /// Keras 2: a list of `[layer, call, output, kwargs]`.
    fn legacy_call(&self, layer: &str, inputs: &[Value]) -> Result<Arguments<Reference>> {
        let mut keyword = IndexMap::new();
        // A single input may stand without its list.
        let single = [Value::Array(inputs.to_vec())];
        let inputs = if inputs.first().is_some_and(Value::is_string) { &single[..] } else { inputs };
        let mut references = Vec::with_capacity(inputs.len());
        for input in inputs {
            references.push(self.reference(input, true)?);
            if let Some(Value::Object(given)) = input.get(3) {
                keyword = given.iter().map(|(k, v)| (k.clone(), Argument::Data(v.clone()))).collect();
            }
        }
        let role = self.layers.get(layer).map(|called| called.layer.layer().role());
        let mut items: Vec<Argument<Reference>> = references.into_iter().map(Argument::Tensor).collect();
        let positional = match (items.len(), role) {
            (1, _) => vec![items.swap_remove(0)],
            (_, Some(Role::Operation)) => items,
            _ => vec![Argument::List(items)],
        };
        Ok(Arguments { positional, keyword })
    }

    /// Keras 3: `{"args": [...], "kwargs": {...}}` with tensors as objects.
    fn keras3_call(&self, layer: &str, written: &Config) -> Result<Arguments<Reference>> {
        let wiring = self.layers.get(layer).and_then(|called| GraphModel::wiring_of(&called.layer));
        let positional = written.get("args").and_then(Value::as_array).into_iter().flatten();
        let keyword = written.get("kwargs").and_then(Value::as_object).into_iter().flatten();
        Ok(Arguments {
            positional: positional
                .map(|value| {
                    let argument = self.argument(value)?;
                    // Keras orders a dictionary as the model that is called orders its inputs.
                    Ok(match wiring {
                        Some(wiring) => wiring.with_keys_in_order(argument),
                        None => argument,
                    })
                })
                .collect::<Result<_>>()?,
            keyword: keyword
                .map(|(name, value)| Ok((name.clone(), self.argument(value)?)))
                .collect::<Result<_>>()?,
        })
    }

    /// An argument; lists and dictionaries that hold tensors somewhere are taken apart.
    fn argument(&self, value: &Value) -> Result<Argument<Reference>> {
        if let Some(history) = history(value) {
            return Ok(Argument::Tensor(self.reference(history, false)?));
        }
        if !holds_tensor(value) {
            return Ok(Argument::Data(value.clone()));
        }
        match value.get("config").and_then(|c| c.get("items")).or(value.get("items")).unwrap_or(value) {
            Value::Array(items) => {
                Ok(Argument::List(items.iter().map(|item| self.argument(item)).collect::<Result<_>>()?))
            }
            Value::Object(entries) => {
                let entries = entries.iter().map(|(key, entry)| Ok((key.clone(), self.argument(entry)?)));
                Ok(Argument::Dict(entries.collect::<Result<_>>()?))
            }
            other => Err(self.missing(shorten(other))),
        }
    }

    /// Reads `[layer, call, output]`; the layer must exist, the call may be still to come.
    ///
    /// `from_one` says that calls of models are counted from one, as Keras 2 does.
    fn reference(&self, reference: &Value, from_one: bool) -> Result<Reference> {
        let missing = || self.missing(shorten(reference));
        let name = reference.get(0).and_then(Value::as_str).ok_or_else(missing)?;
        let number = |index| reference.get(index).and_then(usize::from_value).ok_or_else(missing);
        let (mut call, output) = (number(1)?, number(2)?);
        let (index, _, called) = self.layers.get_full(name).ok_or_else(missing)?;
        if from_one && called.layer.layer().role().is_model() {
            call = call.saturating_sub(1);
        }
        Ok(Reference { call: (index, call), output })
    }

    fn tensor(&self, reference: &Reference) -> Result<KerasTensor> {
        let (index, number) = reference.call;
        let called = self.layers.get_index(index);
        let found = called.and_then(|(_, called)| called.nodes.get(number)?.get(reference.output));
        found.cloned().ok_or_else(|| {
            let name = called.map_or("?", |(name, _)| name);
            self.missing(format!("[\"{name}\", {number}, {}]", reference.output))
        })
    }

    /// Finds the tensors of `input_layers` or `output_layers`.
    pub(super) fn group(&self, value: &Value) -> Result<(Vec<KerasTensor>, IoStructure)> {
        let mut tensors = Vec::new();
        let structure = self.structure(value, &mut tensors)?;
        Ok((tensors, structure))
    }

    fn structure(&self, value: &Value, tensors: &mut Vec<KerasTensor>) -> Result<IoStructure> {
        match value {
            Value::Array(items) if items.len() >= 3 && items[0].is_string() => {
                tensors.push(self.end(value)?);
                Ok(IoStructure::One(tensors.len() - 1))
            }
            Value::Array(items) => {
                let items = items.iter().map(|i| self.structure(i, tensors)).collect::<Result<_>>()?;
                Ok(IoStructure::List(items))
            }
            Value::Object(entries) => {
                let mut sorted: Vec<_> = entries.iter().enumerate().collect();
                sorted.sort_by_key(|(_, (key, _))| (*key).clone());
                let mut found = Vec::new();
                for (index, (key, entry)) in sorted {
                    found.push((index, (key.clone(), self.structure(entry, tensors)?)));
                }
                found.sort_by_key(|(index, _)| *index);
                Ok(IoStructure::Dict(found.into_iter().map(|(_, entry)| entry).collect()))
            }
            other => Err(self.missing(shorten(other))),
        }
    }

    /// The tensor of a model's input or output.
    fn end(&self, reference: &Value) -> Result<KerasTensor> {
        let name = reference[0].as_str().unwrap_or_default();
        // Calls of functional models are counted from one here by every version of Keras, those of
        // `Sequential` by Keras 2 only.
        let model = self.layers.get(name).and_then(|l| Some((GraphModel::of(&l.layer)?, l.nodes.len())));
        let call = reference.get(1).and_then(usize::from_value).unwrap_or(0);
        let from_one = model.is_some_and(|(m, calls)| !m.is_sequential() || call >= calls);
        self.tensor(&self.reference(reference, from_one)?)
    }
}

/// Whether a serialised tensor is somewhere in a value.
fn holds_tensor(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(holds_tensor),
        Value::Object(entries) => history(value).is_some() || entries.values().any(holds_tensor),
        _ => false,
    }
}

/// The `[layer, call, output]` of a serialised tensor.
fn history(value: &Value) -> Option<&Value> {
    let is_tensor = value.get("class_name").and_then(Value::as_str) == Some("__keras_tensor__");
    if is_tensor { value.pointer("/config/keras_history") } else { None }
}
