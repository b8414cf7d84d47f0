use keras_rs_applications::{Error, VARIANTS, Variant};
use serde_json::json;

fn described(variant: &Variant) -> serde_json::Value {
    let flavor = |include_top| {
        let (flavor, weights) = (variant.flavor(include_top), variant.weights(include_top));
        json!({
            "parameters": {"total": flavor.parameters, "trainable": flavor.trainable},
            "weights": {
                "file_name": weights.file_name(),
                "url": weights.url(),
                "cache_subdir": "models",
                "hash": weights.hash().unwrap().to_string(),
            },
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
