//! What every model holds, and running it.

use crate::compile::Compiled;
use crate::config::{Config, CustomObjects};
use crate::dtype::DTypePolicy;
use crate::error::{Error, GraphProblem, Result, tuple};
use crate::graph::Graph;
use crate::layer::{Argument, IoStructure, KerasTensor};
use crate::layer::{CallContext, Kwarg, Layer, LayerBase, LayerRef, Masked, Run, Spec};
use crate::layers::InputLayer;
use crate::shape::Shape;
use crate::tensor::Tensor;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

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
    pub(super) fn placeholders(&self) -> impl Iterator<Item = &LayerRef> {
        // Inputs that are outputs of layers have theirs first in the list of layers.
        let mut made = self.graph.layers.iter();
        self.graph.inputs.iter().filter_map(move |t| input_layer(t).or_else(|| made.next()))
    }
}

/// Which of Keras' model classes a model is.
#[derive(Debug)]
pub(super) enum Kind {
    /// Wired from inputs to outputs.
    Functional(Wiring),
    /// One layer after the other; wired once the input's shape is known.
    Sequential { layers: Vec<LayerRef>, wiring: OnceLock<Wiring> },
}

/// What a model's handles share.
#[derive(Debug)]
pub struct ModelCore {
    pub(super) kind: Kind,
    compiled: RwLock<Compilation>,
}

/// Whether a model is compiled.
#[derive(Debug, Default)]
enum Compilation {
    #[default]
    No,
    /// Settings of a file, whose classes are looked up when they are needed.
    Settings(Box<(Value, CustomObjects)>),
    Yes(Arc<Compiled>),
}

