//! Masks of models that are wired here: attention takes them off tensors, and layers keep those they were wired with.

use crate::support::fixture;
use keras_rs::layer::{CarriesMask, MaskedTensor};
use keras_rs::prelude::*;
use keras_rs::{load_model, npz};
use serde_json::Value;

fn heads() -> LayerRef {
    MultiHeadAttention::new(2, 3).shared()
}

fn same_graph_as_the_file(name: &str, model: &Model) -> keras_rs::Result<()> {
    let file = load_model(fixture(&format!("models/{name}/model.keras")))?;
    let calls = |model: &Model| -> Vec<[Value; 3]> {
        let json: Value = serde_json::from_str(&model.to_json()).unwrap();
        let layers = json["config"]["layers"].as_array().unwrap();
        layers.iter().map(|l| ["class_name", "name", "inbound_nodes"].map(|key| l[key].clone())).collect()
    };
    assert!(calls(&file).iter().any(|call| call[0] == "NotEqual"), "{name} holds no mask");
    assert_eq!(calls(model), calls(&file), "{name}");
    same_numbers(name, model, &file)
}

fn same_numbers(name: &str, model: &Model, file: &Model) -> keras_rs::Result<()> {
    model.set_weights(file.get_weights()?)?;
    let x = npz::read(fixture(&format!("models/{name}/x.npz")))?.swap_remove_index(0).unwrap().1;
    let x = [Tensor::from_data(x)?];
    for (ours, theirs) in model.call(&x)?.iter().zip(file.call(&x)?) {
        assert_eq!(ours.to_vec::<f32>()?, theirs.to_vec::<f32>()?, "{name}");
    }
    Ok(())
}

#[test]
fn masks_become_arguments_when_a_model_is_wired() -> keras_rs::Result<()> {
    let tokens = Input::new([6]).dtype(DType::I32).name("tokens");
    let mut x = Embedding::new(9, 4).mask_zero(true).apply(&tokens)?;
    for _ in 0..2 {
        x = LayerNormalization::new().apply(&Add::new().apply([&x, &heads().apply([&x, &x])?])?)?;
        let outer = Dense::new(4).shared();
        let y = outer.apply(&Dense::new(7).activation("relu").apply(&x)?)?;
        x = LayerNormalization::new().apply(&Add::new().apply([&x, &y])?)?;
    }
    let pooled = GlobalAveragePooling1D::new().apply(&x)?;
    same_graph_as_the_file("masks_post_norm", &Model::new(&tokens, [&pooled, &x])?)
}

#[test]
fn a_nested_model_is_given_the_mask() -> keras_rs::Result<()> {
    let inside = Input::new([6, 4]);
    let inner = Model::named("inner", &inside, &Attention::new().apply([&inside, &inside])?)?;
    let tokens = Input::new([6]).dtype(DType::I32).name("tokens");
    let x = Embedding::new(9, 4).mask_zero(true).apply(&tokens)?;
    let (first, between) = (Dense::new(3).name("first").shared(), Dense::new(3).shared());
    let first = first.apply(&between.apply(&heads().apply([&x, &x])?)?)?;
    let again = Dense::new(3).name("again").apply(&inner.apply(&x)?)?;
    let after = Attention::new().name("after").apply([&x, &x])?;
    let file = load_model(fixture("models/masks_given_again/model.keras"))?;
    let model = Model::new(&tokens, [&first, &again, &after])?;
    assert_eq!(model.layers().len(), file.layers().len());
    same_numbers("masks_given_again", &model, &file)
}

#[test]
fn symbolic_tensors_carry_masks() -> keras_rs::Result<()> {
    let tokens = Input::new([6]).dtype(DType::I32);
    let x = Embedding::new(9, 4).mask_zero(true).apply(&tokens)?;
    assert_eq!(x.carried_mask().unwrap().shape().to_string(), "(None, 6)");
    let y = Dense::new(3).apply(&Concatenate::new().apply([&x, &Activation::new("tanh").apply(&x)?])?)?;
    assert_eq!(y.carried_mask().unwrap().dtype(), DType::Bool);
    assert!(GlobalAveragePooling1D::new().apply(&y)?.carried_mask().is_none());
    assert!(Conv1D::new(2, 2).apply(&y)?.carried_mask().is_none());
    Ok(())
}

#[test]
fn copies_share_their_mask_and_casts_do_not() -> keras_rs::Result<()> {
    let mask = Tensor::from_vec(vec![true, false], [1, 2])?;
    let x = MaskedTensor::new(Tensor::ones([1, 2, 4], DType::F32)?, Some(mask));
    let call = |layer: &LayerRef| {
        layer.run(layer.arguments(vec![x.clone(), x.clone()]), &mut ForwardPass::default()).map(|y| y.0)
    };
    call(&MultiHeadAttention::new(1, 2).dtype("bfloat16").shared())?;
    call(&GroupQueryAttention::new(2, 2, 1).shared())?;
    assert!(x.mask().is_some());
    let outputs = call(&heads())?;
    assert!(x.mask().is_none() && outputs[0].mask().is_some());
    Ok(())
}
