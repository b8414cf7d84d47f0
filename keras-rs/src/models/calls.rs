//! Wiring a functional model from the calls that its configuration lists, in whatever order.

use crate::config::{Config, ConfigReader, FromConfig, shorten};
use crate::error::{Error, GraphProblem, Result};
use crate::layer::LayerRef;
use crate::layer::{Argument, IoStructure, KerasTensor, Node, Slot};
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::{HashMap, VecDeque};

/// A layer of the model and the outputs of its calls so far.
struct Made {
    layer: LayerRef,
    nodes: Vec<Vec<KerasTensor>>,
}

/// The layers of a functional model while it is wired.
pub(super) struct Calls {
    model: String,
    made: IndexMap<String, Made>,
}

/// A layer whose calls are still to be made.
pub(super) struct Waiting<'v> {
    name: String,
    calls: &'v [Value],
    /// How many of the calls were taken up.
    taken: usize,
    /// The call taken up last, until it is made.
    next: Option<Call>,
    /// How many inputs of that call are still to be made.
    unmet: usize,
}

/// A call of a layer: place of the layer, number of the call.
type CallKey = (usize, usize);

/// Output `output` of a call that may not have been made yet.
struct Reference {
    call: CallKey,
    output: usize,
}

/// A keyword argument that may be a tensor, or hold some.
enum Given {
    Tensor(Reference),
    List(Vec<Given>),
    Data(Value),
}

impl Given {
    fn references(&self) -> Vec<&Reference> {
        match self {
            Self::Tensor(reference) => vec![reference],
            Self::List(items) => items.iter().flat_map(Self::references).collect(),
            Self::Data(_) => Vec::new(),
        }
    }
}

/// The arguments of a call as the configuration writes them.
#[derive(Default)]
struct Call {
    inputs: Vec<Reference>,
    layout: Vec<Slot>,
    kwargs: IndexMap<String, Given>,
}

impl Call {
    fn needs(&self) -> impl Iterator<Item = CallKey> {
        let given = self.kwargs.values().flat_map(Given::references);
        self.inputs.iter().chain(given).map(|reference| reference.call)
    }
}

impl Calls {
    pub(super) fn new(model: String) -> Self {
        Self { model, made: IndexMap::new() }
    }

    /// The model's name, for errors.
    pub(super) fn model(&self) -> &str {
        &self.model
    }

