//! The tree of Keras 3 weight files: `layers/<class>_<n>/vars/<i>`.

use super::archive::KerasArchive;
use super::hdf5::{Group, Hdf5Writer};
use super::optimizer;
use super::weights::{LoadWeights, Plan};
use crate::config::snake_case;
use crate::error::{Error, Result};
use crate::layer::{Asset, LayerRef, Role};
use crate::models::Model;
use crate::variable::Variable;
use std::collections::{HashMap, HashSet};

/// A layer and its group in the file.
struct Entry {
    path: String,
    layer: LayerRef,
    /// Whether Keras may have saved the layer before it made its variables: those of a layer inside another
    /// layer come with the first call.
    may_be_unbuilt: bool,
}

/// Every layer under a layer, itself first, each once, as Keras walks them.
fn entries(root: &LayerRef) -> Vec<Entry> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    walk(root, String::new(), false, &mut seen, &mut found);
    found
}

fn walk(
    layer: &LayerRef,
    path: String,
    may_be_unbuilt: bool,
    seen: &mut HashSet<u64>,
    found: &mut Vec<Entry>,
) {
    if !seen.insert(layer.serial()) {
        return;
    }
    let join = |name: &str| if path.is_empty() { name.to_string() } else { format!("{path}/{name}") };
    let children = attributes(layer);
    let mut in_list: HashMap<String, usize> = HashMap::new();
    let mut paths = Vec::new();
    for (attribute, child) in &children {
        let Some(list) = attribute.strip_suffix('/') else {
            paths.push(join(attribute));
            continue;
        };
        // Members of a list are named after their class and counted within the list.
        let class = snake_case(child.layer().python_class());
        let count = in_list.entry(format!("{list}/{class}")).or_insert(0);
        let name = if *count == 0 { class } else { format!("{class}_{count}") };
        *count += 1;
        paths.push(join(&format!("{list}/{name}")));
    }
    found.push(Entry { path: path.clone(), layer: layer.clone(), may_be_unbuilt });
    let inside = layer.layer().role() != Role::Graph;
    for ((_, child), path) in children.iter().zip(paths) {
        walk(child, path, inside, seen, found);
    }
}

/// The layers inside a layer by attribute, in the order in which Keras walks attributes: by name, private ones
/// last. What two attributes hold is filed under the first. A model that a user wrote has the list `layers` of
/// all of them among its attributes.
fn attributes(layer: &LayerRef) -> Vec<(String, LayerRef)> {
    let mut children = layer.layer().sublayers();
    match layer.layer().role() {
        Role::Graph => return children,
        Role::Model => {
            let mut seen = HashSet::new();
            let all = children.iter().filter(|(_, child)| seen.insert(child.serial()));
            let listed: Vec<_> = all.map(|(_, child)| ("layers/".to_string(), child.clone())).collect();
            children.extend(listed);
        }
        _ => {}
    }
    let key = |(attribute, _): &(String, LayerRef)| {
        let name = attribute.split('/').next().unwrap_or_default();
        if name.starts_with('_') { format!("~{name}") } else { name.to_string() }
    };
    children.sort_by_key(key);
    children
}

/// Every layer under a model, itself first, by its path in files.
pub(crate) fn layers_by_path(model: &Model) -> Vec<(String, LayerRef)> {
    entries(&model.as_layer()).into_iter().map(|Entry { path, layer, .. }| (path, layer)).collect()
}

/// The files that layers keep beside their weights, each with its layer's path.
pub(super) fn assets(model: &Model) -> Result<Vec<(String, Asset)>> {
    let mut found = Vec::new();
    for (path, layer) in layers_by_path(model) {
        let assets = layer.layer().save_assets().map_err(|e| e.in_layer(&layer.name()))?;
        for asset in assets {
            let plain = !asset.name.is_empty() && !asset.name.contains(['/', '\\']) && asset.name != "..";
            if !plain {
                let expected = "a file name without folders";
                return Err(Error::argument(layer.name(), "save_assets", expected, asset.name));
            }
            found.push((path.clone(), asset));
        }
    }
    Ok(found)
}

/// Hands layers the files that they keep beside their weights.
pub(super) fn load_assets(model: &Model, archive: &mut KerasArchive) -> Result<()> {
    for (path, layer) in layers_by_path(model) {
        let assets = archive.assets(&path)?;
        if !assets.is_empty() {
            layer.load_assets(&assets)?;
        }
    }
    Ok(())
}

/// The group that holds the variables of an object.
pub(super) fn vars(path: &str) -> String {
    if path.is_empty() { "vars".into() } else { format!("{path}/vars") }
}

/// The variables of a layer itself, with their names in its group.
fn stored_variables(layer: &LayerRef) -> Vec<(Variable, String)> {
    let named = layer.layer().named_in_files();
    let name = |(i, variable): (usize, Variable)| {
        let name = if named { variable.name().to_string() } else { i.to_string() };
        (variable, name)
    };
    layer.own_variables().into_iter().enumerate().map(name).collect()
}

/// A file with every weight of a model, and the state of its optimizer.
pub(super) fn write(model: &Model) -> Result<Hdf5Writer> {
    let mut file = Hdf5Writer::new();
    for Entry { path, layer, .. } in entries(&model.as_layer()) {
        let group = vars(&path);
        file.create_group(&group)?;
        file.set_attr_str(&group, "name", &layer.name())?;
        for (variable, name) in stored_variables(&layer) {
            file.add_dataset(&format!("{group}/{name}"), variable.value()?.to_data()?)?;
        }
    }
    optimizer::write(model, &mut file)?;
    Ok(file)
}

/// Fills a model with the weights below a group.
pub(super) fn read(model: &Model, root: &Group, options: &LoadWeights) -> Result<()> {
    let mut plan = Plan::new(options);
    for Entry { path, layer, may_be_unbuilt } in entries(&model.as_layer()) {
        let group_path = vars(&path);
        let variables = stored_variables(&layer);
        let group = root.find_group(&group_path)?;
        let stored = group.as_ref().map_or(Ok(0), |g| g.datasets().map(|d| d.len()))?;
        if may_be_unbuilt && stored == 0 && group.is_some() {
            continue;
        }
        if stored != variables.len() && stored != 0 {
            plan.count(&layer.name(), variables.len(), stored);
            continue;
        }
        for (variable, name) in variables {
            match &group {
                Some(group) if group.has_dataset(&name)? => {
                    let fits = plan.add(variable, group, &name)?;
                    // Keras leaves the rest of a layer where it skips one of its weights.
                    if !fits && options.skips_mismatch() {
                        break;
                    }
                }
                _ => plan.missing(&variable),
            }
        }
    }
    plan.commit()?;
    optimizer::read(model, root)
}
