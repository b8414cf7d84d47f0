//! Models from configurations, in the spelling of Keras 3 and of Keras 2.

use super::core::{Kind, ModelCore, ModelLayer, Wiring};
use super::sequential::wire;
use super::{Model, functional, naming};
use crate::dtype::DTypePolicy;
use crate::error::{Error, GraphProblem, Result, UnknownClass};
use crate::graph::{Argument, Graph, IoStructure, KerasTensor, Node, Slot};
use crate::layers::{InputLayer, Layer, LayerBase, LayerRef};
use crate::serialization::{Config, ConfigReader, FromConfig, Loading, Registered, lookup_name};
use crate::shape::Shape;
use indexmap::IndexMap;
use serde_json::Value;
use std::sync::{Arc, OnceLock};

/// Makes a model from its envelope, after every class in it is known.
pub(crate) fn model_from_value(value: &Value, loading: &Loading<'_>) -> Result<Model> {
    check_classes(value, loading)?;
    let layer = LayerRef::from_box(loading.object::<Box<dyn Layer>>(value, "file", "model")?);
    let model = Model::from_layer(&layer).ok_or_else(|| Error::Config {
        object: "file".into(),
        key: "class_name".into(),
        expected: "a model: Sequential or Functional".into(),
        got: layer.class_name().into(),
    })?;
    finish(&model)?;
    if let Some(settings) = value.get("compile_config").filter(|v| v.is_object()) {
        model.core().set_compile_config(Some(settings.clone()));
    }
    Ok(model)
}

/// Names, paths and wiring of a model that was just made, its nested models first.
fn finish(model: &Model) -> Result<()> {
    for layer in model.layers() {
        if let Some(inner) = Model::from_layer(&layer) {
            finish(&inner)?;
        }
    }
    naming::assign(&model.as_layer(), &model.layers(), model.core().is_sequential());
    match model.core().wiring() {
        Some(wiring) => wiring.graph.check_names(&model.name()),
        None => Ok(()),
    }
}

/// Reports every class that is not known, and refuses Python code, before anything is made.
fn check_classes(model: &Value, loading: &Loading<'_>) -> Result<()> {
    let mut unknown = Vec::new();
    let mut pending: Vec<(String, &Value)> = vec![("model".into(), model)];
    while let Some((path, value)) = pending.pop() {
        match value {
            Value::Array(items) => {
                pending.extend(items.iter().enumerate().map(|(i, v)| (format!("{path}/{i}"), v)));
            }
            Value::Object(entries) => {
                check_class(&path, value, loading, &mut unknown)?;
                for (key, entry) in entries.iter().filter(|(k, _)| *k != "compile_config") {
                    pending.push((format!("{path}/{key}"), entry));
                }
            }
            _ => {}
        }
    }
    if unknown.is_empty() {
        return Ok(());
    }
    unknown.sort_by(|a: &UnknownClass, b| a.path.cmp(&b.path));
    Err(Error::UnknownClasses { classes: unknown })
}

/// Classes that are data, not objects.
const PLAIN: [&str; 8] = [
    "__keras_tensor__", "__tensor__", "__numpy__", "__tuple__", "__slice__", "__ellipsis__", "DTypePolicy", "Policy",
];

fn check_class(
    path: &str,
    value: &Value,
    loading: &Loading<'_>,
    unknown: &mut Vec<UnknownClass>,
) -> Result<()> {
    let Some(class) = value.get("class_name").and_then(Value::as_str) else { return Ok(()) };
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let registered = text("registered_name");
    let lookup = lookup_name(value).unwrap_or_default();
    let known = loading.maker::<Box<dyn Layer>>(&lookup, registered).is_some()
        || loading.knows::<crate::initializers::Initializer>(class, registered)
        || loading.knows::<crate::regularizers::Regularizer>(class, registered)
        || loading.knows::<crate::constraints::Constraint>(class, registered)
        || PLAIN.contains(&class)
        || !value.get("config").is_some_and(|c| c.is_object() || c.is_array() || c.is_string());
    if known {
        return Ok(());
    }
    if class == "Lambda" || class == "__lambda__" {
        let name = value.pointer("/config/name").and_then(Value::as_str).unwrap_or(path);
        return Err(Error::CodeRefused { layer: name.into(), class_name: class.into() });
    }
    let function = value.get("config").and_then(Value::as_str).filter(|_| class == "function");
    unknown.push(UnknownClass {
        path: path.into(),
        class_name: function.unwrap_or(class).into(),
        module: text("module").or(registered).unwrap_or("unknown").into(),
    });
    Ok(())
}

