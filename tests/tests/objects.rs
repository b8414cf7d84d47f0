//! Activations, initializers, regularizers and constraints: names, functions, refusals, odd data.

use crate::support::objects::{close, tensor};
use crate::support::{devices, json, load};
use keras_rs::activations::Activation;
use keras_rs::config::{ConfigReader, CustomObjects, IntoConfig, Loading};
use keras_rs::constraints::Constraint;
use keras_rs::initializers::Initializer;
use keras_rs::layers::{Dense, Layer, LayerExt, LeakyReLU, PReLU};
use keras_rs::regularizers::Regularizer;
use keras_rs::{DType, DTypePolicy, Error, Result, Tensor, TensorData};
use serde_json::{Value, json};

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
fn the_old_name_of_a_regularizer_has_its_old_defaults() {
    let old = Regularizer::try_from("l1_l2").unwrap();
    assert_eq!(old.to_config()["config"], json!({"l1": 0.01, "l2": 0.01}));
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
    Loading::new(custom).object(&object, "case", "layer")
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
