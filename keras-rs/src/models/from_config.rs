//! Models from configurations, in the spelling of Keras 3 and of Keras 2.

use super::calls::Calls;
use super::graph_model::Kind;
use super::sequential::wire;
use super::{GraphModel, Model, functional, naming};
use crate::backend::default_device;
use crate::config::{ClassIdentity, ConfigReader, FromConfig, Loading, Registered};
use crate::dtype::DTypePolicy;
use crate::error::{Error, Result, UnknownClass};
use crate::graph::{Graph, Wiring};
use crate::layer::{Argument, Arguments, IoStructure, Layer, LayerBase, LayerRef, Role};
use crate::layers::{InputLayer, LambdaFunction};
use crate::shape::Shape;
use serde_json::Value;
use std::sync::OnceLock;

/// Makes a model from its envelope, after every class in it is known.
pub(crate) fn model_from_value(value: &Value, loading: &Loading<'_>) -> Result<Model> {
    check_classes(value, loading)?;
    let layer = LayerRef::from_box(loading.object::<Box<dyn Layer>>(value, "file", "model")?);
    let custom = loading.is_custom::<Box<dyn Layer>>(value);
    let model = Model::from_layer(&layer).or_else(|| custom.then(|| Model::of(layer.clone())));
    let model = model.ok_or_else(|| Error::Config {
        object: "file".into(),
        key: "class_name".into(),
        expected: "a model: Sequential or Functional".into(),
        got: layer.class_name().into(),
    })?;
    finish(&model)?;
    if layer.layer().role() != Role::Graph
        && let Some(shapes) = built_shapes(value)
    {
        layer.build_by_call(shapes, &default_device()?)?;
    }
    let bytes = model.weights().iter().fold(0_u64, |n, v| n.saturating_add(v.bytes()));
    crate::limits::check_together(&format!("the weights of {}", model.name()), bytes)?;
    // Keras writes an empty object for a model that is not compiled.
    let settings = value.get("compile_config").filter(|v| v.as_object().is_some_and(|v| !v.is_empty()));
    if let Some(settings) = settings {
        model.compilation().set_settings(settings.clone(), loading.custom);
    }
    Ok(model)
}

/// The shapes that a model was built for when it was saved.
fn built_shapes(envelope: &Value) -> Option<Arguments<Shape>> {
    fn shape(value: &Value) -> Option<Argument<Shape>> {
        match Vec::<Option<usize>>::from_value(value) {
            Some(dims) => Some(Argument::Tensor(Shape::new(dims))),
            None => match value.get("items").unwrap_or(value) {
                Value::Array(items) => Some(Argument::List(items.iter().map(shape).collect::<Option<_>>()?)),
                Value::Object(entries) => {
                    let entries = entries.iter().map(|(key, entry)| Some((key.clone(), shape(entry)?)));
                    Some(Argument::Dict(entries.collect::<Option<_>>()?))
                }
                _ => None,
            },
        }
    }
    let config = envelope.get("build_config")?;
    if let Some(one) = config.get("input_shape") {
        return Some(Arguments::one(shape(one)?));
    }
    let named = config.get("shapes_dict")?.as_object()?.iter();
    let keyword = named
        .map(|(name, value)| Some((name.strip_suffix("_shape").unwrap_or(name).to_string(), shape(value)?)));
    Some(Arguments { positional: Vec::new(), keyword: keyword.collect::<Option<_>>()? })
}

/// Names, paths and wiring of a model that was just made, its nested models first.
fn finish(model: &Model) -> Result<()> {
    for layer in model.layers() {
        if let Some(inner) = Model::from_layer(&layer) {
            finish(&inner)?;
        }
    }
    naming::assign(&model.as_layer(), &model.layers(), model.prefixes_paths());
    match model.wiring() {
        Some(wiring) => wiring.graph.check_names(&model.name()),
        None => Ok(()),
    }
}

