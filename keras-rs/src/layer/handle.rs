//! Shared handles to layers: identity, name, variables, symbolic calls.

use super::{BuildScope, CallContext, Kwarg, Kwargs, Layer, Run, Spec};
use crate::backend::{Device, default_device};
use crate::config::snake_case;
use crate::config::{Config, ConfigExt, IntoConfig};
use crate::error::{Error, Result, tuple};
use crate::layer::{AsInputs, KerasTensor, Node, Slot};
use crate::shape::Shape;
use crate::tensor::Tensor;
use crate::variable::Variable;
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, Weak};

/// A shared handle to a layer and its variables; clones refer to the same layer.
#[derive(Clone)]
pub struct LayerRef(Arc<Handle>);

struct Handle {
    /// Grows with every layer made; orders layers as they were created.
    serial: u64,
    layer: Box<dyn Layer>,
    assigned: RwLock<Option<String>>,
    trainable: AtomicBool,
    /// What the first model to hold the layer puts before the paths of its variables.
    prefix: OnceLock<String>,
    building: Mutex<()>,
    /// Symbolic calls, which the models that contain them keep alive.
    nodes: Mutex<Vec<Weak<Node>>>,
    built: OnceLock<Built>,
}

struct Built {
    variables: Vec<Variable>,
    inputs: Vec<Shape>,
}

static SERIAL: AtomicU64 = AtomicU64::new(0);

impl LayerRef {
    /// Makes a handle to a layer.
    pub fn new(layer: impl Layer) -> Self {
        Self::from_box(Box::new(layer))
    }

    /// Makes a handle to a boxed layer.
    pub fn from_box(layer: Box<dyn Layer>) -> Self {
        Self(Arc::new(Handle {
            serial: SERIAL.fetch_add(1, Ordering::Relaxed),
            assigned: RwLock::new(layer.base().name.clone()),
            trainable: AtomicBool::new(!layer.base().frozen),
            layer,
            prefix: OnceLock::new(),
            building: Mutex::new(()),
            nodes: Mutex::new(Vec::new()),
            built: OnceLock::new(),
        }))
    }

    /// The layer itself.
    pub fn layer(&self) -> &dyn Layer {
        &*self.0.layer
    }

    /// Keras' class name.
    pub fn class_name(&self) -> &str {
        self.layer().class_name()
    }

    pub(crate) fn serial(&self) -> u64 {
        self.0.serial
    }

