//! Sums, means, accuracies and the metrics of errors, hinges and probabilities against real Keras.

use crate::support::metrics::{data, update};
use crate::support::{chain, compare, json, load};
use crate::{Checked, ensure, named, on_backends};
use keras_rs::config::IntoConfig;
use keras_rs::metrics::Metric;
use keras_rs::{DType, Device, Tensor};
use libtest_mimic::Trial;
use serde_json::Value;

pub fn trials() -> Vec<Trial> {
    let cases = named(&json("training/metrics/basic.json")["cases"]).into_iter();
    cases
        .flat_map(|(name, case)| {
            let needed = dtypes(&case);
            on_backends(&format!("metrics::{name}"), &needed, move |device| check(&case, device))
        })
        .collect()
}

/// Data types that a case names.
fn dtypes(case: &Value) -> Vec<DType> {
    let text = case.to_string();
    DType::ALL.into_iter().filter(|d| text.contains(&format!("\"{}\"", d.name()))).collect()
}

/// Compares a result; half precision, which adds in another order elsewhere, to its own last digits.
fn differs(what: &str, got: &Tensor, want: &Value, half: bool) -> Checked {
    let mut want = want.clone();
    if want["dtype"] != got.dtype().name() {
        return Err(format!("{what}: data type {}, expected {}", got.dtype(), want["dtype"]));
    }
    let tolerance = match got.dtype() {
        DType::BF16 => 8e-3,
        _ if half => 1e-3,
        _ => 1e-5,
    };
    let wide = if got.dtype().size() == 2 { DType::F32 } else { got.dtype() };
    want["dtype"] = wide.name().into();
    compare(what, &got.cast(wide).unwrap(), &data(&want).unwrap(), tolerance)
}

fn check(case: &Value, device: &Device) -> Checked {
    let say = |e: keras_rs::Error| chain(&e);
    let mut object = case["object"].clone();
    if let Some(arguments) = case["arguments"].as_object() {
        object["config"].as_object_mut().unwrap().extend(arguments.clone());
    }
    let metric: Metric = load(&object).map_err(say)?;
    let config = metric.to_config();
    ensure(config == object, || format!("configuration {config}, expected {object}"))?;
    let half = case.to_string().contains("float16\"");
    let batches = case["batches"].as_array().unwrap();
    for (i, batch) in batches.iter().enumerate() {
        let got = update(&metric, batch, device).map_err(say)?;
        differs(&format!("batch {i}"), &got, &case["results"][i], half)?;
    }
    metric.reset_state();
    differs("after reset", &metric.result().map_err(say)?, &case["after_reset"], half)?;
    differs("again", &update(&metric, &batches[0], device).map_err(say)?, &case["again"], half)
}
