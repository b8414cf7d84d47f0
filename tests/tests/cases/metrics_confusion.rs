//! Metrics from confusion counts, F-scores, intersections and correlations against real Keras.

use crate::support::metrics::update_from;
use crate::support::{Tensors, chain, compare, json, load};
use crate::{Checked, named, on_backends};
use keras_rs::config::IntoConfig;
use keras_rs::metrics::Metric;
use keras_rs::{DType, Device, Error};
use libtest_mimic::Trial;
use serde_json::Value;
use std::sync::Arc;

const TOLERANCE: f64 = 1e-5;

pub fn trials() -> Vec<Trial> {
    let tensors = Arc::new(Tensors::open("training/metrics/confusion.safetensors"));
    let mut trials = Vec::new();
    for (name, case) in named(&json("training/metrics/confusion.json")["cases"]) {
        let parts = ["y_true", "y_pred", "weight"].map(|part| tensors.get(&format!("{name}/0/{part}")));
        let needed: Vec<DType> = parts.iter().flatten().map(|data| data.dtype()).collect();
        let tensors = tensors.clone();
        let full = format!("metrics_confusion::{name}");
        trials.extend(on_backends(&full, &needed, move |device| check(&case, &tensors, device)));
    }
    trials
}

fn check(case: &Value, tensors: &Tensors, device: &Device) -> Checked {
    let text = |e: Error| chain(&e);
    let name = case["name"].as_str().unwrap();
    let metric: Metric = load(&case["metric"]).map_err(text)?;

    let mut expected = case["metric"].clone();
    // Keras cannot read the array that it writes; a list says the same.
    if let Some(list) = expected.pointer("/config/label_weights/config/value").cloned() {
        expected["config"]["label_weights"] = list;
    }
    if metric.to_config() != expected {
        return Err(format!("config {}, expected {expected}", metric.to_config()));
    }

    if case["empty"] == Value::Bool(true) {
        let empty = metric.result().map_err(text)?.to_f64_vec().map_err(text)?;
        if empty.iter().any(|v| *v != 0.0) {
            return Err(format!("before the first batch {empty:?}"));
        }
    }
    for batch in 0..case["batches"].as_u64().unwrap() {
        let key = format!("{name}/{batch}");
        update_from(&metric, tensors, &key, device).map_err(text)?;
        let result = metric.result().map_err(text)?;
        compare(&format!("batch {batch}"), &result, &tensors.expect(&format!("{key}/result")), TOLERANCE)?;
    }
    metric.reset_state();
    let result = metric.result().map_err(text)?;
    compare("after reset", &result, &tensors.expect(&format!("{name}/reset")), TOLERANCE)?;
    update_from(&metric, tensors, &format!("{name}/0"), device).map_err(text)?;
    let again = metric.result().map_err(text)?;
    compare("first batch again", &again, &tensors.expect(&format!("{name}/0/result")), TOLERANCE)
}
