//! The inference plan against the plain graph.

mod blocks;
mod changes;
mod masks;
mod networks;

use crate::support::{compare, devices};
use keras_rs::layer::LayerRef;
use keras_rs::prelude::*;
use keras_rs::{Device, Variable};

/// Numbers without a pattern between -1 and 1.
pub fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

pub fn tensor(shape: &[usize], seed: u64, device: &Device) -> Tensor {
    let values = numbers(shape.iter().product(), seed);
    Tensor::from_vec(values, shape).unwrap().to_device(device).unwrap()
}

/// Gives a variable numbers that keep the size of activations.
pub fn fill(variable: &Variable, seed: u64) {
    let shape = variable.shape().to_vec();
    let count = shape.iter().product();
    let fan_in: usize = shape[..shape.len() - 1].iter().product();
    let values: Vec<f32> = match variable.name() {
        "gamma" => numbers(count, seed).iter().map(|x| 1.0 + 0.3 * x).collect(),
        "moving_variance" => numbers(count, seed).iter().map(|x| 1.0 + 0.5 * x).collect(),
        _ => numbers(count, seed).iter().map(|x| x * (3.0 / fan_in.max(1) as f32).sqrt()).collect(),
    };
    variable.assign(&Tensor::from_vec(values, shape).unwrap()).unwrap();
}

pub fn filled(model: &Model) {
    for (i, variable) in model.weights().iter().enumerate() {
        fill(variable, i as u64 + 11);
    }
}

pub fn exact(model: &Model, inputs: &[Tensor]) -> Vec<Tensor> {
    model.predict_all_with(inputs, Predict::new().exact(true).verbose(0)).unwrap()
}

/// Whether the plan gives the numbers of the plain graph on every CPU backend, for batches of 1 and 3; the layers that
/// the plan calls as they are.
pub fn agrees(model: &Model, tolerance: f64) -> Vec<String> {
    filled(model);
    let mut called = Vec::new();
    for device in devices().into_iter().filter(|device| device.backend().is_cpu()) {
        model.to_device(&device).unwrap();
        for batch in [1, 3] {
            let inputs: Vec<Tensor> = model
                .inputs()
                .unwrap()
                .iter()
                .enumerate()
                .map(|(i, input)| {
                    let mut shape: Vec<usize> =
                        input.shape().dims().iter().map(|dim| dim.unwrap_or(9)).collect();
                    shape[0] = batch;
                    tensor(&shape, 7 + i as u64, &device)
                })
                .collect();
            let planned = model.predict_all(&inputs).unwrap();
            for (i, wanted) in exact(model, &inputs).iter().enumerate() {
                let what = format!("{} output {i} batch {batch}", device.backend());
                compare(&what, &planned[i], &wanted.to_data().unwrap(), tolerance).unwrap();
            }
            let steps = model.profile_predict(&inputs).unwrap();
            let steps = steps.unwrap_or_else(|| panic!("no plan for {}", model.to_json()));
            called =
                steps.iter().filter(|step| step.kind == "layer").map(|step| step.layers.clone()).collect();
        }
    }
    called
}

/// A model of one layer on one input.
pub fn alone(shape: &[usize], layer: LayerRef) -> Model {
    let x = Input::new(Shape::known(shape));
    Model::new(&x, layer.apply(&x).unwrap()).unwrap()
}
