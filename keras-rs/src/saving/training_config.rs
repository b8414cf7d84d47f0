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
mod tests {
    use super::to_compile_config;
    use serde_json::json;

    #[test]
    fn settings_of_keras_2_become_those_of_keras_3() {
        let old = json!({
            "optimizer_config": {"class_name": "SGD", "config": {"lr": 0.1, "decay": 0.0}},
            "loss": {"a": {"class_name": "Huber", "config": {"delta": 2.0}}, "b": "mse"},
            "metrics": [["mae"]],
            "sample_weight_mode": null,
        });
        let new = json!({
            "optimizer": {
                "module": "keras.optimizers", "class_name": "SGD", "config": {"learning_rate": 0.1}, "registered_name": null,
            },
            "loss": {
                "a": {"module": "keras.losses", "class_name": "Huber", "config": {"delta": 2.0}, "registered_name": null},
                "b": "mse",
            },
            "metrics": [["mae"]],
        });
        assert_eq!(to_compile_config(&old), Some(new));
        assert_eq!(to_compile_config(&json!("none")), None);
    }
}
