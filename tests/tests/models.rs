//! Models on several devices.

use crate::support::{chain, devices, fixture};
use keras_rs::{Tensor, load_model, npz};

#[test]
fn data_goes_to_where_the_weights_are() {
    let all = devices();
    let (first, second) = (all[0].clone(), all[all.len() - 1].clone());
    let model = load_model(fixture("models/sequential_input/model.keras")).unwrap();
    model.to_device(&second).unwrap();
    let x = npz::read(fixture("models/sequential_input/x.npz")).unwrap().swap_remove_index(0).unwrap().1;
    let x = Tensor::from_data_on(x, &first).unwrap();
    assert_eq!(*model.predict(&x).unwrap().device(), second);

    // Outside a model nothing moves: operands on two devices are an error, not a panic.
    if first != second {
        let layer = model.layers()[0].clone();
        assert!(chain(&layer.call(&[x]).unwrap_err()).contains("tensors on one device"));
    }
}
