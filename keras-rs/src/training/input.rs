//! The tensors of a batch in the order of a model's inputs and outputs.

use crate::backend::default_device;
use crate::data::Columns;
use crate::error::{Error, GraphProblem, Result};
use crate::layer::Role;
use crate::models::Model;
use crate::tensor::Tensor;

/// The tensors in the order of the names. Missing inputs are an error, missing targets and weights are left out.
pub(super) fn in_order(
    columns: &Columns,
    part: &str,
    kind: &'static str,
    names: &[String],
) -> Result<Vec<Tensor>> {
    let Columns::Named(tensors) = columns else { return Ok(columns.tensors().cloned().collect()) };
    let names = &unique(names);
    if let Some(unknown) = tensors.keys().find(|name| !names.contains(name)) {
        // If there is a single tensor and a single name, the name does not matter.
        if let (1, 1, Some(only)) = (tensors.len(), names.len(), tensors.values().next()) {
            return Ok(vec![only.clone()]);
        }
        return Err(Error::unknown_name(kind, unknown, names));
    }
    let found: Vec<Tensor> = names.iter().filter_map(|name| tensors.get(name).cloned()).collect();
    if found.len() < names.len() && part == "x" {
        let missing = names.iter().find(|name| !tensors.contains_key(*name));
        let missing = missing.map_or("?", String::as_str);
        return Err(Error::argument("data", format!("x[{missing:?}]"), "a tensor", "nothing"));
    }
    Ok(found)
}

/// The names, with a number after repeated ones: a layer with two outputs has both under one name.
fn unique(names: &[String]) -> Vec<String> {
    let mut seen = std::collections::HashMap::new();
    let name = |name: &String| {
        let count = seen.entry(name.clone()).or_insert(0);
        *count += 1;
        if *count == 1 { name.clone() } else { format!("{name}_{}", *count - 1) }
    };
    names.iter().map(name).collect()
}

/// The inputs in the model's order.
pub(super) fn inputs(model: &Model, columns: &Columns) -> Result<Vec<Tensor>> {
    if !model.is_built() {
        let tensors: Vec<Tensor> = columns.tensors().cloned().collect();
        let shapes: Vec<crate::Shape> = tensors.iter().map(|t| crate::Shape::from(t.shape())).collect();
        let layer = model.as_layer();
        let device = tensors.first().map_or_else(default_device, |tensor| Ok(tensor.device().clone()))?;
        match layer.layer().role() {
            Role::Graph => layer.build_for(&shapes, &device)?,
            // The layers inside have no variables before the first call.
            _ => {
                layer.build_by_call(layer.arguments(shapes), &device)?;
                // What the call on zeros gave is no result.
                model.each_tracker(&mut |metric| {
                    metric.reset_state();
                    Ok(())
                })?;
            }
        }
    }
    let Some(wiring) = model.wiring() else {
        if let (Columns::Named(tensors), true) = (columns, columns.len() > 1) {
            let names: Vec<&str> = tensors.keys().map(String::as_str).collect();
            let expected = "tensors by position: a model that a user wrote has no names for its inputs";
            return Err(Error::argument(model.name(), "x", expected, names.join(", ")));
        }
        return Ok(columns.tensors().cloned().collect());
    };
    let tensors = match columns {
        Columns::Named(_) => in_order(columns, "x", "input", &wiring.input_names())?,
        _ => columns.tensors().cloned().collect(),
    };
    let expected = wiring.graph.inputs.len();
    if tensors.len() != expected {
        let problem = GraphProblem::Arity { what: "inputs", expected, got: tensors.len() };
        return Err(Error::Graph { model: model.name(), problem });
    }
    Ok(tensors)
}
