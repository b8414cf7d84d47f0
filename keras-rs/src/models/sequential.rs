//! Layers one after the other.

use super::Model;
use super::core::{Kind, ModelCore, Wiring};
use super::naming;
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::layer::{IoStructure, KerasTensor, Node, Slot, Symbolic};
use crate::layer::{Layer, LayerBase, LayerRef};
use crate::layers::{Input, InputLayer};
use crate::shape::Shape;
use indexmap::IndexMap;
use std::sync::OnceLock;

/// Builds a model of layers one after the other. Keras' `Sequential`.
///
/// With an [`Input`] first the weights exist at once; without one they are made when the model
/// first sees data or [`Model::build`] is called.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let model = Sequential::new()
///     .add(Input::new([8]))
///     .add(Dense::new(4).activation("relu"))
///     .add(Dense::new(2))
///     .build()?;
/// assert_eq!(model.layers().len(), 2);
/// assert_eq!(model.layers()[1].name(), "dense_1");
/// assert_eq!(model.weights()[0].path(), "sequential/dense/kernel");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Sequential {
    base: LayerBase,
    layers: Vec<LayerRef>,
}

/// Things that can be added to a [`Sequential`]: layers, handles, models and an [`Input`].
pub trait IntoLayer {
    /// The shared handle.
    fn into_layer_ref(self) -> LayerRef;
}

impl<L: Layer> IntoLayer for L {
    fn into_layer_ref(self) -> LayerRef {
        LayerRef::new(self)
    }
}

impl IntoLayer for Input {
    fn into_layer_ref(self) -> LayerRef {
        LayerRef::new(self.into_layer())
    }
}

impl IntoLayer for LayerRef {
    fn into_layer_ref(self) -> LayerRef {
        self
    }
}

impl IntoLayer for &LayerRef {
    fn into_layer_ref(self) -> LayerRef {
        self.clone()
    }
}

impl IntoLayer for Model {
    fn into_layer_ref(self) -> LayerRef {
        self.as_layer()
    }
}

impl IntoLayer for &Model {
    fn into_layer_ref(self) -> LayerRef {
        self.as_layer()
    }
}

impl Sequential {
    /// Without layers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name (default: given when the model is built).
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.base.name = Some(name.into());
        self
    }

    /// Adds a layer, a model or an [`Input`] at the end.
    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "Keras' name")]
    pub fn add(mut self, layer: impl IntoLayer) -> Self {
        self.layers.push(layer.into_layer_ref());
        self
    }

    /// Makes the model; wires it where it starts with an [`Input`].
    ///
    /// # Errors
    /// What a layer reports for its input's shape;
    /// [`Error::Graph`] where two layers share a name.
    pub fn build(self) -> Result<Model> {
        let layers = self.layers;
        let shape = layers.first().and_then(start_shape);
        let core = ModelCore::new(Kind::Sequential { layers: layers.clone(), wiring: OnceLock::new() });
        let model = Model::from_core(self.base, core);
        let all = layers;
        naming::assign(&model.as_layer(), &all, true);
        if let Some(shape) = shape {
            model.as_layer().build(&[shape])?;
        }
        Ok(model)
    }
}

/// The input shape that a model starting with this layer has.
fn start_shape(first: &LayerRef) -> Option<Shape> {
    if first.layer().is_input() {
        return first.layer().compute_output_shape(&[]).ok()?.into_iter().next();
    }
    let wiring = first.layer().as_model()?.wiring()?;
    Some(wiring.graph.inputs.first()?.shape().clone())
}

/// Wires a `Sequential` for an input of this shape; other models, and wired ones, stay as they are.
pub(super) fn wire(core: &ModelCore, inputs: &[Shape]) -> Result<()> {
    let Kind::Sequential { layers, wiring } = &core.kind else { return Ok(()) };
    if wiring.get().is_some() {
        return Ok(());
    }
    let [shape] = inputs else {
        return Err(Error::argument(
            "Sequential",
            "inputs",
            "one tensor",
            format!("{} tensors", inputs.len()),
        ));
    };
    let start = match layers.first() {
        Some(first) if first.layer().is_input() => first.clone(),
        _ => {
            // The batch of the data at hand is not part of the model.
            let mut dims = shape.dims().to_vec();
            if let Some(batch) = dims.first_mut() {
                *batch = None;
            }
            let dtype = layers
                .first()
                .and_then(|l| l.layer().as_model()?.wiring()?.graph.inputs.first().map(KerasTensor::dtype))
                .unwrap_or(crate::DType::F32);
            let placeholder = LayerRef::new(InputLayer::new(dims, dtype));
            placeholder.assign_name("input_layer".into());
            placeholder
        }
    };
    let connect = |layer: &LayerRef, inputs: Vec<KerasTensor>| -> Result<KerasTensor> {
        let outputs = Node::connect(layer, inputs, vec![Slot::One], IndexMap::new())?;
        let count = outputs.len();
        match <[KerasTensor; 1]>::try_from(outputs) {
            Ok([one]) => Ok(one),
            Err(_) => Err(Error::argument(layer.name(), "outputs", "one tensor", format!("{count} tensors"))),
        }
    };
    let input = connect(&start, Vec::new())?;
    let mut tensor = input.keras_tensor()?;
    for layer in layers.iter().filter(|l| !l.layer().is_input()) {
        tensor = connect(layer, vec![tensor])?;
    }
    let graph = Graph::new("sequential", vec![input], vec![tensor])?;
    graph.check_names("sequential")?;
    let _ = wiring.set(Wiring { graph, inputs: IoStructure::One(0), outputs: IoStructure::One(0) });
    Ok(())
}
