//! Activations, initializers, regularizers and constraints: names, functions, refusals, odd data.

use crate::support::objects::{close, tensor};
use crate::support::{devices, json, load};
use keras_rs::activations::Activation;
use keras_rs::config::{ConfigReader, CustomObjects, IntoConfig, Loading};
use keras_rs::constraints::Constraint;
use keras_rs::initializers::Initializer;
use keras_rs::layers::{
    Dense, Dropout, Layer, LayerExt, LeakyReLU, MultiHeadAttention, PReLU, TimeDistributed,
};
use keras_rs::regularizers::Regularizer;
use keras_rs::{DType, DTypePolicy, DTypePolicyMap, Error, Result, Tensor, TensorData};
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

#[test]
fn a_map_of_policies_refuses_what_it_cannot_hold() {
    let map = DTypePolicyMap::new().with_default("float64").unwrap().with("a", "float16").unwrap();
    let same = map.clone().with("a", "float32");
    assert!(matches!(same, Err(Error::Argument { argument, .. }) if argument == "key"));
    assert!(matches!(map.clone().with("b", "float31"), Err(Error::UnknownName { .. })));
    assert!(matches!(map.clone().with("b", map.clone()), Err(Error::Argument { .. })));
    assert!(matches!(DTypePolicyMap::new().with_default(map.clone()), Err(Error::Argument { .. })));
    // A key is looked at as a pattern once one is needed, as in Keras.
    let odd = map.clone().with("dense(1", "float32").unwrap();
    assert_eq!(odd.get("dense(1").unwrap().name(), "float32");
    assert!(matches!(odd.get("dense"), Err(Error::Argument { .. })));
    let mut map = map;
    assert_eq!((map.len(), map.remove("a").unwrap().name().as_ref()), (1, "float16"));
    assert!(map.is_empty() && !map.contains_key("a") && map.remove("a").is_none());
    assert_eq!(map.get("a").unwrap(), DTypePolicy::from(DType::F64));
    // A layer whose path cannot be looked up says so when it is built.
    let ambiguous = DTypePolicyMap::new().with("d.*", "float64").unwrap().with(".*e", "float64").unwrap();
    let layer = Dense::new(2).name("dense").dtype(ambiguous).shared();
    let error = layer.build(&[keras_rs::Shape::from([None, Some(4)])]).unwrap_err();
    assert!(error.to_string().contains("dense"), "{error}");
    // Quantized policies are unknown so far.
    let quantized = json!({"module": "keras.dtype_policies", "class_name": "DTypePolicyMap", "registered_name": null,
        "config": {"default_policy": null, "policy_map": {"dense": {"module": "keras.dtype_policies",
        "class_name": "QuantizedDTypePolicy", "config": {"mode": "int8", "source_name": null},
        "registered_name": null}}}});
    let object = json!({"class_name": "Dense", "config": {"units": 2, "dtype": quantized}});
    let none = CustomObjects::new();
    let read: Result<Box<dyn Layer>> = Loading::new(&none).object(&object, "case", "layer");
    assert!(matches!(read, Err(Error::Config { key, .. }) if key == "dtype"));
}

#[test]
fn layers_have_the_data_types_that_a_map_says_of_their_paths() {
    let map =
        DTypePolicyMap::new().with("heads/(query|key)", "float64").unwrap().with("heads", "float64").unwrap();
    let map = map.with("steps/inner", "mixed_bfloat16").unwrap().with("dropout", "float64").unwrap();
    let shape = || [keras_rs::Shape::from([None, Some(3), Some(4)])];
    let heads = MultiHeadAttention::new(2, 2).name("heads").dtype(map.clone()).shared();
    heads.build(&[&shape()[0], &shape()[0]].map(Clone::clone)).unwrap();
    let types: Vec<_> = heads.weights().iter().map(|v| (v.path(), v.dtype())).collect();
    for (path, dtype) in &types {
        let wide = path.starts_with("heads/query") || path.starts_with("heads/key");
        assert_eq!(*dtype == DType::F64, wide, "{path}");
    }
    assert_eq!((types.len(), heads.compute_dtype()), (8, DType::F64));
    assert_eq!(heads.get_config()["dtype"], map.to_config());
    let inner = Dense::new(2).name("inner").dtype(map.clone()).shared();
    let steps = TimeDistributed::new(inner.clone()).name("steps").shared();
    assert_eq!(inner.compute_dtype(), DType::F32);
    steps.build(&shape()).unwrap();
    assert_eq!((inner.compute_dtype(), inner.variable_dtype()), (DType::BF16, DType::F32));
    // Keras gives it no path.
    let dropout = Dropout::new(0.5).name("dropout").dtype(map).shared();
    dropout.build(&shape()).unwrap();
    assert_eq!(dropout.compute_dtype(), DType::F32);
}
