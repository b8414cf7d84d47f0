//! Metrics from confusion counts, F-scores, intersections and correlations: names and refusals.

use crate::support::{Tensors, json, load as load_object};
use keras_rs::metrics::Metric;
use keras_rs::{Device, Error, Tensor};
use serde_json::{Value, json};

const JSON: &str = "training/metrics/confusion.json";
const DATA: &str = "training/metrics/confusion.safetensors";

fn load(metric: &Value) -> keras_rs::Result<Metric> {
    load_object(metric)
}

fn update(metric: &Metric, tensors: &Tensors, batch: &str, device: &Device) -> keras_rs::Result<()> {
    crate::support::metrics::update_from(metric, tensors, batch, device)
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
