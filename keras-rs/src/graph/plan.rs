//! The order of execution as data: which tensor each call takes from where, and which it is the last to use.

use super::TensorKey;
use crate::layer::{Argument, Arguments, KerasTensor, Node, Role};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A tensor that a call takes: where it is kept, and whether nothing needs it afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// Number of the slot.
    pub slot: usize,
    /// Whether the call may have the tensor itself.
    pub last: bool,
}

/// One call in the order of execution.
#[derive(Clone, Debug)]
pub struct PlannedCall {
    /// The call.
    pub node: Arc<Node>,
    /// Its arguments by slot. The flag `training` of the wiring is left out: the flag that the whole model is
    /// called with wins over it.
    pub arguments: Arguments<Use>,
    /// The slot of each output; `None` for one that nothing needs.
    pub outputs: Vec<Option<usize>>,
}

/// Gives each tensor a slot and finds its last use. Inputs have the first slots.
pub(super) fn plan(
    order: Vec<Arc<Node>>,
    inputs: &[KerasTensor],
    outputs: &[KerasTensor],
) -> (Vec<PlannedCall>, usize, Vec<usize>) {
    let mut slots: HashMap<TensorKey, usize> = HashMap::new();
    for (slot, input) in inputs.iter().enumerate() {
        // Of equal inputs the last one counts.
        slots.insert(input.key(), slot);
    }
    let mut next = inputs.len();
    for node in order.iter().filter(|node| node.layer().layer().role() != Role::Input) {
        for index in 0..node.outputs().len() {
            slots.entry((node.serial(), index)).or_insert_with(|| {
                next += 1;
                next - 1
            });
        }
    }
    let slot = |tensor: &KerasTensor| slots.get(&tensor.key()).copied().unwrap_or(usize::MAX);
    let output_slots: Vec<usize> = outputs.iter().map(slot).collect();
    let mut needed: HashSet<usize> = output_slots.iter().copied().collect();
    let mut steps = Vec::with_capacity(order.len());
    for node in order.into_iter().rev().filter(|node| node.layer().layer().role() != Role::Input) {
        let kept = |index| slots.get(&(node.serial(), index)).copied().filter(|slot| needed.contains(slot));
        let outputs = (0..node.outputs().len()).map(kept).collect();
        let uses = node.parents().into_iter().map(slot).collect::<Vec<_>>();
        // Within a call the last of several uses hands the tensor over.
        let mut marked: Vec<Use> = Vec::with_capacity(uses.len());
        for slot in uses.into_iter().rev() {
            marked.push(Use { slot, last: needed.insert(slot) });
        }
        let mut marked = marked.into_iter().rev();
        let mut arguments = filled(node.arguments(), &mut marked);
        if let Some(Argument::Data(_)) = arguments.keyword.get("training") {
            arguments.keyword.shift_remove("training");
        }
        steps.push(PlannedCall { node, arguments, outputs });
    }
    steps.reverse();
    (steps, next, output_slots)
}

/// The arguments with each tensor replaced by the next use.
fn filled(arguments: &Arguments<KerasTensor>, uses: &mut impl Iterator<Item = Use>) -> Arguments<Use> {
    let positional = arguments.positional.iter().map(|argument| replaced(argument, uses)).collect();
    let keyword = arguments.keyword.iter().map(|(name, argument)| (name.clone(), replaced(argument, uses)));
    Arguments { positional, keyword: keyword.collect() }
}

fn replaced(argument: &Argument<KerasTensor>, uses: &mut impl Iterator<Item = Use>) -> Argument<Use> {
    match argument {
        Argument::Tensor(_) => Argument::Tensor(uses.next().unwrap_or(Use { slot: usize::MAX, last: false })),
        Argument::List(items) => Argument::List(items.iter().map(|item| replaced(item, uses)).collect()),
        Argument::Dict(entries) => {
            Argument::Dict(entries.iter().map(|(key, entry)| (key.clone(), replaced(entry, uses))).collect())
        }
        Argument::Data(data) => Argument::Data(data.clone()),
    }
}
