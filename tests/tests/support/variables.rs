//! Variables and gradients of the fixtures of optimizers, and the numbers in them.

use super::{json, load};
use keras_rs::constraints::Constraint;
use keras_rs::layers::{Conv2D, Dense, Embedding, LayerExt};
use keras_rs::{DType, Device, Shape, Tensor, TensorData, Variable};
use serde_json::Value;

/// The parts of `fixtures/training/optimizers/generate.py` that are there.
const PARTS: [&str; 3] = ["basic", "more", "several"];

pub fn parts() -> Vec<Value> {
    let paths = PARTS.iter().map(|part| format!("training/optimizers/{part}.json"));
    paths.filter(|path| super::fixture(path).exists()).map(|path| json(&path)).collect()
}

/// `VARIABLES` of the generator.
pub const VARIABLES: [(&str, &[usize]); 4] = [
    ("dense/kernel", &[2, 3]),
    ("dense/bias", &[3]),
    ("conv2d/kernel", &[2, 2, 1, 2]),
    ("embedding/embeddings", &[4, 2]),
];

pub fn dtype(value: &Value) -> DType {
    value.as_str().unwrap().parse().unwrap()
}

fn count(shape: &[usize]) -> usize {
    shape.iter().product()
}

pub fn tensor(values: &[f64], shape: &[usize], dtype: DType, device: &Device) -> Tensor {
    let data = TensorData::from_f64(values, shape.to_vec(), dtype).unwrap();
    Tensor::from_data_on(data, device).unwrap()
}

fn initial(number: usize, shape: &[usize]) -> Vec<f64> {
    (0..count(shape)).map(|i| ((i * 37 + number * 11) % 101) as f64 / 64.0 - 50.0 / 64.0).collect()
}

pub fn gradient(step: usize, number: usize, shape: &[usize]) -> Vec<f64> {
    let at = |i: usize| ((i * 29 + number * 13 + step * 17) % 97) as f64 - 48.0;
    (0..count(shape)).map(|i| at(i) / 64.0 * (number + 1) as f64).collect()
}

/// The variables of layers, so that they are called as in a model.
pub fn variables(dtype: DType, device: &Device, constraints: &Value) -> Vec<Variable> {
    let constraint = |number: &str| constraints.get(number).map(|c| load::<Constraint>(c).unwrap());
    let mut dense = Dense::new(3).name("dense").dtype(dtype);
    if let Some(constraint) = constraint("0") {
        dense = dense.kernel_constraint(constraint);
    }
    let mut embedding = Embedding::new(4, 2).name("embedding").dtype(dtype);
    if let Some(constraint) = constraint("3") {
        embedding = embedding.embeddings_constraint(constraint);
    }
    let (dense, embedding) = (dense.shared(), embedding.shared());
    let conv = Conv2D::new(2, 2).use_bias(false).name("conv2d").dtype(dtype).shared();
    dense.build(&[Shape::from([None, Some(2)])]).unwrap();
    conv.build(&[Shape::from([None, Some(4), Some(4), Some(1)])]).unwrap();
    embedding.build(&[Shape::from([None, Some(1)])]).unwrap();
    let all: Vec<Variable> = [dense, conv, embedding].iter().flat_map(|layer| layer.variables()).collect();
    for (number, (variable, (path, shape))) in all.iter().zip(VARIABLES).enumerate() {
        assert_eq!((variable.path().as_str(), variable.shape()), (path, shape));
        variable.to_device(device).unwrap();
        variable.assign(&tensor(&initial(number, shape), shape, dtype, device)).unwrap();
    }
    all
}

/// Gradients of a step for all variables.
pub fn gradients(step: usize, device: &Device) -> Vec<Option<Tensor>> {
    let make = |(n, (_, shape)): (usize, &(&str, &[usize]))| {
        Some(tensor(&gradient(step, n, shape), shape, DType::F32, device))
    };
    VARIABLES.iter().enumerate().map(make).collect()
}

pub fn values(variables: &[Variable]) -> Vec<Vec<f64>> {
    variables.iter().map(|v| v.value().unwrap().to_f64_vec().unwrap()).collect()
}
