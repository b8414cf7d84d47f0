//! `Lambda` layers: functions by name, Python code that a function takes the place of, and what is refused.

use crate::support::chain;
use keras_rs::config::CustomObjects;
use keras_rs::layers::{LambdaFunction, Outputs};
use keras_rs::prelude::*;
use keras_rs::{model_from_json, model_from_json_with};
use serde_json::{Value, json};

/// A model of one `Lambda` with this function, as Python writes it.
fn model(function: Value, arguments: Value) -> String {
    let layer = json!({
        "module": "keras.layers",
        "class_name": "Lambda",
        "config": {"name": "lambda_1", "trainable": true, "dtype": "float32", "function": function, "arguments": arguments},
        "registered_name": null,
    });
    let input = json!({
        "module": "keras.layers",
        "class_name": "InputLayer",
        "config": {"batch_shape": [null, 2], "dtype": "float32", "sparse": false, "name": "input"},
        "registered_name": null,
    });
    json!({
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "sequential", "trainable": true, "dtype": "float32", "layers": [input, layer]},
        "registered_name": null,
    })
    .to_string()
}

fn named(name: &str) -> Value {
    json!({"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"})
}

fn code() -> Value {
    json!({"class_name": "__lambda__", "config": {"code": "4wEAAAAAAAAA", "defaults": null, "closure": null}})
}

fn predict(model: &Model) -> Vec<f32> {
    model.predict(Tensor::from_vec(vec![1.0_f32, -3.0], [1, 2]).unwrap()).unwrap().to_vec().unwrap()
}

#[test]
fn a_function_is_found_by_its_name() {
    let double = CustomObjects::new().lambda("double", |x| x.mul_scalar(2.0));
    let loaded = model_from_json_with(&model(named("double"), json!({})), &double).unwrap();
    assert_eq!(predict(&loaded), [2.0, -6.0]);
    // Registered with a package.
    let triple = CustomObjects::new().lambda("pkg>triple", |x| x.mul_scalar(3.0));
    let loaded = model_from_json_with(&model(named("pkg>triple"), json!(null)), &triple).unwrap();
    assert_eq!(predict(&loaded), [3.0, -9.0]);
    // Keras' own, which needs nobody to say what it is; a user's of the same name comes first.
    let loaded = model_from_json(&model(named("relu"), json!({}))).unwrap();
    assert_eq!(predict(&loaded), [1.0, 0.0]);
    let own = CustomObjects::new().lambda("relu", |x| x.add_scalar(1.0));
    let loaded = model_from_json_with(&model(named("relu"), json!({})), &own).unwrap();
    assert_eq!(predict(&loaded), [2.0, -2.0]);
}

#[test]
fn a_function_gets_its_arguments_and_the_call() {
    let scale = LambdaFunction::of_call("scale", |inputs, arguments, context| {
        let factor = arguments["factor"].as_f64().unwrap_or(0.0) + f64::from(u8::from(context.training()));
        Ok(Outputs::from(inputs.into_single()?.mul_scalar(factor)?))
    });
    let custom = CustomObjects::new().lambda_function(scale);
    let text = model(named("scale"), json!({"factor": 4.0}));
    let loaded = model_from_json_with(&text, &custom).unwrap();
    assert_eq!(predict(&loaded), [4.0, -12.0]);
    let written: Value = serde_json::from_str(&loaded.to_json()).unwrap();
    let config = &written["config"]["layers"][1]["config"];
    assert_eq!(config["function"], named("scale"));
    assert_eq!(config["arguments"], json!({"factor": 4.0}));
}

#[test]
fn functions_of_keras_get_their_arguments() {
    let relu =
        model_from_json(&model(named("relu"), json!({"negative_slope": 0.5, "max_value": 0.75}))).unwrap();
    assert_eq!(predict(&relu), [0.75, -1.5]);
    let shrink = model_from_json(&model(named("hard_shrink"), json!({"threshold": 2.0}))).unwrap();
    assert_eq!(predict(&shrink), [0.0, -3.0]);
    for (arguments, named_in_error) in
        [(json!({"alpha": 2.0}), "alpha"), (json!({"max_value": "much"}), "max_value")]
    {
        let outcome = model_from_json(&model(named("relu"), arguments))
            .and_then(|model| model.predict(Tensor::ones([1, 2], DType::F32)?));
        let error = chain(&outcome.unwrap_err());
        assert!(error.contains("lambda_1: relu") && error.contains(named_in_error), "{error}");
    }
}

#[test]
fn code_is_replaced_by_a_function_under_the_name_of_the_layer() {
    let text = model(code(), json!({}));
    let error = model_from_json(&text).unwrap_err();
    assert!(matches!(error, Error::CodeRefused { .. }), "{error:?}");
    let text_of_error = chain(&error);
    assert!(
        text_of_error.contains("lambda_1") && text_of_error.contains("CustomObjects::lambda"),
        "{text_of_error}"
    );

    let custom = CustomObjects::new().lambda("lambda_1", |x| x.square());
    let loaded = model_from_json_with(&text, &custom).unwrap();
    assert_eq!(predict(&loaded), [1.0, 9.0]);
    // A function under another name is none for it.
    let other = CustomObjects::new().lambda("lambda_2", |x| x.square());
    assert!(matches!(model_from_json_with(&text, &other), Err(Error::CodeRefused { .. })));
    // A layer in place of the class.
    let layer = CustomObjects::new().layer("Lambda", |c| {
        c.take_rest();
        Ok(Activation::new("relu").name("lambda_1"))
    });
    let loaded = model_from_json_with(&text, &layer).unwrap();
    assert_eq!(predict(&loaded), [1.0, 0.0]);
}

#[test]
fn unknown_functions_are_reported() {
    let error = model_from_json(&model(named("halve"), json!({}))).unwrap_err();
    assert!(matches!(error, Error::UnknownClasses { .. }), "{error:?}");
    assert!(chain(&error).contains("halve"), "{}", chain(&error));
}

#[test]
fn layers_with_code_of_other_frameworks_are_refused() {
    for class in ["FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper"] {
        let text = model(named("relu"), json!({})).replace("\"Lambda\"", &format!("\"{class}\""));
        let error = model_from_json(&text).unwrap_err();
        assert!(matches!(error, Error::CodeRefused { .. }), "{class}: {error:?}");
        assert!(chain(&error).contains(class), "{error}");
    }
}

#[test]
fn two_inputs_and_a_shape_of_its_own() {
    let weighed = LambdaFunction::of_call("weighed", |inputs, _, _| {
        let [a, b]: [Tensor; 2] = inputs.into_list().try_into().unwrap();
        Ok(a.mul(&b)?.sum(&[-1], true)?.into())
    });
    let (a, b) = (Input::new([3]), Input::new([3]));
    let y = Lambda::from(weighed).output_shape([Some(1)]).apply([&a, &b]).unwrap();
    assert_eq!(y.shape().to_string(), "(None, 1)");
    let model = Model::new([&a, &b], &y).unwrap();
    let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0], [1, 3]).unwrap();
    assert_eq!(model.predict([&x, &x]).unwrap().to_vec::<f32>().unwrap(), [14.0]);
}
