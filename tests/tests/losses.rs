//! Every loss against real Keras: configuration, values and gradients, on every backend.

use crate::support::{Tensors, chain, compare, devices, floats, json};
use keras_rs::config::{Config, CustomObjects, Loading, Registry};
use keras_rs::losses::{self, ComputeLoss, Loss, LossFunctionWrapper};
use keras_rs::{Device, Error, GradientTape, Tensor, TensorData};
use serde_json::{Value, json};
use std::collections::HashMap;

/// One test a family.
macro_rules! families {
    ($($family:ident),*) => {
        const FAMILIES: &[&str] = &[$(stringify!($family)),*];

        $(#[test]
        fn $family() {
            check_family(stringify!($family));
        })*
    };
}

families!(regression, hinge, probabilistic, binary, categorical, sparse, segmentation, circle, ctc);

fn load(object: &Value) -> keras_rs::Result<Loss> {
    let custom = CustomObjects::new();
    let loading = Loading { registry: Registry::keras(), custom: &custom };
    loading.object(object, "case", "loss")
}

fn names() -> Value {
    json("training/losses/names.json")
}

/// The tensors and the cases of a family.
fn open(family: &str) -> (Tensors, Vec<Value>) {
    let tensors = Tensors::open(&format!("training/losses/{family}.safetensors"));
    let cases = json(&format!("training/losses/{family}.json"));
    (tensors, cases["cases"].as_array().unwrap().clone())
}

/// The class of a case with more arguments.
fn with(case: &Value, more: &[(&str, Value)]) -> Value {
    let mut object = case["object"].clone();
    for (key, value) in more {
        object["config"][*key] = value.clone();
    }
    object
}

/// Arguments that Keras' configurations leave out.
fn left_out(case: &Value) -> Vec<(&str, Value)> {
    let config = &case["object"]["config"];
    let arguments = case["arguments"].as_object().unwrap().iter();
    arguments.filter(|(k, _)| config.get(k).is_none()).map(|(k, v)| (k.as_str(), v.clone())).collect()
}

/// Whether values are equal to a share of the largest.
fn near(what: &str, got: &Tensor, want: &TensorData, tolerance: f64) -> Result<(), String> {
    compare(what, got, want, tolerance)?;
    let wanted = floats(want);
    let scale = wanted.iter().fold(1e-2, |m: f64, v| m.max(v.abs()));
    for (g, w) in got.to_f64_vec().unwrap().into_iter().zip(wanted) {
        if (g - w).abs() > tolerance * scale || g.is_nan() {
            return Err(format!("{what}: {g}, expected {w} (scale {scale})"));
        }
    }
    Ok(())
}

