//! A model as plain data: its layers and what is connected, for tables and pictures.

use keras_rs::layer::LayerRef;
use keras_rs::{DType, Model, Shape};

/// Shape and type of a tensor.
pub(crate) type Spec = (Shape, DType);

/// A model's layers, and those inside nested models.
pub(crate) struct Architecture {
    pub(crate) name: String,
    pub(crate) class: String,
    pub(crate) layers: Vec<Node>,
    /// Which layer's output goes to which layer, by index, each pair once.
    pub(crate) edges: Vec<(usize, usize)>,
}

/// A layer.
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) class: String,
    /// Empty where they are not known before a call.
    pub(crate) inputs: Vec<Spec>,
    pub(crate) outputs: Vec<Spec>,
    pub(crate) parameters: usize,
    /// `None` for a layer without variables.
    pub(crate) trainable: Option<bool>,
    /// The layers of a nested model.
    pub(crate) inside: Option<Architecture>,
}

impl Architecture {
    /// Of a model; of layers inside nested models where `expand` says so.
    pub(crate) fn of(model: &Model, expand: bool) -> Self {
        let mut edges = Vec::new();
        let mut connect = |from: Option<usize>, to: Option<usize>| {
            if let (Some(from), Some(to)) = (from, to)
                && from != to
                && !edges.contains(&(from, to))
            {
                edges.push((from, to));
            }
        };
        let layers = match model.wiring().filter(|_| !model.is_sequential()) {
            Some(wiring) => {
                let layers = wiring.graph.layers.clone();
                let index = |layer: &LayerRef| layers.iter().position(|other| other.same(layer));
                for step in &wiring.graph.steps {
                    for parent in step.node.parents() {
                        // What makes a tensor that is an input of the model lies outside of it.
                        let input = wiring.graph.inputs.iter().position(|input| input.same(parent));
                        let placeholder = input.and_then(|input| wiring.placeholders().nth(input));
                        connect(index(placeholder.unwrap_or(parent.layer())), index(step.node.layer()));
                    }
                }
                layers
            }
            None => {
                let layers = model.layers();
                if model.is_sequential() {
                    (1..layers.len()).for_each(|to| connect(Some(to - 1), Some(to)));
                }
                layers
            }
        };
        let class = model.as_layer().layer().python_class().to_string();
        let layers = layers.iter().map(|layer| Node::of(layer, expand)).collect();
        Self { name: model.name(), class, layers, edges }
    }
}

impl Node {
    /// Of a layer as its last call found it, else for the shapes that it was built for.
    pub(crate) fn of(layer: &LayerRef, expand: bool) -> Self {
        let (inputs, outputs) = match (layer.nodes().last(), layer.build_shapes()) {
            (Some(node), _) => {
                let parents = node.parents().into_iter().map(|t| (t.shape().clone(), t.dtype()));
                (parents.collect(), node.outputs().to_vec())
            }
            (None, Some(shapes)) => {
                let dtype = layer.compute_dtype();
                let with_dtype = |shapes: Vec<Shape>| shapes.into_iter().map(|s| (s, dtype)).collect();
                let outputs = layer.layer().compute_output_shape(&shapes).unwrap_or_default();
                (with_dtype(shapes.to_list()), with_dtype(outputs))
            }
            (None, None) => (Vec::new(), Vec::new()),
        };
        let inside = Model::from_layer(layer).filter(|_| expand);
        Self {
            name: layer.name(),
            class: layer.layer().python_class().to_string(),
            inputs,
            outputs,
            parameters: layer.count_params(),
            trainable: (!layer.variables().is_empty()).then(|| layer.trainable()),
            inside: inside.map(|model| Architecture::of(&model, expand)),
        }
    }
}
