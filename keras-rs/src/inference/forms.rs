//! From what a layer says that it computes to operations.

use super::lower::Lowering;
use super::network::{Affine, Kind, Operation, Standard, Value, ValueId, Weighted};
use super::recurrent;
use crate::dtype::DType;
use crate::layer::{Form, Function, LayerRef, Sliding};
use crate::tensor::resolve_axis;
use crate::variable::Variable;
use keras_rs_kernels::{Activation, States, Window};

/// The value that a layer of a form makes of values of `float32`, and maybe of a mask of the first one behind them;
/// `None` where there is no kernel for it after all.
pub(super) fn lower(
    lowering: &mut Lowering,
    form: Form,
    layer: &LayerRef,
    inputs: &[ValueId],
    output: &Value,
) -> Option<ValueId> {
    let name = layer.name();
    let values = &lowering.network.values;
    let shapes: Vec<&[usize]> = inputs.iter().map(|input| values[*input].shape.as_slice()).collect();
    let (first, shape) = (*inputs.first()?, *shapes.first()?);
    let rank = shape.len();
    if rank == 0 || output.len() == 0 || shapes.iter().any(|shape| shape.contains(&0)) {
        return None;
    }
    let last = |axis: isize| resolve_axis("", axis, rank).is_ok_and(|axis| axis + 1 == rank);
    let (operation, function) = match form {
        Form::Identity => return Some(first),
        Form::Function(Function::LINEAR) => return Some(first),
        Form::Reshape => return lowering.view(first, output.shape.clone(), &name),
        Form::Function(function) => return finish(lowering, first, function, output, &name),
        Form::Convolution { sliding, groups, bias, function } => {
            let kind = Kind::Convolution { window: window(&sliding, shape)?, groups };
            (weighted(layer, kind, "kernel", bias)?, function)
        }
        Form::Depthwise { sliding, bias, function } => {
            let kind = Kind::Depthwise { window: window(&sliding, shape)? };
            (weighted(layer, kind, "kernel", bias)?, function)
        }
        Form::Separable { sliding, bias, function } => {
            let kind = Kind::Depthwise { window: window(&sliding, shape)? };
            let depthwise = weighted(layer, kind, "depthwise_kernel", false)?;
            let pixel = Window { kernel: [1; 2], strides: [1; 2], dilation: [1; 2], pads: [[0; 2]; 2] };
            let kind = Kind::Convolution { window: pixel, groups: 1 };
            let pointwise = weighted(layer, kind, "pointwise_kernel", bias)?;
            let mut between = output.clone();
            let channels = layer.variable("pointwise_kernel").ok()?.shape().iter().rev().nth(1).copied()?;
            *between.shape.last_mut()? = channels;
            let between = lowering.add(depthwise, inputs.to_vec(), between, &name);
            let made = lowering.add(pointwise, vec![between], output.clone(), &name);
            return finish(lowering, made, function, output, &name);
        }
        Form::Dense { bias, function } => {
            (weighted(layer, Kind::Dense { inner: 1 }, "kernel", bias)?, function)
        }
        Form::Product { inner, bias, function } => {
            return product(lowering, layer, first, output, (inner, bias, function));
        }
        Form::Permute(axes) if axes.len() == rank => (Operation::Permute(axes), Function::LINEAR),
        Form::Normalization { axis, epsilon, scale, center } if last(axis) => {
            let optional = |there: bool, key: &str| match there {
                true => plain(layer, key).map(Some),
                false => Some(None),
            };
            let norm = Affine::Norm {
                gamma: optional(scale, "gamma")?,
                beta: optional(center, "beta")?,
                mean: plain(layer, "moving_mean")?,
                variance: plain(layer, "moving_variance")?,
                epsilon,
            };
            (Operation::Affine(norm, Activation::Linear), Function::LINEAR)
        }
        Form::Standardization { axis, spread, epsilon, scale, center } if last(axis) => {
            let scale = scale.map(|key| plain(layer, key).ok_or(())).transpose().ok()?;
            let beta = if center { Some(plain(layer, "beta")?) } else { None };
            (Operation::Standardize(Box::new(Standard { spread, epsilon, scale, beta })), Function::LINEAR)
        }
        Form::Rescaling { scale, offset } => {
            let fits = |numbers: &[f64]| numbers.len() == 1 || Some(&numbers.len()) == shape.last();
            if !fits(&scale) || !fits(&offset) || output.shape != shape {
                return None;
            }
            (
                Operation::Affine(Affine::Numbers { scale, shift: offset }, Activation::Linear),
                Function::LINEAR,
            )
        }
        Form::Scaling(key) => {
            let factors =
                plain(layer, key).filter(|factors| Some(factors.shape()) == shape.get(rank - 1..))?;
            (Operation::Affine(Affine::Factors(factors), Activation::Linear), Function::LINEAR)
        }
        Form::MaxPooling(sliding) => (Operation::MaxPooling(window(&sliding, shape)?), Function::LINEAR),
        Form::AveragePooling(sliding) => {
            (Operation::AveragePooling(window(&sliding, shape)?), Function::LINEAR)
        }
        Form::GlobalMaxPooling => (Operation::GlobalMaxPooling, Function::LINEAR),
        Form::GlobalAveragePooling => (Operation::GlobalAveragePooling, Function::LINEAR),
        Form::ZeroPadding(pads) => (Operation::Pad(pads), Function::LINEAR),
        Form::Cropping(sides) => (Operation::Crop(sides), Function::LINEAR),
        Form::Add if inputs.len() == 2 && shapes.iter().all(|shape| *shape == output.shape) => {
            (Operation::Add(Activation::Linear), Function::LINEAR)
        }
        Form::Average => {
            let affine = Affine::Numbers { scale: vec![1.0 / inputs.len() as f64], shift: vec![0.0] };
            let sum = lower(lowering, Form::Add, layer, inputs, output)?;
            let mean = Operation::Affine(affine, Activation::Linear);
            return Some(lowering.add(mean, vec![sum], output.clone(), &name));
        }
        Form::Add if inputs.len() > 2 && shapes.iter().all(|shape| *shape == output.shape) => {
            // In the order of the inputs, as the layer adds them.
            let mut sum = first;
            for input in &inputs[1..] {
                sum = lowering.add(
                    Operation::Add(Activation::Linear),
                    vec![sum, *input],
                    output.clone(),
                    &name,
                );
            }
            return Some(sum);
        }
        Form::Multiply if inputs.len() == 2 => {
            return multiply(lowering, inputs, output, &name);
        }
        Form::Embedding => (Operation::Embedding(plain(layer, "embeddings")?), Function::LINEAR),
        Form::Recurrent { cell, step, backwards, sequences, zeros } => {
            // A last step of zeros.
            if inputs.len() > 1 && zeros && !sequences {
                return None;
            }
            let states = if sequences { States::InOrder } else { States::Last };
            (recurrent::operation(&cell, step, backwards, states, zeros)?, Function::LINEAR)
        }
        Form::Bidirectional { layers, merge } => {
            let made = recurrent::both(lowering, &layers, inputs, output)?;
            return lower(lowering, *merge, layer, &made, output);
        }
        Form::TimeDistributed(inner) => return distributed(lowering, &inner, first, output, &name),
        Form::Concatenate(axis) if last(axis) => (Operation::Concatenate, Function::LINEAR),
        Form::Concatenate(axis) => {
            return concatenate(lowering, resolve_axis("", axis, rank).ok()?, inputs, output, &name);
        }
        _ => return None,
    };
    let made = lowering.add(operation, inputs.to_vec(), output.clone(), &name);
    finish(lowering, made, function, output, &name)
}

