//! A plan: steps for inputs of one shape, with weights and places.

use super::arena::Arenas;
use super::attention;
use super::blocks;
use super::layout::{Home, Layout, Place};
use super::network::{Network, Node, Operation, Recurring, Standard, Value, ValueId, Weighted};
use super::slots::{self, Life};
use super::steps::{Images, Pixels, Step, Walk, Work};
use super::weights::{PackedWeights, Scaling, Settled};
use crate::backend::Device;
use crate::dtype::DType;
use crate::error::Result;
use crate::variable::Variable;

/// Where a step finds or puts a value.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) source: Source,
    pub(super) pitch: usize,
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Input(usize),
    Tensor(usize),
    Slot(usize),
}

impl Spot {
    pub(super) fn channels(&self) -> usize {
        self.shape.last().copied().unwrap_or(1)
    }

    pub(super) fn pixels(&self) -> usize {
        self.shape.split_last().map_or(1, |(_, rest)| rest.iter().product())
    }

    pub(super) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether the numbers lie side by side from the buffer's start.
    pub(super) fn is_dense(&self) -> bool {
        self.offset == 0 && self.pitch == self.channels()
    }
}

/// Steps for inputs of one shape.
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    pub(super) outputs: Vec<(Spot, DType)>,
    /// How many tensors calls give.
    pub(super) tensors: usize,
    pub(super) arenas: Arenas,
    pub(super) device: Device,
    /// Bytes of all buffers, and of the largest.
    pub(super) bytes: u64,
    pub(super) largest: u64,
}

impl Plan {
    /// `None` where the weights do not allow it.
    pub(super) fn new(network: &Network, device: Device, packed: &mut PackedWeights) -> Result<Option<Self>> {
        let layout = Layout::new(network);
        let lives = lives(network, &layout);
        let (chosen, sizes) = slots::assign(&layout.buffers, &lives);
        let spot = |value: ValueId| spot(&network.values[value], value, &layout, &chosen);
        let last_uses = last_uses(network, &layout);
        let mut steps = Vec::with_capacity(network.nodes.len());
        for (index, node) in network.nodes.iter().enumerate() {
            let Some(work) = work(node, network, &spot, &last_uses[index], packed)? else { return Ok(None) };
            let frees = last_uses[index].clone();
            steps.push(Step { work, frees, name: node.name.clone() });
        }
        // What the last ones hand on is read from where it came from.
        steps.retain(|step| !matches!(step.work, Work::Nothing) || !step.frees.is_empty());
        let outputs = network.outputs.iter().map(|value| (spot(*value), network.values[*value].dtype));
        let bytes = |numbers: &usize| (*numbers as u64).saturating_mul(4);
        Ok(Some(Self {
            steps,
            outputs: outputs.collect(),
            tensors: layout.tensors,
            device,
            bytes: sizes.iter().map(bytes).fold(0, u64::saturating_add),
            largest: sizes.iter().map(bytes).max().unwrap_or(0),
            arenas: Arenas::new(sizes),
        }))
    }

    /// Every variable that a kernel's weights are made from.
    pub(super) fn variables(network: &Network) -> Vec<Variable> {
        let mut variables: Vec<Variable> = Vec::new();
        for node in &network.nodes {
            match &node.operation {
                Operation::Weighted(weighted) => variables.extend(weighted.variables().cloned()),
                Operation::InvertedResidual(block) => {
                    variables.extend(block.layers().flat_map(Weighted::variables).cloned());
                }
                Operation::Standardize(standard) => {
                    variables.extend(standard.scale.iter().chain(&standard.beta).cloned());
                }
                Operation::Embedding(vectors) => variables.push(vectors.clone()),
                Operation::Recurrent(recurring) => {
                    variables.extend([recurring.kernel.clone(), recurring.recurrent.clone()]);
                    variables.extend(recurring.bias.clone());
                }
                Operation::Affine(affine, _) => variables.extend(affine.variables().into_iter().cloned()),
                _ => {}
            }
        }
        variables
    }
}

fn spot(value: &Value, id: ValueId, layout: &Layout, chosen: &[usize]) -> Spot {
    let shape = value.shape.clone();
    let dense = |source| Spot { source, pitch: value.channels(), offset: 0, shape: shape.clone() };
    match layout.homes[id] {
        Home::Input(index) => dense(Source::Input(index)),
        Home::Tensor(index) => dense(Source::Tensor(index)),
        Home::Buffer(Place { buffer, pitch, offset }) => {
            Spot { source: Source::Slot(chosen[buffer]), pitch, offset, shape }
        }
    }
}

/// When each buffer is in use.
fn lives(network: &Network, layout: &Layout) -> Vec<Life> {
    let mut lives: Vec<Option<Life>> = vec![None; layout.buffers.len()];
    let mut touch = |value: ValueId, step: usize| {
        if let Some(place) = layout.place(value) {
            let life = lives[place.buffer].get_or_insert(Life { first: step, last: step });
            life.first = life.first.min(step);
            life.last = life.last.max(step);
        }
    };
    for (step, node) in network.nodes.iter().enumerate() {
        node.inputs.iter().chain(node.outputs.iter().flatten()).for_each(|value| touch(*value, step));
    }
    network.outputs.iter().for_each(|value| touch(*value, network.nodes.len()));
    lives.into_iter().map(Option::unwrap_or_default).collect()
}

