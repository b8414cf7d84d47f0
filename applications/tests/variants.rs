use keras_rs_applications::{Application, Error, VARIANTS, Variant, WeightFile};
use serde_json::json;

fn weights(file: &WeightFile) -> serde_json::Value {
    json!({
        "file_name": file.file_name(),
        "url": file.url(),
        "cache_subdir": "models",
        "hash": file.hash().map(ToString::to_string),
    })
}

fn described(variant: &Variant) -> serde_json::Value {
    let flavor = |include_top| {
        let flavor = variant.flavor(include_top);
        json!({
            "parameters": {"total": flavor.parameters, "trainable": flavor.trainable},
            "weights": weights(&variant.weights(include_top)),
        })
    };
    json!({
        "name": variant.name,
        "model_name": variant.model_name,
        "input_shape": [variant.default_size, variant.default_size, 3],
        "mode": variant.preprocess.to_string(),
        "top": flavor(true),
        "no_top": flavor(false),
    })
}

#[test]
fn the_table_equals_keras() {
    let expected = crate::fixture("variants.json");
    let expected = expected.as_array().unwrap();
    assert_eq!(VARIANTS.len(), expected.len());
    for (variant, expected) in VARIANTS.iter().zip(expected) {
        assert_eq!(&described(variant), expected);
    }
}

/// All that Keras publishes, and what it takes for arguments between.
#[test]
fn arguments_choose_the_file_that_keras_loads() {
    for case in crate::fixture("published.json").as_array().unwrap() {
        let mut application = Application::by_name(case["name"].as_str().unwrap()).unwrap();
        for (name, value) in case["arguments"].as_object().unwrap() {
            application = match name.as_str() {
                "alpha" => application.alpha(value.as_f64().unwrap()),
                "minimalistic" => application.minimalistic(value.as_bool().unwrap()),
                "include_top" => application.include_top(value.as_bool().unwrap()),
                "input_shape" => {
                    let shape: Vec<Option<usize>> = serde_json::from_value(value.clone()).unwrap();
                    application.input_shape(shape)
                }
                other => panic!("no argument {other}"),
            };
        }
        assert_eq!(weights(&application.published_weights().unwrap()), case["weights"], "{case}");
    }
}

#[test]
fn names_are_found_whatever_their_case() {
    assert_eq!(Variant::find("resnet50v2").unwrap().name, "ResNet50V2");
    assert_eq!(Variant::find("VGG16").unwrap().model_name, "vgg16");
    for variant in VARIANTS {
        assert_eq!(Variant::find(variant.model_name).unwrap(), variant);
    }
    let error = Variant::find("LeNet").unwrap_err();
    assert!(matches!(error, Error::UnknownApplication { known, .. } if known.len() == VARIANTS.len()));
}
