//! Copies of models with weights of their own.

use super::graph_model::Kind;
use super::{GraphModel, Model, Sequential, model_from_value};
use crate::config::{CustomObjects, Loading};
use crate::error::{Error, Result};
use crate::graph::{TensorKey, Wiring};
use crate::layer::{Arguments, AsInputs, KerasTensor, Layer, LayerBase, LayerRef, Node, Role};
use crate::layers::InputLayer;
use std::collections::HashMap;
use std::fmt;

type CloneFunction<'a> = dyn FnMut(&LayerRef) -> Result<LayerRef> + 'a;
type CallFunction<'a> = dyn FnMut(&LayerRef, Arguments<KerasTensor>) -> Result<Vec<KerasTensor>> + 'a;

/// A copy of a model with new weights, compiled as the model is with a new optimizer. Keras'
/// `models.clone_model`.
///
/// Layers are made from their configurations, those of classes that a user wrote as well. A layer that the model
/// calls several times is copied once.
///
/// ```
/// use keras_rs::models::clone_model;
/// use keras_rs::prelude::*;
///
/// let model = Sequential::new().add(Input::new([3])).add(Dense::new(2)).build()?;
/// let copy = clone_model(&model)?;
/// assert_eq!(copy.name(), model.name());
/// copy.set_weights(model.get_weights()?)?;
/// let x = Tensor::ones([1, 3], DType::F32)?;
/// assert_eq!(copy.predict(&x)?.to_vec::<f32>()?, model.predict(&x)?.to_vec::<f32>()?);
/// # Ok::<(), keras_rs::Error>(())
/// ```
///
/// # Errors
/// Where a layer is not made again from its configuration.
pub fn clone_model(model: &Model) -> Result<Model> {
    CloneModel::new().copy(model)
}

/// Another layer of the same class, from the layer's configuration; its weights are still to be made. Keras'
/// `layer.__class__.from_config(layer.get_config())`.
///
/// ```
/// use keras_rs::models::clone_layer;
/// use keras_rs::prelude::*;
///
/// let layer = Dense::new(2).name("head").shared();
/// let copy = clone_layer(&layer)?;
/// assert!(copy.name() == "head" && !copy.same(&layer));
/// # Ok::<(), keras_rs::Error>(())
/// ```
///
/// # Errors
/// As [`clone_model`].
pub fn clone_layer(layer: &LayerRef) -> Result<LayerRef> {
    from_config(layer, &with_classes(layer, CustomObjects::new()))
}

/// The arguments of Keras' `clone_model` besides the model.
///
/// ```
/// use keras_rs::models::CloneModel;
/// use keras_rs::prelude::*;
///
/// let x = Input::new([3]);
/// let model = Model::new(&x, &Dense::new(2).name("head").apply(&x)?)?;
/// // With another activation, and on another input.
/// let copy = CloneModel::new()
///     .input_tensors(&Input::new([3]).name("pixels"))
///     .clone_function(|layer| {
///         let units = layer.get_config()["units"].as_u64().unwrap_or(1) as usize;
///         Ok(Dense::new(units).activation("relu").name(layer.name()).shared())
///     })
///     .copy(&model)?;
/// assert_eq!(copy.layer("head")?.get_config()["activation"], "relu");
/// assert_eq!(copy.input_names()?, ["pixels"]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Default)]
pub struct CloneModel<'a> {
    input_tensors: Option<Result<Vec<KerasTensor>>>,
    clone_function: Option<Box<CloneFunction<'a>>>,
    call_function: Option<Box<CallFunction<'a>>>,
    recursive: bool,
    custom: CustomObjects,
}

impl fmt::Debug for CloneModel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloneModel").field("recursive", &self.recursive).finish_non_exhaustive()
    }
}

impl<'a> CloneModel<'a> {
    /// With Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the symbolic tensors that the copy starts from, in the order of the model's inputs (default: new
    /// inputs of the same shapes).
    #[must_use]
    pub fn input_tensors(mut self, tensors: impl AsInputs) -> Self {
        self.input_tensors = Some(tensors.keras_tensors());
        self
    }

    /// Sets the function that copies a layer (default: from its configuration). Inputs are always new.
    #[must_use]
    pub fn clone_function(mut self, function: impl FnMut(&LayerRef) -> Result<LayerRef> + 'a) -> Self {
        self.clone_function = Some(Box::new(function));
        self
    }

