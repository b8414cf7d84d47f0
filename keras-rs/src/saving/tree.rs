//! The tree of Keras 3 weight files: `layers/<class>_<n>/vars/<i>`.

use super::hdf5::{Group, Hdf5Writer};
use super::optimizer;
use super::weights::{LoadWeights, Plan};
use crate::config::snake_case;
use crate::error::Result;
use crate::layer::{LayerRef, Role};
use crate::models::Model;
use std::collections::{HashMap, HashSet};

/// A layer and its group in the file.
struct Entry {
    path: String,
    layer: LayerRef,
}

/// Every layer under a layer, itself first, each once, as Keras walks them.
fn entries(root: &LayerRef) -> Vec<Entry> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    walk(root, String::new(), &mut seen, &mut found);
    found
}

fn walk(layer: &LayerRef, path: String, seen: &mut HashSet<u64>, found: &mut Vec<Entry>) {
    if !seen.insert(layer.serial()) {
        return;
    }
    let join = |name: &str| if path.is_empty() { name.to_string() } else { format!("{path}/{name}") };
    let children = layer.layer().sublayers();
    let mut members: HashMap<&str, usize> = HashMap::new();
    children.iter().for_each(|(attribute, _)| *members.entry(attribute).or_insert(0) += 1);
    let mut in_list: HashMap<String, usize> = HashMap::new();
    let mut places = Vec::new();
    for (attribute, child) in &children {
        let alone = members.get(attribute.as_str()) == Some(&1);
        if alone && layer.layer().role() != Role::Graph {
            places.push(join(attribute));
            continue;
        }
        // Members of a list are named after their class and counted within the list.
        let class = snake_case(child.class_name());
        let count = in_list.entry(format!("{attribute}/{class}")).or_insert(0);
        let name = if *count == 0 { class } else { format!("{class}_{count}") };
        *count += 1;
        places.push(join(&format!("{attribute}/{name}")));
    }
    found.push(Entry { path: path.clone(), layer: layer.clone() });
    for ((_, child), place) in children.iter().zip(places) {
        walk(child, place, seen, found);
    }
}

/// Every layer under a model, itself first, by its place in files.
pub(crate) fn layers_by_path(model: &Model) -> Vec<(String, LayerRef)> {
    entries(&model.as_layer()).into_iter().map(|Entry { path, layer }| (path, layer)).collect()
}

/// The group that holds the variables of an object.
pub(super) fn vars(path: &str) -> String {
    if path.is_empty() { "vars".into() } else { format!("{path}/vars") }
}

/// A file with every weight of a model, and the state of its optimizer.
pub(super) fn write(model: &Model) -> Result<Hdf5Writer> {
    let mut file = Hdf5Writer::new();
    for Entry { path, layer } in entries(&model.as_layer()) {
        let group = vars(&path);
        file.create_group(&group)?;
        file.set_attr_str(&group, "name", &layer.name())?;
        for (i, variable) in layer.own_variables().iter().enumerate() {
            file.add_dataset(&format!("{group}/{i}"), variable.value()?.to_data()?)?;
        }
    }
    optimizer::write(model, &mut file)?;
    Ok(file)
}

/// Fills a model with the weights below a group.
pub(super) fn read(model: &Model, root: &Group, options: &LoadWeights) -> Result<()> {
    let mut plan = Plan::new(options);
    for Entry { path, layer } in entries(&model.as_layer()) {
        let place = vars(&path);
        let variables = layer.own_variables();
        let group = root.find_group(&place)?;
        let stored = group.as_ref().map_or(Ok(0), |g| g.datasets().map(|d| d.len()))?;
        if stored != variables.len() && stored != 0 {
            plan.count(&layer.name(), variables.len(), stored);
            continue;
        }
        for (i, variable) in variables.into_iter().enumerate() {
            match &group {
                Some(group) if group.has_dataset(&i.to_string())? => {
                    plan.add(variable, group, &i.to_string())?
                }
                _ => plan.missing(&variable),
            }
        }
    }
    plan.carry_out()?;
    optimizer::read(model, root)
}
