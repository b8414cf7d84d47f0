//! Batch normalization behind a product becomes part of its weights.
//!
//! At inference it is a factor and a shift for each channel: the factor goes into the columns of the kernel, the shift
//! into the bias, and a pass over the whole output is saved.

use crate::inference::network::{Network, Operation};
use keras_rs_kernels::Activation;

pub(super) fn fold(network: &mut Network) {
    let mut index = 0;
    while index < network.nodes.len() {
        match follower(network, index) {
            Some(follower) => {
                let Operation::Affine(affine, _) = network.nodes[follower].operation.clone() else { return };
                network.absorb(index, follower);
                if let Some(weighted) = network.nodes[index].weighted_mut() {
                    weighted.norms.push(affine);
                }
            }
            None => index += 1,
        }
    }
}

/// The normalization that alone takes what a product makes.
fn follower(network: &Network, index: usize) -> Option<usize> {
    let node = &network.nodes[index];
    let Operation::Weighted(weighted) = &node.operation else { return None };
    if weighted.activation != Activation::Linear || weighted.residual {
        return None;
    }
    let follower = network.only_consumer(node.output()?)?;
    matches!(network.nodes[follower].operation, Operation::Affine(_, Activation::Linear)).then_some(follower)
}
