//! The sum of a residual block goes into the product that makes its later operand.
//!
//! The other operand is there by then, and is added before the result leaves the registers: the sum costs one read more
//! instead of two reads and a write. What follows the sum, mostly a rectifier, goes with it.

use crate::inference::network::{Network, Operation};
use keras_rs_kernels::Activation;

pub(super) fn fold(network: &mut Network) {
    let mut index = 0;
    while index < network.nodes.len() {
        let Some((producer, other, activation)) = foldable(network, index) else {
            index += 1;
            continue;
        };
        // The product stands before the sum, whose place the next node takes.
        network.absorb(producer, index);
        let node = &mut network.nodes[producer];
        node.inputs.push(other);
        if let Some(weighted) = node.weighted_mut() {
            weighted.residual = true;
            weighted.activation = activation;
        }
    }
}

/// The product that makes one operand of a sum and nothing else, the other operand, and what follows the sum.
fn foldable(network: &Network, index: usize) -> Option<(usize, usize, Activation)> {
    let node = &network.nodes[index];
    let Operation::Add(activation) = node.operation else { return None };
    let &[a, b] = node.inputs.as_slice() else { return None };
    let place = |value| network.producer(value).map_or(-1, |producer| producer as isize);
    let (late, other) = if place(a) > place(b) { (a, b) } else { (b, a) };
    let producer = network.producer(late)?;
    let Operation::Weighted(weighted) = &network.nodes[producer].operation else { return None };
    let free = weighted.activation == Activation::Linear && !weighted.residual;
    (free && network.only_consumer(late) == Some(index) && late != other)
        .then_some((producer, other, activation))
}