impl ModelCore {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, compiled: RwLock::default() }
    }

    /// Whether the model is a `Sequential`.
    pub fn is_sequential(&self) -> bool {
        matches!(self.kind, Kind::Sequential { .. })
    }

    /// The wiring, where the input's shape is known.
    pub fn wiring(&self) -> Option<&Wiring> {
        match &self.kind {
            Kind::Functional(wiring) => Some(wiring),
            Kind::Sequential { wiring, .. } => wiring.get(),
        }
    }

    /// Layers in the order of Keras' `model.layers`, which has no operations of `keras.ops`.
    pub fn layers(&self) -> Vec<LayerRef> {
        let (layers, with_inputs) = match &self.kind {
            Kind::Functional(wiring) => (&wiring.graph.layers, true),
            Kind::Sequential { layers, .. } => (layers, false),
        };
        let listed = |l: &&LayerRef| !l.layer().is_operation() && (with_inputs || !l.layer().is_input());
        layers.iter().filter(listed).cloned().collect()
    }

    /// Everything that has a name: [`ModelCore::layers`] and operations.
    pub(super) fn named(&self) -> Vec<LayerRef> {
        match &self.kind {
            Kind::Functional(wiring) => wiring.graph.layers.clone(),
            Kind::Sequential { .. } => self.layers(),
        }
    }

    /// The compile settings, as files hold them.
    pub fn compile_config(&self) -> Option<Value> {
        match &*self.compiled.read().unwrap_or_else(PoisonError::into_inner) {
            Compilation::No => None,
            Compilation::Settings(read) => Some(read.0.clone()),
            Compilation::Yes(compiled) => Some(compiled.config()),
        }
    }

    /// Keeps the compile settings of a file, and the classes that the file was opened with.
    pub(crate) fn set_compile_config(&self, settings: Value, custom: &CustomObjects) {
        self.set(Compilation::Settings(Box::new((settings, custom.clone()))));
    }

    /// The classes that the model's file was opened with, as long as its settings wait to be read.
    pub(crate) fn custom_objects(&self) -> CustomObjects {
        match &*self.compiled.read().unwrap_or_else(PoisonError::into_inner) {
            Compilation::Settings(read) => read.1.clone(),
            _ => CustomObjects::new(),
        }
    }

    pub(crate) fn set_compiled(&self, compiled: Compiled) {
        self.set(Compilation::Yes(Arc::new(compiled)));
    }

    fn set(&self, compilation: Compilation) {
        *self.compiled.write().unwrap_or_else(PoisonError::into_inner) = compilation;
    }

    /// What the model was compiled with.
    pub(crate) fn compiled(&self, model: &str, policy: DTypePolicy) -> Result<Arc<Compiled>> {
        let mut slot = self.compiled.write().unwrap_or_else(PoisonError::into_inner);
        let compiled = match &*slot {
            Compilation::No => return Err(Error::NotCompiled { model: model.into() }),
            Compilation::Yes(compiled) => return Ok(compiled.clone()),
            Compilation::Settings(read) => Arc::new(Compiled::from_config(&read.0, &read.1, policy)?),
        };
        *slot = Compilation::Yes(compiled.clone());
        Ok(compiled)
    }

    /// Runs the graph on the inputs in the model's order.
    ///
    /// # Errors
    /// What a layer reports, with its path; [`Error::Shape`] for inputs that do not fit.
    pub fn run(&self, inputs: &[Masked], run: &mut Run) -> Result<Vec<Masked>> {
        let wiring = self.wiring().ok_or_else(|| Error::NotBuilt {
            layer: "sequential".into(),
            hint: "call it on data, or start it with an Input",
        })?;
        let graph = &wiring.graph;
        if inputs.len() != graph.inputs.len() {
            let problem =
                GraphProblem::Arity { what: "inputs", expected: graph.inputs.len(), got: inputs.len() };
            return Err(Error::Graph { model: "call".into(), problem });
        }
        let mut values: HashMap<(u64, usize), Masked> = HashMap::new();
        let device = self.layers().iter().find_map(LayerRef::device);
        for (placeholder, (tensor, mask)) in graph.inputs.iter().zip(inputs) {
            // Data goes to where the weights are; what is being recorded for gradients is there already.
            let (tensor, mask) = match &device {
                Some(device) if tensor.device() != device => {
                    (tensor.to_device(device)?, mask.as_ref().map(|m| m.to_device(device)).transpose()?)
                }
                _ => (tensor.clone(), mask.clone()),
            };
            values.insert(placeholder.key(), (fit(placeholder, &tensor)?, mask));
        }
        let find = |values: &HashMap<(u64, usize), Masked>, t: &KerasTensor| {
            values.get(&t.key()).cloned().ok_or_else(|| Error::Graph {
                model: "call".into(),
                problem: GraphProblem::Disconnected { layer: t.layer().name() },
            })
        };
        let mut held = 0_u64;
        for step in &graph.steps {
            let node = &step.node;
            if !node.layer().layer().is_input() {
                let arguments = node.inputs().iter().map(|t| find(&values, t)).collect::<Result<Vec<_>>>()?;
                let mut kwargs = node.plain();
                // The flag that the whole model is called with wins over the one noted when it was wired.
                kwargs.shift_remove("training");
                for (name, argument) in node.kwargs() {
                    if !matches!(argument, Argument::Data(_)) {
                        kwargs.insert(name.clone(), given(argument, &|t| Ok(find(&values, t)?.0))?);
                    }
                }
                let outputs = node.layer().run(&arguments, &kwargs, run)?;
                for (index, output) in outputs.into_iter().enumerate() {
                    held = held.saturating_add(output.0.bytes());
                    values.insert((node.serial(), index), output);
                }
                crate::limits::check_together("intermediate results", held)?;
            }
            for (tensor, _) in step.last_uses.iter().filter_map(|key| values.remove(key)) {
                held = held.saturating_sub(tensor.bytes());
            }
        }
        graph.outputs.iter().map(|t| find(&values, t)).collect()
    }

    /// As [`ModelCore::output_shapes`], for data whose rank [`ModelCore::run`] would mend.
    pub(crate) fn fitted_output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        let Some(wiring) = self.wiring() else { return self.output_shapes(inputs) };
        let batch = inputs.first().and_then(|s| s.dims().first().copied().flatten());
        let mut shapes = Vec::with_capacity(inputs.len());
        for placeholder in &wiring.graph.inputs {
            let mut dims = placeholder.shape().dims().to_vec();
            let given = inputs.get(shapes.len()).map_or(&[][..], Shape::dims);
            for (i, dim) in dims.iter_mut().enumerate().filter(|(_, dim)| dim.is_none()) {
                *dim = given.get(i).copied().flatten();
            }
            if let (Some(first), Some(_)) = (dims.first_mut(), batch) {
                *first = batch;
            }
            shapes.push(Shape::new(dims));
        }
        self.output_shapes(&shapes)
    }

    /// Shapes of the outputs for inputs of these shapes.
    ///
    /// # Errors
    /// What a layer reports, with its path.
    pub fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        let Some(wiring) = self.wiring() else {
            let mut shapes = inputs.to_vec();
            for layer in self.layers() {
                shapes = layer.compute_output_shape(&shapes)?;
            }
            return Ok(shapes);
        };
        let graph = &wiring.graph;
        // The shapes that the model was wired for need no second look, however deep models nest.
        if graph.inputs.iter().map(KerasTensor::shape).eq(inputs) {
            return Ok(graph.outputs.iter().map(|t| t.shape().clone()).collect());
        }
        let mut shapes: HashMap<(u64, usize), Shape> =
            graph.inputs.iter().zip(inputs).map(|(t, s)| (t.key(), s.clone())).collect();
        for step in &graph.steps {
            let node = &step.node;
            if node.layer().layer().is_input() {
                continue;
            }
            let arguments: Vec<Spec> = node
                .inputs()
                .iter()
                .map(|t| (shapes.get(&t.key()).cloned().unwrap_or_else(|| t.shape().clone()), t.dtype()))
                .collect();
            let outputs = node.layer().compute_output_spec(&arguments, &node.plain())?;
            for (index, (shape, _)) in outputs.into_iter().enumerate() {
                shapes.insert((node.serial(), index), shape);
            }
        }
        Ok(graph
            .outputs
            .iter()
            .map(|t| shapes.get(&t.key()).cloned().unwrap_or_else(|| t.shape().clone()))
            .collect())
    }
}

