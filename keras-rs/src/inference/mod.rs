//! The inference plan: how `predict` computes on CPUs.
//!
//! The graph of a wired model is lowered once for each shape of its inputs: what has a kernel in `keras-rs-kernels`
//! becomes a step on slices of `f32`, everything else a call of the layer as it is. Passes fold what can be folded, weights
//! are packed once for each version of the variables, and values get places in a few buffers. A model that cannot be
//! planned (one that a user wrote, masks throughout, sizes that are not known) runs its plain graph, which is also what
//! reports errors and what computes where numbers are not finite.

mod arena;
mod attention;
mod blocks;
mod cache;
mod forms;
mod layout;
mod lower;
mod network;
mod passes;
mod plan;
mod profile;
mod recurrent;
mod run;
mod slots;
mod steps;
mod weights;

pub(crate) use cache::Plans;
pub use profile::PlanStep;

use crate::graph::Wiring;
use crate::layer::LayerRef;

/// Finds the graph behind a layer that is a wired model.
pub(crate) type Nested = fn(&LayerRef) -> Option<&Wiring>;

/// Most calls of layers that are planned, those inside nested models included: the passes look at all pairs of them.
const MAX_CALLS: u64 = 2048;
