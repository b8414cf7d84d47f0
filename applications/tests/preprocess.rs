use keras_rs_applications::{ChannelOrder, Error, PreprocessMode, preprocess_input};

fn floats(value: &serde_json::Value) -> Vec<f32> {
    let values = value.as_array().unwrap().iter();
    values.map(|v| v.as_f64().unwrap() as f32).collect()
}

#[test]
fn every_mode_equals_keras_to_the_last_bit() {
    for case in crate::fixture("preprocess.json").as_array().unwrap() {
        let mode = [PreprocessMode::Caffe, PreprocessMode::Tf, PreprocessMode::Torch]
            .into_iter()
            .find(|mode| mode.to_string() == case["mode"])
            .unwrap();
        let channels = match case["data_format"].as_str().unwrap() {
            "channels_last" => ChannelOrder::Last,
            _ => ChannelOrder::First,
        };
        let shape: Vec<usize> = serde_json::from_value(case["shape"].clone()).unwrap();
        let mut values = floats(&case["input"]);
        preprocess_input(&mut values, &shape, channels, mode).unwrap();
        assert_eq!(values, floats(&case["output"]), "{mode} {shape:?}");
    }
}

#[test]
fn one_image_needs_no_batch_dimension() {
    let image: Vec<f32> = (0..12).map(|i| i as f32).collect();
    let (mut one, mut batch) = (image.clone(), image);
    preprocess_input(&mut one, &[3, 2, 2], ChannelOrder::First, PreprocessMode::Torch).unwrap();
    preprocess_input(&mut batch, &[1, 3, 2, 2], ChannelOrder::First, PreprocessMode::Torch).unwrap();
    assert_eq!(one, batch);
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let refused = |shape: &[usize], channels, mode| {
        let result = preprocess_input(&mut [0.0; 16], shape, channels, mode);
        assert!(matches!(result, Err(Error::Argument { argument: "shape", .. })), "{shape:?}");
    };
    for shape in [&[2, 2, 4][..], &[4, 4], &[16], &[], &[1, 2, 2, 3], &[usize::MAX, 2, 3], &[1, 1, 4, 4, 3]] {
        refused(shape, ChannelOrder::Last, PreprocessMode::Torch);
    }
    for shape in [&[4, 2, 2][..], &[3, 16], &[1, 4, 2, 2]] {
        refused(shape, ChannelOrder::First, PreprocessMode::Caffe);
    }
    refused(&[1, 2, 2, 3], ChannelOrder::Last, PreprocessMode::Tf);
    preprocess_input(&mut [], &[0, 4, 4, 3], ChannelOrder::Last, PreprocessMode::Caffe).unwrap();
}

/// Channels that are treated alike need not be three.
#[test]
fn scaling_alone_takes_any_shape() {
    for (mode, expected) in [(PreprocessMode::Tf, 1.0), (PreprocessMode::Identity, 255.0)] {
        let mut values = [255.0; 16];
        preprocess_input(&mut values, &[2, 2, 4], ChannelOrder::Last, mode).unwrap();
        assert_eq!(values, [expected; 16]);
    }
}

#[test]
fn the_identity_changes_nothing_whatever_the_shape() {
    assert_eq!(PreprocessMode::Identity.to_string(), "identity");
    let mut values = [0.0, 255.0, -7.5, 0.25, 1e9];
    preprocess_input(&mut values, &[5], ChannelOrder::Last, PreprocessMode::Identity).unwrap();
    assert_eq!(values, [0.0, 255.0, -7.5, 0.25, 1e9]);
}
