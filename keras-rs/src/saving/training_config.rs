//! Compile settings of legacy files in the form of Keras 3.

use crate::config::{Config, ConfigExt, Envelope};
use serde_json::Value;

/// What Keras 3's `compile` takes; legacy files hold more.
const ARGUMENTS: [&str; 7] = [
    "loss",
    "loss_weights",
    "metrics",
    "weighted_metrics",
    "run_eagerly",
    "steps_per_execution",
    "jit_compile",
];

/// The `compile_config` that says what a legacy `training_config` says; `None` where it is no object.
pub(super) fn to_compile_config(settings: &Value) -> Option<Value> {
    let settings = settings.as_object()?;
    let mut compile = Config::new();
    if let Some(optimizer) = settings.get("optimizer_config") {
        compile = compile.with("optimizer", optimizer_envelope(optimizer));
    }
    for key in ARGUMENTS {
        if let Some(value) = settings.get(key) {
            let module = if key.starts_with("loss") { "keras.losses" } else { "keras.metrics" };
            compile = compile.with(key, with_module(value, module));
        }
    }
    Some(Value::Object(compile))
}

fn optimizer_envelope(optimizer: &Value) -> Value {
    let Some(class) = optimizer.get("class_name").and_then(Value::as_str) else { return optimizer.clone() };
    let mut config = optimizer.get("config").and_then(Value::as_object).cloned().unwrap_or_default();
    // Keras 3 has no decay of its own: schedules took its place.
    config.shift_remove("decay");
    if let Some(rate) = config.shift_remove("lr") {
        config.entry("learning_rate").or_insert(rate);
    }
    if let Some(rate) = config.get_mut("learning_rate") {
        *rate = with_module(rate, "keras.optimizers.schedules");
    }
    Envelope::keras("keras.optimizers", class, config).to_json()
}

/// Adds the module to objects that are written without one.
fn with_module(value: &Value, module: &str) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| with_module(item, module)).collect(),
        Value::Object(entries) => match entries.get("class_name").and_then(Value::as_str) {
            Some(class) if !entries.contains_key("module") => {
                let config = entries.get("config").and_then(Value::as_object).cloned().unwrap_or_default();
                Envelope::keras(module, class, config).to_json()
            }
            Some(_) => value.clone(),
            None => Value::Object(entries.iter().map(|(k, v)| (k.clone(), with_module(v, module))).collect()),
        },
        plain => plain.clone(),
    }
}

#[cfg(test)]
mod tests;
