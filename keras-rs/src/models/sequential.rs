//! Layers one after the other.

use super::graph_model::Kind;
use super::naming;
use super::{GraphModel, Model};
use crate::backend::Device;
use crate::error::{Error, Result};
use crate::graph::{Graph, Wiring};
use crate::layer::{Arguments, IoStructure, KerasTensor, Layer, LayerBase, LayerRef, Node, Role, Symbolic};
use crate::layers::{Input, InputLayer};
use crate::shape::Shape;
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
///
/// A list of layers does the same: an array of handles, or a tuple of up to twelve layers of different types.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let model = Sequential::from([
///     Input::new([28, 28]).shared(),
///     Flatten::new().shared(),
///     Dense::new(10).activation("softmax").shared(),
/// ])
/// .build()?;
/// let same = Sequential::from((Input::new([28, 28]), Flatten::new(), Dense::new(10).activation("softmax"))).build()?;
/// assert_eq!(model.count_params(), same.count_params());
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

/// Layers of one type: `Sequential::from([Dense::new(8), Dense::new(1)])`; handles are of one type whatever layer they
/// are of: `[Flatten::new().shared(), Dense::new(1).shared()]`.
impl<L: IntoLayer, const N: usize> From<[L; N]> for Sequential {
    fn from(layers: [L; N]) -> Self {
        layers.into_iter().collect()
    }
}

/// Layers in a vector, as those of an array.
impl<L: IntoLayer> From<Vec<L>> for Sequential {
    fn from(layers: Vec<L>) -> Self {
        layers.into_iter().collect()
    }
}

impl<L: IntoLayer> FromIterator<L> for Sequential {
    fn from_iter<I: IntoIterator<Item = L>>(layers: I) -> Self {
        layers.into_iter().fold(Self::new(), Self::add)
    }
}

macro_rules! tuples {
    ($(($($name:ident),+))*) => {$(
        /// Layers of different types in a tuple, in their order.
        impl<$($name: IntoLayer),+> From<($($name,)+)> for Sequential {
            #[allow(non_snake_case, reason = "names of types stand for the layers")]
            fn from(($($name,)+): ($($name,)+)) -> Self {
                let layers = vec![$($name.into_layer_ref()),+];
                Self { base: LayerBase::default(), layers }
            }
        }
    )*};
}

tuples! {
    (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) (A, B, C, D, E, F, G) (A, B, C, D, E, F, G, H)
    (A, B, C, D, E, F, G, H, I) (A, B, C, D, E, F, G, H, I, J) (A, B, C, D, E, F, G, H, I, J, K)
    (A, B, C, D, E, F, G, H, I, J, K, L)
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
        let kind = Kind::Sequential { layers: layers.clone(), wiring: OnceLock::new() };
        let model = Model::wired(self.base, kind);
        naming::assign(&model.as_layer(), &layers, true);
        if let Some(shape) = shape {
            model.as_layer().build(&[shape])?;
        }
        Ok(model)
    }
}

/// The input shape that a model starting with this layer has.
fn start_shape(first: &LayerRef) -> Option<Shape> {
    if first.layer().role() == Role::Input {
        return first.compute_output_shape(&[]).ok()?.into_iter().next();
    }
    let wiring = GraphModel::wiring_of(first)?;
    Some(wiring.graph.inputs.first()?.shape().clone())
}

/// Wires a `Sequential` for an input of this shape, with weights on a device; one that is wired stays as it is.
pub(super) fn wire(
    layers: &[LayerRef],
    wiring: &OnceLock<Wiring>,
    inputs: &[Shape],
    device: &Device,
) -> Result<()> {
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
        Some(first) if first.layer().role() == Role::Input => first.clone(),
        _ => {
            // The batch of the data at hand is not part of the model.
            let mut dims = shape.dims().to_vec();
            if let Some(batch) = dims.first_mut() {
                *batch = None;
            }
            let dtype = layers
                .first()
                .and_then(|l| GraphModel::wiring_of(l)?.graph.inputs.first().map(KerasTensor::dtype))
                .unwrap_or(crate::DType::F32);
            let placeholder = LayerRef::new(InputLayer::new(dims, dtype));
            placeholder.assign_name("input_layer".into());
            placeholder
        }
    };
    let connect = |layer: &LayerRef, inputs: Arguments<KerasTensor>| -> Result<KerasTensor> {
        if layer.layer().role() != Role::Input {
            layer.build_with(inputs.try_map(|tensor| Ok(tensor.shape().clone()))?, device)?;
        }
        let outputs = Node::connect(layer, inputs)?;
        let count = outputs.len();
        match <[KerasTensor; 1]>::try_from(outputs) {
            Ok([one]) => Ok(one),
            Err(_) => Err(Error::argument(layer.name(), "outputs", "one tensor", format!("{count} tensors"))),
        }
    };
    let input = connect(&start, Arguments::default())?;
    let mut tensor = input.keras_tensor()?;
    for layer in layers.iter().filter(|l| l.layer().role() != Role::Input) {
        tensor = connect(layer, Arguments::of(vec![tensor]))?;
    }
    let graph = Graph::new("sequential", vec![input], vec![tensor])?;
    graph.check_names("sequential")?;
    let _ = wiring.set(Wiring { graph, inputs: IoStructure::One(0), outputs: IoStructure::One(0) });
    Ok(())
}
