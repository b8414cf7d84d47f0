//! The states that a stateful layer keeps from call to call.

use crate::error::{Error, Result};
use crate::tensor::Tensor;
use std::sync::{PoisonError, RwLock};

/// The states that a stateful layer keeps from call to call, which are no weights.
#[derive(Debug, Default)]
pub(super) struct KeptStates(RwLock<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// The batch that the layer was built for.
    batch: Option<usize>,
    states: Option<Vec<Tensor>>,
}

impl Clone for KeptStates {
    /// None yet: a copy of a layer has states of its own.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl KeptStates {
    /// Notes the batch that every call must have.
    pub(super) fn expect(&self, batch: usize) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).batch = Some(batch);
    }

    /// The states that the last call left; `None` before the first one.
    pub(super) fn get(&self, layer: &str, batch: usize) -> Result<Option<Vec<Tensor>>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        match kept.batch {
            Some(expected) if expected != batch => {
                let expected = format!("batches of {expected}, as the layer is stateful");
                Err(Error::shape(layer, "sequences", expected, format!("a batch of {batch}")))
            }
            _ => Ok(kept.states.clone()),
        }
    }

    /// Keeps states, which gradients must not flow through.
    pub(super) fn put(&self, states: &[Tensor]) {
        let states = states.iter().map(Tensor::detach).collect();
        self.0.write().unwrap_or_else(PoisonError::into_inner).states = Some(states);
    }

    /// Sets the states to zeros, where there are any.
    pub(super) fn reset(&self) -> Result<()> {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(states) = &mut kept.states {
            let zeros = states.iter().map(|state| state.full_like(state.shape(), 0.0));
            *states = zeros.collect::<Result<_>>()?;
        }
        Ok(())
    }
}
