//! The predictions of a batch with their targets.

use crate::error::{Error, Result};
use crate::layer::MaskedTensor;
use crate::tensor::Tensor;

/// Predictions of a batch with their targets, masks and sample weights, output by output.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    /// Predictions.
    pub y_pred: Vec<Tensor>,
    /// Masks that came with the predictions.
    pub masks: Vec<Option<Tensor>>,
    /// Targets, where there are any.
    pub y_true: Vec<Option<Tensor>>,
    /// Sample weights, where there are any.
    pub sample_weight: Vec<Option<Tensor>>,
}

/// What the outputs of a model are called by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// The layers that make them.
    Layers,
    /// The keys of a dictionary.
    Keys,
    /// Their numbers: logs then have the names of the losses and metrics alone.
    Numbers,
}

/// The outputs' names.
#[derive(Clone, Debug)]
pub(crate) struct OutputNames {
    pub(crate) names: Vec<String>,
    pub(crate) naming: Naming,
}

/// What `"accuracy"` and `"crossentropy"` stand for in Keras, which depends on the shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Labels {
    Binary,
    Sparse,
    Categorical,
}

impl Labels {
    pub(super) fn of(y_true: &[usize], y_pred: &[usize]) -> Self {
        let last = |shape: &[usize]| shape.last().copied().unwrap_or(1);
        if last(y_pred) == 1 {
            Self::Binary
        } else if y_true.len() < y_pred.len() || last(y_true) == 1 {
            Self::Sparse
        } else {
            Self::Categorical
        }
    }
}

/// Assigns targets or weights to outputs in order; outputs without a loss may be left out.
pub(super) fn assign_to_outputs<T>(
    tensors: Vec<T>,
    argument: &'static str,
    outputs: &[String],
    used: &[bool],
) -> Result<Vec<Option<T>>> {
    let needed = used.iter().filter(|used| **used).count();
    if tensors.len() == outputs.len() {
        return Ok(tensors.into_iter().map(Some).collect());
    }
    if tensors.len() == needed {
        let mut tensors = tensors.into_iter();
        return Ok(used.iter().map(|&used| if used { tensors.next() } else { None }).collect());
    }
    let expected = format!("one tensor for each output ({})", outputs.join(", "));
    Err(Error::argument("compile", argument, expected, format!("{} tensors", tensors.len())))
}

impl Outputs {
    /// Takes predictions, and brings targets and weights to their device.
    pub(crate) fn predict(&mut self, outputs: Vec<MaskedTensor>) -> Result<()> {
        (self.y_pred, self.masks) = outputs.into_iter().map(MaskedTensor::into_parts).unzip();
        if let Some(device) = self.y_pred.first().map(|t| t.device().clone()) {
            for tensor in self.y_true.iter_mut().chain(&mut self.sample_weight).flatten() {
                *tensor = tensor.to_device(&device)?;
            }
        }
        Ok(())
    }

    /// The same values, without their recordings for gradients.
    pub(crate) fn detached(mut self) -> Self {
        self.y_pred.iter_mut().for_each(|y| *y = y.detach());
        self
    }
}
