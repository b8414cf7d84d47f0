//! A convolution to more channels, a depthwise convolution of them and a product to fewer become one step.
//!
//! What is between the layers is larger than everything else in such networks, and a step of its own for each layer
//! would write it to memory and read it again. The first layer may be missing.

use crate::inference::network::{Block, Kind, Network, Node, Operation, Weighted};
use keras_rs_kernels::{InvertedResidual, Window};

/// Channels of a kernel's innermost panel: a first layer of more columns and rows than one would read the numbers under
/// its windows again for each.
const PANEL: usize = 32;

pub(super) fn fold(network: &mut Network) {
    let mut index = 0;
    while index < network.nodes.len() {
        match foldable(network, index) {
            Some((depthwise, expand)) => index = fold_at(network, index, depthwise, expand),
            None => index += 1,
        }
    }
}

/// Puts a block where its last layer was, since what it adds may be made late; gives the place after it.
fn fold_at(network: &mut Network, project: usize, depthwise: usize, expand: Option<usize>) -> usize {
    let taken =
        [expand, Some(depthwise), Some(project)].map(|index| index.map(|index| network.nodes[index].clone()));
    let [first, Some(middle), Some(last)] = taken else { return project + 1 };
    let head = first.as_ref().unwrap_or(&middle);
    let mut inputs = head.inputs[..1].to_vec();
    inputs.extend_from_slice(&last.inputs[1..]);
    let names = first.iter().chain([&middle, &last]).map(|node| node.name.as_str());
    let name = names.collect::<Vec<_>>().join(" + ");
    let weighted = |node: Node| match node.operation {
        Operation::Weighted(weighted) => Some(*weighted),
        _ => None,
    };
    let (Some(depthwise_layer), Some(project_layer)) = (weighted(middle), weighted(last.clone())) else {
        return project + 1;
    };
    let expand_layer = first.and_then(weighted);
    let block = Block { expand: expand_layer, depthwise: depthwise_layer, project: project_layer };
    let operation = Operation::InvertedResidual(Box::new(block));
    network.nodes[project] = Node { operation, inputs, outputs: last.outputs, name };
    let mut gone: Vec<usize> = expand.into_iter().chain([depthwise]).collect();
    gone.sort_unstable_by(|a, b| b.cmp(a));
    gone.iter().for_each(|index| {
        network.nodes.remove(*index);
    });
    project + 1 - gone.len()
}

/// The depthwise convolution before a product, and what is before that, where all of it is a block.
fn foldable(network: &Network, project: usize) -> Option<(usize, Option<usize>)> {
    let last = weighted(network, project)?;
    let points = matches!(last.kind, Kind::Convolution { window: Window::POINT, groups: 1 });
    if !points || last.prologue.is_some() {
        return None;
    }
    let depthwise = producer(network, project)?;
    let middle = weighted(network, depthwise)?;
    let Kind::Depthwise { window } = middle.kind else { return None };
    let &[_, _, channels, 1] = middle.kernel.shape() else { return None };
    if !channels.is_multiple_of(InvertedResidual::CHANNELS) || middle.residual {
        return None;
    }
    let (batch, size) = network.values[*network.nodes[depthwise].inputs.first()?].images();
    if !InvertedResidual::saves_time(batch, window.output(size)[0]) {
        return None;
    }
    let expands = |index: &usize| {
        let Some(first) = weighted(network, *index) else { return false };
        let Kind::Convolution { window, groups: 1 } = first.kind else { return false };
        // Winograd's algorithm takes these.
        let transforms = window.kernel == [3, 3] && window.strides == [1, 1];
        let reads_once = window == Window::POINT || channels <= PANEL && !transforms;
        reads_once && first.prologue.is_none() && !first.residual
    };
    Some((depthwise, producer(network, depthwise).filter(expands)))
}

fn weighted(network: &Network, index: usize) -> Option<&Weighted> {
    match &network.nodes[index].operation {
        Operation::Weighted(weighted) => Some(weighted),
        _ => None,
    }
}

/// The node that makes the first input of another one, and nothing for anyone else.
fn producer(network: &Network, index: usize) -> Option<usize> {
    let input = *network.nodes[index].inputs.first()?;
    (network.only_consumer(input) == Some(index)).then(|| network.producer(input)).flatten()
}
