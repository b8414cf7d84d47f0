//! Sorting the calls between a model's inputs and outputs, in Keras' order.

use super::plan::{PlannedCall, plan};
use crate::error::{Error, GraphProblem, Result};
use crate::layer::{KerasTensor, LayerRef, Node, Role};
use crate::limits::MAX_CALLS;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A tensor of a [`Graph`]: serial of its call, number of its output.
pub type TensorKey = (u64, usize);

/// A functional model's wiring as data: layers in Keras' order and calls in order of execution.
#[derive(Clone, Debug)]
pub struct Graph {
    /// Layers in the order of Keras' `model.layers`.
    pub layers: Vec<LayerRef>,
    /// Every call in order of execution, inputs first.
    pub steps: Vec<PlannedCall>,
    /// The model's inputs.
    pub inputs: Vec<KerasTensor>,
    /// The model's outputs.
    pub outputs: Vec<KerasTensor>,
    /// Calls of layers in one forward pass, those inside nested models included.
    pub calls: u64,
    /// How many tensors there are: inputs, and outputs of calls.
    pub(crate) slots: usize,
    /// The slot of each of the model's outputs.
    pub(crate) output_slots: Vec<usize>,
}

/// A call that is being visited, and its parents that are not yet.
struct Visit {
    node: Arc<Node>,
    parents: std::vec::IntoIter<KerasTensor>,
}

/// A depth-first search from the outputs.
#[derive(Default)]
struct Search {
    /// Calls in postorder: each behind all that it needs.
    postorder: Vec<Arc<Node>>,
    visited: HashSet<u64>,
    /// When each layer was first seen, by its serial.
    discovered: HashMap<u64, usize>,
}

impl Search {
    /// Visits a tensor's ancestors. Nodes cannot form cycles, as each is made after its inputs.
    fn visit(&mut self, tensor: &KerasTensor, inputs: &HashSet<TensorKey>) {
        let mut stack = Vec::new();
        self.enter(tensor, inputs, &mut stack);
        while let Some(top) = stack.last_mut() {
            match top.parents.next() {
                Some(parent) => self.enter(&parent, inputs, &mut stack),
                None => self.postorder.extend(stack.pop().map(|visit| visit.node)),
            }
        }
    }

    fn enter(&mut self, tensor: &KerasTensor, inputs: &HashSet<TensorKey>, stack: &mut Vec<Visit>) {
        let node = tensor.node();
        if !self.visited.insert(node.serial()) {
            return;
        }
        // What makes an input of the model that is no placeholder lies outside the graph.
        if !is_input(node.layer()) && inputs.contains(&tensor.key()) {
            self.visited.remove(&node.serial());
            return;
        }
        let index = self.discovered.len();
        self.discovered.entry(node.layer().serial()).or_insert(index);
        let parents: Vec<KerasTensor> = node.parents_by_name().into_iter().cloned().collect();
        stack.push(Visit { node: node.clone(), parents: parents.into_iter() });
    }
}

impl Graph {
    /// Sorts everything that leads from the inputs to the outputs.
    ///
    /// # Errors
    /// [`Error::Graph`] where an output does not lead back to the inputs, two layers share a name,
    /// or either list is empty.
    pub fn new(model: &str, inputs: Vec<KerasTensor>, outputs: Vec<KerasTensor>) -> Result<Self> {
        let problem = |problem| Error::Graph { model: model.to_string(), problem };
        for (list, what) in [(&inputs, "inputs"), (&outputs, "outputs")] {
            if list.is_empty() {
                return Err(problem(GraphProblem::Empty { what }));
            }
        }
        let input_keys: HashSet<TensorKey> = inputs.iter().map(KerasTensor::key).collect();
        let mut search = Search::default();
        for output in &outputs {
            search.visit(output, &input_keys);
        }
        for node in &search.postorder {
            if is_input(node.layer()) && !input_keys.contains(&(node.serial(), 0)) {
                return Err(problem(GraphProblem::Disconnected { layer: node.layer().name() }));
            }
        }
        let one = |node: &Arc<Node>| node.layer().layer().call_count();
        let calls = search.postorder.iter().fold(0_u64, |n, node| n.saturating_add(one(node)));
        if calls > MAX_CALLS {
            return Err(problem(GraphProblem::TooManyCalls { calls, limit: MAX_CALLS }));
        }
        let (node_depths, layers) = depths(&search, &inputs);
        let mut order: Vec<Arc<Node>> = search.postorder;
        order.sort_by_key(|node| {
            let depth = node_depths.get(&node.serial());
            depth.map(|depth| (std::cmp::Reverse(depth.calls), depth.noted))
        });
        let (steps, slots, output_slots) = plan(order, &inputs, &outputs);
        Ok(Self { layers, steps, inputs, outputs, calls, slots, output_slots })
    }

