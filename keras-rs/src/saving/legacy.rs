//! HDF5 files of Keras 2, which Keras 3 still writes for `.h5`.

use super::hdf5::{Group, Hdf5File};
use super::training_config::to_compile_config;
use super::weights::{LoadWeights, Plan};
use crate::config::Loading;
use crate::config::json::parse_json;
use crate::error::{Error, Result};
use crate::layer::LayerRef;
use crate::models::{Model, model_from_value};
use crate::variable::Variable;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// The group of a whole model's weights.
pub(super) const WEIGHTS: &str = "model_weights";

/// Opens a whole-model file: `model_config` and `training_config` at the root, then the weights.
///
/// # Errors
/// [`Error::Format`] where the file has no `model_config`, or no group `model_weights`.
pub(super) fn load_model(
    file: &Hdf5File,
    path: &Path,
    loading: &Loading<'_>,
    options: &LoadWeights,
) -> Result<Model> {
    let root = file.root();
    let Some(config) = root.attr_str("model_config")? else {
        let got = "none: it holds weights only, so load them into a model with `load_weights`";
        return Err(Error::format(path, "Keras", "an attribute `model_config`", got));
    };
    // A model without its weights would compute with random ones.
    let weights = root.group(WEIGHTS)?;
    let config = parse_json(config.as_bytes(), path)?;
    let model = model_from_value(&config, loading)?;
    read(&model, &weights, options)?;
    if let Some(settings) = root.attr_str("training_config")? {
        let settings: Value = parse_json(settings.as_bytes(), path)?;
        if let Some(settings) = to_compile_config(&settings) {
            model.compilation().set_settings(settings, loading.custom);
        }
    }
    // Keras 2 kept the state in another order.
    let of_keras_3 = root.attr_str("keras_version")?.is_some_and(|version| version.starts_with('3'));
    if let Some(group) = root.find_group("optimizer_weights")?.filter(|_| of_keras_3) {
        let names = group.attr_strs("weight_names")?.unwrap_or_default();
        super::optimizer::restore(&model, &group, &names)?;
    }
    Ok(model)
}

/// The group that holds a legacy file's weights; `None` where the file is of Keras 3's form.
pub(super) fn weights_group(file: &Hdf5File) -> Result<Option<Group>> {
    let root = file.root();
    if root.attr_strs("layer_names")?.is_some() {
        return Ok(Some(root));
    }
    // Something else of that name is an error, and no file of another form.
    if root.has_dataset(WEIGHTS)? {
        return root.group(WEIGHTS).map(Some);
    }
    root.find_group(WEIGHTS)
}

/// The weights of one layer in the file: its group and the names of its datasets.
struct Stored {
    name: String,
    group: Group,
    weights: Vec<String>,
}

fn stored(group: &Group) -> Result<Vec<Stored>> {
    let mut found = Vec::new();
    for name in group.attr_strs("layer_names")?.unwrap_or_default() {
        let layer = group.group(&name)?;
        let weights = layer.attr_strs("weight_names")?.unwrap_or_default();
        found.push(Stored { name, group: layer, weights });
    }
    Ok(found)
}

/// Variables in the order of legacy files: those that are trained, then the others.
fn legacy_order(layer: &LayerRef) -> Vec<Variable> {
    let mut variables = layer.trainable_variables();
    variables.extend(layer.non_trainable_variables());
    variables
}

/// Fills a model from a legacy group, by order of layers or by their names.
pub(super) fn read(model: &Model, group: &Group, options: &LoadWeights) -> Result<()> {
    let stored = stored(group)?;
    let mut plan = Plan::new(options);
    if options.is_by_name() {
        let layers: HashMap<String, LayerRef> = model.layers().into_iter().map(|l| (l.name(), l)).collect();
        for stored in &stored {
            if let Some(layer) = layers.get(&stored.name) {
                fill(&mut plan, layer, stored)?;
            }
        }
        return plan.commit();
    }
    let layers: Vec<LayerRef> = model.layers().into_iter().filter(|l| !l.variables().is_empty()).collect();
    let stored: Vec<Stored> = stored.into_iter().filter(|s| !s.weights.is_empty()).collect();
    let groups = stored.len();
    if layers.len() != groups {
        let known: HashSet<String> = layers.iter().map(LayerRef::name).collect();
        let in_file: HashSet<&str> = stored.iter().map(|s| s.name.as_str()).collect();
        for layer in layers.iter().filter(|l| !in_file.contains(l.name().as_str())) {
            layer.variables().iter().for_each(|v| plan.missing(v));
        }
        stored.into_iter().filter(|s| !known.contains(&s.name)).for_each(|s| plan.unexpected(s.name));
        plan.layers(&model.name(), layers.len(), groups);
        return plan.commit();
    }
    // As in Keras, `skip_mismatch` is about shapes where layers are matched by their order.
    plan.require_counts();
    for (layer, stored) in layers.iter().zip(&stored) {
        fill(&mut plan, layer, stored)?;
    }
    plan.commit()
}

fn fill(plan: &mut Plan, layer: &LayerRef, stored: &Stored) -> Result<()> {
    let variables = legacy_order(layer);
    if variables.len() != stored.weights.len() {
        plan.count(&layer.name(), variables.len(), stored.weights.len());
        return Ok(());
    }
    for (variable, dataset) in variables.into_iter().zip(&stored.weights) {
        if stored.group.has_dataset(dataset)? {
            plan.add(variable, &stored.group, dataset)?;
        } else {
            plan.missing(&variable);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
