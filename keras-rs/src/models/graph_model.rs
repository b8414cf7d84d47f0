//! A wired graph as a layer, so that models nest: Keras' `Functional` and `Sequential`.

use super::{config, from_config, sequential};
use crate::config::{Config, ConfigExt, ConfigReader, KerasConfig};
use crate::error::{Error, Result};
use crate::graph::Wiring;
use crate::layer::{
    Argument, BuildScope, CallContext, InputShapes, Inputs, IoStructure, KerasTensor, Layer, LayerBase,
    LayerFields, LayerRef, Outputs, Role, Signature,
};
use crate::shape::Shape;
use serde_json::Value;
use std::any::Any;
use std::sync::OnceLock;

/// Which of Keras' model classes a model is.
#[derive(Debug)]
pub(super) enum Kind {
    /// Wired from inputs to outputs.
    Functional(Wiring),
    /// One layer after the other; wired once the input's shape is known.
    Sequential { layers: Vec<LayerRef>, wiring: OnceLock<Wiring> },
}

/// A layer that is a wired graph. [`Model`](super::Model) holds one, or a layer that a user wrote.
#[derive(Debug)]
pub struct GraphModel {
    pub(super) base: LayerBase,
    pub(super) kind: Kind,
}

impl GraphModel {
    /// The wired graph behind a layer handle, where it is one.
    pub fn of(layer: &LayerRef) -> Option<&Self> {
        (layer.layer() as &dyn Any).downcast_ref()
    }

    /// The wiring of the graph behind a layer handle, where its input's shape is known.
    pub(crate) fn wiring_of(layer: &LayerRef) -> Option<&Wiring> {
        Self::of(layer)?.wiring()
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
        let listed = |l: &&LayerRef| match l.layer().role() {
            Role::Operation => false,
            Role::Input => with_inputs,
            _ => true,
        };
        layers.iter().filter(listed).cloned().collect()
    }

    /// Shapes of the outputs for inputs of these shapes.
    fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        if let Some(wiring) = self.wiring() {
            return wiring.graph.output_shapes(inputs);
        }
        let mut shapes = inputs.to_vec();
        for layer in self.layers() {
            shapes = layer.compute_output_shape(&shapes)?;
        }
        Ok(shapes)
    }
}

/// The tensors of the first argument, in the order of the model's inputs.
fn in_order<T: Clone>(wiring: Option<&Wiring>, argument: Option<&Argument<T>>) -> Vec<T> {
    match (wiring, argument) {
        (Some(wiring), Some(argument)) => wiring.in_order(argument.clone()),
        (None, Some(argument)) => argument.tensors().into_iter().cloned().collect(),
        (_, None) => Vec::new(),
    }
}

impl KerasConfig for GraphModel {
    fn class_name(&self) -> &str {
        if self.is_sequential() { "Sequential" } else { "Functional" }
    }

    fn module(&self) -> Option<&str> {
        Some(if self.is_sequential() { "keras" } else { "keras.src.models.functional" })
    }

    fn registered_name(&self) -> Option<String> {
        (!self.is_sequential()).then(|| "Functional".into())
    }

    fn config(&self) -> Config {
        config::write(&self.base, &self.kind)
    }

    /// Makes the class whose entries are there: only a wired graph names its inputs.
    fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        if c.has("input_layers") { from_config::functional(c) } else { from_config::sequential(c) }
    }

    /// None: layers and wiring are no plain arguments.
    fn arguments() -> Vec<crate::config::ConstructorArgument> {
        Vec::new()
    }
}

impl LayerFields for GraphModel {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn base_mut(&mut self) -> &mut LayerBase {
        &mut self.base
    }

    fn sublayers(&self) -> Vec<(String, LayerRef)> {
        self.layers().into_iter().map(|layer| ("layers/".to_string(), layer)).collect()
    }
}

impl Layer for GraphModel {
    fn role(&self) -> Role {
        Role::Graph
    }

    fn signature(&self) -> Signature {
        let list = self.wiring().is_some_and(|w| matches!(w.inputs, IoStructure::List(_)));
        if list { Signature::LIST.masked() } else { Signature::MASKED }
    }

    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        match &self.kind {
            Kind::Functional(_) => Ok(()),
            Kind::Sequential { layers, wiring } => {
                sequential::wire(layers, wiring, &inputs.to_list(), scope.device())
            }
        }
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let wiring = self.wiring().ok_or_else(|| Error::NotBuilt {
            layer: context.layer().into(),
            hint: "call it on data, or start it with an Input",
        })?;
        let masks = inputs.masks();
        let argument = inputs.into_first();
        let tensors = argument.map_or_else(Vec::new, |argument| wiring.in_order(argument));
        if masks.len() == tensors.len() {
            // As in Keras the tensors themselves get the masks, whatever else they are handed to.
            for (input, mask) in tensors.iter().zip(masks).filter(|(_, mask)| mask.is_some()) {
                input.set_mask(mask);
            }
        }
        Ok(Outputs(wiring.graph.run(tensors, context.pass())?))
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        self.output_shapes(&in_order(self.wiring(), inputs.arguments().iter().next()))
    }

    fn compute_output_dtype(&self, inputs: &[crate::DType], outputs: usize) -> Vec<crate::DType> {
        let _ = inputs;
        match self.wiring() {
            Some(wiring) => wiring.graph.outputs.iter().map(KerasTensor::dtype).collect(),
            None => vec![self.base.dtype.compute_dtype(); outputs],
        }
    }

    fn autocast(&self) -> bool {
        false
    }

    fn call_count(&self) -> u64 {
        self.wiring().map_or(0, |wiring| wiring.graph.calls).saturating_add(1)
    }

    fn build_config(&self) -> Option<Config> {
        // Keras builds a functional model while it wires it.
        (!self.is_sequential()).then(|| Config::new().with("input_shape", Value::Null))
    }
}
