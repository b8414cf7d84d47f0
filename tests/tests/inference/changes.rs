//! Weights that change between predictions, and predictions at the same time.

use super::{exact, filled, tensor};
use crate::support::compare;
use keras_rs::backend::default_device;
use keras_rs::prelude::*;

fn model() -> Model {
    let model = Sequential::new()
        .add(Input::new([10, 10, 3]))
        .add(Conv2D::new(8, 3).use_bias(false))
        .add(BatchNormalization::new())
        .add(Activation::new("relu"))
        .add(Flatten::new())
        .add(Dense::new(4).activation("softmax"))
        .build()
        .unwrap();
    filled(&model);
    model
}

fn same(what: &str, model: &Model, x: &Tensor) {
    let wanted = exact(model, &[x.clone()])[0].to_data().unwrap();
    compare(what, &model.predict(x).unwrap(), &wanted, 1e-5).unwrap();
}

#[test]
fn plans_follow_the_weights() {
    let model = model();
    let x = tensor(&[4, 10, 10, 3], 5, &default_device().unwrap());
    same("at first", &model, &x);
    let before = model.predict(&x).unwrap().to_vec::<f32>().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("before.weights.h5");
    model.save_weights(&path).unwrap();

    model.compile("sgd", "mse", ()).unwrap();
    let y = tensor(&[4, 4], 6, &default_device().unwrap());
    model.fit(&x, &y, Fit::new().epochs(2).verbose(0)).unwrap();
    same("after fit", &model, &x);
    assert_ne!(model.predict(&x).unwrap().to_vec::<f32>().unwrap(), before);

    model.layers()[0].set_trainable(false);
    model.layers()[1].set_trainable(false);
    same("frozen", &model, &x);

    let doubled: Vec<Tensor> =
        model.get_weights().unwrap().iter().map(|w| w.mul_scalar(1.25).unwrap()).collect();
    model.set_weights(&doubled).unwrap();
    same("after set_weights", &model, &x);

    model.load_weights(&path).unwrap();
    assert_eq!(model.predict(&x).unwrap().to_vec::<f32>().unwrap(), before);
}

#[test]
fn batches_of_all_sizes_agree() {
    let model = model();
    let x = tensor(&[23, 10, 10, 3], 5, &default_device().unwrap());
    let wanted = exact(&model, &[x.clone()])[0].to_data().unwrap();
    for batch_size in [1, 2, 7, 8, 23, 32] {
        let y = model.predict_batches(&x, batch_size).unwrap();
        compare(&format!("batches of {batch_size}"), &y[0], &wanted, 1e-5).unwrap();
    }
    // The same numbers for a sample in any company.
    let one = x.narrow(0, 3..4).unwrap();
    same("one", &model, &one);
}

#[test]
fn threads_share_a_model() {
    let model = model();
    let inputs: Vec<Tensor> =
        (0..8).map(|i| tensor(&[1 + i % 3, 10, 10, 3], i as u64, &default_device().unwrap())).collect();
    let wanted: Vec<Vec<f32>> =
        inputs.iter().map(|x| model.predict(x).unwrap().to_vec::<f32>().unwrap()).collect();
    std::thread::scope(|scope| {
        for (x, wanted) in inputs.iter().zip(&wanted) {
            let model = &model;
            scope.spawn(move || {
                for _ in 0..20 {
                    assert_eq!(model.predict(x).unwrap().to_vec::<f32>().unwrap(), *wanted);
                }
            });
        }
    });
}