/// A layer on every step of a sequence: batch and steps are one axis meanwhile.
fn distributed(
    lowering: &mut Lowering,
    layer: &LayerRef,
    input: ValueId,
    output: &Value,
    name: &str,
) -> Option<ValueId> {
    let form = layer.layer().form().filter(|_| lowering.is_plain(layer))?;
    let flat = |shape: &[usize]| match shape {
        [batch, steps, rest @ ..] => Some([&[batch * steps], rest].concat()),
        _ => None,
    };
    let view = lowering.view(input, flat(&lowering.network.values[input].shape)?, name)?;
    let made = Value { shape: flat(&output.shape)?, ..output.clone() };
    let made = lower(lowering, form, layer, &[view], &made)?;
    lowering.view(made, output.shape.clone(), name)
}

/// A product over several axes, with what follows it.
fn product(
    lowering: &mut Lowering,
    layer: &LayerRef,
    input: ValueId,
    output: &Value,
    (inner, bias, function): (usize, bool, Function),
) -> Option<ValueId> {
    let kernel = plain(layer, "kernel")?;
    let (summed, made) = kernel.shape().split_at_checked(inner)?;
    let size = |sizes: &[usize]| sizes.iter().product::<usize>();
    let value = &lowering.network.values[input];
    let fits = value.shape.ends_with(summed)
        && output.shape.ends_with(made)
        && (!bias || plain(layer, "bias")?.shape() == made);
    if !fits || size(made) == 0 {
        return None;
    }
    let (name, rows) = (layer.name(), output.len() / size(made));
    let flat = Value { shape: vec![rows, size(made)], ..output.clone() };
    let view = lowering.view(input, vec![rows, size(summed)], &name)?;
    let operation = weighted(layer, Kind::Dense { inner }, "kernel", bias)?;
    let made = lowering.add(operation, vec![view], flat.clone(), &name);
    if let Function::Elementwise(_) = function {
        let made = finish(lowering, made, function, &flat, &name)?;
        return lowering.view(made, output.shape.clone(), &name);
    }
    let made = lowering.view(made, output.shape.clone(), &name)?;
    finish(lowering, made, function, output, &name)
}

