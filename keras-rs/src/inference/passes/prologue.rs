//! Batch normalization and the rectifier before a convolution are computed while the convolution reads its input.
//!
//! They cannot go into its weights, as the rectifier stands between; on their own they read and write the whole tensor,
//! which in DenseNet is most of the traffic.

use crate::inference::network::{Kind, Network, Operation};
use keras_rs_kernels::Activation;

pub(super) fn fold(network: &mut Network) {
    let mut index = 0;
    while index < network.nodes.len() {
        let Some(consumer) = consumer(network, index) else {
            index += 1;
            continue;
        };
        let node = network.nodes.remove(index);
        let Operation::Affine(affine, activation) = node.operation else { return };
        let consumer = &mut network.nodes[consumer - 1];
        consumer.inputs[0] = node.inputs[0];
        consumer.name = format!("{} + {}", node.name, consumer.name);
        if let Some(weighted) = consumer.weighted_mut() {
            weighted.prologue = Some((affine, activation));
        }
    }
}

/// The convolution that alone takes what a normalization makes.
fn consumer(network: &Network, index: usize) -> Option<usize> {
    let node = &network.nodes[index];
    let Operation::Affine(_, Activation::Linear | Activation::Relu) = node.operation else { return None };
    let output = node.output()?;
    let consumer = network.only_consumer(output)?;
    let Operation::Weighted(weighted) = &network.nodes[consumer].operation else { return None };
    let takes = matches!(weighted.kind, Kind::Convolution { groups: 1, .. }) && weighted.prologue.is_none();
    (takes && network.nodes[consumer].inputs.first() == Some(&output)).then_some(consumer)
}
