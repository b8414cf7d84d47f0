//! Giving names to layers, as Keras counts them in a fresh session.

use crate::config::snake_case;
use crate::layer::LayerRef;
use std::collections::{HashMap, HashSet};

/// Names the model and its layers that have no name, in the order in which they were created, and
/// writes the paths of variables.
///
/// Layers of nested models are counted but keep their names. With `with_prefix` the model's name is put
/// before the paths of its own layers, as `Sequential` does.
pub(super) fn assign(model: &LayerRef, layers: &[LayerRef], with_prefix: bool) {
    let mut all = vec![model.clone()];
    for layer in layers {
        deep(layer, &mut all);
    }
    all.sort_by_key(LayerRef::serial);
    all.dedup_by_key(|l| l.serial());
    let mut taken: HashSet<String> = all.iter().filter_map(LayerRef::assigned_name).collect();
    let mut counts: HashMap<String, usize> = HashMap::new();
    for layer in all.iter().filter(|l| l.is_auto_named()) {
        let class = snake_case(layer.layer().python_class());
        let count = counts.entry(class.clone()).or_insert(0);
        if layer.assigned_name().is_none() {
            let mut name = numbered(&class, *count);
            while taken.contains(&name) {
                *count += 1;
                name = numbered(&class, *count);
            }
            taken.insert(name.clone());
            layer.assign_name(name);
        }
        *count += 1;
    }
    for named in all.iter().flat_map(|layer| layer.layer().named_after()) {
        named.layer.assign_name(format!("{}{}", named.prefix, named.after.name()));
    }
    let prefix = if with_prefix { format!("{}/", model.name()) } else { String::new() };
    layers.iter().for_each(|layer| layer.set_path_prefix(&prefix));
}

fn numbered(class: &str, count: usize) -> String {
    if count == 0 { class.to_string() } else { format!("{class}_{count}") }
}

/// A layer and the layers of models inside it.
fn deep(layer: &LayerRef, all: &mut Vec<LayerRef>) {
    all.push(layer.clone());
    all.extend(layer.layer().named_after().into_iter().map(|named| named.after));
    for (_, child) in layer.layer().sublayers() {
        deep(&child, all);
    }
}