impl Loading<'_> {
    fn knows<T: Registered>(&self, class: &str, registered: Option<&str>) -> bool {
        self.maker::<T>(class, registered).is_some()
    }
}

fn base(c: &mut ConfigReader<'_>) -> Result<LayerBase> {
    let mut base = LayerBase::default();
    base.name = c.take_or("name", None)?;
    base.frozen = !c.take_or::<Option<bool>>("trainable", None)?.unwrap_or(true);
    base.dtype = c.take_or::<Option<DTypePolicy>>("dtype", None)?.unwrap_or_default();
    Ok(base)
}

fn layer_list<'v>(c: &ConfigReader<'_>, value: &'v Value) -> Result<&'v Vec<Value>> {
    value.as_array().ok_or_else(|| c.reject("layers", "a list of layers", value))
}

/// Makes a layer from an entry of a model's list.
fn layer(c: &ConfigReader<'_>, entry: &Value, place: usize) -> Result<LayerRef> {
    let name = entry.pointer("/config/name").and_then(Value::as_str).map_or(place.to_string(), str::to_string);
    let boxed = c.loading().object::<Box<dyn Layer>>(entry, c.object(), &name)?;
    Ok(LayerRef::from_box(boxed))
}

/// Makes a `Sequential` from its configuration.
pub(super) fn sequential(c: &mut ConfigReader<'_>) -> Result<Box<dyn Layer>> {
    let base = base(c)?;
    let list: Value = c.take("layers")?;
    let entries = layer_list(c, &list)?;
    let mut layers = Vec::new();
    for (place, entry) in entries.iter().enumerate() {
        // Keras 2 wrote the input's shape into the first layer.
        let shape = entry.pointer("/config/batch_input_shape").filter(|v| !v.is_null());
        if let Some(shape) = shape
            && place == 0
            && entry["class_name"] != "InputLayer"
        {
            let dims = Vec::<Option<usize>>::from_value(shape)
                .ok_or_else(|| c.reject("batch_input_shape", "a shape", shape))?;
            let dtype = entry.pointer("/config/dtype").and_then(DTypePolicy::from_value).unwrap_or_default();
            layers.push(LayerRef::new(InputLayer::new(dims, dtype.compute_dtype())));
        }
        layers.push(layer(c, entry, place)?);
    }
    let build_shape: Option<Vec<Option<usize>>> = c.take_or("build_input_shape", None)?;
    let start = match layers.first() {
        Some(first) if first.layer().is_input() => first.compute_output_shape(&[])?.into_iter().next(),
        Some(first) => first
            .layer()
            .as_model()
            .and_then(|m| m.wiring()?.graph.inputs.first().map(|t| t.shape().clone()))
            .or(build_shape.map(Shape::new)),
        None => None,
    };
    let core = Arc::new(ModelCore::new(Kind::Sequential { layers, wiring: OnceLock::new() }));
    if let Some(shape) = start {
        wire(&core, &[shape])?;
    }
    Ok(Box::new(ModelLayer { base, core }))
}

