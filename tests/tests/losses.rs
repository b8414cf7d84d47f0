//! Names of losses, functions as losses, and what losses refuse.

use crate::support::losses::{FAMILIES, near, open};
use crate::support::{devices, json, load as load_object};
use keras_rs::config::{Config, CustomObjects, Loading};
use keras_rs::losses::{self, ComputeLoss, Loss, LossFunctionWrapper};
use keras_rs::{Error, GradientTape, Tensor};
use serde_json::{Value, json};
use std::collections::HashMap;

fn load(object: &Value) -> keras_rs::Result<Loss> {
    load_object(object)
}

fn names() -> Value {
    json("training/losses/names.json")
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
        for case in cases.as_array().unwrap() {
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
    let loading = Loading::new(&custom);
    let read: Loss = loading.object(&written, "file", "loss").unwrap();
    assert_eq!(read, made);
    let y_pred = tensor(&[1.0, 2.0, 4.0, 3.0], &[2, 2]);
    assert_eq!(read.compute(&y_pred, &y_pred, None).unwrap().to_scalar().unwrap(), 6.0);
    let _: Config = read.config();
}
