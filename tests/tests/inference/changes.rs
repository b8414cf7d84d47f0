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
fn plans_come_and_go_with_the_shapes_of_inputs() {
    let model = model();
    let device = default_device().unwrap();
    // More shapes than are remembered, one of them used again and again.
    for batch in 1..8 {
        same(&format!("batch of {batch}"), &model, &tensor(&[batch, 10, 10, 3], batch as u64, &device));
        same("batch of 1", &model, &tensor(&[1, 10, 10, 3], 50, &device));
    }
}

#[test]
fn threads_share_a_model() {
    let inputs =
        (0..8).map(|i| tensor(&[1 + i % 3, 10, 10, 3], i as u64, &default_device().unwrap())).collect();
    shared_by_threads(&model(), inputs);
}

/// Each input on a thread of its own gives the numbers that it gives alone.
fn shared_by_threads(model: &Model, inputs: Vec<Tensor>) {
    let numbers = |x: &Tensor| model.predict(x).unwrap().to_vec::<f32>().unwrap();
    let wanted: Vec<Vec<f32>> = inputs.iter().map(numbers).collect();
    std::thread::scope(|scope| {
        for (x, wanted) in inputs.iter().zip(&wanted) {
            scope.spawn(move || (0..20).for_each(|_| assert_eq!(numbers(x), *wanted)));
        }
    });
}

/// Words to a class, with every kind of layer that sequences go through.
fn sequence_model() -> Model {
    let words = Input::new([9]).dtype(DType::I32).keras_tensor().unwrap();
    let x = Embedding::new(12, 8).apply(&words).unwrap();
    let y = LSTM::new(6).return_sequences(true).apply(&x).unwrap();
    let y = MultiHeadAttention::new(2, 3).apply([&y, &x]).unwrap();
    let y = LayerNormalization::new().apply(&y).unwrap();
    let y = Bidirectional::new(GRU::new(5)).apply(&y).unwrap();
    let model = Model::new(&words, Dense::new(3).activation("gelu").apply(&y).unwrap()).unwrap();
    filled(&model);
    model
}

fn words(batch: usize, seed: usize) -> Tensor {
    let numbers: Vec<i32> = (0..batch * 9).map(|i| ((i * 5 + seed * 7) % 12) as i32).collect();
    Tensor::from_vec(numbers, [batch, 9]).unwrap()
}

#[test]
fn each_weight_of_a_sequence_model_changes_by_itself() {
    let model = sequence_model();
    let x = words(4, 1);
    let steps = model.profile_predict(std::slice::from_ref(&x)).unwrap().expect("a plan");
    assert!(steps.iter().all(|step| step.kind != "layer"), "{steps:?}");
    let mut before = model.predict(&x).unwrap().to_vec::<f32>().unwrap();
    for variable in model.weights() {
        let value = variable.value().unwrap();
        variable.assign(&value.mul_scalar(0.75).unwrap().add_scalar(0.1).unwrap()).unwrap();
        same(variable.name(), &model, &x);
        let after = model.predict(&x).unwrap().to_vec::<f32>().unwrap();
        // A bias of keys moves all scores of a query alike.
        let moves = before != after || variable.name() == "bias";
        assert!(moves, "{} changes nothing", variable.name());
        before = after;
    }
}

#[test]
fn threads_share_a_sequence_model() {
    shared_by_threads(&sequence_model(), (0..8).map(|i| words(1 + i % 3, i)).collect());
}
