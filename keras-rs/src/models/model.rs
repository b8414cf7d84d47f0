//! The handle that users hold.

use super::GraphModel;
use super::compilation::Compilation;
use super::graph_model::Kind;
use crate::error::{Error, Result};
use crate::graph::Wiring;
use crate::layer::{AsInputs, Call, KerasTensor, Layer, LayerBase, LayerRef, Role, Sublayers};
use crate::shape::Shape;
use crate::variable::Variable;
use std::fmt;
use std::sync::Arc;

/// A model; clones refer to the same model. Keras' `Model`.
///
/// A model is a layer and what it was compiled with. The layer is a wired graph ([`Model::new`],
/// [`Sequential`](crate::Sequential)), or one that a user wrote ([`Model::subclassed`]). A model is a layer
/// too: [`Model::apply`] nests it in another.
#[derive(Clone)]
pub struct Model {
    layer: LayerRef,
    compilation: Arc<Compilation>,
}

impl Model {
    pub(super) fn wired(base: LayerBase, kind: Kind) -> Self {
        Self::of(LayerRef::new(GraphModel { base, kind }))
    }

    /// A model around any layer.
    pub(super) fn of(layer: LayerRef) -> Self {
        // The companion of a layer is made here alone, so that it is always of this type.
        let compilation = layer.companion::<Compilation>().unwrap_or_default();
        Self { layer, compilation }
    }

