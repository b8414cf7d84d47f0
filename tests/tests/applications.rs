//! Applications at full size, filled by a formula: counts, paths, names and numbers by real Keras.
//!
//! The formula is in `fixtures/applications/generate.py`. Every network runs on every backend with
//! its classifier, without it, and with each pooling.

use crate::support::{Tensors, chain, compare, devices, floats, json};
use keras_rs::training::Predict;
use keras_rs::{DType, Device, Model, Tensor, TensorData, Variable};
use keras_rs_applications::{
    Application, DenseNet121, Downloader, Error, PreprocessMode, VARIANTS, Variant, Weights,
};
use keras_rs_tests::application_arguments;
use serde_json::{Value, json as value};
use std::time::Instant;

/// Of the largest expected value.
const TOLERANCE: f64 = 1e-4;

struct Fixtures {
    json: Value,
    tensors: Tensors,
}

impl Fixtures {
    /// What concerns all applications.
    fn open() -> Self {
        Self::named("applications")
    }

    /// Of one application.
    fn of(name: &str) -> Self {
        Self::named(&format!("models/{name}"))
    }

    fn named(file: &str) -> Self {
        Self {
            json: json(&format!("applications/{file}.json")),
            tensors: Tensors::open(&format!("applications/{file}.safetensors")),
        }
    }
}

fn fnv(path: &str) -> u64 {
    path.bytes().fold(0xCBF2_9CE4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3))
}