/// Makes a functional model from its configuration.
pub(super) fn functional(c: &mut ConfigReader<'_>) -> Result<Box<dyn Layer>> {
    let base = base(c)?;
    let list: Value = c.take("layers")?;
    let entries = layer_list(c, &list)?;
    let mut calls = Calls { model: base.name.clone().unwrap_or_default(), made: IndexMap::new() };
    let mut waiting: Vec<(String, Vec<&Value>)> = Vec::new();
    for (place, entry) in entries.iter().enumerate() {
        let made = layer(c, entry, place)?;
        let name = entry.get("name").and_then(Value::as_str).map_or_else(|| made.name(), str::to_string);
        if made.assigned_name().is_none() {
            made.assign_name(name.clone());
        }
        let mut nodes = Vec::new();
        if made.layer().is_input() {
            nodes.push(Node::connect(&made, Vec::new(), Vec::new(), IndexMap::new())?);
        }
        let inbound = entry.get("inbound_nodes").and_then(Value::as_array).map_or(Vec::new(), |n| n.iter().collect());
        if calls.made.insert(name.clone(), Made { layer: made, nodes }).is_some() {
            return Err(calls.problem(GraphProblem::DuplicateName { name }));
        }
        if !inbound.is_empty() {
            waiting.push((name, inbound));
        }
    }
    calls.make_all(c, waiting)?;
    let (inputs, input_structure) = calls.group(&c.take::<Value>("input_layers")?)?;
    let (outputs, output_structure) = calls.group(&c.take::<Value>("output_layers")?)?;
    let mut graph = Graph::new(&calls.model, inputs, outputs)?;
    functional::add_placeholders(&mut graph);
    let wiring = Wiring { graph, inputs: input_structure, outputs: output_structure };
    Ok(Box::new(ModelLayer { base, core: Arc::new(ModelCore::new(Kind::Functional(wiring))) }))
}

/// A layer of the model and the outputs of its calls so far.
struct Made {
    layer: LayerRef,
    nodes: Vec<Vec<KerasTensor>>,
}

/// The layers of a functional model while it is wired.
struct Calls {
    model: String,
    made: IndexMap<String, Made>,
}

/// Whether a call could be made: it cannot while an input's own call is still to come.
enum Progress<T> {
    Done(T),
    Later,
}

impl Calls {
    fn problem(&self, problem: GraphProblem) -> Error {
        Error::Graph { model: self.model.clone(), problem }
    }

    fn missing(&self, reference: impl Into<String>) -> Error {
        self.problem(GraphProblem::MissingReference { reference: reference.into() })
    }

    /// Makes every call whose inputs exist, again and again until none is left.
    fn make_all(&mut self, c: &ConfigReader<'_>, mut waiting: Vec<(String, Vec<&Value>)>) -> Result<()> {
        while !waiting.is_empty() {
            let mut progress = false;
            let mut left = Vec::new();
            for (name, inbound) in waiting {
                let mut done = 0;
                for call in &inbound {
                    match self.make(c, &name, call)? {
                        Progress::Done(()) => done += 1,
                        Progress::Later => break,
                    }
                }
                progress |= done > 0;
                if done < inbound.len() {
                    left.push((name, inbound[done..].to_vec()));
                }
            }
            if !progress {
                let layers = left.into_iter().map(|(name, _)| name).collect();
                return Err(self.problem(GraphProblem::Unresolvable { layers }));
            }
            waiting = left;
        }
        Ok(())
    }

    /// Makes one call of a layer.
    fn make(&mut self, c: &ConfigReader<'_>, name: &str, call: &Value) -> Result<Progress<()>> {
        let parsed = match call {
            Value::Array(inputs) => self.legacy_call(inputs)?,
            Value::Object(call) => self.keras3_call(call)?,
            other => return Err(c.reject("inbound_nodes", "a list or an object with args", other)),
        };
        let Progress::Done((inputs, layout, kwargs)) = parsed else { return Ok(Progress::Later) };
        let Some(made) = self.made.get_mut(name) else { return Err(self.missing(name)) };
        if made.layer.layer().is_input() {
            return Ok(Progress::Done(()));
        }
        let outputs = Node::connect(&made.layer, inputs, layout, kwargs)?;
        made.nodes.push(outputs);
        Ok(Progress::Done(()))
    }

    /// Keras 2: a list of `[layer, call, output, kwargs]`.
    fn legacy_call(&self, inputs: &[Value]) -> Result<Progress<ParsedCall>> {
        let mut tensors = Vec::new();
        let mut kwargs = IndexMap::new();
        // A single input may stand without its list.
        let single = [Value::Array(inputs.to_vec())];
        let inputs = if inputs.first().is_some_and(Value::is_string) { &single[..] } else { inputs };
        for input in inputs {
            let Progress::Done(tensor) = self.reference(input, true)? else { return Ok(Progress::Later) };
            tensors.push(tensor);
            if let Some(Value::Object(given)) = input.get(3) {
                kwargs = given.iter().map(|(k, v)| (k.clone(), Argument::Data(v.clone()))).collect();
            }
        }
        let layout = if tensors.len() == 1 { vec![Slot::One] } else { vec![Slot::Many(tensors.len())] };
        Ok(Progress::Done((tensors, layout, kwargs)))
    }