/// Runs every case of a family and reports all that fail.
fn check_family(family: &str) {
    let only = std::env::var("CASE").unwrap_or_default();
    let (tensors, cases) = open(family);
    let cases: Vec<&Value> = cases.iter().filter(|c| c["name"].as_str().unwrap().contains(&only)).collect();
    let mut failures = Vec::new();
    for case in &cases {
        for device in devices() {
            if let Err(why) = check_case(case, &tensors, &device) {
                failures.push(format!("{} on {}: {why}", case["name"], device.backend()));
            }
        }
    }
    assert!(!cases.is_empty() || !only.is_empty(), "{family} has no cases");
    assert!(failures.is_empty(), "{} of {} failed:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

fn check_case(case: &Value, tensors: &Tensors, device: &Device) -> Result<(), String> {
    let text = |e: Error| chain(&e);
    let name = case["name"].as_str().unwrap();
    let wide = case["dtype"] == "float64";
    if !device.supports(case["dtype"].as_str().unwrap().parse().map_err(text)?) {
        return Ok(());
    }
    let tensor = |what: &str| {
        let data = tensors.get(&format!("{name}/{what}")).filter(|d| device.supports(d.dtype()));
        data.map(|d| Tensor::from_data_on(d, device).unwrap())
    };
    let (Some(y_true), Some(y_pred)) = (tensor("y_true"), tensor("y_pred")) else { return Ok(()) };

    let mut more = left_out(case);
    let loss = load(&with(case, &more)).map_err(text)?;
    let (got, want) = (Value::Object(loss.config()), &with(case, &more)["config"]);
    // As text, which holds the order of the entries, too.
    let (got, want) = (got.to_string(), want.to_string());
    if got != want {
        return Err(format!("configuration {got}, expected {want}"));
    }
    if name != "sparse_outside" {
        loss.check(&y_true, y_pred.shape()).map_err(text)?;
    }

    more.push(("dtype", case["dtype"].clone()));
    let loss = load(&with(case, &more)).map_err(text)?;
    let dtype = loss.base().dtype;
    let (values, mask) = loss
        .call_masked(&y_true.cast(dtype).map_err(text)?, &y_pred.cast(dtype).map_err(text)?)
        .map_err(text)?;
    let tolerance = if wide { 1e-8 } else { 1e-5 };
    near("call", &values, &tensors.expect(&format!("{name}/call")), tolerance)?;
    match (mask, tensor("own_mask")) {
        (Some(got), Some(want)) if got.to_vec::<bool>().unwrap() == want.to_vec::<bool>().unwrap() => {}
        (None, None) => {}
        (got, want) => return Err(format!("mask {got:?}, expected {want:?}")),
    }

    for run in case["runs"].as_array().unwrap() {
        let (combination, reduction) =
            (run["combination"].as_str().unwrap(), run["reduction"].as_str().unwrap());
        let key = format!("{name}/{combination}/{reduction}");
        let mut more = more.clone();
        more.push(("reduction", reduction.into()));
        let loss = load(&with(case, &more)).map_err(text)?;
        let weight = tensor("sample_weight").filter(|_| combination.contains("weight"));
        let mask = tensor("mask").filter(|_| combination.contains("mask"));
        let mut tape = GradientTape::new(&[]).map_err(text)?;
        let y_pred = tape.watch(&y_pred).map_err(text)?;
        let value = loss.compute_masked(&y_true, &y_pred, weight.as_ref(), mask.as_ref()).map_err(text)?;
        near(&key, &value, &tensors.expect(&format!("{key}/value")), tolerance)?;
        let gradient = tape.gradient(&value.sum(&[], false).map_err(text)?).map_err(text)?;
        let gradient = gradient[0].as_ref().ok_or_else(|| format!("{key}: no gradient"))?;
        let want = tensors.expect(&format!("{key}/gradient"));
        near(&format!("{key}, gradient"), gradient, &want, tolerance * 10.0)?;
    }
    Ok(())
}

type Function = fn(&Tensor, &Tensor) -> keras_rs::Result<Tensor>;

const FUNCTIONS: [(&str, Function); 22] = [
    ("BinaryCrossentropy", losses::binary_crossentropy),
    ("BinaryFocalCrossentropy", losses::binary_focal_crossentropy),
    ("CTC", losses::ctc),
    ("CategoricalCrossentropy", losses::categorical_crossentropy),
    ("CategoricalFocalCrossentropy", losses::categorical_focal_crossentropy),
    ("CategoricalGeneralizedCrossEntropy", |t, p| losses::categorical_generalized_cross_entropy(t, p, 0.5)),
    ("CategoricalHinge", losses::categorical_hinge),
    ("Circle", losses::circle),
    ("CosineSimilarity", losses::cosine_similarity),
    ("Dice", losses::dice),
    ("Hinge", losses::hinge),
    ("Huber", losses::huber),
    ("KLDivergence", losses::kl_divergence),
    ("LogCosh", losses::log_cosh),
    ("MeanAbsoluteError", losses::mean_absolute_error),
    ("MeanAbsolutePercentageError", losses::mean_absolute_percentage_error),
    ("MeanSquaredError", losses::mean_squared_error),
    ("MeanSquaredLogarithmicError", losses::mean_squared_logarithmic_error),
    ("Poisson", losses::poisson),
    ("SparseCategoricalCrossentropy", losses::sparse_categorical_crossentropy),
    ("SquaredHinge", losses::squared_hinge),
    ("Tversky", losses::tversky),
];

#[test]
fn functions_have_the_defaults_of_the_classes() {
    let mut ran = HashMap::new();
    for family in FAMILIES {
        let (tensors, cases) = open(family);
        for case in cases {
            let name = case["name"].as_str().unwrap();
            let plain = case["arguments"].as_object().unwrap().is_empty() && case["dtype"] == "float32";
            let function = FUNCTIONS.iter().find(|(class, _)| case["object"]["class_name"] == *class);
            let (Some((class, function)), true) = (function, plain && !name.contains("_flat_")) else {
                continue;
            };
            *ran.entry(*class).or_insert(0) += 1;
            let [y_true, y_pred] = ["y_true", "y_pred"]
                .map(|what| Tensor::from_data(tensors.expect(&format!("{name}/{what}"))).unwrap());
            let got = function(&y_true, &y_pred).unwrap();
            near(name, &got, &tensors.expect(&format!("{name}/call")), 1e-5).unwrap();
        }
    }
    assert_eq!(ran.len(), FUNCTIONS.len(), "{ran:?}");
}

#[test]
fn circle_with_references() {
    let (tensors, _) = open("circle");
    let [y_true, y_pred, labels, embeddings] = ["y_true", "y_pred", "ref_labels", "ref_embeddings"]
        .map(|what| Tensor::from_data(tensors.expect(&format!("references/{what}"))).unwrap());
    for diagonal in [false, true] {
        let got =
            losses::circle_with(&y_true, &y_pred, Some(&labels), Some(&embeddings), diagonal, 10.0, 0.3);
        near("circle", &got.unwrap(), &tensors.expect(&format!("references/{diagonal}")), 1e-5).unwrap();
    }
}

#[test]
fn names_mean_what_they_mean_in_keras() {
    let fixture = names();
    for (name, want) in fixture["names"].as_object().unwrap() {
        let loss = Loss::try_from(name.as_str()).unwrap();
        assert_eq!((loss.class_name(), loss.base().name.as_str()), {
            (want["class_name"].as_str().unwrap(), want["name"].as_str().unwrap())
        });
    }
    for name in fixture["unknown"].as_array().unwrap() {
        match Loss::try_from(name.as_str().unwrap()) {
            Err(Error::UnknownName { kind: "loss", nearest, .. }) => assert!(!nearest.is_empty()),
            other => panic!("{name}: {other:?}"),
        }
    }
    let error = Loss::try_from("binary_crossentrpy").unwrap_err().to_string();
    assert!(error.starts_with("unknown loss \"binary_crossentrpy\"; the nearest are: binary_crossentropy"));
}

#[test]
fn what_keras_refuses_is_refused() {
    let fixture = names();
    for object in fixture["refused"].as_array().unwrap() {
        assert!(load(object).is_err(), "{object}");
    }
    for case in fixture["misfits"].as_array().unwrap() {
        let loss = load(case).unwrap();
        let ones = |key: &str| {
            let shape: Vec<usize> = serde_json::from_value(case[key].clone()).unwrap();
            Tensor::ones(shape, keras_rs::DType::F32).unwrap()
        };
        let (y_true, y_pred) = (ones("y_true"), ones("y_pred"));
        assert!(loss.compute(&y_true, &y_pred, None).is_err(), "{case}");
        if case["config"].get("axis").is_none() {
            match loss.check(&y_true, y_pred.shape()) {
                Err(Error::Shape { argument, .. }) => assert!(["y_true", "y_pred"].contains(&&*argument)),
                other => panic!("{case}: {other:?}"),
            }
        }
    }
}

fn tensor(values: &[f32], shape: &[usize]) -> Tensor {
    Tensor::from_slice(values, shape.to_vec()).unwrap()
}

#[test]
fn targets_are_checked_before_anything_is_computed() {
    let refusal = |loss: Loss, y_true: &Tensor, y_pred: &[usize]| {
        let error = loss.check(y_true, y_pred).unwrap_err();
        assert!(matches!(&error, Error::Argument { argument, .. } if argument == "y_true"), "{error:?}");
        error.to_string()
    };
    for name in names()["names"].as_object().unwrap().keys() {
        let loss = || Loss::try_from(name.as_str()).unwrap();
        let (rows, y_pred): (&[usize], &[usize]) = match loss().class_name() {
            "SparseCategoricalCrossentropy" | "Circle" => (&[2], &[2, 3]),
            "CTC" => (&[1, 2], &[1, 4, 3]),
            _ => (&[2, 1], &[2, 1]),
        };
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let text = refusal(loss(), &tensor(&[0.0, bad], rows), y_pred);
            assert!(text.contains("finite numbers, got"), "{text}");
        }
    }
    let sparse = || losses::SparseCategoricalCrossentropy::new();
    let labels = |values: &[i32]| Tensor::from_slice(values, [values.len()]).unwrap();
    let cases: [(Loss, Tensor, &[usize], &str); 7] = [
        (sparse().into(), labels(&[0, 3]), &[2, 3], "labels from 0 to 2, got 3 at (1,)"),
        (sparse().into(), labels(&[-1, 0]), &[2, 3], "labels from 0 to 2, got -1 at (0,)"),
        (
            sparse().ignore_class(-1).into(),
            labels(&[-1, -2]),
            &[2, 3],
            "labels from 0 to 2, or -1, which is ignored, got -2 at (1,)",
        ),
        (sparse().axis(1).into(), tensor(&[0.0, 3.0], &[1, 2]), &[1, 3, 2], "got 3 at (0, 1)"),
        (
            losses::CategoricalGeneralizedCrossEntropy::new().into(),
            labels(&[5, 0]),
            &[2, 3],
            "labels from 0 to 2, got 5 at (0,)",
        ),
        (losses::CTC::new().into(), tensor(&[1.0, 3.0], &[1, 2]), &[1, 4, 3], "got 3 at (0, 1)"),
        (sparse().into(), labels(&[0]), &[1, 0], "no labels, because there are no classes"),
    ];
    for (loss, y_true, y_pred, want) in cases {
        let text = refusal(loss, &y_true, y_pred);
        assert!(text.contains(want), "{text}");
    }
    sparse().ignore_class(255).check(&Tensor::from_vec(vec![255_u8, 1], [2]).unwrap(), &[2, 2]).unwrap();
    sparse().ignore_class(-1).check(&Tensor::from_vec(vec![255_u8, 1], [2]).unwrap(), &[2, 2]).unwrap_err();

    let weight = tensor(&[1.0; 3], &[3]);
    let (y_true, y_pred) = (tensor(&[0.0; 4], &[4, 1]), tensor(&[0.0; 4], &[4, 1]));
    let error = Loss::try_from("mse").unwrap().compute(&y_true, &y_pred, Some(&weight)).unwrap_err();
    assert!(matches!(error, Error::Shape { argument, .. } if argument == "sample_weight"));
}

#[test]
fn a_prediction_that_is_no_number_is_not_hidden() {
    for device in devices() {
        for name in names()["names"].as_object().unwrap().keys() {
            let loss = Loss::try_from(name.as_str()).unwrap();
            let (labels, shape): (&[usize], &[usize]) = match loss.class_name() {
                "SparseCategoricalCrossentropy" | "Circle" => (&[2], &[2, 3]),
                "CTC" => (&[1, 2], &[1, 3, 2]),
                _ => (&[2, 3], &[2, 3]),
            };
            let y_true = Tensor::full_on(labels.to_vec(), 1.0, keras_rs::DType::F32, &device).unwrap();
            let y_pred = tensor(&[0.5, 0.25, 0.25, 0.5, f32::NAN, 0.5], shape).to_device(&device).unwrap();
            let mut tape = GradientTape::new(&[]).unwrap();
            for y_pred in [tape.watch(&y_pred).unwrap(), y_pred] {
                let value = loss.compute(&y_true, &y_pred, None).unwrap().to_scalar().unwrap();
                assert!(value.is_nan(), "{name} on {}: {value}", device.backend());
            }
        }
    }
}

#[test]
fn empty_batches_have_no_losses() {
    for device in devices() {
        for name in ["mse", "hinge", "binary_crossentropy", "categorical_crossentropy", "huber"] {
            let empty = Tensor::full_on([0, 3], 0.0, keras_rs::DType::F32, &device).unwrap();
            let loss = Loss::try_from(name).unwrap();
            loss.check(&empty, empty.shape()).unwrap();
            assert_eq!(loss.compute(&empty, &empty, None).unwrap().shape(), [0]);
        }
    }
}

#[test]
fn setters_report_what_is_not_accepted() {
    let (y_true, y_pred) = (tensor(&[0.0, 1.0], &[2, 1]), tensor(&[1.0, 1.0], &[2, 1]));
    let loss = losses::MeanSquaredError::new().reduction("average").reduction("sum");
    assert!(loss.compute(&y_true, &y_pred, None).unwrap_err().to_string().contains("average"));
    let loss = losses::MeanSquaredError::new().dtype("float33");
    assert!(loss.compute(&y_true, &y_pred, None).is_err());
    let loss = losses::MeanSquaredError::new().name("error").reduction("none").dtype("float64");
    assert_eq!(loss.compute(&y_true, &y_pred, None).unwrap().to_vec::<f64>().unwrap(), [1.0, 0.0]);
    assert_eq!(loss.config()["name"], "error");
    assert_eq!(Value::Object(loss.config())["reduction"], "none");
}

#[test]
fn reductions_survive_a_round_trip() {
    for reduction in [json!("none"), json!(null), json!("mean"), json!("sum_over_batch_size")] {
        let object = json!({"class_name": "Huber", "config": {"name": "huber_loss", "reduction": reduction}});
        assert_eq!(load(&object).unwrap().config()["reduction"], reduction);
    }
}

#[test]
fn functions_as_losses() {
    let function = |name: &str| json!({"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"});
    // As a plain function, and in the wrapper that Keras puts around it.
    assert_eq!(load(&function("mean_absolute_error")).unwrap().class_name(), "MeanAbsoluteError");
    let wrapper = json!({
        "module": "keras.src.losses.losses", "class_name": "LossFunctionWrapper", "registered_name": "LossFunctionWrapper",
        "config": {"name": "x", "reduction": "sum", "fn": function("huber"), "delta": 2.0},
    });
    let loss = load(&wrapper).unwrap();
    let config = json!({"name": "x", "reduction": "sum", "delta": 2.0});
    assert_eq!((loss.class_name(), Value::Object(loss.config())), ("Huber", config));
    let nested = json!({"class_name": "LossFunctionWrapper", "config": {"fn": wrapper}});
    assert!(load(&nested).is_err());
    assert!(load(&json!("LossFunctionWrapper")).is_err());

    // One of a user's own.
    let last = |_: &Tensor, y_pred: &Tensor| y_pred.max(&[-1], false);
    let made = Loss::from(LossFunctionWrapper::new("mine>last", last).reduction("sum"));
    assert_eq!(made.base().name, "last");
    let written = keras_rs::config::IntoConfig::to_config(&made);
    assert!(load(&written).is_err());
    let custom = CustomObjects::new().loss("mine>last", move |c| {
        let reduction: losses::Reduction = c.take_or("reduction", losses::Reduction::default())?;
        let name: String = c.take("name")?;
        Ok(LossFunctionWrapper::new("mine>last", last).reduction(reduction).name(name).into())
    });
    let loading = Loading { registry: Registry::keras(), custom: &custom };
    let read: Loss = loading.object(&written, "file", "loss").unwrap();
    assert_eq!(read, made);
    let y_pred = tensor(&[1.0, 2.0, 4.0, 3.0], &[2, 2]);
    assert_eq!(read.compute(&y_pred, &y_pred, None).unwrap().to_scalar().unwrap(), 6.0);
    let _: Config = read.config();
}
