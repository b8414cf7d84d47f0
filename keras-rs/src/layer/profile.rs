//! What each layer of a forward pass takes.

use super::{Arguments, LayerRef, MaskedTensor, Outputs};
use crate::error::Result;
use std::time::{Duration, Instant};

/// One call of a layer in a profiled forward pass: see [`ForwardPass::profiled`](super::ForwardPass::profiled).
///
/// ```
/// use keras_rs::prelude::*;
///
/// let model = Sequential::new().add(Input::new([3])).add(Dense::new(2).name("d")).build()?;
/// let mut pass = ForwardPass::profiled();
/// model.call_with(&[Tensor::ones([4, 3], DType::F32)?], &mut pass)?;
/// let calls = pass.take_profile();
/// assert_eq!((calls[0].layer.name().as_str(), &calls[0].outputs), ("d", &vec![vec![4, 2]]));
/// // The model itself comes last: what it takes beside its layers.
/// assert_eq!(calls.len(), 2);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ProfiledCall {
    /// The layer.
    pub layer: LayerRef,
    /// Shapes of the tensors that it was called with.
    pub inputs: Vec<Vec<usize>>,
    /// Shapes of its outputs.
    pub outputs: Vec<Vec<usize>>,
    /// How long the call took, without the layers that it called. Where a device computes later, this is the time
    /// to hand the work to it.
    pub took: Duration,
}

/// The calls that have ended, and of each one that goes on what the layers inside have taken so far.
#[derive(Debug, Default)]
pub(super) struct Profile {
    calls: Vec<ProfiledCall>,
    inside: Vec<Duration>,
}

/// A call that goes on.
pub(super) struct Running {
    start: Instant,
    inputs: Vec<Vec<usize>>,
}

impl Profile {
    /// Notes the start of a call.
    pub(super) fn begin(&mut self, arguments: &Arguments<MaskedTensor>) -> Running {
        self.inside.push(Duration::ZERO);
        let inputs = arguments.tensors().iter().map(|input| input.tensor.shape().to_vec()).collect();
        Running { start: Instant::now(), inputs }
    }

    /// Notes the end of the call that began last.
    pub(super) fn end(&mut self, running: Running, layer: &LayerRef, outputs: &Result<Outputs>) {
        let all = running.start.elapsed();
        let took = all.saturating_sub(self.inside.pop().unwrap_or_default());
        if let Some(outer) = self.inside.last_mut() {
            *outer += all;
        }
        if let Ok(outputs) = outputs {
            let outputs = outputs.tensors().map(|output| output.shape().to_vec()).collect();
            self.calls.push(ProfiledCall { layer: layer.clone(), inputs: running.inputs, outputs, took });
        }
    }

    /// The calls in the order in which they ended.
    pub(super) fn into_calls(self) -> Vec<ProfiledCall> {
        self.calls
    }
}