/// Values joined along an axis that is not the last: it and those behind it are one axis then.
fn concatenate(
    lowering: &mut Lowering,
    axis: usize,
    inputs: &[ValueId],
    output: &Value,
    name: &str,
) -> Option<ValueId> {
    let flat = |shape: &[usize]| -> Option<Vec<usize>> {
        let (before, behind) = shape.split_at_checked(axis)?;
        Some(vec![before.iter().product(), behind.iter().product()])
    };
    let shapes: Vec<Vec<usize>> =
        inputs.iter().map(|input| flat(&lowering.network.values[*input].shape)).collect::<Option<_>>()?;
    let joined = Value { shape: flat(&output.shape)?, ..output.clone() };
    let fits = shapes.iter().all(|shape| shape[0] == joined.shape[0])
        && shapes.iter().map(|shape| shape[1]).sum::<usize>() == joined.shape[1];
    if !fits {
        return None;
    }
    let mut views = Vec::with_capacity(inputs.len());
    for (input, shape) in inputs.iter().zip(shapes) {
        views.push(lowering.view(*input, shape, name)?);
    }
    let joined = lowering.add(Operation::Concatenate, views, joined, name);
    lowering.view(joined, output.shape.clone(), name)
}

/// A product of equal shapes, or of images with one number a channel.
fn multiply(lowering: &mut Lowering, inputs: &[ValueId], output: &Value, name: &str) -> Option<ValueId> {
    let &[mut a, mut b] = inputs else { return None };
    if lowering.network.values[a].shape != output.shape {
        std::mem::swap(&mut a, &mut b);
    }
    let (image, factor) = (&lowering.network.values[a], &lowering.network.values[b]);
    let per_channel = factor.shape.first() == image.shape.first()
        && factor.channels() == image.channels()
        && Some(&factor.pixels()) == image.shape.first();
    if image.shape != output.shape || !(factor.shape == image.shape || per_channel) {
        return None;
    }
    Some(lowering.add(Operation::Multiply(Activation::Linear), vec![a, b], output.clone(), name))
}

/// What a function makes of a value.
fn finish(
    lowering: &mut Lowering,
    value: ValueId,
    function: Function,
    output: &Value,
    name: &str,
) -> Option<ValueId> {
    let operation = match function {
        Function::LINEAR => return Some(value),
        Function::Elementwise(activation) => Operation::Activate(activation),
        Function::Softmax(axis) => {
            let rank = output.shape.len();
            resolve_axis("", axis, rank).ok().filter(|axis| axis + 1 == rank)?;
            Operation::Softmax
        }
    };
    Some(lowering.add(operation, vec![value], output.clone(), name))
}

/// A variable of `float32`.
pub(super) fn plain(layer: &LayerRef, key: &str) -> Option<Variable> {
    layer.variable(key).ok().filter(|variable| variable.dtype() == DType::F32)
}

pub(super) fn weighted(layer: &LayerRef, kind: Kind, kernel: &str, bias: bool) -> Option<Operation> {
    Some(Operation::Weighted(Box::new(Weighted {
        kind,
        kernel: plain(layer, kernel)?,
        bias: if bias { Some(plain(layer, "bias")?) } else { None },
        prologue: None,
        norms: Vec::new(),
        residual: false,
        activation: Activation::Linear,
    })))
}

/// The window over an input of this shape, with its padding in numbers.
fn window(sliding: &Sliding, input: &[usize]) -> Option<Window> {
    let size = match *input {
        [_, rows, columns, _] => [rows, columns],
        [_, columns, _] => [1, columns],
        _ => return None,
    };
    let pads = [0, 1].map(|axis| {
        let spanned = (sliding.kernel[axis] - 1) * sliding.dilation[axis] + 1;
        let (before, after) = sliding.padding.amounts(size[axis], spanned, sliding.strides[axis]);
        [before, after]
    });
    let Sliding { kernel, strides, dilation, .. } = *sliding;
    Some(Window { kernel, strides, dilation, pads })
}
