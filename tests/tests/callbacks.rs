//! Callbacks: values that are missing and arguments that are wrong.

use crate::support::files;
use keras_rs::callbacks::{
    BackupAndRestore, CSVLogger, Callback, EarlyStopping, ModelCheckpoint, ReduceLROnPlateau, SwapEMAWeights,
    TensorBoard,
};
use keras_rs::layers::{Dense, Input};
use keras_rs::training::Fit;
use keras_rs::{DType, Error, Sequential, Tensor};

/// A fit of two epochs, the second of which is validated where `validated`.
fn fit(callback: impl Callback, validated: bool) -> Result<Vec<usize>, Error> {
    let model = Sequential::new().add(Input::new([2])).add(Dense::new(1)).build().unwrap();
    model.compile("sgd", "mse", ["mae"]).unwrap();
    let ones = |width| Tensor::ones([4, width], DType::F32).unwrap();
    let mut fit = Fit::new().epochs(2).verbose(0).callback(callback);
    if validated {
        fit = fit.validation_data(ones(2), ones(1)).validation_freq(2);
    }
    model.fit(ones(2), ones(1), fit).map(|history| history.epoch)
}

#[test]
fn values_that_are_not_there_are_errors() {
    let missing = |result: Result<Vec<usize>, Error>| match result {
        Err(Error::UnknownName { kind: "monitored value", nearest, .. }) => nearest,
        other => panic!("{other:?}"),
    };
    assert_eq!(missing(fit(EarlyStopping::default(), false)), ["loss", "mae"]);
    assert!(missing(fit(ReduceLROnPlateau::new("val_los"), true)).contains(&"val_loss".to_string()));
    let folder = tempfile::tempdir().unwrap();
    let saver = |name: &str| ModelCheckpoint::new(folder.path().join(name)).save_best_only(true);
    assert_eq!(missing(fit(saver("a.keras"), false)), ["loss", "mae"]);
    // The first epoch is not validated.
    for result in [
        fit(EarlyStopping::default(), true),
        fit(ReduceLROnPlateau::default(), true),
        fit(saver("{epoch}.keras"), true),
    ] {
        assert_eq!(result.unwrap(), [0, 1]);
    }
    assert_eq!(files(folder.path()), ["2.keras"]);
}

#[test]
fn arguments_that_do_not_fit_are_errors_before_training() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.keras");
    let argument = |result: Result<Vec<usize>, Error>| match result {
        Err(Error::Argument { argument, .. }) => argument,
        other => panic!("{other:?}"),
    };
    assert_eq!(argument(fit(EarlyStopping::new("loss").mode("least"), false)), "mode");
    assert_eq!(argument(fit(ReduceLROnPlateau::new("loss").factor(1.0), false)), "factor");
    assert_eq!(argument(fit(ModelCheckpoint::new("model.h5"), false)), "filepath");
    assert_eq!(argument(fit(ModelCheckpoint::new(&path).save_weights_only(true), false)), "filepath");
    assert_eq!(argument(fit(ModelCheckpoint::new(&path).save_freq(0), false)), "save_freq");
    assert_eq!(argument(fit(ModelCheckpoint::new(&path).save_freq("batch"), false)), "save_freq");
    assert_eq!(argument(fit(TensorBoard::new(folder.path()).update_freq("step"), false)), "update_freq");
    assert_eq!(argument(fit(BackupAndRestore::new(""), false)), "backup_dir");
    assert_eq!(argument(fit(SwapEMAWeights::new().swap_on_epoch(true), false)), "optimizer");
    assert!(matches!(fit(CSVLogger::new(folder.path()), false), Err(Error::Io { .. })));
    assert!(files(folder.path()).is_empty());
}