    /// Whether two handles refer to one layer.
    pub fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The name, where it is given or a model has been wired with the layer.
    pub fn assigned_name(&self) -> Option<String> {
        self.0.assigned.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the name was given by a model, not by the user.
    pub(crate) fn is_auto_named(&self) -> bool {
        self.layer().base().name.is_none()
    }

    /// The name; before a model gives one, the class name in Keras' spelling of names.
    pub fn name(&self) -> String {
        self.assigned_name().unwrap_or_else(|| snake_case(self.class_name()))
    }

    pub(crate) fn assign_name(&self, name: String) {
        *self.0.assigned.write().unwrap_or_else(PoisonError::into_inner) = Some(name);
    }

    /// Says what stands before the paths of the variables and writes them; only the first model
    /// that holds the layer does.
    pub(crate) fn place(&self, prefix: &str) {
        if self.0.prefix.set(prefix.to_string()).is_ok() {
            self.write_paths();
        }
    }

    /// Writes the paths of the variables that exist, from the names known so far.
    fn write_paths(&self) {
        let path = format!("{}{}", self.0.prefix.get().map_or("", String::as_str), self.name());
        for variable in self.own_variables() {
            variable.set_path(format!("{path}/{}", variable.name()));
        }
        if self.layer().as_model().is_none() {
            for (_, child) in self.layer().sublayers() {
                child.place(&format!("{path}/"));
            }
        }
    }

    /// Whether training may change the variables of this layer.
    pub fn trainable(&self) -> bool {
        self.0.trainable.load(Ordering::Relaxed)
    }

    /// Freezes or unfreezes this layer and every layer inside it.
    pub fn set_trainable(&self, trainable: bool) {
        self.0.trainable.store(trainable, Ordering::Relaxed);
        for (_, child) in self.layer().sublayers() {
            child.set_trainable(trainable);
        }
    }

    /// Whether the variables exist.
    pub fn is_built(&self) -> bool {
        self.0.built.get().is_some()
    }

    /// Variables that the layer itself made, in the order in which it made them.
    pub(super) fn made_variables(&self) -> &[Variable] {
        self.0.built.get().map_or(&[], |b| b.variables.as_slice())
    }

    /// Shapes that the layer was built for.
    pub fn build_shapes(&self) -> Option<&[Shape]> {
        self.0.built.get().map(|b| b.inputs.as_slice())
    }

    /// Makes the variables on the default device; does nothing where they exist.
    ///
    /// # Errors
    /// What [`Layer::build`] reports, with the layer's name.
    pub fn build(&self, inputs: &[Shape]) -> Result<()> {
        if self.is_built() {
            return Ok(());
        }
        self.build_for(inputs, &default_device()?)
    }

    /// Makes the variables on a device; does nothing where they exist.
    ///
    /// # Errors
    /// As [`LayerRef::build`].
    pub fn build_for(&self, inputs: &[Shape], device: &Device) -> Result<()> {
        if self.is_built() {
            return Ok(());
        }
        let _one_at_a_time = self.0.building.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_built() {
            return Ok(());
        }
        let name = self.name();
        let base = self.layer().base();
        base.deferred().map_err(|e| e.in_layer(&name))?;
        let mut scope = BuildScope::new(&name, base.dtype, device.clone());
        self.layer().build(&mut scope, inputs).map_err(|e| e.in_layer(&name))?;
        let variables = scope.into_variables();
        // The lock makes this the only writer.
        let _ = self.0.built.set(Built { variables, inputs: inputs.to_vec() });
        self.write_paths();
        Ok(())
    }

    /// Variables that the layer itself made, trainable ones first, as Keras orders them in files.
    pub fn own_variables(&self) -> Vec<Variable> {
        let (mut first, rest): (Vec<_>, Vec<_>) =
            self.made_variables().iter().cloned().partition(Variable::trainable);
        first.extend(rest);
        first
    }

    /// Every variable of this layer and the layers inside it, trainable ones first, each once.
    pub fn variables(&self) -> Vec<Variable> {
        let mut trainable = Vec::new();
        let mut rest = Vec::new();
        self.collect(None, &mut trainable, &mut rest);
        distinct(&mut trainable);
        distinct(&mut rest);
        trainable.extend(rest);
        trainable
    }

    /// Variables in Keras' order of `weights`: a model's layer by layer, a layer's trainable first.
    pub fn weights(&self) -> Vec<Variable> {
        if self.layer().as_model().is_none() {
            return self.variables();
        }
        let mut seen = HashSet::new();
        let children = self.layer().sublayers();
        let all = children.iter().flat_map(|(_, layer)| layer.weights());
        all.filter(|v| seen.insert(v.identity())).collect()
    }

    /// Variables that training changes.
    pub fn trainable_variables(&self) -> Vec<Variable> {
        let (mut trainable, mut rest) = (Vec::new(), Vec::new());
        self.collect(Some(true), &mut trainable, &mut rest);
        distinct(&mut trainable);
        trainable
    }

    /// Variables that training leaves to the layer, and those of frozen layers.
    pub fn non_trainable_variables(&self) -> Vec<Variable> {
        let (mut trainable, mut rest) = (Vec::new(), Vec::new());
        self.collect(Some(true), &mut trainable, &mut rest);
        distinct(&mut rest);
        rest
    }

    /// Sorts variables by whether they are trained. `thawed` says whether everything around the layer
    /// is; `None` disregards freezing.
    fn collect(&self, thawed: Option<bool>, trainable: &mut Vec<Variable>, rest: &mut Vec<Variable>) {
        let thawed = thawed.map(|outer| outer && self.trainable());
        for variable in self.own_variables() {
            let list =
                if variable.trainable() && thawed != Some(false) { &mut *trainable } else { &mut *rest };
            list.push(variable);
        }
        for (_, child) in self.layer().sublayers() {
            child.collect(thawed, trainable, rest);
        }
    }

    /// The device of the layer's first variable; `None` where it has none.
    pub fn device(&self) -> Option<Device> {
        if let Some(variable) = self.made_variables().first() {
            return Some(variable.device());
        }
        self.layer().sublayers().iter().find_map(|(_, child)| child.device())
    }

    /// Number of values in all variables.
    pub fn count_params(&self) -> usize {
        count(&self.variables())
    }

    /// Applies the layer to symbolic tensors; the result is its first output.
    ///
    /// # Errors
    /// Where an argument or a shape is not accepted; the error names the layer.
    pub fn apply(&self, inputs: impl AsInputs) -> Result<KerasTensor> {
        let outputs = self.apply_many(inputs)?;
        outputs
            .into_iter()
            .next()
            .ok_or_else(|| Error::argument(self.name(), "outputs", "at least one output", "none"))
    }

    /// Applies the layer to symbolic tensors; all its outputs.
    ///
    /// # Errors
    /// As [`LayerRef::apply`].
    pub fn apply_many(&self, inputs: impl AsInputs) -> Result<Vec<KerasTensor>> {
        let tensors = inputs.keras_tensors()?;
        if self.layer().takes_list() && !inputs.is_list() && self.layer().as_model().is_none() {
            return Err(Error::argument(self.name(), "inputs", "a list of tensors", "one tensor"));
        }
        // An operation's operands are arguments of their own.
        let list = self.layer().takes_list() || (inputs.is_list() && !self.layer().is_operation());
        let layout = if list { vec![Slot::Many(tensors.len())] } else { vec![Slot::One; tensors.len()] };
        Node::connect(self, tensors, layout, IndexMap::new())
    }

    pub(crate) fn note_call(&self, node: &Arc<Node>) {
        self.0.nodes.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(node));
    }