/// `f(u(i))` for every `i`, half of them on another thread.
fn formula(path: &str, count: usize, f: impl Fn(f64) -> f64 + Sync) -> Vec<f32> {
    let h = fnv(path);
    let mut values = vec![0.0_f32; count];
    let fill = |start: usize, part: &mut [f32]| {
        for (i, value) in part.iter_mut().enumerate() {
            let mut z = ((start + i + 1) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(h);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
            *value = f((z >> 11) as f64 * 2.0_f64.powi(-53) * 2.0 - 1.0) as f32;
        }
    };
    let (first, second) = values.split_at_mut(count / 2);
    std::thread::scope(|threads| {
        if first.len() > 1 << 16 {
            threads.spawn(|| fill(0, first));
        } else {
            fill(0, first);
        }
        fill(count / 2, second);
    });
    values
}

fn fill(variable: &Variable, gain: f64) {
    let (shape, path) = (variable.shape(), variable.path());
    let count = shape.iter().product();
    if variable.name() == "count" {
        return;
    }
    let depthwise = variable.name() == "depthwise_kernel" || path.contains("dwconv");
    let fan_in: usize = shape[..if depthwise { 2 } else { shape.len().saturating_sub(1) }].iter().product();
    let scale = gain * (6.0 / fan_in as f64).sqrt();
    let values = match variable.name() {
        "kernel" | "depthwise_kernel" | "pointwise_kernel" => formula(&path, count, |u| u * scale),
        "gamma" | "variable" => formula(&path, count, |u| 1.0 + 0.1 * u),
        "moving_variance" | "variance" => formula(&path, count, |u| 1.0 + 0.5 * u.abs()),
        "bias" | "beta" | "moving_mean" | "mean" => formula(&path, count, |u| 0.1 * u),
        other => panic!("{path}: no formula for {other}"),
    };
    variable.assign(&Tensor::from_vec(values, shape).unwrap()).unwrap();
}

fn filled(application: Application, gain: f64) -> Model {
    let model = application.weights(Weights::None).build().unwrap();
    model.weights().iter().for_each(|v| fill(v, gain));
    model
}

fn image(size: usize) -> Tensor {
    let values = formula("input", size * size * 3, |u| 127.5 * (u + 1.0));
    Tensor::from_vec(values, [1, size, size, 3]).unwrap()
}

/// The lines, or their hash where `expected` is one.
fn lines(texts: Vec<String>, expected: &Value) -> Value {
    if expected.is_array() {
        return value!(texts);
    }
    let joined: String = texts.iter().map(|text| format!("{text}\n")).collect();
    value!(format!("{:016x}", fnv(&joined)))
}

/// Compares after dividing by the largest expected value: probabilities are far below one.
fn relative(what: &str, got: &Tensor, want: &TensorData) {
    let largest = floats(want).into_iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    let scaled: Vec<f32> = floats(want).into_iter().map(|v| (v / largest) as f32).collect();
    let want = TensorData::from_values(&scaled, want.shape().to_vec()).unwrap();
    compare(what, &got.mul_scalar(1.0 / largest).unwrap(), &want, TOLERANCE).unwrap();
}

fn counts(model: &Model) -> Value {
    let trainable: usize =
        model.trainable_weights().iter().map(|v| v.shape().iter().product::<usize>()).sum();
    value!({"total": model.count_params(), "trainable": trainable})
}

/// The only sample's output on each backend.
fn outputs(model: &Model, what: &str, check: impl Fn(&str, &Tensor, &Device)) {
    let name = model.name();
    let application = Application::by_name(&name).unwrap();
    let x = application.preprocess_input(&image(application.default_input_size().0)).unwrap();
    for device in devices() {
        model.to_device(&device).unwrap();
        let start = Instant::now();
        let y = model.predict(x.to_device(&device).unwrap()).unwrap();
        let y = y.reshape(&y.shape()[1..]).unwrap();
        let what = format!("{name} {what} on {}", device.backend());
        println!("{what}: {} ms", start.elapsed().as_millis());
        check(&what, &y, &device);
        if what.contains("features") && device.backend().is_cpu() {
            let x = x.to_device(&device).unwrap();
            let plain = model.predict_with(x, Predict::new().exact(true).verbose(0)).unwrap();
            let plain = plain.reshape(y.shape()).unwrap();
            relative(&format!("{what}, plan beside plain graph"), &y, &plain.to_data().unwrap());
        }
    }
}

fn with_classifier(name: &str, fixtures: &Fixtures, gain: f64) {
    let case = &fixtures.json;
    let model = filled(Application::by_name(name).unwrap(), gain);
    assert_eq!(counts(&model), case["params"]);
    let paths: Vec<String> = model
        .weights()
        .iter()
        .map(|v| {
            let dims: Vec<String> = v.shape().iter().map(ToString::to_string).collect();
            format!("{} {}", v.path(), dims.join(","))
        })
        .collect();
    assert_eq!(lines(paths, &case["weights"]), case["weights"]);
    let layers = model.layers().iter().map(|l| l.name().to_string()).collect();
    assert_eq!(lines(layers, &case["layers"]), case["layers"]);
    outputs(&model, "with its classifier", |what, y, _| {
        relative(what, y, &fixtures.tensors.expect("top"));
        let scores = y.to_device(&devices()[0]).unwrap().reshape([1, 1000]).unwrap();
        let best = Application::by_name(name).unwrap().decode_predictions(&scores, 5).unwrap();
        assert_eq!(value!(best[0].iter().map(|p| p.index).collect::<Vec<_>>()), case["top5"], "{what}");
    });
    drop(model);
    if let Some(logits) = fixtures.tensors.get("logits") {
        let application = Application::by_name(name).unwrap().classifier_activation("linear");
        outputs(&filled(application, gain), "logits", |what, y, _| relative(what, y, &logits));
    }
}

fn without_classifier(name: &str, fixtures: &Fixtures, gain: f64) {
    let case = &fixtures.json;
    let application = || Application::by_name(name).unwrap().include_top(false);
    for pooling in ["avg", "max"] {
        let model = filled(application().pooling(pooling), gain);
        outputs(&model, pooling, |what, y, _| {
            relative(what, y, &fixtures.tensors.expect(pooling));
        });
    }
    let model = filled(application(), gain);
    assert_eq!(counts(&model), case["params_no_top"]);
    outputs(&model, "features", |what, y, _| {
        let shape: Vec<usize> = serde_json::from_value(case["features"]["shape"].clone()).unwrap();
        assert_eq!(y.shape(), &shape[1..], "{what}");
        let all = y.to_vec::<f32>().unwrap();
        let mean = all.iter().map(|&v| f64::from(v)).sum::<f64>() / all.len() as f64;
        let wanted = case["features"]["mean"].as_f64().unwrap();
        assert!((mean - wanted).abs() <= TOLERANCE * wanted.abs(), "{what}: mean {mean}, expected {wanted}");
        let stride = case["features"]["stride"].as_u64().unwrap() as usize;
        let some: Vec<f32> = all.into_iter().step_by(stride).collect();
        let some = Tensor::from_slice(&some, [some.len()]).unwrap();
        relative(what, &some, &fixtures.tensors.expect("features"));
    });
}

/// An application with arguments as the fixtures hold them.
fn with_arguments(name: &str, arguments: &Value) -> Application {
    let application = Application::by_name(name).unwrap();
    application_arguments::with_arguments(application, arguments.as_object().unwrap()).unwrap()
}

fn other_arguments(name: &str, case: &Value) {
    for variant in case["variants"].as_array().unwrap() {
        let arguments = &variant["kwargs"];
        let model = with_arguments(name, arguments).weights(Weights::None).build().unwrap();
        assert_eq!(value!(model.name()), variant["name"], "{arguments}");
        assert_eq!(counts(&model), variant["params"], "{arguments}");
        let shape = model.output().unwrap().shape().dims().to_vec();
        assert_eq!(value!(shape), variant["output_shape"], "{arguments}");
    }
}

macro_rules! applications {
    ($($test:ident $name:literal)*) => {
        const TESTED: &[&str] = &[$($name),*];

        $(
            #[test]
            fn $test() {
                let fixtures = Fixtures::of($name);
                let gain = fixtures.json["gain"].as_f64().unwrap();
                other_arguments($name, &fixtures.json);
                with_classifier($name, &fixtures, gain);
                without_classifier($name, &fixtures, gain);
                arguments_that_keras_refuses_are_refused($name, &fixtures.json["refused"]);
            }
        )*
    };
}

applications! {
    convnext_tiny "ConvNeXtTiny"
    efficientnet_b0 "EfficientNetB0"
    efficientnet_v2_b0 "EfficientNetV2B0"
    densenet121 "DenseNet121"
    densenet169 "DenseNet169"
    densenet201 "DenseNet201"
    inception_resnet_v2 "InceptionResNetV2"
    inception_v3 "InceptionV3"
    nasnet_mobile "NASNetMobile"
    resnet50 "ResNet50"
    resnet101 "ResNet101"
    resnet152 "ResNet152"
    resnet50v2 "ResNet50V2"
    resnet101v2 "ResNet101V2"
    resnet152v2 "ResNet152V2"
    vgg16 "VGG16"
    vgg19 "VGG19"
    xception "Xception"
}

/// The other variants are compared by `python/applications_all.py`.
#[test]
fn every_family_is_tested() {
    for variant in VARIANTS {
        let of_family = |name: &&str| Variant::find(name).unwrap().family() == variant.family();
        assert!(TESTED.iter().any(|name| of_family(name)), "{:?}", variant.family());
    }
}

#[test]
fn the_formula_is_pythons() {
    let formula = &Fixtures::open().json["formula"];
    let path = formula["path"].as_str().unwrap();
    assert_eq!(format!("{:016x}", fnv(path)), formula["hash"].as_str().unwrap());
    let want: Vec<f32> =
        formula["u"].as_array().unwrap().iter().map(|u| u.as_f64().unwrap() as f32).collect();
    assert_eq!(self::formula(path, 4, |u| u), want);
}

fn arguments_that_keras_refuses_are_refused(name: &str, refused: &Value) {
    for arguments in refused.as_array().unwrap() {
        let offline = Downloader::new("no-such-place").offline(true);
        let error = with_arguments(name, arguments).downloader(offline).build();
        let error = error.expect_err(&format!("{name} {arguments}"));
        let Error::Argument { context, argument, .. } = &error else { panic!("{arguments}: {error:?}") };
        assert_eq!(*context, name);
        assert!(arguments.get(argument).is_some(), "{arguments}: {error}");
    }
}

#[test]
fn arguments_that_do_not_convert_are_refused() {
    let median = Application::by_name("vgg16").unwrap().include_top(false).pooling("median");
    assert!(matches!(median.build(), Err(Error::Argument { argument: "pooling", .. })));
    let unknown = DenseNet121::new().weights(Weights::None).classifier_activation("no_such");
    assert!(matches!(unknown.build(), Err(Error::Keras(_))));
}

#[test]
fn images_are_prepared_and_scores_decoded_as_in_keras() {
    let fixtures = Fixtures::open();
    let pixels = Tensor::from_data(fixtures.tensors.expect("preprocess/input")).unwrap();
    for variant in VARIANTS {
        let want = match variant.preprocess {
            PreprocessMode::Identity => fixtures.tensors.expect("preprocess/input"),
            mode => fixtures.tensors.expect(&format!("preprocess/{mode}/channels_last")),
        };
        let got = variant.preprocess_input(&pixels).unwrap();
        assert_eq!(got.to_data().unwrap().bytes(), want.bytes(), "{}", variant.name);
    }
    let scores = Tensor::from_data(fixtures.tensors.expect("decode/input")).unwrap();
    for (top, rows) in fixtures.json["decode"].as_object().unwrap() {
        let decoded = DenseNet121::decode_predictions(&scores, top.parse().unwrap()).unwrap();
        let decoded: Vec<Vec<Value>> = decoded
            .iter()
            .map(|row| row.iter().map(|p| value!([p.index, f64::from(p.score)])).collect())
            .collect();
        assert_eq!(value!(decoded), *rows);
    }
    let wrong = Tensor::ones([1, 10], DType::F32).unwrap();
    assert!(matches!(DenseNet121::decode_predictions(&wrong, 5), Err(Error::Argument { .. })));
}

#[test]
fn weights_come_from_files_and_from_the_cache() {
    let home = tempfile::tempdir().unwrap();
    let application = || DenseNet121::new().include_top(false).pooling("avg").input_shape([64, 64, 3]);
    let x = Tensor::from_vec(formula("small", 64 * 64 * 3, |u| u), [1, 64, 64, 3]).unwrap();
    let model = filled(application(), 1.05);
    let want = model.predict(&x).unwrap().to_vec::<f32>().unwrap();
    for file in ["mine.weights.h5", "mine.safetensors", "mine.keras"] {
        let path = home.path().join(file);
        if file == "mine.keras" { model.save(&path) } else { model.save_weights(&path) }.unwrap();
        let again = application().weights(path.as_path()).build().unwrap();
        assert_eq!(again.predict(&x).unwrap().to_vec::<f32>().unwrap(), want, "{file}");
    }
    let other = DenseNet121::new().include_top(false).input_shape([64, 64, 1]);
    let error = other.weights(home.path().join("mine.safetensors")).build().unwrap_err();
    assert!(matches!(error, Error::Weights { .. }) && chain(&error).contains("conv1_conv/kernel"));

    let error = application().downloader(Downloader::new(home.path())).offline(true).build().unwrap_err();
    let Error::Offline { url, path, .. } = error else { panic!("{error:?}") };
    assert!(url.ends_with("densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5"));
    assert!(path.starts_with(home.path().join("models")));
}