    /// Sets the function that calls a copied layer (default: its symbolic call), for functional models.
    #[must_use]
    pub fn call_function(
        mut self,
        function: impl FnMut(&LayerRef, Arguments<KerasTensor>) -> Result<Vec<KerasTensor>> + 'a,
    ) -> Self {
        self.call_function = Some(Box::new(function));
        self
    }

    /// Sets whether models inside the model are copied layer by layer, with the same functions (default
    /// `false`: as one layer).
    #[must_use]
    pub fn recursive(mut self, recursive: bool) -> Self {
        self.recursive = recursive;
        self
    }

    /// Sets the classes of a user that configurations name besides those of layers: losses, activations.
    #[must_use]
    pub fn custom_objects(mut self, custom: CustomObjects) -> Self {
        self.custom = custom;
        self
    }

    /// Copies a model.
    ///
    /// # Errors
    /// As [`clone_model`]; what the functions report; [`Error::Argument`] for an argument that this kind of model
    /// does not take, and for another number of inputs.
    pub fn copy(mut self, model: &Model) -> Result<Model> {
        self.custom = with_classes(&model.as_layer(), std::mem::take(&mut self.custom));
        let inputs = self.input_tensors.take().transpose()?;
        Cloner { options: self, copies: HashMap::new() }.model(model, inputs)
    }
}

/// Adds the classes of a user among the layers.
fn with_classes(layer: &LayerRef, custom: CustomObjects) -> CustomObjects {
    let made = layer.layer();
    let custom = match (made.module(), made.registered_name()) {
        (None, name) => {
            let name = name.unwrap_or_else(|| made.class_name().into());
            custom.class::<Box<dyn Layer>>(&name, made.maker())
        }
        (Some(_), _) => custom,
    };
    made.sublayers().iter().fold(custom, |custom, (_, child)| with_classes(child, custom))
}

/// Copies the layers of one model, each once.
struct Cloner<'a> {
    options: CloneModel<'a>,
    copies: HashMap<u64, LayerRef>,
}