    /// Adds a layer; placeholders are called at once, the other calls wait in `waiting`.
    pub(super) fn add<'v>(
        &mut self,
        name: String,
        layer: LayerRef,
        calls: &'v [Value],
        waiting: &mut Vec<Waiting<'v>>,
    ) -> Result<()> {
        let is_input = layer.layer().is_input();
        let mut nodes = Vec::new();
        if is_input {
            nodes.push(Node::connect(&layer, Vec::new(), Vec::new(), IndexMap::new())?);
        }
        if self.made.insert(name.clone(), Made { layer, nodes }).is_some() {
            return Err(self.problem(GraphProblem::DuplicateName { name }));
        }
        if !is_input && !calls.is_empty() {
            waiting.push(Waiting { name, calls, taken: 0, next: None, unmet: 0 });
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
    pub(super) fn make_all(&mut self, c: &ConfigReader<'_>, mut waiting: Vec<Waiting<'_>>) -> Result<()> {
        let mut waiters: HashMap<CallKey, Vec<usize>> = HashMap::new();
        let mut ready: VecDeque<usize> = VecDeque::new();
        for (place, layer) in waiting.iter_mut().enumerate() {
            if self.take_up(c, layer, place, &mut waiters)? {
                ready.push_back(place);
            }
        }
        while let Some(place) = ready.pop_front() {
            let layer = &mut waiting[place];
            let Some(call) = layer.next.take() else { continue };
            let key = self.make(&layer.name, call)?;
            if self.take_up(c, layer, place, &mut waiters)? {
                ready.push_front(place);
            }
            for woken in waiters.remove(&key).unwrap_or_default() {
                waiting[woken].unmet -= 1;
                if waiting[woken].unmet == 0 {
                    ready.push_back(woken);
                }
            }
        }
        let left: Vec<String> = waiting.into_iter().filter(|w| w.next.is_some()).map(|w| w.name).collect();
        if left.is_empty() { Ok(()) } else { Err(self.problem(GraphProblem::Unresolvable { layers: left })) }
    }

    /// Reads a layer's next call; whether it can be made now. Where not, notes what it waits for.
    fn take_up(
        &self,
        c: &ConfigReader<'_>,
        layer: &mut Waiting<'_>,
        place: usize,
        waiters: &mut HashMap<CallKey, Vec<usize>>,
    ) -> Result<bool> {
        let Some(call) = layer.calls.get(layer.taken) else { return Ok(false) };
        let call = match call {
            Value::Array(inputs) => self.legacy_call(inputs)?,
            Value::Object(call) => self.keras3_call(&layer.name, call)?,
            other => return Err(c.reject("inbound_nodes", "a list or an object with args", other)),
        };
        layer.taken += 1;
        layer.unmet = 0;
        for key in call.needs().filter(|(of, number)| self.made[*of].nodes.len() <= *number) {
            waiters.entry(key).or_default().push(place);
            layer.unmet += 1;
        }
        layer.next = Some(call);
        Ok(layer.unmet == 0)
    }

    /// Makes one call of a layer, whose inputs are made.
    fn make(&mut self, name: &str, call: Call) -> Result<CallKey> {
        let inputs = call.inputs.iter().map(|r| self.tensor(r)).collect::<Result<Vec<_>>>()?;
        let kwargs = call.kwargs.into_iter().map(|(key, given)| Ok((key, self.argument(given)?)));
        let kwargs = kwargs.collect::<Result<_>>()?;
        let missing = self.missing(name);
        let Some((place, _, made)) = self.made.get_full_mut(name) else { return Err(missing) };
        made.nodes.push(Node::connect(&made.layer, inputs, call.layout, kwargs)?);
        Ok((place, made.nodes.len() - 1))
    }

    /// Keras 2: a list of `[layer, call, output, kwargs]`.
    fn legacy_call(&self, inputs: &[Value]) -> Result<Call> {
        let mut call = Call::default();
        // A single input may stand without its list.
        let single = [Value::Array(inputs.to_vec())];
        let inputs = if inputs.first().is_some_and(Value::is_string) { &single[..] } else { inputs };
        for input in inputs {
            call.inputs.push(self.reference(input, true)?);
            if let Some(Value::Object(given)) = input.get(3) {
                call.kwargs = given.iter().map(|(k, v)| (k.clone(), Given::Data(v.clone()))).collect();
            }
        }
        call.layout = if inputs.len() == 1 { vec![Slot::One] } else { vec![Slot::Many(inputs.len())] };
        Ok(call)
    }

    /// Keras 3: `{"args": [...], "kwargs": {...}}` with tensors as objects.
    fn keras3_call(&self, layer: &str, written: &Config) -> Result<Call> {
        let mut call = Call::default();
        for argument in written.get("args").and_then(Value::as_array).into_iter().flatten() {
            let items = argument.get("config").and_then(|c| c.get("items")).or(argument.get("items"));
            match items.unwrap_or(argument) {
                Value::Array(items) if items.iter().any(|i| history(i).is_some()) => {
                    for item in items {
                        let history = history(item).ok_or_else(|| self.missing(shorten(item)))?;
                        call.inputs.push(self.reference(history, false)?);
                    }
                    call.layout.push(Slot::Many(items.len()));
                }
                Value::Object(entries) if entries.values().any(|i| history(i).is_some()) => {
                    let keys = self.keys(layer, entries);
                    for key in &keys {
                        let history = entries.get(key).and_then(history);
                        let history = history.ok_or_else(|| self.missing(format!("{layer} {key:?}")))?;
                        call.inputs.push(self.reference(history, false)?);
                    }
                    call.layout.push(Slot::Named(keys));
                }
                value => match history(value) {
                    Some(history) => {
                        call.inputs.push(self.reference(history, false)?);
                        call.layout.push(Slot::One);
                    }
                    None => call.layout.push(Slot::Data(value.clone())),
                },
            }
        }
        for (name, value) in written.get("kwargs").and_then(Value::as_object).into_iter().flatten() {
            call.kwargs.insert(name.clone(), self.given(value)?);
        }
        Ok(call)
    }

    /// The keys of a dictionary of inputs, in the order in which the model that is called takes them.
    fn keys(&self, layer: &str, entries: &Config) -> Vec<String> {
        let wiring = self.made.get(layer).and_then(|made| made.layer.layer().as_model()?.wiring());
        let keys = wiring.map(|w| w.inputs.keys().unwrap_or_else(|| w.input_names()));
        keys.unwrap_or_else(|| entries.keys().cloned().collect())
    }

    /// A keyword argument; lists that hold tensors somewhere are taken apart.
    fn given(&self, value: &Value) -> Result<Given> {
        if let Some(history) = history(value) {
            return Ok(Given::Tensor(self.reference(history, false)?));
        }
        if !holds_tensor(value) {
            return Ok(Given::Data(value.clone()));
        }
        let items = value.get("config").and_then(|c| c.get("items")).or(value.get("items")).unwrap_or(value);
        let items = items.as_array().ok_or_else(|| self.missing(shorten(value)))?;
        Ok(Given::List(items.iter().map(|item| self.given(item)).collect::<Result<_>>()?))
    }

    fn argument(&self, given: Given) -> Result<Argument> {
        Ok(match given {
            Given::Tensor(reference) => Argument::Tensor(self.tensor(&reference)?),
            Given::List(items) => {
                let items = items.into_iter().map(|item| self.argument(item));
                Argument::List(items.collect::<Result<_>>()?)
            }
            Given::Data(data) => Argument::Data(data),
        })
    }

    /// Reads `[layer, call, output]`; the layer must exist, the call may be still to come.
    ///
    /// `from_one` says that calls of models are counted from one, as Keras 2 does.
    fn reference(&self, reference: &Value, from_one: bool) -> Result<Reference> {
        let missing = || self.missing(shorten(reference));
        let name = reference.get(0).and_then(Value::as_str).ok_or_else(missing)?;
        let number = |place| reference.get(place).and_then(usize::from_value).ok_or_else(missing);
        let (mut call, output) = (number(1)?, number(2)?);
        let (place, _, made) = self.made.get_full(name).ok_or_else(missing)?;
        if from_one && made.layer.layer().as_model().is_some() {
            call = call.saturating_sub(1);
        }
        Ok(Reference { call: (place, call), output })
    }

    fn tensor(&self, reference: &Reference) -> Result<KerasTensor> {
        let (place, number) = reference.call;
        let found =
            self.made.get_index(place).and_then(|(_, made)| made.nodes.get(number)?.get(reference.output));
        found.cloned().ok_or_else(|| {
            let name = self.made.get_index(place).map_or("?", |(name, _)| name);
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
                for (place, (key, entry)) in sorted {
                    found.push((place, (key.clone(), self.structure(entry, tensors)?)));
                }
                found.sort_by_key(|(place, _)| *place);
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
        let model = self.made.get(name).and_then(|m| Some((m.layer.layer().as_model()?, m.nodes.len())));
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
