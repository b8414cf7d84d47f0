//! Zeros around an image become the padding of the windows that slide over it: no copy with a border is made.
//!
//! Convolutions pad with zeros themselves. Max pooling leaves its padding out, so that zeros do the same only where no
//! number is negative, and where every window holds a number of the image.

use crate::inference::network::{Network, Operation, ValueId};
use keras_rs_kernels::{Activation, Window};

pub(super) fn fold(network: &mut Network) {
    let mut index = 0;
    while index < network.nodes.len() {
        if !fold_at(network, index).unwrap_or(false) {
            index += 1;
        }
    }
}

fn fold_at(network: &mut Network, index: usize) -> Option<bool> {
    let node = &network.nodes[index];
    let Operation::Pad(pads) = node.operation else { return None };
    let (&input, output) = (node.inputs.first()?, node.output()?);
    if network.outputs.contains(&output) || network.values[output].shape.len() != 4 {
        return None;
    }
    let consumers = network.consumers(output);
    let positive = is_positive(network, input);
    let takes = |consumer: &usize| match &network.nodes[*consumer].operation {
        // As the residual it would have to be there.
        Operation::Weighted(weighted) => {
            let mut kind = weighted.kind;
            kind.window_mut().is_some() && network.nodes[*consumer].inputs.get(1) != Some(&output)
        }
        Operation::MaxPooling(window) => positive && always_inside(window, pads),
        _ => false,
    };
    if consumers.is_empty() || !consumers.iter().all(takes) {
        return None;
    }
    for consumer in consumers {
        let node = &mut network.nodes[consumer];
        node.inputs.iter_mut().filter(|value| **value == output).for_each(|value| *value = input);
        let window = match &mut node.operation {
            Operation::Weighted(weighted) => weighted.kind.window_mut(),
            Operation::MaxPooling(window) => Some(window),
            _ => None,
        };
        if let Some(window) = window {
            for (own, more) in window.pads.iter_mut().flatten().zip(pads.as_flattened()) {
                *own += more;
            }
        }
    }
    network.nodes.remove(index);
    Some(true)
}

/// Whether every window holds a number of an image that is padded more.
fn always_inside(window: &Window, pads: [[usize; 2]; 2]) -> bool {
    (0..2).all(|axis| {
        let all = |end: usize| window.pads[axis][end] + pads[axis][end];
        window.dilation[axis] == 1 && all(0) < window.kernel[axis] && all(1) < window.kernel[axis]
    })
}

/// Whether no number of a value is negative.
fn is_positive(network: &Network, value: ValueId) -> bool {
    let Some(producer) = network.producer(value) else { return false };
    let activation = match &network.nodes[producer].operation {
        Operation::Weighted(weighted) => weighted.activation,
        Operation::Affine(_, activation) | Operation::Add(activation) | Operation::Activate(activation) => {
            *activation
        }
        _ => return false,
    };
    match activation {
        Activation::Relu | Activation::Relu6 | Activation::Sigmoid | Activation::HardSigmoid => true,
        Activation::Clip { low, .. } => low >= 0.0,
        _ => false,
    }
}
