//! The plans of a model, by the shapes of its inputs, and as long as its weights stay what they are.

use super::lower::lower;
use super::network::{Network, Node, Operation};
use super::plan::Plan;
use super::profile::PlanStep;
use super::weights::PackedWeights;
use super::{Nested, passes};
use crate::backend::Device;
use crate::dtype::DType;
use crate::graph::Wiring;
use crate::layer::{KerasTensor, LayerRef, MaskedTensor};
use crate::tensor::Tensor;
use crate::variable::Variable;
use std::cmp::Reverse;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Shapes of inputs that are remembered: batches of one or two sizes, and the last one of each. The one that was not used
/// for the longest time makes room for another one.
const SHAPES: usize = 4;

/// The plans of one model.
#[derive(Default)]
pub(crate) struct Plans {
    known: RwLock<Vec<Arc<Entry>>>,
    /// Predictions so far.
    uses: AtomicU64,
    /// Held while a plan is made, never while one runs.
    packed: Mutex<PackedWeights>,
}

/// What is known for inputs of one shape.
struct Entry {
    inputs: Vec<(Vec<usize>, DType)>,
    /// Where the inputs are: a model without weights computes there.
    given: Option<Device>,
    /// `None` where the plain graph runs.
    network: Option<Arc<Network>>,
    /// The variables with the versions that the plan was made of.
    weights: Vec<(Variable, u64)>,
    plan: Option<Plan>,
    /// Number of the prediction that used it last.
    used: AtomicU64,
}

impl Entry {
    fn is_for(&self, inputs: &[Tensor]) -> bool {
        let same = |((shape, dtype), input): (&(Vec<usize>, DType), &Tensor)| {
            *dtype == input.dtype() && shape == input.shape()
        };
        self.inputs.len() == inputs.len()
            && self.given.as_ref() == inputs.first().map(Tensor::device)
            && self.inputs.iter().zip(inputs).all(same)
    }

    fn is_fresh(&self) -> bool {
        self.weights.iter().all(|(variable, version)| variable.version() == *version)
    }
}

impl Plans {
    /// The outputs for inputs in the order of the graph's; `None` where the plain graph is to compute them, or to report
    /// why it cannot.
    pub(crate) fn predict(&self, wiring: &Wiring, inputs: &[Tensor], nested: Nested) -> Option<Vec<Tensor>> {
        let fitted;
        let inputs = if fit(wiring, inputs) {
            inputs
        } else {
            fitted = matched(wiring, inputs)?;
            fitted.as_slice()
        };
        self.watched(wiring, inputs, nested, None)
    }

    /// As [`Plans::predict`] for inputs as the graph takes them; who watches is told of every step.
    pub(crate) fn watched(
        &self,
        wiring: &Wiring,
        inputs: &[Tensor],
        nested: Nested,
        watch: Option<&mut Vec<PlanStep>>,
    ) -> Option<Vec<Tensor>> {
        let entry = self.find(inputs).unwrap_or_else(|| self.make(wiring, inputs, nested));
        let plan = entry.plan.as_ref()?;
        let runs = crate::limits::check_together("intermediate results", plan.bytes).is_ok()
            && plan.largest <= crate::limits::max_tensor_bytes()
            && inputs.iter().all(|input| *input.device() == plan.device && !input.is_recorded());
        if runs { plan.run(inputs, watch).ok() } else { None }
    }

    fn find(&self, inputs: &[Tensor]) -> Option<Arc<Entry>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().find(|entry| entry.is_for(inputs)).cloned();
        drop(known);
        let found = found.filter(|entry| entry.is_fresh())?;
        found.used.store(self.uses.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        Some(found)
    }

    fn make(&self, wiring: &Wiring, inputs: &[Tensor], nested: Nested) -> Arc<Entry> {
        let mut packed = self.packed.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have been here in the meantime.
        if let Some(entry) = self.find(inputs) {
            return entry;
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let stale = known.iter().position(|entry| entry.is_for(inputs)).map(|at| known.remove(at));
        drop(known);
        let given = inputs.first().map(|input| input.device().clone());
        let inputs: Vec<(Vec<usize>, DType)> =
            inputs.iter().map(|input| (input.shape().to_vec(), input.dtype())).collect();
        let network = match &stale {
            Some(entry) => entry.network.clone(),
            None => network(wiring, &inputs, nested).map(Arc::new),
        };
        // What old weights take is free before new ones are packed; those that are not old stay.
        let kept = network.as_deref().map(|network| packed.current(network.packs())).unwrap_or_default();
        drop(stale);
        let variables = network.as_deref().map(Plan::variables).unwrap_or_default();
        let weights: Vec<(Variable, u64)> = variables.into_iter().map(|v| (v.clone(), v.version())).collect();
        let plan = network.as_deref().and_then(|network| {
            let device = device(wiring, given.clone(), &weights)?;
            Plan::new(network, device, &mut packed).ok().flatten()
        });
        drop(kept);
        packed.prune();
        let used = self.uses.fetch_add(1, Ordering::Relaxed).into();
        let entry = Arc::new(Entry { inputs, given, network, weights, plan, used });
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.sort_unstable_by_key(|entry| Reverse(entry.used.load(Ordering::Relaxed)));
        known.truncate(SHAPES - 1);
        known.push(entry.clone());
        entry
    }
}

/// Whether inputs have the types and numbers of axes that the placeholders have.
fn fit(wiring: &Wiring, inputs: &[Tensor]) -> bool {
    let fits = |(placeholder, input): (&KerasTensor, &Tensor)| {
        let dims = placeholder.shape().dims();
        let mut sizes = dims.iter().zip(input.shape()).skip(1);
        placeholder.dtype() == input.dtype()
            && dims.len() == input.rank()
            && sizes.all(|(dim, size)| dim.is_none_or(|dim| dim == *size))
    };
    wiring.graph.inputs.len() == inputs.len() && wiring.graph.inputs.iter().zip(inputs).all(fits)
}

/// Inputs as the graph takes them.
fn matched(wiring: &Wiring, inputs: &[Tensor]) -> Option<Vec<Tensor>> {
    let inputs = inputs.iter().map(MaskedTensor::from).collect();
    let matched = wiring.graph.matched(inputs).ok()?;
    Some(matched.into_iter().map(|input| input.tensor).collect())
}

/// The network with what the passes make of it; `None` where nothing in it has a kernel.
fn network(wiring: &Wiring, inputs: &[(Vec<usize>, DType)], nested: Nested) -> Option<Network> {
    let mut network = lower(wiring, inputs, nested)?;
    passes::run(&mut network);
    let has_kernel = |node: &Node| !matches!(node.operation, Operation::Call { .. } | Operation::View);
    network.nodes.iter().any(has_kernel).then_some(network)
}

/// The device of all weights, or that of the inputs of a model without any, where it is a CPU.
fn device(wiring: &Wiring, inputs: Option<Device>, weights: &[(Variable, u64)]) -> Option<Device> {
    let device = wiring.graph.layers.iter().find_map(LayerRef::device).or(inputs)?;
    let same = weights.iter().all(|(variable, _)| variable.device() == device);
    (device.backend().is_cpu() && same).then_some(device)
}

impl fmt::Debug for Plans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_list().entries(known.iter().map(|entry| (&entry.inputs, entry.plan.is_some()))).finish()
    }
}