    /// Keras 3: `{"args": [...], "kwargs": {...}}` with tensors as objects.
    fn keras3_call(&self, call: &Config) -> Result<Progress<ParsedCall>> {
        let mut tensors = Vec::new();
        let mut layout = Vec::new();
        let empty = Vec::new();
        for argument in call.get("args").and_then(Value::as_array).unwrap_or(&empty) {
            let items = argument.get("config").and_then(|c| c.get("items")).or(argument.get("items"));
            match items.unwrap_or(argument) {
                Value::Array(items) if items.iter().any(|i| history(i).is_some()) => {
                    for item in items {
                        let Some(history) = history(item) else {
                            return Err(self.missing(crate::serialization::shorten(item)));
                        };
                        let Progress::Done(tensor) = self.reference(history, false)? else {
                            return Ok(Progress::Later);
                        };
                        tensors.push(tensor);
                    }
                    layout.push(Slot::Many(items.len()));
                }
                value => match history(value) {
                    Some(history) => {
                        let Progress::Done(tensor) = self.reference(history, false)? else {
                            return Ok(Progress::Later);
                        };
                        tensors.push(tensor);
                        layout.push(Slot::One);
                    }
                    None => layout.push(Slot::Data(value.clone())),
                },
            }
        }
        let mut kwargs = IndexMap::new();
        for (name, value) in call.get("kwargs").and_then(Value::as_object).into_iter().flatten() {
            let Progress::Done(argument) = self.argument(value)? else { return Ok(Progress::Later) };
            kwargs.insert(name.clone(), argument);
        }
        Ok(Progress::Done((tensors, layout, kwargs)))
    }

    /// A keyword argument; lists that hold tensors somewhere are taken apart.
    fn argument(&self, value: &Value) -> Result<Progress<Argument>> {
        if let Some(history) = history(value) {
            return Ok(match self.reference(history, false)? {
                Progress::Done(tensor) => Progress::Done(Argument::Tensor(tensor)),
                Progress::Later => Progress::Later,
            });
        }
        if !holds_tensor(value) {
            return Ok(Progress::Done(Argument::Data(value.clone())));
        }
        let items = value.get("config").and_then(|c| c.get("items")).or(value.get("items")).unwrap_or(value);
        let items = items.as_array().ok_or_else(|| self.missing(crate::serialization::shorten(value)))?;
        let mut arguments = Vec::with_capacity(items.len());
        for item in items {
            match self.argument(item)? {
                Progress::Done(argument) => arguments.push(argument),
                Progress::Later => return Ok(Progress::Later),
            }
        }
        Ok(Progress::Done(Argument::List(arguments)))
    }

    /// Finds the tensor that `[layer, call, output]` refers to.
    ///
    /// `from_one` says that calls of models are counted from one, as Keras 2 does.
    fn reference(&self, reference: &Value, from_one: bool) -> Result<Progress<KerasTensor>> {
        let missing = || self.missing(crate::serialization::shorten(reference));
        let name = reference.get(0).and_then(Value::as_str).ok_or_else(missing)?;
        let number = |place| reference.get(place).and_then(usize::from_value).ok_or_else(missing);
        let (mut call, output) = (number(1)?, number(2)?);
        let made = self.made.get(name).ok_or_else(missing)?;
        if from_one && made.layer.layer().as_model().is_some() {
            call = call.saturating_sub(1);
        }
        match made.nodes.get(call) {
            None => Ok(Progress::Later),
            Some(outputs) => outputs.get(output).cloned().map(Progress::Done).ok_or_else(missing),
        }
    }

    /// Finds the tensors of `input_layers` or `output_layers`.
    fn group(&self, value: &Value) -> Result<(Vec<KerasTensor>, IoStructure)> {
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
            other => Err(self.missing(crate::serialization::shorten(other))),
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
        match self.reference(reference, from_one)? {
            Progress::Done(tensor) => Ok(tensor),
            Progress::Later => Err(self.missing(crate::serialization::shorten(reference))),
        }
    }
}

type ParsedCall = (Vec<KerasTensor>, Vec<Slot>, IndexMap<String, Argument>);

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
