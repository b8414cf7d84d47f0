//! Files and configurations that nobody should trust: an error or a working model, never a panic,
//! never a wait, never much memory.
//!
//! `KERAS_RS_HOSTILE=N` makes the corpus N times as large, for campaigns by hand.

mod arguments;
mod child;
mod files;
mod graphs;
mod operations;
mod trees;
mod weights;

use child::{Checks, run_child};
use keras_rs::{DType, Model, Tensor};

#[test]
fn damaged_model_files() {
    run_child("files");
}

#[test]
fn hostile_graphs() {
    run_child("graphs");
}

#[test]
fn hostile_layer_arguments() {
    run_child("arguments");
}

#[test]
fn hostile_operations() {
    run_child("operations");
}

#[test]
fn configurations_with_parts_replaced() {
    run_child("trees");
}

#[test]
fn weights_that_do_not_fit() {
    run_child("weights");
}

#[test]
#[ignore = "started by the tests above"]
fn child() {
    match std::env::var(child::GROUP).as_deref() {
        Ok("files") => files::check(),
        Ok("graphs") => graphs::check(),
        Ok("arguments") => arguments::check(),
        Ok("operations") => operations::check(),
        Ok("trees") => trees::check(),
        Ok("weights") => weights::check(),
        _ => {}
    }
}

/// Runs a model on ones, where its inputs are small; whatever loads must work or say why not.
fn use_model(model: &Model) {
    let Ok(inputs) = model.inputs() else {
        let _ = model.predict(Tensor::ones([2, 4], DType::F32).unwrap());
        return;
    };
    let mut tensors = Vec::new();
    for input in inputs {
        let dims: Vec<usize> = input.shape().dims().iter().map(|d| d.unwrap_or(2)).collect();
        let Some(size) = dims.iter().try_fold(1_usize, |n, d| n.checked_mul(*d)) else { return };
        if size > 1 << 16 {
            return;
        }
        match Tensor::ones(dims, input.dtype()) {
            Ok(tensor) => tensors.push(tensor),
            Err(_) => return,
        }
    }
    let _ = model.predict_all(&tensors);
    let _ = (model.to_json(), model.summary(), model.count_params());
}