    /// A model whose layer a user wrote: `call` with loops and conditions of its own, and layers inside it.
    /// Keras' subclassing of `keras.Model`.
    ///
    /// Its weights are made when it first sees data, or by [`Model::build`].
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// // Any layer may be one; a class of one's own is in `examples/subclassed.rs`.
    /// let model = Model::subclassed(Dense::new(1).kernel_initializer("ones"));
    /// model.compile("sgd", "mse", ())?;
    /// let y = model.predict(&Tensor::ones([4, 3], DType::F32)?)?;
    /// assert_eq!(y.to_vec::<f32>()?, [3.0; 4]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn subclassed(layer: impl Layer) -> Self {
        let layer = LayerRef::new(layer);
        if layer.assigned_name().is_none() {
            layer.assign_name(layer.name());
        }
        Self::of(layer)
    }

    /// The model behind a layer handle, where it is one.
    pub fn from_layer(layer: &LayerRef) -> Option<Self> {
        layer.layer().role().is_model().then(|| Self::of(layer.clone()))
    }

    /// The model as a layer.
    pub fn as_layer(&self) -> LayerRef {
        self.layer.clone()
    }

    /// What the model was compiled with.
    pub(crate) fn compilation(&self) -> &Compilation {
        &self.compilation
    }

    /// The compile settings, as files hold them; `None` where the model is not compiled.
    pub fn compile_config(&self) -> Option<serde_json::Value> {
        self.compilation.config()
    }

    /// The wired graph, where the model is one and its input's shape is known.
    pub fn wiring(&self) -> Option<&Wiring> {
        GraphModel::wiring_of(&self.layer)
    }

    /// Whether the model is a `Sequential`.
    pub fn is_sequential(&self) -> bool {
        GraphModel::of(&self.layer).is_some_and(GraphModel::is_sequential)
    }

    /// Name.
    pub fn name(&self) -> String {
        self.layer.name()
    }

    /// Whether the weights exist.
    pub fn is_built(&self) -> bool {
        // The layers of a wired graph have theirs before the model is called.
        GraphModel::of(&self.layer).map_or_else(|| self.layer.is_built(), |graph| graph.wiring().is_some())
    }

    /// Makes the weights of a `Sequential`, or of a model that a user wrote, for an input of this shape, the
    /// batch included.
    ///
    /// # Errors
    /// What a layer reports for its input's shape.
    pub fn build(&self, input_shape: impl Into<Shape>) -> Result<()> {
        let shape = input_shape.into();
        match self.layer.layer().role() {
            Role::Graph => self.layer.build(&[shape]),
            _ => self.layer.build_by_call(self.layer.arguments(vec![shape])),
        }
    }

    /// Layers in Keras' order; of a model that a user wrote, the layers inside it in the order of its fields.
    pub fn layers(&self) -> Vec<LayerRef> {
        match GraphModel::of(&self.layer) {
            Some(graph) => graph.layers(),
            None => self.layer.layer().sublayers().into_iter().map(|(_, layer)| layer).collect(),
        }
    }

    /// A layer by name. Keras' `get_layer`.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the nearest names.
    pub fn layer(&self, name: &str) -> Result<LayerRef> {
        let layers = self.layers();
        layers
            .iter()
            .find(|l| l.name() == name)
            .cloned()
            .ok_or_else(|| Error::unknown_name("layer", name, layers.iter().map(LayerRef::name)))
    }

    /// A layer by name; Keras' spelling of [`Model::layer`].
    ///
    /// # Errors
    /// As [`Model::layer`].
    pub fn get_layer(&self, name: &str) -> Result<LayerRef> {
        self.layer(name)
    }

    /// Symbolic inputs.
    ///
    /// # Errors
    /// [`Error::NotBuilt`] for a `Sequential` that has not seen its input's shape.
    pub fn inputs(&self) -> Result<Vec<KerasTensor>> {
        self.require_wiring().map(|w| w.graph.inputs.clone())
    }

    /// Symbolic outputs.
    ///
    /// # Errors
    /// [`Error::NotBuilt`] for a `Sequential` that has not seen its input's shape.
    pub fn outputs(&self) -> Result<Vec<KerasTensor>> {
        self.require_wiring().map(|w| w.graph.outputs.clone())
    }

    /// The only symbolic output.
    ///
    /// # Errors
    /// As [`Model::outputs`]; [`Error::Argument`] where there are several.
    pub fn output(&self) -> Result<KerasTensor> {
        let mut outputs = self.outputs()?;
        match outputs.len() {
            1 => Ok(outputs.swap_remove(0)),
            got => Err(Error::argument(self.name(), "outputs", "one tensor", format!("{got} tensors"))),
        }
    }

    pub(crate) fn require_wiring(&self) -> Result<&Wiring> {
        self.wiring().ok_or_else(|| Error::NotBuilt {
            layer: self.name(),
            hint: "it has no symbolic inputs and outputs: start a Sequential with an Input, or wire a functional model",
        })
    }

    /// Applies the model to symbolic tensors; the result is its first output.
    ///
    /// # Errors
    /// Where a shape does not fit.
    pub fn apply(&self, inputs: impl AsInputs) -> Result<KerasTensor> {
        self.layer.apply(inputs)
    }

    /// Applies the model to symbolic tensors, with further arguments by keyword; the result is its first
    /// output.
    ///
    /// # Errors
    /// Where an argument or a shape does not fit.
    pub fn apply_with(&self, inputs: impl AsInputs, call: Call) -> Result<KerasTensor> {
        self.layer.apply_with(inputs, call)
    }

    /// Applies the model to symbolic tensors; the result is its outputs, as many as are asked for.
    ///
    /// # Errors
    /// Where a shape does not fit, or the model has another number of outputs.
    pub fn apply_to<const N: usize>(&self, inputs: impl AsInputs) -> Result<[KerasTensor; N]> {
        self.layer.apply_to(inputs)
    }

    /// Applies the model to symbolic tensors; all its outputs.
    ///
    /// # Errors
    /// Where a shape does not fit.
    pub fn apply_many(&self, inputs: impl AsInputs) -> Result<Vec<KerasTensor>> {
        self.layer.apply_many(inputs)
    }

    /// Every variable, in Keras' order of `model.weights`: layer by layer.
    pub fn weights(&self) -> Vec<Variable> {
        self.layer.weights()
    }

    /// Variables that training changes.
    pub fn trainable_weights(&self) -> Vec<Variable> {
        self.layer.trainable_variables()
    }

    /// Variables that training leaves alone.
    pub fn non_trainable_weights(&self) -> Vec<Variable> {
        self.layer.non_trainable_variables()
    }

    /// Whether training may change the model.
    pub fn trainable(&self) -> bool {
        self.layer.trainable()
    }

    /// Freezes or unfreezes every layer.
    pub fn set_trainable(&self, trainable: bool) {
        self.layer.set_trainable(trainable);
    }

    /// Number of values in all weights.
    pub fn count_params(&self) -> usize {
        crate::layer::count(&self.weights())
    }

    /// Moves every weight, and what the optimizer remembers of them, to a device.
    ///
    /// # Errors
    /// [`Error::DType`] where the device's backend lacks a weight's type.
    pub fn to_device(&self, device: &crate::Device) -> Result<()> {
        self.weights().iter().try_for_each(|v| v.to_device(device))?;
        match self.compiled() {
            Ok(compiled) => compiled.optimizer().to_device(device),
            Err(_) => Ok(()),
        }
    }
}

impl Sublayers for Model {
    fn sublayers(&self, name: &str) -> Vec<(String, LayerRef)> {
        vec![(name.into(), self.layer.clone())]
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} name={}, built={}>", self.layer.class_name(), self.name(), self.is_built())
    }
}
