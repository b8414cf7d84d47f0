//! Loaders of datasets: order of epochs, refusals, links.

use crate::support::fixture;
use keras_rs::data::*;
use keras_rs::{Error, Result, Tensor};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn relative(paths: &[PathBuf], folder: &Path) -> Vec<String> {
    paths.iter().map(|p| p.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/")).collect()
}

/// The values of an epoch's inputs, each batch's own sorted into one list.
fn sums(batches: &mut Batches, epoch: usize) -> Vec<String> {
    let mut sums = Vec::new();
    for batch in batches.epoch(epoch).unwrap() {
        let x = batch.unwrap().x.tensors().next().unwrap().clone();
        let rows = x.shape()[0];
        for row in 0..rows {
            let sum: f64 = x.narrow(0, row..row + 1).unwrap().to_f64_vec().unwrap().iter().sum();
            sums.push(format!("{sum:.3}"));
        }
    }
    sums
}

#[test]
fn epochs_are_mixed_anew() {
    let options = || ImageDatasetFromDirectory::new().image_size(3, 3).batch_size(4);
    let folder = fixture("data/images");
    let load = |options| image_dataset_from_directory(&folder, options).unwrap().into_batches();
    let mut mixed = load(options().seed(5));
    let (first, second) = (sums(&mut mixed, 0), sums(&mut mixed, 1));
    assert_ne!(first, second);
    assert_eq!(sums(&mut load(options().seed(5)), 1), second, "the seed decides");
    let plain = sums(&mut load(options().shuffle(false)), 0);
    assert_eq!(plain.iter().collect::<BTreeSet<_>>(), first.iter().collect(), "nothing is lost");

    let series = Tensor::from_vec((0..40).map(|v| v as f32).collect(), [40]).unwrap();
    let options = TimeseriesDatasetFromArray::new().shuffle(true).seed(3).batch_size(8);
    let mut windows = timeseries_dataset_from_array(&series, None, 4, options).unwrap();
    let (first, second) = (sums(&mut windows, 0), sums(&mut windows, 1));
    assert_ne!(first, second);
    assert_eq!(first.iter().collect::<BTreeSet<_>>(), second.iter().collect());
}

fn text(result: Result<impl Sized>) -> String {
    match result {
        Ok(_) => panic!("it was accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn directories_and_arguments_that_do_not_fit_are_refused() {
    let folder = fixture("data/images");
    let load = |options| text(image_dataset_from_directory(&folder, options));
    let new = ImageDatasetFromDirectory::new;
    let missing = image_dataset_from_directory(folder.join("fish"), new());
    assert!(matches!(missing, Err(Error::Io { action: "list", .. })));
    for (options, parts) in [
        (new().batch_size(0), ["batch_size", "at least 1"]),
        (new().image_size(0, 5), ["image_size", "(0, 5)"]),
        (new().image_size(1 << 20, 1 << 20), ["bytes are over", "limit"]),
        (new().crop_to_aspect_ratio(true).pad_to_aspect_ratio(true), ["pad_to_aspect_ratio", "both"]),
        (new().labels(vec![1, 2]), ["one for each of 12 files", "2 labels"]),
        (new().labels(Labels::None).class_names(["cats"]), ["class_names", "not inferred"]),
        (new().class_names(["cats", "fish"]), ["class_names", "\"fish\""]),
        (new().class_names(["cats", "cats"]), ["class_names", "each once"]),
        (new().label_mode(LabelMode::Binary), ["label_mode", "3 classes"]),
        (new().label_mode(LabelMode::Categorical).labels(vec![7; 12]), ["labels", "numbers below 1"]),
        (new().validation_split(0.5), ["subset", "none"]),
        (new().subset(Subset::Training), ["validation_split", "Training"]),
        (new().validation_split(1.5).subset(Subset::Training), ["validation_split", "between 0 and 1"]),
        (new().validation_split(0.5).subset(Subset::Training), ["seed", "do not overlap"]),
        (
            new().validation_split(0.01).subset(Subset::Training).seed(1),
            ["validation_split", "some of 11 files"],
        ),
        (new().seed(1 << 32), ["seed", "4294967295"]),
    ] {
        let error = load(options);
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
    let both = image_datasets_from_directory(&folder, new());
    assert!(text(both).contains("validation_split"));
    let none = text(text_dataset_from_directory(&folder, TextDatasetFromDirectory::new()));
    assert!(none.contains("a directory with files .txt"), "{none}");
}

#[test]
fn a_damaged_file_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("only");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("broken.png"), b"\x89PNG\r\n\x1a\n").unwrap();
    std::fs::write(folder.join("latin.txt"), b"caf\xE9").unwrap();
    let options = ImageDatasetFromDirectory::new().image_size(2, 2);
    let images = image_dataset_from_directory(directory.path(), options).unwrap();
    let error = images.into_batches().epoch(0).unwrap().next().unwrap().unwrap_err();
    assert!(matches!(&error, Error::Image { origin, .. } if origin.contains("broken.png")), "{error}");
    let texts = text_dataset_from_directory(directory.path(), TextDatasetFromDirectory::new()).unwrap();
    let error = texts.iter().next().unwrap().unwrap_err();
    assert!(matches!(&error, Error::Format { path, .. } if path.ends_with("latin.txt")), "{error}");
}

#[cfg(unix)]
#[test]
fn links_are_followed_if_asked_for() {
    use std::os::unix::fs::symlink;
    let directory = tempfile::tempdir().unwrap();
    let inside = directory.path().join("data/a");
    std::fs::create_dir_all(&inside).unwrap();
    let outside = directory.path().join("elsewhere");
    std::fs::create_dir(&outside).unwrap();
    for path in [inside.join("own.txt"), outside.join("far.txt")] {
        std::fs::write(path, "").unwrap();
    }
    symlink(&outside, inside.join("link")).unwrap();
    symlink(outside.join("far.txt"), inside.join("linked.txt")).unwrap();
    symlink(&inside, inside.join("circle")).unwrap();
    let names = |follow| {
        let options = TextDatasetFromDirectory::new().shuffle(false).follow_links(follow);
        let texts = text_dataset_from_directory(directory.path().join("data"), options).unwrap();
        relative(texts.file_paths(), &inside)
    };
    assert_eq!(names(false), ["linked.txt", "own.txt"]);
    assert_eq!(names(true), ["linked.txt", "own.txt", "link/far.txt"]);
}

#[test]
fn series_that_do_not_fit_are_refused() {
    let series = Tensor::from_vec(vec![0.0_f32; 10], [10]).unwrap();
    let few = series.narrow(0, 0..3).unwrap();
    let scalar = Tensor::scalar(1.0_f32).unwrap();
    let new = TimeseriesDatasetFromArray::new;
    let with = |length, options| text(timeseries_dataset_from_array(&series, None, length, options));
    for (length, options, part) in [
        (0, new(), "sequence_length"),
        (11, new(), "a window that fits into 10 points"),
        (6, new().sampling_rate(2), "a window that fits into 10 points"),
        (usize::MAX, new().sampling_rate(9), "a window that fits"),
        (2, new().sampling_rate(0), "sampling_rate"),
        (2, new().sampling_rate(10), "sampling_rate"),
        (2, new().sequence_stride(0), "sequence_stride"),
        (2, new().sequence_stride(10), "sequence_stride"),
        (2, new().start_index(10), "start_index"),
        (2, new().end_index(10), "end_index"),
        (2, new().start_index(5).end_index(5), "end_index"),
        (2, new().batch_size(0), "batch_size"),
    ] {
        let error = with(length, options);
        assert!(error.contains(part), "{error}");
    }
    let refused = |data, targets| text(timeseries_dataset_from_array(data, targets, 2, new()));
    assert!(refused(&scalar, None).contains("an axis of steps"));
    assert!(refused(&series, Some(&scalar)).contains("targets"));
    let late = text(timeseries_dataset_from_array(&series, Some(&few), 2, new().start_index(2)));
    assert!(late.contains("a target for the window that starts at step 4"), "{late}");
}
