//! Configurations of honest models with random parts replaced, removed or moved.

use super::arguments::hostile_values;
use super::child::scale;
use super::{Checks, use_model};
use crate::support::fixture;
use keras_rs::{load_model, model_from_json};
use keras_rs_tests::hostile::Random;
use serde_json::Value;

/// Damaged copies of each configuration.
const COPIES: usize = 60;

pub(super) fn check() {
    let mut checks = Checks::start();
    let values = hostile_values();
    let mut folders: Vec<_> =
        std::fs::read_dir(fixture("models")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for folder in folders {
        let honest = ["model.keras", "model.h5", "model.json"].map(|name| folder.join(name));
        let Some(path) = honest.into_iter().find(|p| p.exists()) else { continue };
        let Ok(model) = load_model(&path) else { continue };
        // Keras 2's own spelling, where it is at hand, else ours of Keras 3.
        let text = std::fs::read_to_string(&path).unwrap_or_else(|_| model.to_json());
        // Python writes what JSON lacks; any large number does here.
        let config: Value = serde_json::from_str(&text.replace("Infinity", "1e300")).unwrap();
        let mut random = Random(3);
        for copy in 0..COPIES * scale() {
            let mut hostile = config.clone();
            for _ in 0..=random.below(3) {
                damage(&mut hostile, &config, &values, &mut random);
            }
            let name = format!("{} {copy}", folder.file_name().unwrap().display());
            let text = hostile.to_string();
            checks.case(&name, || {
                if let Ok(model) = model_from_json(&text) {
                    let _ = model.load_weights(&path);
                    use_model(&model);
                }
            });
        }
    }
    checks.finish();
}

fn pointers(value: &Value, path: String, found: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            entries.iter().for_each(|(k, v)| {
                pointers(v, format!("{path}/{}", k.replace('~', "~0").replace('/', "~1")), found)
            });
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, v)| pointers(v, format!("{path}/{i}"), found))
        }
        _ => {}
    }
    found.push(path);
}

fn damage(tree: &mut Value, original: &Value, values: &[Value], random: &mut Random) {
    let mut places = Vec::new();
    pointers(tree, String::new(), &mut places);
    let place = places[random.below(places.len())].clone();
    let mut donors = Vec::new();
    pointers(original, String::new(), &mut donors);
    let donor = original.pointer(&donors[random.below(donors.len())]).cloned().unwrap_or(Value::Null);
    let choice = random.below(4);
    let Some(target) = tree.pointer_mut(&place) else { return };
    match (choice, target) {
        (0, target) => *target = donor,
        (1, Value::Array(items)) if !items.is_empty() => {
            let at = random.below(items.len());
            let again = items[at].clone();
            items.push(again);
        }
        (2, Value::Array(items)) if !items.is_empty() => drop(items.remove(random.below(items.len()))),
        (2, Value::Object(entries)) if !entries.is_empty() => {
            let key = entries.keys().nth(random.below(entries.len())).cloned().unwrap();
            entries.remove(&key);
        }
        (_, target) => *target = values[random.below(values.len())].clone(),
    }
}
