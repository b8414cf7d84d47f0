//! Shapes of outputs as summaries show them.

use crate::layer::{IoStructure, LayerRef, Node};
use crate::models::GraphModel;
use crate::shape::Shape;

/// The output's shape in the layer's last call, or for the shapes it was built for.
pub(super) fn output_shape(layer: &LayerRef) -> String {
    let structure = GraphModel::wiring_of(layer).map(|w| &w.outputs);
    let of_node = |node: &Node| node.outputs().iter().map(|(shape, _)| shape.clone()).collect::<Vec<_>>();
    let shapes = match (layer.nodes().last(), layer.build_shapes()) {
        (Some(node), _) => of_node(node),
        // As Keras, without a call to find what the layer does not say.
        (None, Some(inputs)) => layer.layer().compute_output_shape(&inputs).unwrap_or_default(),
        (None, None) => Vec::new(),
    };
    match (shapes.as_slice(), structure) {
        ([], _) => "?".into(),
        ([one], _) => dims(one),
        (many, Some(structure)) => grouped(structure, many),
        (many, None) => grouped(&IoStructure::list(many.len()), many),
    }
}

fn grouped(structure: &IoStructure, shapes: &[Shape]) -> String {
    match structure {
        IoStructure::One(index) => shapes.get(*index).map_or("?".into(), dims),
        IoStructure::List(items) => {
            let items: Vec<String> = items.iter().map(|item| grouped(item, shapes)).collect();
            format!("[{}]", items.join(", "))
        }
        IoStructure::Dict(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(key, entry)| format!("{key}: {}", grouped(entry, shapes))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// A shape as summaries show it: without the comma that Python puts behind a single size.
fn dims(shape: &Shape) -> String {
    let dims: Vec<String> = shape.dims().iter().map(|d| d.map_or("None".into(), |d| d.to_string())).collect();
    format!("({})", dims.join(", "))
}