    /// The symbolic calls of this layer that some model or tensor still holds, oldest first.
    pub fn nodes(&self) -> Vec<Arc<Node>> {
        self.0.nodes.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(Weak::upgrade).collect()
    }

    /// The first symbolic output of the layer's first call, as Keras' `layer.output`.
    ///
    /// # Errors
    /// [`Error::NotBuilt`] where the layer was never applied to symbolic tensors.
    pub fn output(&self) -> Result<KerasTensor> {
        let first = self.nodes().into_iter().next();
        first.map(|node| KerasTensor::of(node, 0)).ok_or_else(|| Error::NotBuilt {
            layer: self.name(),
            hint: "apply it to a symbolic tensor first",
        })
    }

    /// Shapes of the outputs for inputs of these shapes.
    ///
    /// # Errors
    /// What [`Layer::compute_output_shape`] reports, with the layer's name.
    pub fn compute_output_shape(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        self.output_shapes(inputs).map_err(|e| e.in_layer(&self.name()))
    }

    /// Shapes of the outputs, of which none is over the limits.
    fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        let layer = self.layer();
        let shapes = layer.compute_output_shape(inputs)?;
        for shape in &shapes {
            crate::limits::check_symbolic("output", layer.base().dtype.compute_dtype(), shape)?;
        }
        Ok(shapes)
    }

    /// Shapes and data types of the outputs of one call.
    ///
    /// # Errors
    /// What [`Layer::compute_output_spec`] reports, with the layer's name.
    pub fn compute_output_spec(&self, inputs: &[Spec], kwargs: &Kwargs) -> Result<Vec<Spec>> {
        self.output_specs(inputs, kwargs).map_err(|e| e.in_layer(&self.name()))
    }

    /// Specs of the outputs, of which none is over the limits.
    pub(super) fn output_specs(&self, inputs: &[Spec], kwargs: &Kwargs) -> Result<Vec<Spec>> {
        let specs = self.layer().compute_output_spec(inputs, kwargs)?;
        for (shape, dtype) in &specs {
            crate::limits::check_symbolic("output", *dtype, shape)?;
        }
        Ok(specs)
    }
}

impl fmt::Debug for LayerRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} name={}, built={}>", self.class_name(), self.name(), self.is_built())
    }
}

/// Drops variables that come again.
fn distinct(variables: &mut Vec<Variable>) {
    let mut seen = HashSet::new();
    variables.retain(|v| seen.insert(v.identity()));
}

/// Number of values in variables.
pub(crate) fn count(variables: &[Variable]) -> usize {
    variables.iter().map(|v| v.shape().iter().product::<usize>()).sum()
}
