//! Bad data, which compile and fit refuse before any weight changes.

use crate::support::{chain, fixture};
use keras_rs::data::Batch;
use keras_rs::prelude::*;
use keras_rs::training::{Evaluate, Fit};
use keras_rs::{Result, load_model};

/// A classifier with every kind of state that a step could change.
fn model() -> Model {
    let model = Sequential::new()
        .add(Input::new([4]))
        .add(BatchNormalization::new())
        .add(Dense::new(3).activation("softmax"))
        .build()
        .unwrap();
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"]).unwrap();
    model
}

#[test]
fn bad_data_is_refused_before_any_weight_changes() {
    let x = || Tensor::ones([6, 4], DType::F32).unwrap();
    let y = || Tensor::from_vec(vec![0_i32, 1, 2, 0, 1, 2], [6]).unwrap();
    let nan = Tensor::from_vec([vec![f32::NAN], vec![1.0; 23]].concat(), [6, 4]).unwrap();
    let fit = || Fit::new().verbose(0);
    type Attempt = Box<dyn Fn(&Model) -> Result<()>>;
    let attempts: Vec<(&str, &str, Attempt)> = vec![
        (
            "features",
            "(6, 5)",
            Box::new(move |m| m.fit(&Tensor::ones([6, 5], DType::F32)?, y(), fit()).map(drop)),
        ),
        ("NaN", "NaN", Box::new(move |m| m.fit(&nan, y(), fit()).map(drop))),
        (
            "label",
            "labels",
            Box::new(move |m| {
                m.fit(x(), &Tensor::from_vec(vec![0_i32, 1, 3, 0, 1, 2], [6])?, fit()).map(drop)
            }),
        ),
        (
            "negative label",
            "labels",
            Box::new(move |m| {
                m.fit(x(), &Tensor::from_vec(vec![0_i32, -1, 1, 0, 1, 2], [6])?, fit()).map(drop)
            }),
        ),
        (
            "samples",
            "samples",
            Box::new(move |m| m.fit(x(), &Tensor::zeros([5], DType::I32)?, fit()).map(drop)),
        ),
        (
            "empty",
            "sample",
            Box::new(move |m| {
                m.fit(&Tensor::zeros([0, 4], DType::F32)?, &Tensor::zeros([0], DType::I32)?, fit()).map(drop)
            }),
        ),
        ("batch size", "batch_size", Box::new(move |m| m.fit(x(), y(), fit().batch_size(0)).map(drop))),
        (
            "weights",
            "sample_weight",
            Box::new(move |m| m.fit(x(), y(), fit().sample_weight(Tensor::ones([4], DType::F32)?)).map(drop)),
        ),
        ("metric", "acuracy", Box::new(move |m| m.compile("adam", "mse", ["acuracy"]))),
        ("loss", "mean_sqared_error", Box::new(move |m| m.compile("adam", "mean_sqared_error", ()))),
        ("optimizer", "adamm", Box::new(move |m| m.compile("adamm", "mse", ()))),
        (
            "class weights and weights",
            "class_weight",
            Box::new(move |m| {
                m.fit(x(), y(), fit().class_weight([(0, 2.0)]).sample_weight(Tensor::ones([6], DType::F32)?))
                    .map(drop)
            }),
        ),
        (
            "split",
            "validation_split",
            Box::new(move |m| m.fit(x(), y(), fit().validation_split(1.5)).map(drop)),
        ),
        ("targets", "y", Box::new(move |m| m.fit(x(), (), fit()).map(drop))),
        ("steps", "steps_per_epoch", Box::new(move |m| m.fit(x(), y(), fit().steps_per_epoch(0)).map(drop))),
        ("verbose", "verbose", Box::new(move |m| m.fit(x(), y(), Fit::new().verbose(7)).map(drop))),
        (
            "evaluate",
            "batch_size",
            Box::new(move |m| m.evaluate(x(), y(), Evaluate::new().verbose(0).batch_size(0)).map(drop)),
        ),
        (
            "batch",
            "samples",
            Box::new(move |m| m.train_on_batch(&Batch::new(x(), &Tensor::zeros([5], DType::I32)?)).map(drop)),
        ),
    ];
    for (what, says, attempt) in attempts {
        let model = model();
        let before: Vec<u64> = model.weights().iter().map(|v| v.version()).collect();
        let error = attempt(&model).expect_err(what);
        let text = chain(&error);
        assert!(text.contains(says), "{what}: {text}");
        let after: Vec<u64> = model.weights().iter().map(|v| v.version()).collect();
        assert_eq!(before, after, "{what} changed a weight: {text}");
    }
    // What is wrong far behind, or in the validation data, shows before the first batch, too.
    let late = Tensor::from_vec(vec![0_i32, 1, 2, 0, 1, 3], [6]).unwrap();
    for options in [fit().batch_size(2).shuffle(false), fit().validation_data(x(), late.clone())] {
        let model = model();
        let before: Vec<u64> = model.weights().iter().map(|v| v.version()).collect();
        let labels = if format!("{options:?}").contains("batch_size: Some(2)") { late.clone() } else { y() };
        let error = model.fit(x(), labels, options).unwrap_err();
        assert!(chain(&error).contains("labels"), "{error}");
        assert_eq!(before, model.weights().iter().map(|v| v.version()).collect::<Vec<u64>>());
    }
    let plain = Sequential::new().add(Input::new([4])).add(Dense::new(1)).build().unwrap();
    let error = plain.fit(x(), y(), fit()).unwrap_err();
    assert!(error.to_string().contains("not compiled"), "{error}");
    let file = load_model(fixture("training/digits/model.keras")).unwrap();
    assert!(file.compiled().is_ok());
}
