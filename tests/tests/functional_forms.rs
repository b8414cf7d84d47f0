//! Merging layers as functions.

use crate::support::fixture;
use keras_rs::layers;
use keras_rs::prelude::*;
use keras_rs::{load_model, npz};

/// The lower-case functions make the layers that Keras' own make.
#[test]
fn functional_forms_are_those_of_keras() {
    let [a, b, c] = ["a", "b", "c"].map(|name| Input::new([3, 4]).name(name));
    let masked = |x: &Input, name: &str| Masking::new().name(name).apply(x).unwrap();
    let pair = [masked(&a, "masked_a"), masked(&b, "masked_b")];
    let mut outputs = vec![
        layers::add([&pair[0], &pair[1]]).unwrap(),
        layers::average([&a, &b, &c]).unwrap(),
        layers::maximum([&pair[0], &pair[1]]).unwrap(),
        layers::minimum([&a, &b, &c]).unwrap(),
        layers::multiply([&pair[0], &pair[1]]).unwrap(),
        layers::subtract([&a, &c]).unwrap(),
        layers::concatenate([&a, &b, &c], -1).unwrap(),
        layers::concatenate([&pair[0], &pair[1]], 1).unwrap(),
        layers::dot([&a, &b], 2, false).unwrap(),
        layers::dot([&a, &c], (1, 1), true).unwrap(),
    ];
    for n in [0, 4, 6, 7] {
        let pool = GlobalAveragePooling1D::new().name(format!("pooled_{n}"));
        outputs.push(pool.apply(&outputs[n]).unwrap());
    }
    let ours = Model::new([&a, &b, &c], &outputs).unwrap();
    let keras = load_model(fixture("models/functional_forms/model.keras")).unwrap();
    let inputs: Vec<Tensor> = npz::read(fixture("models/functional_forms/x.npz"))
        .unwrap()
        .into_values()
        .map(|data| Tensor::from_data(data).unwrap())
        .collect();
    let both = ours.call(&inputs).unwrap().into_iter().zip(keras.call(&inputs).unwrap());
    assert_eq!(
        both.map(|(ours, keras)| assert_eq!(ours.to_f64_vec().unwrap(), keras.to_f64_vec().unwrap())).count(),
        14
    );
    let layer = |model: &Model, name: &str| model.layer(name).unwrap().config();
    for name in keras.layers().iter().map(LayerRef::name) {
        assert_eq!(layer(&ours, &name), layer(&keras, &name), "{name}");
    }
}