/// A keyword argument with the values of its symbolic tensors.
fn given(argument: &Argument, value: &impl Fn(&KerasTensor) -> Result<Tensor>) -> Result<Kwarg> {
    Ok(match argument {
        Argument::Tensor(tensor) => Kwarg::Tensor(value(tensor)?),
        Argument::List(items) => {
            Kwarg::List(items.iter().map(|item| given(item, value)).collect::<Result<_>>()?)
        }
        Argument::Data(data) => Kwarg::Data(data.clone()),
    })
}

/// Brings an input to its placeholder's data type, and its rank where an axis of size one is
/// missing or left over, as Keras does.
fn fit(placeholder: &KerasTensor, tensor: &Tensor) -> Result<Tensor> {
    let expected = placeholder.shape();
    let last_is_one = |dims: &[Option<usize>]| dims.last().is_some_and(|d| *d == Some(1));
    let adjusted = if tensor.rank() + 1 == expected.rank() && last_is_one(expected.dims()) {
        tensor.expand_dims(-1)?
    } else if tensor.rank() == expected.rank() + 1 && tensor.shape().last() == Some(&1) {
        tensor.squeeze(&[-1])?
    } else {
        tensor.clone()
    };
    // Keras lets the batch differ from the one that the placeholder names.
    let fits = adjusted.rank() == expected.rank()
        && expected.dims().iter().zip(adjusted.shape()).skip(1).all(|(d, s)| d.is_none_or(|d| d == *s));
    if !fits {
        return Err(Error::shape(
            format!("input {}", placeholder.layer().name()),
            "tensor",
            expected,
            tuple(tensor.shape()),
        ));
    }
    let dtype = placeholder.layer().layer().compute_output_dtype(&[], 1).first().copied();
    adjusted.cast(dtype.unwrap_or(placeholder.dtype()))
}

/// A model seen as a layer, so that it nests.
#[derive(Debug)]
pub(super) struct ModelLayer {
    pub(super) base: LayerBase,
    pub(super) core: Arc<ModelCore>,
}

impl Layer for ModelLayer {
    fn class_name(&self) -> &str {
        if self.core.is_sequential() { "Sequential" } else { "Functional" }
    }

    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn base_mut(&mut self) -> &mut LayerBase {
        &mut self.base
    }

    fn module(&self) -> Option<&str> {
        Some(if self.core.is_sequential() { "keras" } else { "keras.src.models.functional" })
    }

    fn registered_name(&self) -> Option<String> {
        (!self.core.is_sequential()).then(|| "Functional".into())
    }

    fn config(&self) -> Config {
        super::config::write(&self.base, &self.core)
    }

    fn call(&self, inputs: &[Tensor], context: &mut CallContext<'_>) -> Result<Vec<Tensor>> {
        let inputs: Vec<Masked> = inputs.iter().map(|t| (t.clone(), None)).collect();
        Ok(self.core.run(&inputs, context.run_mut())?.into_iter().map(|(t, _)| t).collect())
    }

    fn compute_output_shape(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        self.core.output_shapes(inputs)
    }

    fn compute_output_dtype(&self, inputs: &[crate::DType], outputs: usize) -> Vec<crate::DType> {
        let _ = inputs;
        match self.core.wiring() {
            Some(wiring) => wiring.graph.outputs.iter().map(KerasTensor::dtype).collect(),
            None => vec![self.base.dtype.compute_dtype(); outputs],
        }
    }

    fn autocast(&self) -> bool {
        false
    }

    fn sublayers(&self) -> Vec<(String, LayerRef)> {
        self.core.layers().into_iter().map(|layer| ("layers".to_string(), layer)).collect()
    }

    fn as_model(&self) -> Option<&Arc<ModelCore>> {
        Some(&self.core)
    }

    fn build(&self, _scope: &mut crate::layer::BuildScope<'_>, inputs: &[Shape]) -> Result<()> {
        super::sequential::wire(&self.core, inputs)
    }

    fn takes_list(&self) -> bool {
        self.core.wiring().is_some_and(|w| matches!(w.inputs, IoStructure::List(_)))
    }
}

/// The placeholder that a model's input comes from, where it is one.
pub(super) fn input_layer(tensor: &KerasTensor) -> Option<&LayerRef> {
    tensor.layer().layer().is_input().then(|| tensor.layer())
}

/// A placeholder like a tensor that is no placeholder itself.
pub(super) fn placeholder_like(tensor: &KerasTensor) -> InputLayer {
    InputLayer::new(tensor.shape().clone(), tensor.dtype())
}
