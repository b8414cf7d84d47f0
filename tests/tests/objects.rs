//! Activations, initializers, regularizers, constraints and policies against real Keras.

use crate::support::{devices, json};
use keras_rs::activations::{self, Activation};
use keras_rs::config::{ConfigReader, CustomObjects, FromConfig, IntoConfig, Loading, Registered, Registry};
use keras_rs::constraints::Constraint;
use keras_rs::initializers::{Identity, Initializer};
use keras_rs::layers::{Dense, Layer, LayerExt, LeakyReLU, PReLU};
use keras_rs::regularizers::Regularizer;
use keras_rs::{DType, DTypePolicy, Device, Error, Result, Tensor, TensorData};
use serde_json::{Value, json};

fn fixture(part: &str) -> Vec<Value> {
    json("objects/objects.json")[part].as_array().unwrap_or_else(|| panic!("no list {part}")).clone()
}

fn load<T: Registered>(object: &Value) -> Result<T> {
    let custom = CustomObjects::new();
    Loading { registry: Registry::keras(), custom: &custom }.object(object, "case", "object")
}

fn floats(values: &Value) -> Vec<f64> {
    // The fixture writes numbers that JSON lacks as text.
    values
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap_or_else(|| v.as_str().unwrap().parse().unwrap()))
        .collect()
}

fn shape(value: &Value) -> Vec<usize> {
    serde_json::from_value(value.clone()).unwrap()
}

pub fn tensor(array: &Value, device: &Device) -> Tensor {
    let dtype: DType = array["dtype"].as_str().unwrap().parse().unwrap();
    let data = TensorData::from_f64(&floats(&array["values"]), shape(&array["shape"]), dtype).unwrap();
    Tensor::from_data_on(data, device).unwrap()
}

/// Checks each element: `got` may be off by `tolerance` of the wanted value, or of 1 where that is less.
fn close(what: &str, got: &Tensor, want: &[f64], tolerance: f64) {
    let got = got.to_f64_vec().unwrap();
    assert_eq!(got.len(), want.len(), "{what}");
    for (i, (&g, &w)) in got.iter().zip(want).enumerate() {
        let fits = g == w || (g - w).abs() <= tolerance * w.abs().max(1.0);
        assert!(fits, "{what}: element {i} is {g}, expected {w}");
    }
}

