//! Loaders of datasets against what real Keras reads of the same files.

use crate::support::{compare, fixture, json};
use crate::{named, trial};
use keras_rs::data::image::ColorMode;
use keras_rs::data::*;
use keras_rs::ops::DataFormat;
use keras_rs::{Result, Tensor, TensorData, npz};
use libtest_mimic::Trial;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub fn trials() -> Vec<Trial> {
    let expected = Arc::new(npz::read(fixture("data/expected.npz")).unwrap());
    let mut trials = Vec::new();
    for (name, case) in named(&json("data/expected.json")["cases"]) {
        let kind = case["kind"].as_str().unwrap().to_string();
        let check: fn(&Value, &Arrays) = match kind.as_str() {
            "images" => images,
            "texts" => texts,
            "series" => series,
            _ => continue,
        };
        let expected = expected.clone();
        trials.push(trial(&format!("data::{kind}::{name}"), move || {
            check(&case, &expected);
            Ok(())
        }));
    }
    trials
}

type Arrays = indexmap::IndexMap<String, TensorData>;

fn number(value: &Value) -> Option<usize> {
    value.as_u64().map(|n| n as usize)
}

fn strings(value: &Value) -> Option<Vec<String>> {
    Some(value.as_array()?.iter().map(|v| v.as_str().unwrap().to_string()).collect())
}

/// Sets the arguments that loaders of directories share.
macro_rules! common {
    ($options:expr, $case:expr) => {{
        let arguments = &$case["arguments"];
        let mut options = $options;
        if let Some(labels) = arguments.get("labels") {
            options = options.labels(match labels.as_array() {
                None => Labels::None,
                Some(labels) => labels.iter().map(|l| l.as_i64().unwrap() as i32).collect::<Vec<_>>().into(),
            });
        }
        if let Some(mode) = arguments.get("label_mode") {
            options = options.label_mode(match mode.as_str() {
                Some("categorical") => LabelMode::Categorical,
                Some("binary") => LabelMode::Binary,
                _ => LabelMode::None,
            });
        }
        if let Some(names) = strings(&arguments["class_names"]) {
            options = options.class_names(names);
        }
        if let Some(size) = number(&arguments["batch_size"]) {
            options = options.batch_size(size);
        }
        if let Some(shuffle) = arguments["shuffle"].as_bool() {
            options = options.shuffle(shuffle);
        }
        if let Some(seed) = arguments["seed"].as_u64() {
            options = options.seed(seed);
        }
        if let Some(split) = arguments["validation_split"].as_f64() {
            options = options.validation_split(split);
        }
        match arguments["subset"].as_str() {
            Some("training") => options.subset(Subset::Training),
            Some("validation") => options.subset(Subset::Validation),
            _ => options,
        }
    }};
}

fn image_options(case: &Value) -> ImageDatasetFromDirectory {
    let arguments = &case["arguments"];
    let mut options = common!(ImageDatasetFromDirectory::new(), case)
        .color_mode(match arguments["color_mode"].as_str() {
            Some("grayscale") => ColorMode::Grayscale,
            Some("rgba") => ColorMode::Rgba,
            _ => ColorMode::Rgb,
        })
        .crop_to_aspect_ratio(arguments["crop_to_aspect_ratio"] == true)
        .pad_to_aspect_ratio(arguments["pad_to_aspect_ratio"] == true);
    if let [height, width] = arguments["image_size"].as_array().unwrap().as_slice() {
        options = options.image_size(number(height).unwrap(), number(width).unwrap());
    }
    if let Some(name) = arguments["interpolation"].as_str() {
        options = options.interpolation(name.parse().unwrap());
    }
    if arguments["data_format"] == "channels_first" {
        options = options.data_format(DataFormat::ChannelsFirst);
    }
    options
}