    /// Checks that no two layers share a name, of those that have one by now.
    ///
    /// # Errors
    /// [`Error::Graph`] with the name.
    pub fn check_names(&self, model: &str) -> Result<()> {
        let mut seen = HashSet::new();
        for name in self.layers.iter().filter_map(LayerRef::assigned_name) {
            if !seen.insert(name.clone()) {
                let problem = GraphProblem::DuplicateName { name };
                return Err(Error::Graph { model: model.to_string(), problem });
            }
        }
        Ok(())
    }

    /// The calls of each layer within this graph by its serial, in the order in which they were made.
    pub(crate) fn nodes_by_layer(&self) -> HashMap<u64, Vec<Arc<Node>>> {
        let mut nodes: HashMap<u64, Vec<Arc<Node>>> = HashMap::new();
        for step in &self.steps {
            nodes.entry(step.node.layer().serial()).or_default().push(step.node.clone());
        }
        nodes.values_mut().for_each(|list| list.sort_by_key(|n| n.serial()));
        nodes
    }
}

fn is_input(layer: &LayerRef) -> bool {
    layer.layer().role() == Role::Input
}

/// Where a call stands in the order of execution: calls with more behind them come first, and of two with as many the
/// one that was noted first, as in Keras. The order shows where calls have effects on others: which dropout draws
/// first, and which attention finds the mask that another takes off.
#[derive(Clone, Copy)]
struct Depth {
    /// How many calls follow this one at most.
    calls: usize,
    /// How many calls were noted before this one.
    noted: usize,
}

/// The depth of each call by its serial, and the layers sorted by depth, as Keras does.
fn depths(search: &Search, inputs: &[KerasTensor]) -> (HashMap<u64, Depth>, Vec<LayerRef>) {
    let in_graph: HashSet<u64> = search.postorder.iter().map(|n| n.serial()).collect();
    let mut node_depths: HashMap<u64, Depth> = HashMap::new();
    let mut raise = |node: u64, calls: usize| {
        let noted = node_depths.len();
        let depth = node_depths.entry(node).or_insert(Depth { calls, noted });
        depth.calls = depth.calls.max(calls);
        depth.calls
    };
    let mut layer_depths: HashMap<u64, usize> = HashMap::new();
    let mut layers: Vec<LayerRef> = Vec::new();
    for node in search.postorder.iter().rev() {
        let layer = node.layer().serial();
        let depth = raise(node.serial(), layer_depths.get(&layer).copied().unwrap_or(0));
        if layer_depths.insert(layer, depth).is_none() {
            layers.push(node.layer().clone());
        }
        let parents = node.parents_by_name().into_iter().map(|parent| parent.node().serial());
        for parent in parents.filter(|parent| in_graph.contains(parent)) {
            raise(parent, depth + 1);
        }
    }
    let mut discovered: HashMap<u64, isize> =
        search.discovered.iter().map(|(&k, &v)| (k, v as isize)).collect();
    for input in inputs.iter().filter(|i| is_input(i.layer())) {
        let layer = input.layer().serial();
        if let std::collections::hash_map::Entry::Vacant(slot) = layer_depths.entry(layer) {
            slot.insert(0);
            discovered.insert(layer, -1);
            layers.push(input.layer().clone());
        }
    }
    layers.sort_by_key(|l| {
        let depth = layer_depths.get(&l.serial()).copied().unwrap_or(0);
        (std::cmp::Reverse(depth), discovered.get(&l.serial()).copied().unwrap_or(0))
    });
    (node_depths, layers)
}