#[test]
fn activations_compute_what_keras_computes() {
    let input = &json("objects/objects.json")["activation_input"];
    let mut failures = Vec::new();
    for case in fixture("activations") {
        let (name, kwargs) = (case["name"].as_str().unwrap(), &case["kwargs"]);
        for device in devices() {
            for dtype in ["float32", "float64"] {
                let parsed: DType = dtype.parse().unwrap();
                if !device.supports(parsed) {
                    continue;
                }
                let x = tensor(input, &device).cast(parsed).unwrap();
                let want = &case[dtype];
                let y = apply(name, kwargs, &x).unwrap();
                assert_eq!(y.shape(), shape(&want["shape"]), "{name}");
                assert_eq!(y.dtype(), parsed, "{name}");
                let tolerance = if parsed == DType::F64 { 1e-12 } else { 1e-6 };
                let got = y.to_f64_vec().unwrap();
                for (i, (g, w)) in got.iter().zip(floats(&want["values"])).enumerate() {
                    if !(*g == w || (g - w).abs() <= tolerance * w.abs().max(1.0)) {
                        failures
                            .push(format!("{name} {kwargs} {dtype} {device:?}: {i} is {g}, expected {w}"));
                        break;
                    }
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Calls a function by its Keras name and keyword arguments.
pub fn apply(name: &str, kwargs: &Value, x: &Tensor) -> Result<Tensor> {
    let number = |key: &str| kwargs[key].as_f64();
    let axis = kwargs["axis"].as_i64().map(|a| a as isize);
    match name {
        "relu" if number("threshold").is_some() => activations::relu_with(
            x,
            number("negative_slope").unwrap(),
            number("max_value"),
            number("threshold").unwrap(),
        ),
        "threshold" => {
            activations::threshold(x, number("threshold").unwrap(), number("default_value").unwrap())
        }
        "celu" if number("alpha").is_some() => activations::celu_with(x, number("alpha").unwrap()),
        "elu" if number("alpha").is_some() => activations::elu_with(x, number("alpha").unwrap()),
        "gelu" if kwargs["approximate"] == true => activations::gelu_with(x, true),
        "hard_shrink" if number("threshold").is_some() => {
            activations::hard_shrink_with(x, number("threshold").unwrap())
        }
        "soft_shrink" if number("threshold").is_some() => {
            activations::soft_shrink_with(x, number("threshold").unwrap())
        }
        "leaky_relu" if number("negative_slope").is_some() => {
            activations::leaky_relu_with(x, number("negative_slope").unwrap())
        }
        "squareplus" if number("b").is_some() => activations::squareplus_with(x, number("b").unwrap()),
        "glu" if axis.is_some() => activations::glu_with(x, axis.unwrap()),
        "softmax" if axis.is_some() => activations::softmax_with(x, axis.unwrap()),
        "log_softmax" if axis.is_some() => activations::log_softmax_with(x, axis.unwrap()),
        "sparsemax" if axis.is_some() => activations::sparsemax_with(x, axis.unwrap()),
        _ => Activation::try_from(name)?.call(x),
    }
}

#[test]
fn infinities_and_nan_pass_through() {
    let nan = f64::NAN;
    let inf = f64::INFINITY;
    // Real Keras for [-inf, nan, inf].
    let cases: [(&str, [f64; 3]); 9] = [
        ("relu", [0.0, nan, inf]),
        ("relu6", [0.0, nan, 6.0]),
        ("sigmoid", [0.0, nan, 1.0]),
        ("tanh", [-1.0, nan, 1.0]),
        ("softplus", [0.0, nan, inf]),
        ("elu", [-1.0, nan, inf]),
        ("hard_sigmoid", [0.0, nan, 1.0]),
        ("exponential", [0.0, nan, inf]),
        ("leaky_relu", [-inf, nan, inf]),
    ];
    for device in devices() {
        for (name, want) in cases {
            let data = TensorData::from_values(&[-inf, nan, inf], vec![3]).unwrap();
            let x = Tensor::from_data_on(data, &device).unwrap().cast(DType::F32).unwrap();
            let got = Activation::try_from(name).unwrap().call(&x).unwrap().to_f64_vec().unwrap();
            // Where the function is composed, the largest finite number may stand for infinity.
            let same = |g: f64, w: f64| g == w || (g.is_nan() && w.is_nan()) || (w == inf && g > 1e38);
            assert!(
                got.iter().zip(want).all(|(&g, w)| same(g, w)),
                "{name} on {device:?}: {got:?}, expected {want:?}"
            );
        }
    }
}

#[test]
fn initializers_keep_their_configuration_and_promise() {
    for case in fixture("initializers") {
        let name = case["name"].as_str().unwrap();
        let mut initializer: Initializer = load(&case["object"]).unwrap();
        assert_eq!(initializer.to_config(), case["object"], "{name}");
        if name == "Identity_gain" {
            // Keras does not write the gain.
            initializer = Identity::new().gain(0.5).into();
        }
        for wanted in case["shapes"].as_array().unwrap() {
            let dims = shape(&wanted["shape"]);
            let made: Vec<Tensor> =
                devices().iter().map(|d| initializer.call(&dims, DType::F32, d, 11).unwrap()).collect();
            let values = made[0].to_f64_vec().unwrap();
            for other in &made {
                assert_eq!(other.shape(), dims, "{name}");
                assert_eq!(other.to_f64_vec().unwrap(), values, "{name}: one seed, one result");
            }
            if let Some(exact) = wanted.get("values") {
                close(name, &made[0], &floats(exact), 1e-6);
                continue;
            }
            let fixed = case["object"]["config"]["seed"].is_number();
            let other = initializer.call(&dims, DType::F32, &devices()[0], 12).unwrap();
            assert_eq!(other.to_f64_vec().unwrap() == values, fixed, "{name}: its own seed wins");
            match wanted["orthogonal"].as_f64() {
                Some(gain) => check_orthogonal(name, &made[0], gain),
                None => check_distribution(name, &values, wanted),
            }
        }
    }
}

fn check_orthogonal(name: &str, q: &Tensor, gain: f64) {
    let columns = *q.shape().last().unwrap();
    let rows = q.len() / columns;
    let q = q.reshape([rows, columns]).unwrap();
    let t = q.transpose().unwrap();
    let (product, size) = if rows < columns { (q.matmul(&t), rows) } else { (t.matmul(&q), columns) };
    let mut identity = vec![0.0; size * size];
    identity.iter_mut().step_by(size + 1).for_each(|v| *v = gain * gain);
    close(name, &product.unwrap(), &identity, 1e-5);
}

/// Mean, spread, bounds and the weight of the tails.
fn check_distribution(name: &str, values: &[f64], wanted: &Value) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let moment = |k: i32| values.iter().map(|v| (v - mean).powi(k)).sum::<f64>() / n;
    let (std, kurtosis) = (moment(2).sqrt(), moment(4) / moment(2).powi(2));
    let (want_mean, want_std) = (wanted["mean"].as_f64().unwrap(), wanted["std"].as_f64().unwrap());
    assert!(
        (mean - want_mean).abs() < 5.0 * want_std / n.sqrt(),
        "{name}: mean {mean}, expected {want_mean}"
    );
    assert!((std / want_std - 1.0).abs() < 5.0 / n.sqrt(), "{name}: deviation {std}, expected {want_std}");
    if let (Some(min), Some(max)) = (wanted["min"].as_f64(), wanted["max"].as_f64()) {
        let slack = 1e-5 * (max - min);
        let within = values.iter().all(|v| (min - slack..=max + slack).contains(v));
        assert!(within, "{name}: values outside {min}..={max}");
        let widest = values.iter().fold(f64::MIN, |m, v| m.max(*v));
        assert!(widest > max - 0.1 * (max - min), "{name}: nothing near {max}, at most {widest}");
    }
    let want_kurtosis = match wanted["kind"].as_str().unwrap() {
        "uniform" => 1.8,
        "truncated_normal" => 2.366,
        _ => 3.0,
    };
    assert!((kurtosis - want_kurtosis).abs() < 0.4, "{name}: kurtosis {kurtosis}, expected {want_kurtosis}");
}

#[test]
fn seed_generators_give_other_values_each_time() {
    let object = json!({"class_name": "HeNormal", "config": {"seed": {
        "module": "keras.random", "class_name": "SeedGenerator",
        "config": {"seed": 5, "name": "seed_generator"}, "registered_name": null}}});
    let draw = || {
        let made: Initializer = load(&object).unwrap();
        assert_eq!(made.to_config()["config"]["seed"], object["config"]["seed"]);
        let one = || made.call(&[4, 4], DType::F32, &devices()[0], 0).unwrap().to_vec::<f32>().unwrap();
        (one(), one())
    };
    let (first, second) = draw();
    assert_ne!(first, second);
    assert_eq!(draw(), (first, second));
}

#[test]
fn constants_may_be_arrays() {
    for value in [
        json!([1, 2.5]),
        json!({"class_name": "__numpy__", "config": {"value": [1, 2.5], "dtype": "float64"}}),
    ] {
        let object = json!({"module": "keras.initializers", "class_name": "Constant",
            "config": {"value": value}, "registered_name": null});
        let made: Initializer = load(&object).unwrap();
        assert_eq!(made.to_config(), object);
        let values = made.call(&[2, 2], DType::F32, &devices()[0], 0).unwrap();
        assert_eq!(values.to_vec::<f32>().unwrap(), [1.0, 2.5, 1.0, 2.5]);
    }
    let ragged = json!({"class_name": "Constant", "config": {"value": [[1, 2], [3]]}});
    assert!(matches!(load::<Initializer>(&ragged), Err(Error::Config { .. })));
}

#[test]
fn regularizers_compute_what_keras_computes() {
    for case in fixture("regularizers") {
        let name = case["name"].as_str().unwrap();
        let regularizer: Regularizer = load(&case["object"]).unwrap();
        assert_eq!(regularizer.to_config(), case["object"], "{name}");
        if let Some(short) = name.strip_prefix("name_") {
            assert_eq!(Regularizer::try_from(short).unwrap(), regularizer);
        }
        for device in devices() {
            let loss = regularizer.call(&tensor(&case["input"], &device)).unwrap();
            assert!(loss.shape().is_empty(), "{name}: a scalar");
            close(name, &loss, &[case["loss"].as_f64().unwrap()], 1e-6);
        }
    }
    let old = Regularizer::try_from("l1_l2").unwrap();
    assert_eq!(old.to_config()["config"], json!({"l1": 0.01, "l2": 0.01}));
}

#[test]
fn constraints_compute_what_keras_computes() {
    for case in fixture("constraints") {
        let name = case["name"].as_str().unwrap();
        let constraint: Constraint = load(&case["object"]).unwrap();
        assert_eq!(constraint.to_config(), case["object"], "{name}");
        for device in devices() {
            for pair in case["inputs"].as_array().unwrap() {
                let y = constraint.call(&tensor(&pair["input"], &device)).unwrap();
                assert_eq!(y.shape(), shape(&pair["output"]["shape"]), "{name}");
                close(name, &y, &floats(&pair["output"]["values"]), 1e-6);
            }
        }
    }
}

#[test]
fn policies_are_kerass() {
    for case in fixture("policies") {
        let policy = DTypePolicy::from_value(&case["object"]).unwrap();
        assert_eq!(policy.to_config(), case["object"]);
        assert_eq!(policy.compute_dtype().name(), case["compute_dtype"]);
        assert_eq!(policy.variable_dtype().name(), case["variable_dtype"]);
    }
}

#[test]
fn names_mean_what_they_mean_in_keras() {
    let names = &json("objects/objects.json")["names"];
    // The base classes compute nothing; what is left of a name in Keras is the class or function.
    let checks: [(&str, fn(&str) -> Result<String>); 4] = [
        ("activations", |n| Ok(Activation::try_from(n)?.to_config().as_str().unwrap().into())),
        ("initializers", |n| Ok(Initializer::try_from(n)?.class_name().into())),
        ("regularizers", |n| Ok(Regularizer::try_from(n)?.class_name().into())),
        ("constraints", |n| Ok(Constraint::try_from(n)?.class_name().into())),
    ];
    for (kind, class_of) in checks {
        for (name, class) in names[kind].as_object().unwrap() {
            if ["Initializer", "Regularizer", "Constraint"].iter().any(|base| class == base) {
                continue;
            }
            assert_eq!(class_of(name).unwrap(), class.as_str().unwrap(), "{kind}: {name}");
        }
    }
}

#[test]
fn what_keras_refuses_is_refused() {
    let refused = &json("objects/objects.json")["refused"];
    for case in refused["initializers"].as_array().unwrap() {
        assert!(load::<Initializer>(case).is_err(), "{case}");
    }
    for case in refused["regularizers"].as_array().unwrap() {
        assert!(load::<Regularizer>(case).is_err(), "{case}");
    }
    let Err(Error::UnknownName { kind, nearest, .. }) = Activation::try_from("rellu") else {
        panic!("rellu is no activation");
    };
    assert_eq!((kind, nearest[0].as_str()), ("activation", "relu"));
    assert!(
        Activation::try_from("threshold").unwrap().call(&Tensor::zeros([1], DType::F32).unwrap()).is_err()
    );
}

/// A Dense layer with this activation, read from a file that `custom` belongs to.
fn dense(activation: &Value, custom: &CustomObjects) -> Result<Box<dyn Layer>> {
    let object = json!({"class_name": "Dense", "config": {"units": 2, "activation": activation}});
    Loading { registry: Registry::keras(), custom }.object(&object, "case", "layer")
}

#[test]
fn activations_may_be_layers_and_functions_of_users() {
    let none = CustomObjects::new();
    let layer = json!({"module": "keras.layers", "class_name": "LeakyReLU", "config": {
        "name": "leaky_re_lu", "trainable": true, "dtype": DTypePolicy::default().to_config(),
        "negative_slope": 0.2}, "registered_name": null});
    assert_eq!(dense(&layer, &none).unwrap().config()["activation"], layer);
    let by_hand = Dense::new(2).activation(LeakyReLU::new().negative_slope(0.2)).shared();
    assert_eq!(by_hand.config()["activation"], layer);

    let function = json!({"module": "builtins", "class_name": "function", "config": "mine>twice",
        "registered_name": "function"});
    assert!(matches!(dense(&function, &none), Err(Error::UnknownName { .. })));
    let make =
        |_: &mut ConfigReader<'_>| Ok(Activation::function("mine>twice", |x: &Tensor| x.mul_scalar(2.0)));
    for name in ["mine>twice", "twice"] {
        let custom = CustomObjects::new().activation(name, make);
        assert_eq!(dense(&function, &custom).unwrap().config()["activation"], function);
    }
}

#[test]
fn variables_of_an_activation_belong_to_its_layer() {
    let layer = Dense::new(3).activation(PReLU::new()).shared();
    layer.build(&[keras_rs::Shape::from([None, Some(4)])]).unwrap();
    let listed: Vec<String> =
        layer.variables().iter().map(|v| format!("{} {:?}", v.path(), v.shape())).collect();
    // Names as real Keras gives them to `Dense(3, activation=PReLU())`.
    assert_eq!(listed, ["dense/kernel [4, 3]", "dense/bias [3]", "dense/p_re_lu/alpha [3]"]);
}

#[test]
fn odd_shapes_and_types_are_no_panic() {
    let functions = json("objects/objects.json")["names"]["activations"].clone();
    for device in devices() {
        for name in functions.as_object().unwrap().keys() {
            let activation = Activation::try_from(name.as_str()).unwrap();
            for dims in [vec![], vec![0], vec![2, 0], vec![0, 2], vec![1, 1, 2, 1, 2]] {
                for dtype in DType::ALL.into_iter().filter(|d| device.supports(*d)) {
                    let x = Tensor::full_on(&dims, 1.0, dtype, &device).unwrap();
                    let run = || drop(activation.call(&x));
                    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
                    assert!(outcome.is_ok(), "{name} of {dtype} {dims:?} on {device:?}");
                }
            }
        }
    }
}

#[test]
fn half_precision_follows_single_precision() {
    let input = &json("objects/objects.json")["activation_input"];
    for device in devices() {
        for dtype in [DType::F16, DType::BF16].into_iter().filter(|d| device.supports(*d)) {
            let x = tensor(input, &device).cast(dtype).unwrap();
            let wide = x.cast(DType::F32).unwrap();
            for name in ["relu", "gelu", "silu", "softplus", "elu", "tanh", "sigmoid", "softmax", "mish"] {
                let activation = Activation::try_from(name).unwrap();
                let y = activation.call(&x).unwrap();
                assert_eq!(y.dtype(), dtype);
                close(name, &y, &activation.call(&wide).unwrap().to_f64_vec().unwrap(), 2e-2);
            }
        }
    }
}