/// Compares the batches of an epoch with the arrays of a case.
fn compare_batches(case: &Value, batches: Batches, expected: &Arrays) {
    let name = case["name"].as_str().unwrap();
    let mut batches = batches;
    let count = number(&case["batches"]).unwrap();
    assert_eq!(batches.num_batches(), Some(count), "{name}");
    for (i, batch) in batches.epoch(0).unwrap().enumerate() {
        let batch = batch.unwrap();
        for (part, columns) in [("x", &batch.x), ("y", &batch.y)] {
            let key = format!("{name}/{part}{i}");
            match (columns.tensors().next(), expected.get(&key)) {
                (Some(got), Some(want)) => compare(&key, got, want, 1e-5).unwrap(),
                (None, None) => {}
                (got, want) => panic!("{key}: {got:?}, expected {}", want.is_some()),
            }
        }
    }
}

fn relative(paths: &[PathBuf], folder: &Path) -> Vec<String> {
    paths.iter().map(|p| p.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/")).collect()
}

fn images(case: &Value, expected: &Arrays) {
    let folder = fixture("data").join(case["folder"].as_str().unwrap());
    let options = image_options(case);
    let images = match number(&case["part"]) {
        None => image_dataset_from_directory(&folder, options).unwrap(),
        Some(part) => {
            let (training, validation) = image_datasets_from_directory(&folder, options).unwrap();
            [training, validation].into_iter().nth(part).unwrap()
        }
    };
    let name = &case["name"];
    assert_eq!(Some(relative(images.file_paths(), &folder)), strings(&case["paths"]), "{name}");
    assert_eq!(images.class_names().map(<[String]>::to_vec), strings(&case["class_names"]), "{name}");
    if case.get("batches").is_some() {
        compare_batches(case, images.into_batches(), expected);
    }
}

fn texts(case: &Value, expected: &Arrays) {
    let folder = fixture("data").join(case["folder"].as_str().unwrap());
    let options = common!(TextDatasetFromDirectory::new(), case);
    let options = match number(&case["arguments"]["max_length"]) {
        Some(most) => options.max_length(most),
        None => options,
    };
    let texts = text_dataset_from_directory(&folder, options).unwrap();
    assert_eq!(texts.class_names().map(<[String]>::to_vec), strings(&case["class_names"]));
    let found: Vec<TextBatch> = texts.iter().map(Result::unwrap).collect();
    let want: Vec<Vec<String>> =
        case["texts"].as_array().unwrap().iter().map(|b| strings(b).unwrap()).collect();
    assert_eq!(found.iter().map(|b| b.texts.clone()).collect::<Vec<_>>(), want);
    for (i, batch) in found.iter().enumerate() {
        let key = format!("{}/y{i}", case["name"].as_str().unwrap());
        match batch.labels.tensors().next() {
            Some(labels) => compare(&key, labels, &expected[&key], 0.0).unwrap(),
            None => assert!(!expected.contains_key(&key), "{key}"),
        }
    }
}

fn series(case: &Value, expected: &Arrays) {
    let arguments = &case["arguments"];
    let mut shape = vec![number(&case["steps"]).unwrap()];
    shape.extend(case["shape"].as_array().unwrap().iter().filter_map(number));
    let values = (0..shape.iter().product()).map(|v: usize| v as f32).collect();
    let data = Tensor::from_vec(values, &shape).unwrap();
    let targets = number(&case["targets"])
        .map(|n| Tensor::from_vec((0..n as i32).map(|v| 10 * v).collect(), [n]).unwrap());
    let mut options = TimeseriesDatasetFromArray::new();
    for (name, value) in arguments.as_object().unwrap() {
        let value = number(value).unwrap();
        options = match name.as_str() {
            "sequence_stride" => options.sequence_stride(value),
            "sampling_rate" => options.sampling_rate(value),
            "batch_size" => options.batch_size(value),
            "start_index" => options.start_index(value),
            "end_index" => options.end_index(value),
            _ => options,
        };
    }
    let length = number(&arguments["sequence_length"]).unwrap();
    let batches = timeseries_dataset_from_array(&data, targets.as_ref(), length, options).unwrap();
    compare_batches(case, batches, expected);
}