impl Cloner<'_> {
    fn model(&mut self, model: &Model, inputs: Option<Vec<KerasTensor>>) -> Result<Model> {
        let layer = model.as_layer();
        let copy = match GraphModel::of(&layer).map(|graph| &graph.kind) {
            Some(Kind::Functional(wiring)) => self.functional(model, wiring, inputs)?,
            Some(Kind::Sequential { layers, .. }) => self.sequential(model, layers, inputs)?,
            None => return self.written(model, inputs.is_some()),
        };
        if let Some(settings) = model.compile_config() {
            copy.compilation().set_settings(settings, &self.options.custom);
        }
        Ok(copy)
    }

    /// A model that a user wrote: from its configuration alone.
    fn written(&mut self, model: &Model, has_inputs: bool) -> Result<Model> {
        let given = [
            ("input_tensors", has_inputs),
            ("clone_function", self.options.clone_function.is_some()),
            ("call_function", self.options.call_function.is_some()),
        ];
        if let Some((argument, _)) = given.into_iter().find(|(_, given)| *given) {
            return Err(Error::argument(
                "clone_model",
                argument,
                "none for a model that a user wrote",
                "some",
            ));
        }
        model_from_value(&model.as_layer().to_json(), &Loading::new(&self.options.custom))
    }

    fn sequential(
        &mut self,
        model: &Model,
        layers: &[LayerRef],
        inputs: Option<Vec<KerasTensor>>,
    ) -> Result<Model> {
        if self.options.call_function.is_some() {
            return Err(Error::argument("clone_model", "call_function", "none for a Sequential", "some"));
        }
        let mut copy = Sequential::new().name(model.name());
        let is_input = |layer: &&LayerRef| layer.layer().role() == Role::Input;
        let start = layers.first().filter(is_input);
        match inputs.as_deref() {
            Some([tensor]) => copy = copy.add(placeholder(tensor, start.map(LayerRef::name))),
            Some(tensors) => {
                let got = format!("{} tensors", tensors.len());
                return Err(Error::argument("clone_model", "input_tensors", "one tensor", got));
            }
            None => {
                if let Some(start) = start {
                    copy = copy.add(from_config(start, &self.options.custom)?);
                }
            }
        }
        for layer in layers.iter().filter(|layer| !is_input(layer)) {
            copy = copy.add(self.layer(layer)?);
        }
        let copy = copy.build()?;
        if !model.trainable() {
            copy.set_trainable(false);
        }
        Ok(copy)
    }

    fn functional(
        &mut self,
        model: &Model,
        wiring: &Wiring,
        inputs: Option<Vec<KerasTensor>>,
    ) -> Result<Model> {
        let graph = &wiring.graph;
        let inputs = match inputs {
            Some(given) if given.len() == graph.inputs.len() => given,
            Some(given) => {
                let expected = format!("{} tensors", graph.inputs.len());
                return Err(Error::argument("clone_model", "input_tensors", expected, given.len()));
            }
            None => {
                let named = graph.inputs.iter().zip(wiring.input_names());
                let fresh = named.map(|(tensor, name)| {
                    let made = Node::connect(&placeholder(tensor, Some(name)), Arguments::default())?;
                    made.into_iter().next().ok_or_else(|| missing(model))
                });
                fresh.collect::<Result<_>>()?
            }
        };
        let mut tensors: HashMap<TensorKey, KerasTensor> =
            graph.inputs.iter().map(KerasTensor::key).zip(inputs.iter().cloned()).collect();
        for step in &graph.steps {
            let layer = self.layer(step.node.layer())?;
            let arguments = step
                .node
                .arguments()
                .try_map(|tensor| tensors.get(&tensor.key()).cloned().ok_or_else(|| missing(model)))?;
            let outputs = match &mut self.options.call_function {
                Some(call) => call(&layer, arguments)?,
                None => Node::connect(&layer, arguments)?,
            };
            tensors
                .extend(outputs.into_iter().enumerate().map(|(i, output)| ((step.node.serial(), i), output)));
        }
        let output = |tensor: &KerasTensor| tensors.get(&tensor.key()).cloned().ok_or_else(|| missing(model));
        let outputs = graph.outputs.iter().map(output).collect::<Result<_>>()?;
        let base = LayerBase::named(&model.name());
        Model::from_ends(base, (inputs, wiring.inputs.clone()), (outputs, wiring.outputs.clone()))
    }

    /// The copy of a layer; the first call makes it.
    fn layer(&mut self, layer: &LayerRef) -> Result<LayerRef> {
        if let Some(copy) = self.copies.get(&layer.serial()) {
            return Ok(copy.clone());
        }
        let inner = Model::from_layer(layer).filter(|model| self.options.recursive && model.is_graph());
        let copy = match (inner, &mut self.options.clone_function) {
            (Some(inner), _) => {
                // A `Sequential` calls no layer by itself, so the function that calls them is not for it.
                let call = self.options.call_function.take_if(|_| inner.is_sequential());
                let copy = self.model(&inner, None);
                self.options.call_function = self.options.call_function.take().or(call);
                copy?.as_layer()
            }
            (None, Some(function)) => function(layer)?,
            (None, None) => from_config(layer, &self.options.custom)?,
        };
        self.copies.insert(layer.serial(), copy.clone());
        Ok(copy)
    }
}

/// A layer from its configuration.
fn from_config(layer: &LayerRef, custom: &CustomObjects) -> Result<LayerRef> {
    let mut envelope = layer.to_json();
    if let Some(entries) = envelope.as_object_mut() {
        entries.remove("compile_config");
    }
    let loading = Loading::new(custom);
    if layer.layer().role().is_model() {
        return Ok(model_from_value(&envelope, &loading)?.as_layer());
    }
    Ok(LayerRef::from_box(loading.object::<Box<dyn Layer>>(&envelope, "clone_model", &layer.name())?))
}

/// An input like a symbolic tensor.
fn placeholder(tensor: &KerasTensor, name: Option<String>) -> LayerRef {
    let layer = LayerRef::new(InputLayer::new(tensor.shape().clone(), tensor.dtype()));
    if let Some(name) = name {
        layer.assign_name(name);
    }
    layer
}

fn missing(model: &Model) -> Error {
    Error::argument("clone_model", "model", "outputs that lead back to its inputs", model.name())
}
