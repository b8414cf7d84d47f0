//! Metrics from confusion counts, F-scores, intersections and correlations against real Keras.

use crate::support::{Tensors, chain, compare, devices, json};
use keras_rs::config::{CustomObjects, IntoConfig, Loading, Registry};
use keras_rs::metrics::Metric;
use keras_rs::{Device, Error, Tensor};
use serde_json::{Value, json};

const TOLERANCE: f64 = 1e-5;
const JSON: &str = "training/metrics/confusion.json";
const DATA: &str = "training/metrics/confusion.safetensors";

fn load(metric: &Value) -> keras_rs::Result<Metric> {
    let custom = CustomObjects::new();
    Loading { registry: Registry::keras(), custom: &custom }.object(metric, "case", "metric")
}

fn on(tensors: &Tensors, key: &str, device: &Device) -> Option<Tensor> {
    tensors.get(key).map(|data| Tensor::from_data_on(data, device).expect("fixture data fit the device"))
}

fn update(metric: &Metric, tensors: &Tensors, batch: &str, device: &Device) -> keras_rs::Result<()> {
    let part = |name: &str| on(tensors, &format!("{batch}/{name}"), device);
    metric.update_state(&part("y_true").unwrap(), &part("y_pred").unwrap(), part("weight").as_ref())
}

fn check(case: &Value, tensors: &Tensors, device: &Device) -> Result<(), String> {
    let text = |e: Error| chain(&e);
    let name = case["name"].as_str().unwrap();
    let metric = load(&case["metric"]).map_err(text)?;

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
        update(&metric, tensors, &key, device).map_err(text)?;
        let result = metric.result().map_err(text)?;
        compare(&format!("batch {batch}"), &result, &tensors.expect(&format!("{key}/result")), TOLERANCE)?;
    }
    metric.reset_state();
    let result = metric.result().map_err(text)?;
    compare("after reset", &result, &tensors.expect(&format!("{name}/reset")), TOLERANCE)?;
    update(&metric, tensors, &format!("{name}/0"), device).map_err(text)?;
    let again = metric.result().map_err(text)?;
    compare("first batch again", &again, &tensors.expect(&format!("{name}/0/result")), TOLERANCE)
}

#[test]
fn values_of_every_batch_are_those_of_keras() {
    let only = std::env::var("CASE").unwrap_or_default();
    let (tensors, cases) = (Tensors::open(DATA), json(JSON));
    let cases = cases["cases"].as_array().unwrap();
    let mut failures = Vec::new();
    for case in cases.iter().filter(|c| c["name"].as_str().unwrap().contains(&only)) {
        for device in devices() {
            if let Err(why) = check(case, &tensors, &device) {
                failures.push(format!("{} on {}: {why}", case["name"], device.backend()));
            }
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn what_keras_refuses_is_refused() {
    let (tensors, fixture) = (Tensors::open(DATA), json(JSON));
    for case in fixture["refused"].as_array().unwrap() {
        let loaded = load(&case["metric"]);
        let Some(data) = case["case"].as_str() else {
            assert!(loaded.is_err(), "{case}");
            continue;
        };
        let metric = loaded.unwrap();
        let before = metric.result().unwrap().to_f64_vec().unwrap();
        let refused =
            update(&metric, &tensors, &format!("{data}/0"), &keras_rs::backend::default_device().unwrap());
        assert!(matches!(refused, Err(Error::Shape { .. } | Error::Argument { .. })), "{case}: {refused:?}");
        assert_eq!(metric.result().unwrap().to_f64_vec().unwrap(), before, "{case}");
    }
}

#[test]
fn names_mean_what_they_mean_in_keras() {
    for (name, class) in json(JSON)["names"].as_object().unwrap() {
        // Those with arguments that have no default cannot be made from their name alone.
        match Metric::try_from(name.as_str()) {
            Ok(metric) => assert_eq!(metric.class_name(), class.as_str().unwrap(), "{name}"),
            Err(Error::Config { .. }) => {}
            Err(error) => panic!("{name}: {error}"),
        }
    }
}

#[test]
fn absurd_sizes_in_files_are_refused() {
    for (class, config) in [
        ("AUC", json!({"num_thresholds": 2_147_483_647})),
        ("PrecisionAtRecall", json!({"recall": 0.5, "num_thresholds": 2_147_483_647})),
        ("MeanIoU", json!({"num_classes": 2_147_483_647})),
    ] {
        let metric = load(&json!({"class_name": class, "config": config}));
        assert!(matches!(metric, Err(Error::TooLarge { .. })), "{class}: {metric:?}");
    }
}

#[test]
fn setters_report_errors_on_first_use() {
    use keras_rs::metrics::{AUC, F1Score, IoU, Precision};

    let y = Tensor::zeros([2, 2], keras_rs::DType::F32).unwrap();
    let refused: [Metric; 7] = [
        Precision::new().thresholds(1.5).into(),
        Precision::new().top_k(0).into(),
        Precision::new().top_k(-1).into(),
        AUC::new().curve("ROCK").into(),
        AUC::new().dtype("floaty").into(),
        F1Score::new().average("mean").into(),
        IoU::new(2, [5]).into(),
    ];
    for metric in refused {
        assert!(metric.update_state(&y, &y, None).is_err(), "{metric:?}");
        assert!(metric.result().is_err(), "{metric:?}");
    }
}