/// The tensors that are used for the last time, by step.
fn last_uses(network: &Network, layout: &Layout) -> Vec<Vec<usize>> {
    let mut kept: Vec<bool> = vec![false; layout.tensors];
    let tensor = |value: &ValueId| match layout.homes[*value] {
        Home::Tensor(index) => Some(index),
        _ => None,
    };
    network.outputs.iter().filter_map(tensor).for_each(|index| kept[index] = true);
    let mut uses = vec![Vec::new(); network.nodes.len()];
    for (step, node) in network.nodes.iter().enumerate().rev() {
        for index in node.inputs.iter().chain(node.outputs.iter().flatten()).filter_map(tensor) {
            if !std::mem::replace(&mut kept[index], true) {
                uses[step].push(index);
            }
        }
    }
    uses
}

/// What a node does; `None` where its weights do not allow it.
fn work(
    node: &Node,
    network: &Network,
    spot: &dyn Fn(ValueId) -> Spot,
    last_uses: &[usize],
    packed: &mut PackedWeights,
) -> Result<Option<Work>> {
    let inputs: Vec<Spot> = node.inputs.iter().map(|input| spot(*input)).collect();
    if let Operation::Call { layer, arguments } = &node.operation {
        let tensor = |output: &Option<ValueId>| {
            output.and_then(|value| match spot(value).source {
                Source::Tensor(index) => Some((index, network.values[value].clone())),
                _ => None,
            })
        };
        let outputs = node.outputs.iter().map(tensor).collect();
        let mut later = inputs.iter();
        let arguments = arguments.try_map(|value| {
            let spot = spot(*value);
            later.next();
            // Of several uses in one call the last one takes the tensor.
            let last = matches!(spot.source, Source::Tensor(index) if last_uses.contains(&index))
                && later.clone().all(|other| other.source != spot.source);
            Ok((spot, last))
        })?;
        return Ok(Some(Work::Call { layer: layer.clone(), arguments, outputs }));
    }
    let (Some(input), Some(output)) = (inputs.first().cloned(), node.output()) else {
        return Ok(Some(Work::Nothing));
    };
    let output = spot(output);
    let (batch, size) = network.values[node.inputs[0]].images();
    let pixels = Pixels { input: input.clone(), output: output.clone() };
    let images = Images { batch, size, input: input.clone(), output: output.clone() };
    Ok(Some(match &node.operation {
        Operation::Weighted(weighted) => {
            let winograd = weighted.picks_winograd(batch, size);
            let Some(packed) = packed.get(&Settled { weighted, winograd })? else { return Ok(None) };
            let residual = if weighted.residual { inputs.get(1).cloned() } else { None };
            Work::Weighted { packed, images, residual, activation: weighted.activation }
        }
        Operation::InvertedResidual(block) => {
            let Some(block) = blocks::InvertedResidual::new(block, packed)? else { return Ok(None) };
            Work::InvertedResidual { block, images, residual: inputs.get(1).cloned() }
        }
        Operation::Affine(affine, activation) => {
            let Some(scaling) = Scaling::new(affine, input.channels(), *activation)? else { return Ok(None) };
            Work::Affine { scaling, pixels }
        }
        Operation::Activate(activation) => Work::Activate { activation: *activation, pixels },
        Operation::Softmax => Work::Softmax { pixels },
        Operation::MaxPooling(window) => Work::MaxPooling { window: *window, images },
        Operation::AveragePooling(window) => Work::AveragePooling { window: *window, images },
        Operation::GlobalMaxPooling => Work::GlobalMaxPooling { images },
        Operation::GlobalAveragePooling => match inputs.get(1).cloned() {
            Some(mask) => Work::MaskedMean { images, mask },
            None => Work::GlobalAveragePooling { images },
        },
        Operation::Pad(pads) => Work::Pad { pads: *pads, images },
        Operation::Permute(axes) => Work::Permute { axes: axes.clone(), pixels },
        Operation::Crop(sides) => Work::Crop { sides: *sides, images },
        Operation::Add(activation) => match inputs.get(1).cloned() {
            Some(other) => Work::Add { activation: *activation, pixels, other },
            None => return Ok(None),
        },
        Operation::Multiply(activation) => match inputs.get(1).cloned() {
            Some(other) => Work::Multiply { activation: *activation, pixels, batch, other },
            None => return Ok(None),
        },
        Operation::Standardize(standard) => {
            let numbers = |variable: &Option<Variable>| -> Result<Vec<f32>> {
                match variable {
                    Some(variable) => Ok(variable.value()?.floats()?.into_owned()),
                    None => Ok(Vec::new()),
                }
            };
            let affine = [numbers(&standard.scale)?, numbers(&standard.beta)?];
            let Standard { spread, epsilon, .. } = **standard;
            Work::Standardize { spread, epsilon: epsilon as f32, affine, pixels }
        }
        Operation::Embedding(vectors) => Work::Embedding { vectors: vectors.clone(), pixels },
        Operation::Recurrent(recurring) => {
            let Some(packed) = packed.get(&&**recurring)? else { return Ok(None) };
            let &[batch, steps, _] = input.shape.as_slice() else { return Ok(None) };
            let Recurring { backwards, states, zeros, .. } = **recurring;
            let mask = inputs.get(1).map(|mask| (mask.clone(), zeros));
            let walk = Walk { sizes: [batch, steps], mask, backwards, states };
            Work::Recurrent { packed, walk, pixels }
        }
        Operation::Attention { heads, key_heads, scale, causal } => {
            match attention::sizes(&inputs, &output, [*heads, *key_heads], *scale, *causal) {
                Some(sizes) => Work::Attention { sizes: Box::new(sizes), inputs, output },
                None => return Ok(None),
            }
        }
        Operation::Concatenate => Work::Concatenate { inputs, output },
        Operation::View | Operation::Call { .. } => Work::Nothing,
    }))
}
