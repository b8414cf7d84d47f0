//! Shared handles to layers: identity, name, variables, symbolic calls.

use super::call::constant_data;
use super::{
    Argument, Arguments, AsInputs, BoundArguments, BuildScope, Call, ForwardPass, InputShapes, InputSpecs,
    KerasTensor, Layer, MaskedTensor, Node, Role, Spec,
};
use crate::backend::{Device, default_device};
use crate::config::{Config, snake_case};
use crate::error::{Error, Result};
use crate::shape::Shape;
use crate::tensor::Tensor;
use crate::variable::Variable;
use std::any::Any;
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
    assigned: RwLock<Option<Arc<str>>>,
    /// The class' name in Keras' spelling of names, which stands for a name until one is given.
    default_name: Arc<str>,
    trainable: AtomicBool,
    /// What the first model to hold the layer puts before the paths of its variables.
    prefix: OnceLock<String>,
    building: Mutex<()>,
    /// Symbolic calls, which the models that contain them keep alive.
    nodes: Mutex<Vec<Weak<Node>>>,
    built: RwLock<Option<Arc<Built>>>,
    /// What a model keeps beside its layer.
    companion: OnceLock<Arc<dyn Companion>>,
}

/// The variables of a layer by key, and what it was built for.
pub(super) struct Built {
    pub(super) variables: Vec<(String, Variable)>,
    pub(super) inputs: InputShapes,
}

