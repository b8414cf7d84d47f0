//! Sums, means, accuracies and the metrics of errors, hinges and probabilities against real Keras.

use crate::support::{compare, devices, json};
use keras_rs::config::{CustomObjects, IntoConfig, Loading, Registry};
use keras_rs::losses::{Loss, MeanAbsoluteError};
use keras_rs::metrics::{
    BinaryAccuracy, CosineSimilarity, Mean, MeanMetricWrapper, Measure, Metric, MetricFunction, R2Score,
};
use keras_rs::{DType, Device, Error, GradientTape, Result, Tensor, TensorData};
use serde_json::{Value, json};

fn parts(part: &str) -> Vec<Value> {
    fixture()[part].as_array().unwrap_or_else(|| panic!("no list {part}")).clone()
}

fn fixture() -> Value {
    json("training/metrics/basic.json")
}

fn load(object: &Value) -> Result<Metric> {
    let custom = CustomObjects::new();
    Loading { registry: Registry::keras(), custom: &custom }.object(object, "case", "object")
}

fn data(array: &Value) -> Option<TensorData> {
    let dtype: DType = array.get("dtype")?.as_str()?.parse().unwrap();
    let number = |v: &Value| match v {
        Value::Bool(b) => f64::from(u8::from(*b)),
        _ => v.as_f64().unwrap_or_else(|| v.as_str().unwrap().parse().unwrap()),
    };
    let values: Vec<f64> = array["values"].as_array().unwrap().iter().map(number).collect();
    let shape: Vec<usize> = serde_json::from_value(array["shape"].clone()).unwrap();
    Some(TensorData::from_f64(&values, shape, dtype).unwrap())
}

fn tensor(array: &Value, device: &Device) -> Option<Tensor> {
    data(array).map(|d| Tensor::from_data_on(d, device).unwrap())
}

fn update(metric: &Metric, batch: &Value, device: &Device) -> Result<Tensor> {
    let part = |name: &str| tensor(&batch[name], device);
    let y_pred = part("y_pred").unwrap();
    let y_true = part("y_true").unwrap_or_else(|| y_pred.clone());
    metric.update_masked(&y_true, &y_pred, part("sample_weight").as_ref(), part("mask").as_ref())?;
    metric.result()
}

/// Data types of a case that a device may lack.
fn supported(case: &Value, device: &Device) -> bool {
    let text = case.to_string();
    DType::ALL.into_iter().all(|d| device.supports(d) || !text.contains(&format!("\"{}\"", d.name())))
}

/// Compares a result; half precision, which adds in another order elsewhere, to its own last digits.
fn differs(what: &str, got: &Tensor, want: &Value, half: bool) -> std::result::Result<(), String> {
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

#[test]
fn metrics_compute_what_keras_computes() {
    let mut failures = Vec::new();
    for case in parts("cases") {
        let name = case["name"].as_str().unwrap();
        let mut object = case["object"].clone();
        if let Some(arguments) = case["arguments"].as_object() {
            object["config"].as_object_mut().unwrap().extend(arguments.clone());
        }
        for device in devices().into_iter().filter(|d| supported(&case, d)) {
            let what = format!("{name} on {}", device.backend());
            let mut run = || -> Result<()> {
                let metric = load(&object)?;
                let half = case.to_string().contains("float16\"");
                let mut check = |step: &str, got: Tensor, want: &Value| {
                    failures.extend(differs(&format!("{what}, {step}"), &got, want, half).err());
                };
                assert_eq!(metric.to_config(), object, "{name}");
                let batches = case["batches"].as_array().unwrap();
                for (i, batch) in batches.iter().enumerate() {
                    check(&format!("batch {i}"), update(&metric, batch, &device)?, &case["results"][i]);
                }
                metric.reset_state();
                check("after reset", metric.result()?, &case["after_reset"]);
                check("again", update(&metric, &batches[0], &device)?, &case["again"]);
                Ok(())
            };
            let outcome = run();
            failures.extend(outcome.err().map(|e| format!("{what}: {e}")));
        }
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
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
    let loading = Loading { registry: Registry::keras(), custom: &custom };
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
