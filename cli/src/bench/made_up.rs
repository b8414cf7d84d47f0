//! Inputs and targets that fit a model.

use anyhow::{Context, Result};
use keras_rs::layer::LayerRef;
use keras_rs::{DType, Model, Shape, Tensor};
use serde_json::Value;

use crate::usage::Usage;

/// What stands for a size that the model leaves open, such as the length of a sequence.
const OPEN_SIZE: usize = 32;

/// Inputs of a model.
pub(super) struct Inputs {
    pub(super) tensors: Vec<Tensor>,
    pub(super) batch_size: usize,
    /// The shapes, in words.
    pub(super) notes: Vec<String>,
}

/// Inputs of the model's shapes; `batch_size` is its own where none is given, else 1.
pub(super) fn inputs(model: &Model, batch_size: Option<usize>) -> Result<Inputs> {
    let unknown = || Usage::error("the shapes of the model's inputs are not in its file: it cannot be timed");
    let symbols = model.inputs().map_err(|_| unknown())?;
    let own = symbols.first().and_then(|input| input.shape().dims().first().copied().flatten());
    let batch_size = batch_size.or(own).unwrap_or(1);
    let tokens = smallest_vocabulary(&model.layers());
    let (mut tensors, mut notes) = (Vec::new(), Vec::new());
    for (symbol, name) in symbols.iter().zip(model.input_names()?) {
        let sizes = symbol.shape().dims().iter().skip(1).map(|size| size.unwrap_or(OPEN_SIZE));
        let shape: Vec<usize> = std::iter::once(batch_size).chain(sizes).collect();
        let open = symbol.shape().dims().iter().skip(1).any(Option::is_none);
        let open = if open { format!(", where {OPEN_SIZE} stands for what is open") } else { String::new() };
        notes.push(format!("{name}: {} {shape:?}{open}", symbol.dtype()));
        tensors.push(values(&shape, symbol.dtype(), tokens)?);
    }
    Ok(Inputs { tensors, batch_size, notes })
}

/// Targets for the outputs that the model has for these inputs: numbers of classes for sparse losses, else
/// probabilities that add up to one.
pub(super) fn targets(model: &Model, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
    let given: Vec<Shape> = inputs.iter().map(|input| Shape::from(input.shape())).collect();
    let config = model.compile_config().unwrap_or_default();
    let names = model.output_names()?;
    let outputs = model.compute_output_shape(&given)?;
    let target = |(index, (shape, name)): (usize, (&Shape, &String))| {
        let shape =
            shape.to_known().with_context(|| format!("the shape of output {name} is unknown: {shape}"))?;
        let (&classes, rows) = shape.split_last().unwrap_or((&1, &[]));
        if is_sparse(&config["loss"], index, name) {
            return values(rows, DType::I32, Some(classes));
        }
        let one_hot =
            |i: usize| if i % classes.max(1) == (i / classes.max(1)) % classes.max(1) { 1.0 } else { 0.0 };
        let count = shape.iter().product();
        Ok(Tensor::from_vec::<f32>((0..count).map(one_hot).collect(), shape)?)
    };
    outputs.iter().zip(&names).enumerate().map(target).collect()
}

/// Whether the loss of an output takes numbers of classes. Settings hold one loss for all outputs, a list, or an
/// object by the outputs' names.
fn is_sparse(losses: &Value, index: usize, name: &str) -> bool {
    let own = match losses {
        Value::Array(list) => list.get(index).unwrap_or(&Value::Null),
        Value::Object(entries) if !entries.contains_key("class_name") => {
            entries.get(name).unwrap_or(&Value::Null)
        }
        one => one,
    };
    own.to_string().to_lowercase().contains("sparse")
}

/// Values between 0 and 1, or whole numbers below `limit`; the same ones each time.
fn values(shape: &[usize], dtype: DType, limit: Option<usize>) -> Result<Tensor> {
    let count: usize = shape.iter().product();
    if dtype.is_float() {
        let values = (0..count).map(|i| (i as f32 * 0.37).sin().abs()).collect();
        return Ok(Tensor::from_vec::<f32>(values, shape)?.cast(dtype)?);
    }
    let limit = limit.unwrap_or(2).max(1);
    let values = (0..count).map(|i| (i.wrapping_mul(7919) % limit) as i32).collect();
    Ok(Tensor::from_vec::<i32>(values, shape)?.cast(dtype)?)
}

/// The least number of tokens that an embedding of the model knows.
fn smallest_vocabulary(layers: &[LayerRef]) -> Option<usize> {
    let of = |layer: &LayerRef| {
        let inner: Vec<LayerRef> = layer.layer().sublayers().into_iter().map(|(_, inner)| inner).collect();
        let own = (layer.class_name() == "Embedding").then(|| layer.get_config().get("input_dim")?.as_u64());
        own.flatten().map(|tokens| tokens as usize).into_iter().chain(smallest_vocabulary(&inner)).min()
    };
    layers.iter().filter_map(of).min()
}
