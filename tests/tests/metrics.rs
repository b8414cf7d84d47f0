//! Metrics of errors, hinges and probabilities: names, functions, refusals, odd data.

use crate::support::metrics::update;
use crate::support::{devices, json, load as load_object};
use keras_rs::config::{CustomObjects, IntoConfig, Loading};
use keras_rs::losses::{Loss, MeanAbsoluteError};
use keras_rs::metrics::{
    BinaryAccuracy, CosineSimilarity, Mean, MeanMetricWrapper, Measure, Metric, MetricFunction, R2Score,
};
use keras_rs::{DType, Error, GradientTape, Result, Tensor};
use serde_json::{Value, json};

fn load(object: &Value) -> Result<Metric> {
    load_object(object)
}

fn parts(part: &str) -> Vec<Value> {
    fixture()[part].as_array().unwrap_or_else(|| panic!("no list {part}")).clone()
}

fn fixture() -> Value {
    json("training/metrics/basic.json")
}

#[test]
fn names_mean_what_they_mean_in_keras() {
    for (name, want) in fixture()["names"].as_object().unwrap() {
        let metric = Metric::try_from(name.as_str()).unwrap();
        assert_eq!(json!([metric.class_name(), metric.name()]), *want, "{name}");
    }
    for name in parts("unknown") {
        let name = name.as_str().unwrap();
        let error = Metric::try_from(name).unwrap_err();
        assert!(matches!(error, Error::UnknownName { kind: "metric", .. }), "{name}: {error}");
    }
    let Err(Error::UnknownName { nearest, .. }) = Metric::try_from("Accurcy") else { panic!("is unknown") };
    assert!(nearest.iter().any(|n| n == "Accuracy"), "{nearest:?}");
}

#[test]
fn what_keras_refuses_is_refused() {
    for case in parts("refused") {
        for device in devices() {
            let metric = load(&case["object"]).unwrap();
            let error = update(&metric, &case["batch"], &device).unwrap_err();
            assert!(matches!(error, Error::Shape { .. }), "{}: {error}", case["name"]);
            let fresh = load(&case["object"]).unwrap();
            assert_eq!(
                format!("{:?}", metric.result()),
                format!("{:?}", fresh.result()),
                "nothing was counted"
            );
        }
    }
    for object in parts("bad_objects") {
        assert!(load(&object).is_err(), "{object}");
    }
}

#[test]
fn wrong_arguments_are_reported_when_the_metric_is_used() {
    let x = Tensor::ones([2, 2], DType::F32).unwrap();
    let score = R2Score::new().class_aggregation("mean");
    assert!(score.update_state(&x, &x, None).is_err());
    let wrapper = MeanMetricWrapper::new("binary_acuracy");
    assert!(wrapper.update_state(&x, &x, None).is_err());
    assert!(wrapper.result().is_err());
    let mean = Mean::new().dtype("float33");
    assert!(Mean::update_state(&mean, &x, None).is_err());
    // Without a batch Keras fails too: how many outputs there are is not known.
    assert!(matches!(R2Score::new().result(), Err(Error::NotBuilt { .. })));
}

#[test]
fn functions_of_a_file_are_functions() {
    let function = |name: &str| json!({"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"});
    for (name, wraps) in [("huber", true), ("cosine_similarity", true), ("binary_accuracy", true)] {
        let metric = load(&function(name)).unwrap();
        assert_eq!(metric.class_name() == "MeanMetricWrapper", wraps, "{name}");
        assert_eq!(metric.name(), name);
        assert_eq!(metric.config()["fn"], function(name));
    }
    assert!(matches!(load(&function("mine>unknown")), Err(Error::UnknownName { .. })));
    let custom = CustomObjects::new().metric("mine>twice", |_| {
        Ok(MetricFunction::new("mine>twice", |_, p: &Tensor| p.mul_scalar(2.0)).into())
    });
    let loading = Loading::new(&custom);
    let metric: Metric = loading.object(&function("mine>twice"), "case", "object").unwrap();
    let x = Tensor::ones([3], DType::F32).unwrap();
    metric.update_state(&x, &x, None).unwrap();
    assert_eq!(metric.result().unwrap().to_scalar().unwrap(), 2.0);

    let loss: Metric = Loss::from(MeanAbsoluteError::new()).into();
    assert_eq!(loss.name(), "mean_absolute_error");
    let arguments = json!({"thresold": 0.3});
    let wrong = MetricFunction::with_arguments("binary_accuracy", arguments.as_object().unwrap());
    assert!(matches!(wrong, Err(Error::Config { .. })));
}

#[test]
fn setters_say_what_configurations_say() {
    let metric: Metric = BinaryAccuracy::new().name("hits").dtype("float64").threshold(0.25).into();
    let config = json!({"name": "hits", "dtype": "float64", "threshold": 0.25});
    assert_eq!(Value::Object(metric.config()), config);
    assert_eq!(load(&metric.to_config()).unwrap(), metric);
    let similarity: Metric = CosineSimilarity::new().axis(1).into();
    assert_eq!(load(&similarity.to_config()).unwrap(), similarity);
}

#[test]
fn recordings_for_gradients_do_not_live_on_in_a_metric() {
    for device in devices() {
        let x = Tensor::full_on([2, 2], 1.0, DType::F32, &device).unwrap();
        let recorded = GradientTape::new(&[]).unwrap().watch(&x).unwrap();
        for name in fixture()["names"].as_object().unwrap().keys() {
            let metric = Metric::try_from(name.as_str()).unwrap();
            let targets = if metric.name().starts_with("sparse") {
                x.narrow(1, 0..1).unwrap().squeeze(&[1]).unwrap()
            } else {
                x.clone()
            };
            metric.update_state(&targets, &recorded, Some(&recorded.narrow(1, 0..1).unwrap())).unwrap();
            assert!(!metric.result().unwrap().is_recorded(), "{name}");
        }
    }
}

#[test]
fn odd_shapes_and_types_are_no_panic() {
    let shapes: [&[usize]; 7] = [&[], &[0], &[2], &[2, 0], &[0, 2], &[2, 1], &[1, 2, 1]];
    let kinds: [(DType, Option<&[usize]>); 5] = [
        (DType::F32, None),
        (DType::I32, Some(&[1])),
        (DType::U8, None),
        (DType::Bool, Some(&[2])),
        (DType::F16, Some(&[0, 2])),
    ];
    let names = fixture()["names"].clone();
    for device in devices() {
        for name in names.as_object().unwrap().keys() {
            let pairs = shapes.iter().flat_map(|a| shapes.iter().map(move |b| (*a, *b)));
            for ((y_true, y_pred), (dtype, weight)) in pairs.flat_map(|p| kinds.map(move |k| (p, k))) {
                let full = |shape: &[usize], dtype| Tensor::full_on(shape, 1.0, dtype, &device);
                let run = || -> Result<Tensor> {
                    let metric = Metric::try_from(name.as_str())?;
                    let weight = weight.map(|shape| full(shape, DType::F32)).transpose()?;
                    let mask = full(y_pred, DType::Bool)?;
                    let (y_true, y_pred) = (full(y_true, DType::I32)?, full(y_pred, dtype)?);
                    metric.update_masked(&y_true, &y_pred, weight.as_ref(), Some(&mask))?;
                    metric.update_state(&y_true, &y_pred, weight.as_ref())?;
                    metric.result()
                };
                let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
                let what = format!("{name}: {y_true:?} {y_pred:?} {dtype} weighted {weight:?}");
                assert!(outcome.is_ok(), "{what} on {device:?}");
            }
        }
    }
}
