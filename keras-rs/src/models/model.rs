//! The handle that users hold.

use super::core::{ModelCore, ModelLayer};
use crate::error::{Error, Result};
use crate::layer::{AsInputs, KerasTensor};
use crate::layer::{LayerBase, LayerRef};
use crate::shape::Shape;
use crate::variable::Variable;
use std::fmt;
use std::sync::Arc;

/// A model; clones refer to the same model. Keras' `Model`.
///
/// Made by [`Model::new`], by [`Sequential`](crate::Sequential) or by loading a file. A model is a
/// layer too: [`Model::apply`] nests it in another.
#[derive(Clone)]
pub struct Model {
    layer: LayerRef,
    core: Arc<ModelCore>,
}

impl Model {
    pub(super) fn from_core(base: LayerBase, core: ModelCore) -> Self {
        let core = Arc::new(core);
        Self { layer: LayerRef::new(ModelLayer { base, core: core.clone() }), core }
    }

    /// The model behind a layer handle, where it is one.
    pub fn from_layer(layer: &LayerRef) -> Option<Self> {
        let core = layer.layer().as_model()?.clone();
        Some(Self { layer: layer.clone(), core })
    }

    /// The model as a layer.
    pub fn as_layer(&self) -> LayerRef {
        self.layer.clone()
    }

    /// Wiring and compile settings.
    pub fn core(&self) -> &ModelCore {
        &self.core
    }

    /// Name.
    pub fn name(&self) -> String {
        self.layer.name()
    }

    /// Whether the weights exist.
    pub fn is_built(&self) -> bool {
        self.core.wiring().is_some()
    }

    /// Makes the weights of a `Sequential` for an input of this shape, the batch included.
    ///
    /// # Errors
    /// What a layer reports for its input's shape.
    pub fn build(&self, input_shape: impl Into<Shape>) -> Result<()> {
        self.layer.build(&[input_shape.into()])
    }

    /// Layers in Keras' order.
    pub fn layers(&self) -> Vec<LayerRef> {
        self.core.layers()
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
        self.wiring().map(|w| w.graph.inputs.clone())
    }

    /// Symbolic outputs.
    ///
    /// # Errors
    /// [`Error::NotBuilt`] for a `Sequential` that has not seen its input's shape.
    pub fn outputs(&self) -> Result<Vec<KerasTensor>> {
        self.wiring().map(|w| w.graph.outputs.clone())
    }

    /// The only symbolic output.
    ///
    /// # Errors
    /// As [`Model::outputs`]; [`Error::Argument`] where there are several.
    pub fn output(&self) -> Result<KerasTensor> {
        let outputs = self.outputs()?;
        crate::layer::single(&self.name(), &outputs).cloned()
    }

    pub(crate) fn wiring(&self) -> Result<&super::Wiring> {
        self.core.wiring().ok_or_else(|| Error::NotBuilt {
            layer: self.name(),
            hint: "call it on data, or start it with an Input",
        })
    }

    /// Applies the model to symbolic tensors; the result is its first output.
    ///
    /// # Errors
    /// Where a shape does not fit.
    pub fn apply(&self, inputs: impl AsInputs) -> Result<KerasTensor> {
        self.layer.apply(inputs)
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

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} name={}, built={}>", self.layer.class_name(), self.name(), self.is_built())
    }
}
