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
            "module": "keras.optimizers", "class_name": "SGD", "config": {"learning_rate": 0.1},
            "registered_name": null,
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