/// Reports every class that is not known, and refuses Python code, before anything is made.
pub(crate) fn check_classes(model: &Value, loading: &Loading<'_>) -> Result<()> {
    let mut unknown = Vec::new();
    let mut pending: Vec<(String, &Value)> = vec![("model".into(), model)];
    while let Some((path, value)) = pending.pop() {
        match value {
            Value::Array(items) => {
                pending.extend(items.iter().enumerate().map(|(i, v)| (format!("{path}/{i}"), v)));
            }
            Value::Object(entries) => {
                check_class(&path, value, loading, &mut unknown)?;
                // The functions of a `Lambda` are looked at when the layer is made.
                let skipped =
                    if has_code(value) { ["compile_config", "config"] } else { ["compile_config"; 2] };
                for (key, entry) in entries.iter().filter(|(key, _)| !skipped.contains(&key.as_str())) {
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
pub(crate) const PLAIN_CLASSES: [&str; 10] = [
    "__keras_tensor__",
    "__tensor__",
    "__numpy__",
    "__tuple__",
    "__slice__",
    "__ellipsis__",
    "DTypePolicy",
    "DTypePolicyMap",
    "FloatDTypePolicy",
    "Policy",
];

/// Layers of Keras that carry code of Python or of other frameworks.
const FOREIGN: [&str; 4] = ["FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper"];

/// Operations of Keras whose calls or arguments are functions of Python.
const OF_FUNCTIONS: [&str; 9] =
    ["AssociativeScan", "Cond", "ForiLoop", "JVP", "Map", "Scan", "Switch", "VectorizedMap", "WhileLoop"];

/// Operations of Keras on complex numbers.
const OF_COMPLEX: [&str; 4] = ["Eig", "Polar", "ViewAsComplex", "ViewAsReal"];

/// Whether it is one of these classes of Keras' operations.
fn is_operation(value: &Value, class: &str, classes: &[&str]) -> bool {
    let module = value.get("module").and_then(Value::as_str);
    classes.contains(&class) && module.is_some_and(|module| module.starts_with("keras.src.ops."))
}

/// Whether it is a `Lambda` with Python code in place of its function's name.
fn has_code(value: &Value) -> bool {
    let is = |pointer: &str, name: &str| value.pointer(pointer).and_then(Value::as_str) == Some(name);
    is("/class_name", "Lambda") && is("/config/function/class_name", "__lambda__")
}

fn check_class(
    path: &str,
    value: &Value,
    loading: &Loading<'_>,
    unknown: &mut Vec<UnknownClass>,
) -> Result<()> {
    let Some(class) = value.get("class_name").and_then(Value::as_str) else { return Ok(()) };
    let Some(identity) = ClassIdentity::of::<Box<dyn Layer>>(value) else { return Ok(()) };
    let known = loading.maker::<Box<dyn Layer>>(&identity).is_some()
        || loading.knows::<crate::initializers::Initializer>(value)
        || loading.knows::<crate::regularizers::Regularizer>(value)
        || loading.knows::<crate::constraints::Constraint>(value)
        || loading.knows::<crate::activations::Activation>(value)
        || loading.knows::<LambdaFunction>(value)
        || PLAIN_CLASSES.contains(&class)
        || !value.get("config").is_some_and(|c| c.is_object() || c.is_array() || c.is_string());
    let name = value.pointer("/config/name").and_then(Value::as_str);
    let replaced = |name: &str| {
        let table = loading.custom.table::<LambdaFunction>();
        table.is_some_and(|table| table.get(name).is_some()) || loading.is_replaced("Lambda")
    };
    let is_code = (has_code(value) && !name.is_some_and(replaced)) || class == "__lambda__";
    if !known && is_operation(value, class, &OF_COMPLEX) {
        return Err(Error::DType {
            context: format!("layer {} ({class})", name.unwrap_or(path)),
            expected: "real numbers, as Burn has no complex ones".into(),
            got: "complex64".into(),
        });
    }
    if is_code || (!known && (FOREIGN.contains(&class) || is_operation(value, class, &OF_FUNCTIONS))) {
        return Err(Error::CodeRefused { layer: name.unwrap_or(path).into(), class_name: class.into() });
    }
    if known {
        return Ok(());
    }
    let function = value.get("config").and_then(Value::as_str).filter(|_| class == "function");
    unknown.push(UnknownClass {
        path: path.into(),
        class_name: function.unwrap_or(class).into(),
        module: identity.origin().into(),
    });
    Ok(())
}

impl Loading<'_> {
    /// Whether the user has a layer under the name of one of Keras'.
    fn is_replaced(&self, class: &str) -> bool {
        self.custom.table::<Box<dyn Layer>>().is_some_and(|table| table.get(class).is_some())
    }

    fn knows<T: Registered>(&self, value: &Value) -> bool {
        ClassIdentity::of::<T>(value).is_some_and(|class| self.maker::<T>(&class).is_some())
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
fn layer(c: &ConfigReader<'_>, entry: &Value, index: usize) -> Result<LayerRef> {
    let name =
        entry.pointer("/config/name").and_then(Value::as_str).map_or(index.to_string(), str::to_string);
    let boxed = c.loading().object::<Box<dyn Layer>>(entry, c.object(), &name)?;
    Ok(LayerRef::from_box(boxed))
}

/// Makes a `Sequential` from its configuration.
pub(super) fn sequential(c: &mut ConfigReader<'_>) -> Result<GraphModel> {
    let base = base(c)?;
    let list = c.take_value("layers")?;
    let entries = layer_list(c, list)?;
    let mut layers = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        // Keras 2 wrote the input's shape into the first layer.
        let shape = entry.pointer("/config/batch_input_shape").filter(|v| !v.is_null());
        if let Some(shape) = shape
            && index == 0
            && entry["class_name"] != "InputLayer"
        {
            let dims = Vec::<Option<usize>>::from_value(shape)
                .ok_or_else(|| c.reject("batch_input_shape", "a shape", shape))?;
            let dtype = entry.pointer("/config/dtype").and_then(DTypePolicy::from_value).unwrap_or_default();
            layers.push(LayerRef::new(InputLayer::new(dims, dtype.compute_dtype())));
        }
        layers.push(layer(c, entry, index)?);
    }
    let build_shape: Option<Vec<Option<usize>>> = c.take_or("build_input_shape", None)?;
    let start = match layers.first() {
        Some(first) if first.layer().role() == Role::Input => {
            first.compute_output_shape(&[])?.into_iter().next()
        }
        Some(first) => GraphModel::wiring_of(first)
            .and_then(|w| w.graph.inputs.first().map(|t| t.shape().clone()))
            .or(build_shape.map(Shape::new)),
        None => None,
    };
    let wiring = OnceLock::new();
    if let Some(shape) = start {
        wire(&layers, &wiring, &[shape], &default_device()?)?;
    }
    Ok(GraphModel { base, kind: Kind::Sequential { layers, wiring } })
}

/// Makes a functional model from its configuration.
pub(super) fn functional(c: &mut ConfigReader<'_>) -> Result<GraphModel> {
    let base = base(c)?;
    let list = c.take_value("layers")?;
    let entries = layer_list(c, list)?;
    let mut calls = Calls::new(base.name.clone().unwrap_or_default());
    let mut pending = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let made = layer(c, entry, index)?;
        let name = entry.get("name").and_then(Value::as_str).map_or_else(|| made.name(), str::to_string);
        if made.assigned_name().is_none() {
            made.assign_name(name.clone());
        }
        let inbound = entry.get("inbound_nodes").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        calls.add(name, made, inbound, &mut pending)?;
    }
    calls.make_all(c, pending)?;
    let (inputs, input_structure) = calls.group(c.take_value("input_layers")?)?;
    let (outputs, output_structure) = calls.group(c.take_value("output_layers")?)?;
    let mut graph = Graph::new(calls.model(), inputs, outputs)?;
    functional::add_placeholders(&mut graph);
    // Keras 2 wrote single tensors as lists of one, which Keras 3 tells apart.
    let grouped =
        if entries.iter().any(is_keras2_call) { IoStructure::unlisted } else { std::convert::identity };
    let wiring = Wiring { graph, inputs: grouped(input_structure), outputs: grouped(output_structure) };
    Ok(GraphModel { base, kind: Kind::Functional(wiring) })
}

/// Whether a layer's entry holds calls in the form of Keras 2: lists of `[layer, call, output, kwargs]`.
fn is_keras2_call(entry: &Value) -> bool {
    entry.pointer("/inbound_nodes/0").is_some_and(Value::is_array)
}
