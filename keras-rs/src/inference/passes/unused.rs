//! Values that no node makes or takes any more are forgotten, so that no memory is laid out for them.

use crate::inference::network::{Network, Node, Operation, ValueId};

pub(super) fn drop(network: &mut Network) {
    let mut used = vec![false; network.values.len()];
    let nodes = network.nodes.iter().flat_map(|node| node.inputs.iter().chain(node.outputs.iter().flatten()));
    for value in nodes.chain(&network.inputs).chain(&network.outputs) {
        used[*value] = true;
    }
    let mut count = 0;
    let numbers: Vec<ValueId> = used
        .iter()
        .map(|used| {
            let number = count;
            count += usize::from(*used);
            number
        })
        .collect();
    let mut kept = used.iter();
    network.values.retain(|_| kept.next().copied().unwrap_or(true));
    let renumber = |values: &mut Vec<ValueId>| values.iter_mut().for_each(|value| *value = numbers[*value]);
    renumber(&mut network.inputs);
    renumber(&mut network.outputs);
    for Node { operation, inputs, outputs, .. } in &mut network.nodes {
        renumber(inputs);
        outputs.iter_mut().flatten().for_each(|value| *value = numbers[*value]);
        if let Operation::Call { arguments, .. } = operation
            && let Ok(renumbered) = arguments.try_map(|value| Ok(numbers[*value]))
        {
            *arguments = renumbered;
        }
    }
}
