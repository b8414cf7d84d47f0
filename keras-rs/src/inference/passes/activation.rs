//! An activation goes into the operation before it, while the numbers are still in registers.

use crate::inference::network::{Network, Node, Operation};
use keras_rs_kernels::Activation;

pub(super) fn fold(network: &mut Network) {
    for index in (0..network.nodes.len()).rev() {
        let Some((follower, activation)) = follower(network, index) else { continue };
        network.absorb(index, follower);
        if let Some(slot) = activation_mut(&mut network.nodes[index]) {
            *slot = activation;
        }
    }
}

/// The activation that alone takes what an operation without one makes.
fn follower(network: &Network, index: usize) -> Option<(usize, Activation)> {
    let node = &network.nodes[index];
    let current = match &node.operation {
        Operation::Weighted(weighted) => weighted.activation,
        Operation::Affine(_, activation) | Operation::Add(activation) | Operation::Multiply(activation) => {
            *activation
        }
        _ => return None,
    };
    if current != Activation::Linear {
        return None;
    }
    let follower = network.only_consumer(node.output()?)?;
    match network.nodes[follower].operation {
        Operation::Activate(activation) => Some((follower, activation)),
        _ => None,
    }
}

fn activation_mut(node: &mut Node) -> Option<&mut Activation> {
    match &mut node.operation {
        Operation::Weighted(weighted) => Some(&mut weighted.activation),
        Operation::Affine(_, activation) | Operation::Add(activation) | Operation::Multiply(activation) => {
            Some(activation)
        }
        _ => None,
    }
}
