//! The tensors of a batch in the order of a model's inputs and outputs.

use crate::backend::default_device;
use crate::data::Columns;
use crate::error::{Error, GraphProblem, Result};
use crate::layer::{LayerRef, Role};
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

/// Inputs by name in the order of a model that a user wrote and gave a dictionary; others as they are.
fn by_key(model: &Model, columns: &Columns) -> Result<Vec<Tensor>> {
    let layer = model.as_layer();
    let keys: Vec<String> = layer.layer().signature().keys().iter().map(ToString::to_string).collect();
    match keys.is_empty() {
        true => Ok(columns.tensors().cloned().collect()),
        false => in_order(columns, "x", "input", &keys),
    }
}

/// Builds a model for these inputs, where it has no weights yet.
pub(super) fn build_for(model: &Model, columns: &Columns) -> Result<()> {
    let tensors = by_key(model, columns)?;
    let shapes: Vec<crate::Shape> = tensors.iter().map(|t| crate::Shape::from(t.shape())).collect();
    let device = tensors.first().map_or_else(default_device, |tensor| Ok(tensor.device().clone()))?;
    model.as_layer().build_for(&shapes, &device)
}

/// The inputs in the model's order.
pub(super) fn inputs(model: &Model, columns: &Columns) -> Result<Vec<Tensor>> {
    if !model.is_built() {
        let tensors = by_key(model, columns)?;
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
    let layer: &LayerRef = model.as_ref();
    let keys = Some(layer.layer().signature().keys().len()).filter(|count| *count > 0);
    let Some(expected) = model.wiring().map(|wiring| wiring.graph.inputs.len()).or(keys) else {
        if let (Columns::Named(tensors), true) = (columns, columns.len() > 1) {
            let names: Vec<&str> = tensors.keys().map(String::as_str).collect();
            let expected = "tensors by position: a model that a user wrote has no names for its inputs";
            return Err(Error::argument(model.name(), "x", expected, names.join(", ")));
        }
        return Ok(columns.tensors().cloned().collect());
    };
    let tensors = match columns {
        Columns::Named(_) => in_order(columns, "x", "input", &model.input_names()?)?,
        // Names are not needed, and would cost small models a good part of the call.
        _ => columns.tensors().cloned().collect(),
    };
    if tensors.len() != expected {
        let problem = GraphProblem::Arity { what: "inputs", expected, got: tensors.len() };
        return Err(Error::Graph { model: model.name(), problem });
    }
    Ok(tensors)
}
