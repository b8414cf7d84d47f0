//! Where each value lies: in an input, in a tensor that a layer made, or in a part of a buffer.
//!
//! The inputs of a concatenation are made where they belong, in the buffer of its output, as far as nobody needs their
//! numbers side by side: in DenseNet a block's whole history lies in one buffer, and no layer copies it.

use super::network::{Network, Node, Operation, ValueId};

/// Pixels in a buffer: each `pitch` numbers behind the one before, the first one at `offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) buffer: usize,
    pub(super) pitch: usize,
    pub(super) offset: usize,
}

/// Where a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    /// In an input of the model.
    Input(usize),
    /// In a tensor that a call gave.
    Tensor(usize),
    /// In a buffer.
    Buffer(Place),
}

/// The home of every value, and the sizes of the buffers.
pub(super) struct Layout {
    pub(super) homes: Vec<Home>,
    pub(super) buffers: Vec<usize>,
    /// How many tensors calls give.
    pub(super) tensors: usize,
}

impl Layout {
    pub(super) fn new(network: &Network) -> Self {
        let aliases = aliases(network);
        let mut layout = Self { homes: Vec::new(), buffers: Vec::new(), tensors: 0 };
        let mut homes: Vec<Option<Home>> = vec![None; network.values.len()];
        for (index, input) in network.inputs.iter().enumerate() {
            homes[*input] = Some(Home::Input(index));
        }
        for node in network.nodes.iter().filter(|node| matches!(node.operation, Operation::Call { .. })) {
            for output in node.outputs.iter().flatten() {
                homes[*output] = Some(Home::Tensor(layout.tensors));
                layout.tensors += 1;
            }
        }
        for (index, node) in network.nodes.iter().enumerate().rev() {
            if matches!(node.operation, Operation::Concatenate) {
                layout.place_inputs(network, index, &aliases, &mut homes);
            }
        }
        for value in 0..network.values.len() {
            let root = root(&aliases, value);
            let home = match homes[root] {
                Some(home) => home,
                None => layout.own_buffer(network, root),
            };
            homes[root] = Some(home);
            // Only what lies side by side has other shapes.
            layout.homes.push(match home {
                Home::Buffer(place) if value != root => {
                    Home::Buffer(Place { pitch: network.values[value].channels(), ..place })
                }
                home => home,
            });
        }
        layout
    }

    /// A buffer for one value alone.
    fn own_buffer(&mut self, network: &Network, value: ValueId) -> Home {
        let value = &network.values[value];
        self.buffers.push(value.len());
        Home::Buffer(Place { buffer: self.buffers.len() - 1, pitch: value.channels(), offset: 0 })
    }

    /// Gives the inputs of a concatenation their places in its output.
    fn place_inputs(
        &mut self,
        network: &Network,
        index: usize,
        aliases: &[Option<ValueId>],
        homes: &mut [Option<Home>],
    ) {
        let node = &network.nodes[index];
        let Some(output) = node.output() else { return };
        let home = homes[output].unwrap_or_else(|| self.own_buffer(network, output));
        homes[output] = Some(home);
        let Home::Buffer(mut place) = home else { return };
        for &input in &node.inputs {
            let alone = aliases[input].is_none() && !aliases.contains(&Some(input)) && homes[input].is_none();
            let buffer = |value: &ValueId| match homes[root(aliases, *value)] {
                Some(Home::Buffer(place)) => Some(place.buffer),
                _ => None,
            };
            // No operation reads from the buffer that it writes to.
            let elsewhere = |value: &ValueId| buffer(value) != Some(place.buffer);
            let joins = |node: &Node| matches!(node.operation, Operation::Concatenate);
            let fits = alone
                && network.producer(input).is_some_and(|producer| {
                    let node = &network.nodes[producer];
                    writes_views(node) && (joins(node) || node.inputs.iter().all(elsewhere))
                })
                && network.consumers(input).into_iter().all(|consumer| {
                    let node = &network.nodes[consumer];
                    joins(node) || node.outputs.iter().flatten().all(elsewhere)
                });
            if fits {
                homes[input] = Some(Home::Buffer(place));
            }
            place.offset += network.values[input].channels();
        }
    }

    /// The place of a value in a buffer.
    pub(super) fn place(&self, value: ValueId) -> Option<Place> {
        match self.homes.get(value)? {
            Home::Buffer(place) => Some(*place),
            _ => None,
        }
    }
}

/// Whether the output may have other numbers between its pixels.
fn writes_views(node: &Node) -> bool {
    matches!(
        node.operation,
        Operation::Weighted(_)
            | Operation::InvertedResidual(_)
            | Operation::Affine(..)
            | Operation::Add(_)
            | Operation::Multiply(_)
            | Operation::MaxPooling(_)
            | Operation::AveragePooling(_)
            | Operation::Crop(_)
            | Operation::Concatenate
            | Operation::Embedding(_)
            | Operation::Recurrent(_)
            | Operation::Standardize(_)
            | Operation::Attention { .. }
    )
}

/// The value whose numbers a value has, where there is one: views, and what is computed in place.
fn aliases(network: &Network) -> Vec<Option<ValueId>> {
    let mut aliases = vec![None; network.values.len()];
    for node in &network.nodes {
        let (Some(&input), Some(output)) = (node.inputs.first(), node.output()) else { continue };
        let in_place = match node.operation {
            Operation::View => true,
            Operation::Activate(_) | Operation::Softmax => {
                let made = network.producer(input).map(|producer| &network.nodes[producer].operation);
                network.only_consumer(input).is_some()
                    && made.is_some_and(|made| !matches!(made, Operation::Call { .. } | Operation::View))
            }
            _ => false,
        };
        if in_place {
            aliases[output] = Some(input);
        }
    }
    aliases
}

fn root(aliases: &[Option<ValueId>], mut value: ValueId) -> ValueId {
    while let Some(of) = aliases[value] {
        value = of;
    }
    value
}