/// What a model keeps beside its layer, such as what it was compiled with; shared by all its handles.
pub(crate) trait Companion: Any + Send + Sync {
    /// Entries that it adds to the layer's envelope in files.
    fn envelope(&self) -> Config;
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
            assigned: RwLock::new(layer.base().name.as_deref().map(Arc::from)),
            default_name: snake_case(layer.class_name()).into(),
            trainable: AtomicBool::new(!layer.base().frozen),
            layer,
            prefix: OnceLock::new(),
            building: Mutex::new(()),
            nodes: Mutex::new(Vec::new()),
            built: RwLock::new(None),
            companion: OnceLock::new(),
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
        self.0.assigned.read().unwrap_or_else(PoisonError::into_inner).as_deref().map(str::to_string)
    }

    /// Whether the name was given by a model, not by the user.
    pub(crate) fn is_auto_named(&self) -> bool {
        self.layer().base().name.is_none()
    }

    /// The name; before a model gives one, the class name in Keras' spelling of names.
    pub fn name(&self) -> String {
        self.shared_name().to_string()
    }

    /// The name, without a copy.
    pub(super) fn shared_name(&self) -> Arc<str> {
        let assigned = self.0.assigned.read().unwrap_or_else(PoisonError::into_inner);
        assigned.as_ref().unwrap_or(&self.0.default_name).clone()
    }

    pub(crate) fn assign_name(&self, name: String) {
        *self.0.assigned.write().unwrap_or_else(PoisonError::into_inner) = Some(name.into());
    }

    /// What a model keeps beside this layer; the first call makes it.
    pub(crate) fn companion<C: Companion + Default>(&self) -> Option<Arc<C>> {
        let companion = self.0.companion.get_or_init(|| Arc::new(C::default())).clone();
        (companion as Arc<dyn Any + Send + Sync>).downcast().ok()
    }

    /// Entries that a model adds to its envelope in files.
    pub(super) fn companion_envelope(&self) -> Config {
        self.0.companion.get().map(|companion| companion.envelope()).unwrap_or_default()
    }

    /// Says what stands before the paths of the variables and writes them; only the first model
    /// that holds the layer does.
    pub(crate) fn set_path_prefix(&self, prefix: &str) {
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
        if self.layer().role() != Role::Graph {
            for (_, child) in self.layer().sublayers() {
                child.set_path_prefix(&format!("{path}/"));
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
        self.0.built.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    pub(super) fn built(&self) -> Option<Arc<Built>> {
        self.0.built.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Variables that the layer itself made, in the order in which it made them.
    fn made_variables(&self) -> Vec<Variable> {
        let built = self.built();
        built.map_or_else(Vec::new, |b| b.variables.iter().map(|(_, variable)| variable.clone()).collect())
    }

    /// A variable that the layer itself made, by its key.
    ///
    /// # Errors
    /// [`Error::UnknownName`] where it made none of this key.
    pub fn variable(&self, key: &str) -> Result<Variable> {
        let built = self.built();
        let variables = built.as_ref().map_or(&[][..], |b| b.variables.as_slice());
        let found = variables.iter().find(|(k, _)| k == key).map(|(_, variable)| variable.clone());
        found.ok_or_else(|| Error::unknown_name("variable", key, variables.iter().map(|(k, _)| k.as_str())))
    }

    /// Shapes that the layer was built for, by argument.
    pub fn build_shapes(&self) -> Option<InputShapes> {
        self.built().map(|b| b.inputs.clone())
    }

    /// Makes the variables on the default device for inputs of these shapes; does nothing where they exist.
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
        self.build_with(self.arguments(inputs.to_vec()), device)
    }

    /// Makes the variables on a device for shapes of any arguments; does nothing where they exist.
    ///
    /// # Errors
    /// As [`LayerRef::build`].
    pub fn build_with(&self, mut inputs: Arguments<Shape>, device: &Device) -> Result<()> {
        if self.is_built() {
            return Ok(());
        }
        inputs
            .resolve(|value| constant_data(value).map(|data| data.map(|data| Shape::from(data.shape()))))?;
        let name = self.shared_name();
        let bound = BoundArguments::bind(name.clone(), self.layer().signature(), inputs);
        bound.and_then(|inputs| self.build_bound(&inputs, device)).map_err(|e| e.in_layer(&name))
    }

    /// As [`LayerRef::build_with`], with errors that do not name the layer yet.
    pub(super) fn build_bound(&self, inputs: &InputShapes, device: &Device) -> Result<()> {
        let _one_at_a_time = self.0.building.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_built() {
            return Ok(());
        }
        self.layer().base().deferred()?;
        let variables = self.variables_of(|scope| self.layer().build(scope, inputs), device)?;
        let built = Arc::new(Built { variables, inputs: inputs.clone() });
        *self.0.built.write().unwrap_or_else(PoisonError::into_inner) = Some(built);
        self.write_paths();
        Ok(())
    }

    fn variables_of(
        &self,
        make: impl FnOnce(&mut BuildScope<'_>) -> Result<()>,
        device: &Device,
    ) -> Result<Vec<(String, Variable)>> {
        let name = self.shared_name();
        let mut scope = BuildScope::new(&name, self.layer().base().dtype, device.clone());
        make(&mut scope)?;
        Ok(scope.into_variables())
    }

    /// Adds variables to a layer that is built, behind those that it has: weights that a layer is given
    /// late, by `adapt` or by a low-rank adaptation.
    ///
    /// # Errors
    /// [`Error::NotBuilt`] before the layer is built; [`Error::Argument`] for a key that is taken; what the
    /// function reports.
    ///
    /// ```
    /// use keras_rs::initializers::Initializer;
    /// use keras_rs::prelude::*;
    ///
    /// let layer = Dense::new(2).shared();
    /// layer.build(&[Shape::from([None, Some(3)])])?;
    /// layer.add_variables(|scope| scope.weight("lora_kernel_a", &[3, 1], &Initializer::zeros()).add())?;
    /// assert_eq!(layer.variable("lora_kernel_a")?.shape(), [3, 1]);
    /// assert_eq!(layer.variables().len(), 3);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn add_variables(&self, make: impl FnOnce(&mut BuildScope<'_>) -> Result<()>) -> Result<()> {
        let name = self.shared_name();
        let _one_at_a_time = self.0.building.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(built) = self.built() else {
            return Err(Error::NotBuilt {
                layer: name.to_string(),
                hint: "build it or call it on data first",
            });
        };
        let device = self.device().map_or_else(default_device, Ok)?;
        let added = self.variables_of(make, &device).map_err(|e| e.in_layer(&name))?;
        if let Some((key, _)) = added.iter().find(|(key, _)| built.variables.iter().any(|(k, _)| k == key)) {
            return Err(Error::argument(&*name, "key", "a key of its own for each variable", key));
        }
        let variables = built.variables.iter().cloned().chain(added).collect();
        let built = Arc::new(Built { variables, inputs: built.inputs.clone() });
        *self.0.built.write().unwrap_or_else(PoisonError::into_inner) = Some(built);
        self.write_paths();
        Ok(())
    }

    /// Variables that the layer itself made, trainable ones first, as Keras orders them in files.
    pub fn own_variables(&self) -> Vec<Variable> {
        let (mut first, rest): (Vec<_>, Vec<_>) =
            self.made_variables().into_iter().partition(Variable::trainable);
        first.extend(rest);
        first
    }

    /// Every variable of this layer and the layers inside it, trainable ones first, each once.
    pub fn variables(&self) -> Vec<Variable> {
        let (mut trainable, mut rest) = (Vec::new(), Vec::new());
        self.collect(&|_| true, &mut trainable, &mut rest);
        distinct(&mut trainable);
        distinct(&mut rest);
        trainable.extend(rest);
        trainable
    }

    /// Variables in Keras' order of `weights`: those that the layer itself made, then layer by layer those of
    /// the layers inside it.
    pub fn weights(&self) -> Vec<Variable> {
        let mut all = self.own_variables();
        all.extend(self.layer().sublayers().iter().flat_map(|(_, layer)| layer.weights()));
        distinct(&mut all);
        all
    }

    /// Variables that training changes: those of the layers inside that are not frozen, unless this layer
    /// itself is. A layer's flag spreads to the layers inside it when it is set, and no further.
    pub fn trainable_variables(&self) -> Vec<Variable> {
        let (mut trainable, mut rest) = (Vec::new(), Vec::new());
        if self.trainable() {
            self.collect(&LayerRef::trainable, &mut trainable, &mut rest);
        }
        distinct(&mut trainable);
        trainable
    }

    /// Variables that training leaves to the layer, and those of frozen layers.
    pub fn non_trainable_variables(&self) -> Vec<Variable> {
        if !self.trainable() {
            return self.variables();
        }
        let (mut trainable, mut rest) = (Vec::new(), Vec::new());
        self.collect(&LayerRef::trainable, &mut trainable, &mut rest);
        distinct(&mut rest);
        rest
    }

    /// Sorts variables by whether they are trained, where `trains` says so of the layer that made them.
    fn collect(
        &self,
        trains: &dyn Fn(&Self) -> bool,
        trainable: &mut Vec<Variable>,
        rest: &mut Vec<Variable>,
    ) {
        let own = trains(self);
        for variable in self.own_variables() {
            let list = if variable.trainable() && own { &mut *trainable } else { &mut *rest };
            list.push(variable);
        }
        for (_, child) in self.layer().sublayers() {
            child.collect(trains, trainable, rest);
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
        self.apply_with(inputs, Call::new())
    }

    /// Applies the layer to symbolic tensors, with further arguments by keyword; the result is its first
    /// output.
    ///
    /// # Errors
    /// As [`LayerRef::apply`].
    pub fn apply_with(&self, inputs: impl AsInputs, call: Call) -> Result<KerasTensor> {
        let outputs = self.apply_many_with(inputs, call)?;
        let missing = || Error::argument(self.name(), "outputs", "at least one output", "none");
        outputs.into_iter().next().ok_or_else(missing)
    }

    /// Applies the layer to symbolic tensors; the result is its outputs, as many as are asked for.
    ///
    /// # Errors
    /// As [`LayerRef::apply`]; [`Error::Argument`] where the layer has another number of outputs.
    pub fn apply_to<const N: usize>(&self, inputs: impl AsInputs) -> Result<[KerasTensor; N]> {
        let outputs = self.apply_many(inputs)?;
        let got = outputs.len();
        let expected = format!("{N} outputs");
        outputs.try_into().map_err(|_| Error::argument(self.name(), "outputs", expected, format!("{got}")))
    }

    /// Applies the layer to symbolic tensors; all its outputs.
    ///
    /// # Errors
    /// As [`LayerRef::apply`].
    pub fn apply_many(&self, inputs: impl AsInputs) -> Result<Vec<KerasTensor>> {
        self.apply_many_with(inputs, Call::new())
    }

    /// Applies the layer to symbolic tensors, with further arguments by keyword; all its outputs.
    ///
    /// # Errors
    /// As [`LayerRef::apply`].
    pub fn apply_many_with(&self, inputs: impl AsInputs, call: Call) -> Result<Vec<KerasTensor>> {
        let tensors = inputs.keras_tensors()?;
        let signature = self.layer().signature();
        let role = self.layer().role();
        if signature.takes_list() && !inputs.is_list() && role != Role::Graph {
            return Err(Error::argument(self.name(), "inputs", "a list of tensors", "one tensor"));
        }
        // An operation's operands, and the tensors of a layer with several parameters, are arguments of
        // their own; otherwise a list is one argument.
        let apart = role == Role::Operation || signature.build_parameters().len() > 1;
        let first = if signature.takes_list() || (inputs.is_list() && !apart) {
            vec![Argument::List(tensors.into_iter().map(Argument::Tensor).collect())]
        } else {
            tensors.into_iter().map(Argument::Tensor).collect()
        };
        let arguments = call.symbolic(first).map_err(|e| e.in_layer(&self.name()))?;
        Node::connect(self, arguments)
    }

    /// Calls the layer on one tensor, with further arguments by keyword; the result is its first output.
    ///
    /// # Errors
    /// What the layer reports, with its name.
    pub fn call_masked(&self, input: impl Into<MaskedTensor>, call: Call) -> Result<Tensor> {
        let arguments =
            call.real(self.arguments(vec![input.into()])).map_err(|e| e.in_layer(&self.name()))?;
        let outputs = self.run(arguments, &mut ForwardPass::default())?;
        let missing = || Error::argument(self.name(), "outputs", "at least one output", "none");
        outputs.into_tensors().into_iter().next().ok_or_else(missing)
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
        let dtype = self.layer().base().dtype.compute_dtype();
        let inputs = self.arguments(inputs.iter().map(|shape| (shape.clone(), dtype)).collect());
        Ok(self.compute_output_spec(inputs)?.into_iter().map(|(shape, _)| shape).collect())
    }

    /// Shapes and data types of the outputs of one call.
    ///
    /// # Errors
    /// What [`Layer::compute_output_spec`] reports, with the layer's name; [`Error::TooLarge`] where an output
    /// would be over the limits.
    pub fn compute_output_spec(&self, mut inputs: Arguments<Spec>) -> Result<Vec<Spec>> {
        let name = self.shared_name();
        if self.layer().role() != Role::Operation {
            inputs.resolve(|value| {
                constant_data(value).map(|data| data.map(|data| (Shape::from(data.shape()), data.dtype())))
            })?;
        }
        let bound = BoundArguments::bind(name.clone(), self.layer().signature(), inputs);
        bound.and_then(|inputs| self.output_specs(&inputs)).map_err(|e| e.in_layer(&name))
    }

    /// Specs of the outputs, of which none is over the limits.
    fn output_specs(&self, inputs: &InputSpecs) -> Result<Vec<Spec>> {
        let specs = match self.layer().compute_output_spec(inputs) {
            Err(Error::NoShapeFunction { .. }) => self.dry_run(inputs)?,
            said => said?,
        };
        for (shape, dtype) in &specs {
            crate::limits::check_symbolic("output", *dtype, shape)?;
        }
        Ok(specs)
    }

    /// Refuses outputs over the limits, as far as the layer says how large they are.
    pub(super) fn check_outputs(&self, inputs: &InputSpecs) -> Result<()> {
        match self.layer().compute_output_spec(inputs) {
            Err(Error::NoShapeFunction { .. }) => Ok(()),
            said => said?
                .iter()
                .try_for_each(|(shape, dtype)| crate::limits::check_symbolic("output", *dtype, shape)),
        }
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
    variables.retain(|v| seen.insert(v.serial()));
}

/// Number of values in variables.
pub(crate) fn count(variables: &[Variable]) -> usize {
    variables.iter().map(|v| v.shape().iter().product::<usize>()).sum()
}
