//! Masks: what counts them, what leaves them alone, and what looks for them at a tensor.

use super::{exact, filled};
use crate::support::compare;
use keras_rs::layer::LayerRef;
use keras_rs::layers::Masking;
use keras_rs::prelude::*;

/// Sentences of different lengths, one without a word and one with a gap.
fn sentences() -> Tensor {
    let words = vec![
        [3, 1, 4, 1, 5, 9, 2], //
        [0, 0, 0, 0, 0, 0, 0],
        [2, 7, 1, 0, 0, 0, 0],
        [0, 0, 8, 0, 2, 8, 0],
    ];
    Tensor::from_vec(words.into_iter().flatten().collect::<Vec<i32>>(), [4, 7]).unwrap()
}

/// The layers that the plan calls as they are.
fn called(what: &str, model: &Model, x: &Tensor) -> Vec<String> {
    filled(model);
    let wanted = exact(model, std::slice::from_ref(x))[0].to_data().unwrap();
    compare(what, &model.predict(x).unwrap(), &wanted, 1e-5).unwrap();
    let steps = model.profile_predict(std::slice::from_ref(x)).unwrap().expect("a plan");
    steps.iter().filter(|step| step.kind == "layer").map(|step| step.layers.clone()).collect()
}

fn after_embedding(layers: Vec<LayerRef>) -> Model {
    let words = Input::new([7]).dtype(DType::I32).keras_tensor().unwrap();
    let mut x = Embedding::new(10, 6).mask_zero(true).apply(&words).unwrap();
    for layer in layers {
        x = layer.apply(&x).unwrap();
    }
    Model::new(&words, &x).unwrap()
}

#[test]
fn layers_that_count_masks_have_kernels() {
    let cases: Vec<Vec<LayerRef>> = vec![
        vec![LSTM::new(5).shared()],
        vec![LSTM::new(5).return_sequences(true).shared(), GRU::new(4).shared()],
        vec![GRU::new(5).return_sequences(true).go_backwards(true).shared()],
        vec![GRU::new(4).reset_after(false).return_sequences(true).zero_output_for_mask(true).shared()],
        vec![SimpleRNN::new(5).activation("relu").go_backwards(true).shared()],
        vec![Bidirectional::new(LSTM::new(4).return_sequences(true)).shared(), LSTM::new(3).shared()],
        vec![Bidirectional::new(GRU::new(4)).merge_mode("sum").shared()],
        vec![
            Dense::new(5).activation("relu").shared(),
            Dropout::new(0.5).shared(),
            LayerNormalization::new().shared(),
            BatchNormalization::new().shared(),
            SimpleRNN::new(4).return_sequences(true).shared(),
            Dense::new(3).activation("softmax").shared(),
        ],
    ];
    for layers in cases {
        let what = layers.iter().map(|layer| layer.name()).collect::<Vec<_>>().join(" ");
        let called = called(&what, &after_embedding(layers), &sentences());
        assert!(called.iter().all(|name| name.starts_with("not_equal")), "{what}: {called:?}");
    }
}

#[test]
fn averages_leave_out_what_is_masked() {
    let model = after_embedding(vec![
        GlobalAveragePooling1D::new().shared(),
        Dense::new(2).activation("sigmoid").shared(),
    ]);
    // A sentence without a word has no average.
    let x = sentences();
    let called = called("average", &model, &x.narrow(0, 2..4).unwrap());
    assert!(called.iter().all(|name| name.starts_with("not_equal")), "{called:?}");
    let wanted = exact(&model, &[x.clone()])[0].to_vec::<f32>().unwrap();
    let got = model.predict(&x).unwrap().to_vec::<f32>().unwrap();
    for (got, wanted) in got.iter().zip(wanted) {
        assert!(got.is_nan() && wanted.is_nan() || (got - wanted).abs() < 1e-5, "{got} {wanted}");
    }
}

#[test]
fn masks_of_sequences_of_numbers() {
    let x = Input::new([5, 3]).keras_tensor().unwrap();
    let y = Masking::new().mask_value(0.0).name("masking").apply(&x).unwrap();
    let y = Dense::new(4).apply(&y).unwrap();
    let a = LSTM::new(4).return_sequences(true).apply(&y).unwrap();
    let sum = Add::new().apply([&a, &y]).unwrap();
    let y = GRU::new(3).apply(&sum).unwrap();
    let model = Model::new(&x, Dense::new(2).apply(&y).unwrap()).unwrap();
    let mut numbers = super::numbers(3 * 5 * 3, 4);
    numbers[6..15].fill(0.0);
    numbers[15..21].fill(0.0);
    let called = called("masking", &model, &Tensor::from_vec(numbers, [3, 5, 3]).unwrap());
    let kept = ["not_equal", "any", "masking", "logical_or"];
    assert!(called.iter().all(|name| kept.iter().any(|kept| name.starts_with(kept))), "{called:?}");
}

#[test]
fn layers_without_kernels_count_masks_that_a_call_names() {
    let layers = vec![
        LSTM::new(5).activation("relu").return_sequences(true).name("rnn").shared(),
        Dense::new(4).shared(),
        GRU::new(3).shared(),
    ];
    let called = called("named", &after_embedding(layers), &sentences());
    assert!(called.iter().all(|name| name.starts_with("not_equal") || name == "rnn"), "{called:?}");
}

#[test]
fn layers_that_look_for_masks_at_tensors_get_them() {
    let words = Input::new([7]).dtype(DType::I32).keras_tensor().unwrap();
    let x = Embedding::new(10, 6).mask_zero(true).name("words").apply(&words).unwrap();
    let y = Dense::new(6).name("first").apply(&x).unwrap();
    let a = MultiHeadAttention::new(2, 3).name("attention").apply([&y, &y]).unwrap();
    let y = LayerNormalization::new().apply(Add::new().apply([&a, &y]).unwrap()).unwrap();
    let inner = {
        let x = Input::new([7, 6]).keras_tensor().unwrap();
        Model::new(&x, LSTM::new(4).apply(&x).unwrap()).unwrap()
    };
    let model = Model::new(&words, inner.apply(&y).unwrap()).unwrap();
    filled(&model);
    let wanted = exact(&model, &[sentences()])[0].to_data().unwrap();
    compare("nested", &model.predict(sentences()).unwrap(), &wanted, 1e-5).unwrap();
    let y = GlobalMaxPooling1D::new().apply(&y).unwrap();
    let model = Model::new(&words, Dense::new(2).apply(&y).unwrap()).unwrap();
    let called = called("attention", &model, &sentences());
    assert!(
        ["words", "first", "attention"].iter().all(|name| called.iter().any(|c| c == name)),
        "{called:?}"
    );
}
